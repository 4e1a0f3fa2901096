"""The table « Mes patients »: what the guide prints, tabs, orders, filters, pages, and its fragment."""

from __future__ import annotations

import gzip

import pytest
from bs4 import BeautifulSoup

from portal.db import database
from portal.db.audit import Actor
from portal.db.base import db
from portal.demonstration import dossiers as demonstration
from portal.dossiers import bornes, commands, rules
from portal.dossiers.models import Dossier
from portal.settings import Settings
from tests.support.client import Answer, Client
from tests.unit.test_dossiers_commands import LEROUX

ALICE = demonstration.ALICE
GUIDE_GA = [
    ("ga 43009190", "ROCKY 14000 CAEN", "CLIC BESSIN — CLIC du Bessin", "Ouvrir", "", "Admission proposée", ""),
    ("ga 43851209", "HOMER 61140 BAGNOLES DE L'ORNE", "CLIC BESSIN — CLIC du Bessin", "Accepter ou refuser",
     "? en attente de votre réponse", "Non envoyée", ""),
    ("ga 43693205", "JEAN 14000 CAEN", "Vous", "Ouvrir", "", "Non envoyée", ""),
    ("ga 43084209", "JULIEN 14000 CAEN", "Le patient", "Accepter ou refuser", "? en attente de votre réponse",
     "Demande envoyée", ""),
    ("ga 43836205", "MC PHEE NANY 76000 ROUEN", "HOPITAL CHARLES NICOLLE CHU ROUEN — PNEUMOLOGIE GRANCHER",
     "Accepter ou refuser", "? en attente de votre réponse", "Non envoyée", ""),
    ("ga 43914215", "DEMO EHPAD 14000 CAEN", "CH demo 50 BN 2018 — MCO50", "Ouvrir", "", "Demande envoyée", ""),
    ("ga 43349204", "ABER NEE ABER EGLANTINE 31800 ST GAUDENS", "HOPITAL DE PURPAN CHU TOULOUSE — Médecine Interne",
     "Ouvrir", "", "Non envoyée", ""),
    ("ga 42016195", "DUPONT NEE JEAN JEAN 14000 CAEN", "CH demo 14 BN 2018 — HAD", "Ouvrir", "", "Demande envoyée", ""),
]
GUIDE_S = [
    ("s 2031400", "ANTICIEPEE DRAPEAU 15000 AURILLAC", "CH demo 14 BN 2018 — MCO14", "Accepter ou refuser",
     "? en attente de votre réponse", "Attente de réponse", ""),
    ("s 2034705", "LEROUX JOSETTE 14000 CAEN", "Vous", "Ouvrir", "", "En cours de rédaction", ""),
    ("s 2033969", "AYBARA PERRIN 14400 BAYEUX", "CHU COTE DE NACRE - CAEN — Gériatrie Aigüe Niv.8 Unité 27",
     "Ouvrir", "", "Attente de réponse", ""),
    ("s 2034289", "DESPRES GERMAINE 14400 BAYEUX", "CHU COTE DE NACRE - CAEN — Addictologie", "Ouvrir", "",
     "En cours de rédaction", ""),
]
HEADINGS = ["N° de dossier", "Patient", "Référent actuel du dossier", "Action", "Dossier accepté", "Statut",
            "Dossier lié"]


@pytest.fixture
def settings(furnished_settings: Settings) -> Settings:
    return furnished_settings


@pytest.fixture
def alice(client: Client) -> Client:
    return client.login(ALICE)


def words(tag: object) -> str:
    return " ".join(tag.get_text(" ").split())


def printed(answer: Answer) -> list[tuple[str, ...]]:
    return [tuple(words(cell) for cell in row.find_all(["th", "td"])) for row in answer.soup.select("tbody tr")]


@pytest.mark.parametrize(("module", "expected"), [("grand-age", GUIDE_GA), ("sanitaire", GUIDE_S)])
def test_the_guides_rows_come_first_word_for_word(alice: Client, module: str, expected: list[tuple[str, ...]]) -> None:
    answer = alice.get(f"/dossiers/{module}")
    assert printed(answer)[:len(expected)] == expected
    assert [words(heading).partition(",")[0].strip() for heading in answer.soup.select("thead th")] == HEADINGS
    bold = {words(tag) for tag in answer.soup.select(".statut-fort strong")}
    assert bold >= {row[5] for row in expected} - {"Non envoyée", "En cours de rédaction"}
    assert not bold & {"Non envoyée", "En cours de rédaction"}


@pytest.mark.parametrize(("module", "heading"), [
    ("grand-age", "Dossiers de demandes d’admission médico-sociale"),
    ("sanitaire", "Dossiers de demandes d’admission sanitaire"),
    ("tnd", "Dossiers de demandes d’admission à la plateforme TND"),
])
def test_each_module_has_its_heading_and_five_tabs(alice: Client, module: str, heading: str) -> None:
    answer = alice.get(f"/dossiers/{module}")
    assert words(answer.soup.h1) == heading and "Mes patients" in answer.text
    tabs = [words(link).rsplit(" ", 1) for link in answer.soup.select(".onglets a")]
    assert [label for label, _ in tabs] == list(rules.TABS.values())
    assert all(int(number) > 0 for _, number in tabs)


def test_an_unknown_module_is_not_found(alice: Client) -> None:
    alice.get("/dossiers/inconnu", 404)


def test_a_table_costs_two_statements_three_under_a_filter_beside_the_visit_and_its_notices(
        alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.get("/dossiers/grand-age")
    seen: list[str] = []
    original = db.obj.execute_sql

    def counting(sql: str, *args: object, **kwargs: object) -> object:
        seen.append(sql)
        return original(sql, *args, **kwargs)

    monkeypatch.setattr(db.obj, "execute_sql", counting)
    first = [row[0] for row in GUIDE_GA][-1].split()[1]
    for query, most in (("", 4), ("?tri=patient", 4), (f"?apres={first}", 4), ("?q=ca&statut=non_envoyee", 5),
                        ("?attente=1&tri=-referent", 5)):
        seen.clear()
        alice.get(f"/dossiers/grand-age{query}")
        assert len([sql for sql in seen if sql.startswith("SELECT")]) <= most, seen
        assert not [sql for sql in seen if not sql.startswith(("SELECT", "PRAGMA query_only"))]


@pytest.mark.parametrize("query", [
    "", "?onglet=admis", "?tri=patient", "?tri=-statut&onglet=historises", "?q=caen", "?statut=demande_envoyee",
    "?attente=1", "?q=zzzz", "?onglet=hors_patientele&q=le&tri=numero",
])
def test_the_fragment_is_the_pages_own_part(alice: Client, query: str) -> None:
    """Swapped into the page of another state, the fragment gives the page of its state."""
    fragment = alice.get(f"/dossiers/grand-age{query}", htmx="resultats")
    page = alice.get(f"/dossiers/grand-age{query}")
    other = alice.get("/dossiers/grand-age?onglet=annules")
    assert "<html" not in fragment.html
    target = other.soup.select_one("#resultats")
    assert target is not None
    new = BeautifulSoup(f"<body>{fragment.html}</body>", "html5lib").select_one("#resultats")
    assert new is not None
    target.replace_with(new)
    assert str(other.soup.select_one("#resultats")) == str(page.soup.select_one("#resultats"))
    assert fragment.headers["vary"].startswith("HX-Request")


def test_links_are_steps_and_typing_is_not(alice: Client) -> None:
    link = alice.get("/dossiers/grand-age?onglet=admis&tri=&q=", htmx="resultats")
    assert link.headers["hx-push-url"] == "/dossiers/grand-age?onglet=admis"
    typed = alice.get("/dossiers/grand-age?q=ro&statut=", htmx="resultats", **{"HX-Source": "form#filtre"})
    assert typed.headers["hx-replace-url"] == "/dossiers/grand-age?q=ro" and "hx-push-url" not in typed.headers


def test_a_partial_is_small(alice: Client) -> None:
    fragment = alice.get("/dossiers/grand-age?tri=patient", htmx="resultats")
    assert len(fragment.soup.select("tbody tr")) == 25
    assert len(gzip.compress(fragment.html.encode(), 5)) <= 4096


def test_pages_lead_forward_and_back_without_script(alice: Client) -> None:
    seen: list[str] = []
    answer = alice.get("/dossiers/grand-age?tri=patient")
    while True:
        seen += [row[0] for row in printed(answer)]
        after = answer.soup.select_one("#suivants")
        if after is None:
            break
        answer = alice.get(str(after["href"]))
    total = int(words(answer.soup.select_one("#onglet-en_cours .compteur")))
    assert len(seen) == len(set(seen)) == total
    back = answer.soup.select_one("#precedents")
    assert back is not None and len(printed(alice.get(str(back["href"])))) == 25


def test_headings_sort_and_say_so(alice: Client) -> None:
    answer = alice.get("/dossiers/grand-age")
    assert {heading.get("aria-sort") for heading in answer.soup.select("thead th")} == {"none", None}
    once = alice.get(str(answer.soup.select_one("#tri-patient")["href"]))
    heading = once.soup.select_one("#tri-patient")
    assert heading is not None and heading.parent is not None and heading.parent["aria-sort"] == "ascending"
    names = [rules.fold(row[1]) for row in printed(once)]
    assert names == sorted(names)
    twice = alice.get(str(heading["href"]))
    assert twice.soup.select_one('[aria-sort="descending"] #tri-patient')
    third = alice.get(str(twice.soup.select_one("#tri-patient")["href"]))
    assert printed(third) == printed(answer)


def test_what_waits_can_be_shown_alone(alice: Client) -> None:
    answer = alice.get("/dossiers/grand-age")
    chip = answer.soup.select_one("#a-accepter")
    assert chip is not None
    waiting = alice.get(str(chip["href"]))
    assert all(row[3] == "Accepter ou refuser" for row in printed(waiting))
    assert words(chip).endswith(words(waiting.soup.select_one("#onglet-en_cours .compteur")))
    assert waiting.soup.select_one('input[name="attente"][form="filtre"]')


def test_search_counts_in_every_tab(alice: Client) -> None:
    answer = alice.get("/dossiers/sanitaire?q=josette")
    assert "LEROUX JOSETTE 14000 CAEN" in [row[1] for row in printed(answer)]
    assert answer.soup.select_one("#q")["value"] == "josette"
    nothing = alice.get("/dossiers/sanitaire?q=zzzz")
    assert "Aucun dossier de l’onglet" in nothing.text and nothing.soup.select_one(".etat-vide a")


@pytest.mark.parametrize("query", [
    "apres=abc", "apres=-1", "apres=99999999", "apres=" + "9" * 40, "apres=' OR 1=1", "avant=43009190x",
    "apres=00000001", "tri=nom;drop", "onglet=tout", "statut=x", "attente=2", "q=%00%ff", "q=" + "a" * 500,
    "apres=43009190&avant=43851209",
])
def test_a_forged_address_gives_a_clean_page(alice: Client, query: str) -> None:
    answer = alice.get(f"/dossiers/grand-age?{query}")
    assert answer.soup.select_one("#resultats")


@pytest.mark.parametrize("tab", list(rules.TABS))
@pytest.mark.parametrize("module", list(rules.BY_SLUG))
def test_an_empty_tab_says_what_comes_there(client: Client, module: str, tab: str) -> None:
    answer = client.login(10100000033, "Dr Chloé PETIT").get(f"/dossiers/{module}?onglet={tab}")
    empty = answer.soup.select_one(".etat-vide")
    assert empty is not None and empty.select_one("a[href]") and words(empty).startswith("Aucun dossier")


@pytest.mark.proves("A4")
def test_another_physician_sees_none_of_it(alice: Client, another_client: Client) -> None:
    mine = {row[0] for row in printed(alice.get("/dossiers/grand-age"))}
    his = {row[0] for row in printed(another_client.login(demonstration.BOB).get("/dossiers/grand-age"))}
    assert his and not mine & his


@pytest.mark.proves("W6", "V1.1.2")
def test_a_name_is_only_text(client: Client) -> None:
    nasty = '<script>alert(1)</script>"\'<img src=x onerror=alert(1)>'
    with database.writing():
        made = commands.create(Actor(ALICE, nasty, "cps"), "ga", LEROUX)
        Dossier.update(nom_naissance=nasty, ville=nasty, adresse=nasty).where(Dossier.id == made.id).execute()
        commands.set_status(Actor(None, nasty, "interne"), Dossier.get_by_id(made.id), "demande_envoyee")
    client.login(ALICE)
    for path in ("/dossiers/grand-age", f"/dossiers/grand-age?q={nasty}", f"/dossiers/grand-age/{made.numero}",
                 f"/dossiers/grand-age/{made.numero}/retirer", f"/dossiers/recherche?numero={nasty}"):
        answer = client.get(path)
        assert not answer.soup.select("main img, main script") and "<script>alert" not in answer.html


def test_visitors_are_sent_to_the_login(client: Client) -> None:
    for path in ("/dossiers/grand-age", "/dossiers/recherche?numero=43009190", "/dossiers/grand-age/43009190",
                 "/dossiers/creer"):
        assert client.get(path, 303).location.startswith("/connexion?suite=%2Fdossiers")


@pytest.mark.parametrize("query", ["q=ca", "statut=non_envoyee", "attente=1", "q=personne"])
def test_a_filter_that_did_not_look_at_every_dossier_says_so(
        alice: Client, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    said = "derniers dossiers de chaque onglet ont été regardés"
    assert said not in alice.get(f"/dossiers/grand-age?{query}").text
    monkeypatch.setattr(bornes, "applies", lambda counts: True)
    notice = alice.get(f"/dossiers/grand-age?{query}").soup.find("p", id="regardes")
    assert notice is not None and "Seuls les 2 000 " + said in words(notice)
    assert notice.a is not None and notice.a["href"] == "/dossiers/recherche?module=grand-age"
    assert said not in alice.get("/dossiers/grand-age").text
