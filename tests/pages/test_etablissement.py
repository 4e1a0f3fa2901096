"""An establishment's worklist, and what a request gives it to read: its own, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.annuaire.models import Etablissement, Unite
from portal.compte.models import Compte
from portal.db import audit, database
from portal.db.crypto import keys
from portal.demandes import commands as demandes
from portal.demandes import rules
from portal.demandes.models import Demande
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.espaces.etablissement import queries
from portal.espaces.models import Membre, Structure
from portal.routes import pages
from portal.settings import Settings
from portal.web.session import Access
from tests.acces.adresses import filled
from tests.support import espaces, volets
from tests.support.client import Answer, Client
from tests.support.people import LEROUX, account
from tests.support.volets import ALICE, ALICE_ACTS

HOME = "/espaces/etablissement"
TABS = ("a_traiter", "liste", "propositions", "admis", "closes")
OTHERS = ("Les Glycines", "Le Verger", "BAYEUX")


@dataclass
class Scene:
    """EHPAD Les Tilleuls and its team; two other establishments that are asked as well."""

    place: Etablissement
    team: Structure
    others: list[Etablissement]


@pytest.fixture
def scene(opened_app: Starlette, midday: datetime) -> Scene:
    place = espaces.etablissement()
    others = [espaces.etablissement(f"EHPAD {name}") for name in OTHERS[:2]]
    with database.writing():
        Etablissement.update(ville="BAYEUX").where(Etablissement.id.in_([one.id for one in others])).execute()
    return Scene(place, espaces.structure(nom=place.nom, etablissement_id=place.id), others)


@pytest.fixture
def claire(opened_app: Starlette, scene: Scene) -> Iterator[Client]:
    """She answers for the admissions, and keeps the sheet."""
    with Client(opened_app) as browser:
        yield espaces.member(browser, scene.team, "admissions referent")


@pytest.fixture
def paul(opened_app: Starlette, scene: Scene) -> Iterator[Client]:
    """The médecin coordonnateur."""
    with Client(opened_app) as browser:
        yield espaces.member(browser, scene.team, "medical")


def received(scene: Scene, etat: str = rules.LUE, nom: str = "LEROUX", **dossier: object) -> Demande:
    """A request in this state at Les Tilleuls, of a dossier of its own."""
    with database.writing():
        made = dossiers.create(ALICE_ACTS, "ga", replace(LEROUX, nom_naissance=nom))
        if dossier:
            Dossier.update(**dossier).where(Dossier.id == made.id).execute()
    return espaces.demande(made, scene.place, etat)


def change(demande: Demande, **values: object) -> None:
    with database.writing():
        Demande.update(**values).where(Demande.id == demande.id).execute()


def rows_of(answer: Answer) -> list[str]:
    """The rows, each as a person reads it."""
    return [" ".join(row.get_text(" ").split()) for row in answer.soup.select("tbody tr")]


def names(answer: Answer) -> list[str]:
    return [str(cell.get_text(" ").split()[0]) for cell in answer.soup.select("tbody th")]


def counts(answer: Answer) -> list[int]:
    return [int(one.get_text()) for one in answer.soup.select(".onglets .compteur")]


# --- the worklist

def test_each_state_is_in_its_tab(scene: Scene, claire: Client) -> None:
    for etat in (rules.ENVOYEE, rules.LUE, rules.COMPLEMENT, rules.LISTE, rules.PROPOSEE, rules.ACCEPTEE,
                 rules.DECLINEE, rules.ADMIS, rules.REFUS, rules.ANNULEE):
        received(scene, etat)
    received(scene, rules.NON_ENVOYEE)
    for tab, count in zip(TABS, (3, 1, 3, 1, 2), strict=True):
        page = claire.get(f"{HOME}?onglet={tab}")
        assert len(rows_of(page)) == count
        assert counts(page) == [3, 1, 3, 1, 2]


def test_a_row_says_who_what_and_since_when(scene: Scene, claire: Client) -> None:
    demande = received(scene, rules.ENVOYEE, gir=2)
    change(demande, incomplet=True, relances=2)
    (row,) = rows_of(claire.get(HOME))
    for words in ("LEROUX JOSETTE", "95 ans, CAEN", "Permanent", "GIR 2", "22/11/2026", "Dossier incomplet",
                  "Relancée 2 fois", "Ouvrir le dossier"):
        assert words in row


def test_the_clock_says_what_is_left_and_what_is_exceeded(scene: Scene, claire: Client) -> None:
    now = clock.now()
    change(received(scene, rules.ENVOYEE, "PROMIS"), promesse_le=now + timedelta(hours=3))
    change(received(scene, rules.LUE, "TARD"), promesse_le=now - timedelta(hours=5))
    change(received(scene, rules.COMPLEMENT, "REPONDU"), promesse_le=now - timedelta(hours=9))
    late, promised, answered = rows_of(claire.get(HOME))
    assert "TARD" in late and "Rappel promis dépassé de 5 h" in late
    assert "PROMIS" in promised and "reste 3 h" in promised
    assert "REPONDU" in answered and "dépassé" not in answered


def test_the_most_urgent_comes_first(scene: Scene, claire: Client) -> None:
    now = clock.now()
    change(received(scene, rules.COMPLEMENT, "ATTENTE"), envoyee_le=now - timedelta(days=90))
    change(received(scene, rules.LUE, "RECENTE"), envoyee_le=now - timedelta(days=1))
    change(received(scene, rules.LUE, "ANCIENNE"), envoyee_le=now - timedelta(days=30))
    change(received(scene, rules.ENVOYEE, "RELANCEE"), envoyee_le=now - timedelta(days=2), relances=1)
    change(received(scene, rules.ENVOYEE, "DEMAIN"), promesse_le=now + timedelta(days=1))
    change(received(scene, rules.ENVOYEE, "DEPASSE"), promesse_le=now - timedelta(days=1))
    assert names(claire.get(HOME)) == ["DEPASSE", "DEMAIN", "RELANCEE", "ANCIENNE", "RECENTE", "ATTENTE"]


def test_the_waiting_list_is_in_its_own_order(scene: Scene, claire: Client) -> None:
    for nom, niveau, rang in (("TROIS", "analyse", 1), ("DEUX", "admissible", None), ("UN", "admissible", 4),
                              ("ZERO", "admis", 9)):
        change(received(scene, rules.LISTE, nom), niveau=niveau, rang=rang)
    assert names(claire.get(f"{HOME}?onglet=liste")) == ["ZERO", "UN", "DEUX", "TROIS"]


@pytest.mark.parametrize(("query", "found"), [
    ("gir=2", ["DEUX"]), ("gir=non", ["NON"]), ("sejour=jour", ["JOUR"]), ("sejour=jour&gir=2", []),
    ("gir=7", ["DEUX", "NON", "JOUR"]), ("sejour=complet&gir=x&niveau=y&apres=abc", ["DEUX", "NON", "JOUR"]),
])
def test_filters_keep_what_they_name_and_ignore_the_unknown(
        scene: Scene, claire: Client, query: str, found: list[str]) -> None:
    received(scene, rules.LUE, "DEUX", gir=2)
    received(scene, rules.LUE, "NON")
    change(received(scene, rules.LUE, "JOUR", gir=5), sejour="jour")
    page = claire.get(f"{HOME}?{query}")
    assert names(page) == found
    assert counts(page)[0] == len(found)


def test_filters_say_nothing_of_what_is_over(scene: Scene, claire: Client) -> None:
    received(scene, rules.REFUS, gir=2)
    for query in ("gir=5", "sejour=nuit", "gir=2"):
        page = claire.get(f"{HOME}?onglet=closes&{query}")
        assert names(page) == ["LEROUX"] and counts(page) == [0, 0, 0, 0, 1]


def test_pages_follow_each_other_without_a_gap(scene: Scene, claire: Client) -> None:
    base = received(scene, rules.LUE)
    with database.writing():
        now = clock.now()
        values = {name: getattr(base, name) for name in ("dossier_id", "etablissement_id", "etat")}
        for rank in range(60):
            Demande.create(**values, sejour=f"s{rank}", created=now, updated=now,
                           envoyee_le=now - timedelta(hours=rank // 3))
    seen: list[int] = []
    page, chosen = queries.tableau(scene.place.id, queries.Selection()), queries.Selection()
    while True:
        seen += [ligne.id for ligne in page.lignes]
        if not page.after:
            break
        chosen = queries.Selection(apres=page.lignes[-1].id)
        page = queries.tableau(scene.place.id, chosen)
    assert len(seen) == len(set(seen)) == 61
    back = queries.tableau(scene.place.id, queries.Selection(avant=page.lignes[0].id))
    assert [ligne.id for ligne in back.lignes] == seen[25:50] and back.before and back.after
    shown = claire.get(HOME)
    assert shown.soup.select_one("a[rel=next]") and "25 demandes sur 61" in shown.text


def test_a_forged_cursor_gives_the_first_page(scene: Scene, claire: Client) -> None:
    received(scene, rules.LUE)
    other = espaces.demande(volets.dossier(), scene.others[0], rules.LUE)
    for cursor in (str(other.id), "999999999999999999", "9" * 40, "-1", "٣"):
        for name in ("apres", "avant"):
            assert names(claire.get(f"{HOME}?{name}={cursor}")) == ["LEROUX"]


def test_an_empty_tab_says_so(scene: Scene, claire: Client) -> None:
    assert "Aucune demande à traiter" in claire.get(HOME).text
    received(scene, rules.LUE)
    page = claire.get(f"{HOME}?gir=1")
    assert "Aucune demande de cet onglet ne correspond" in page.text
    assert page.soup.find("a", string="Effacer les filtres")


# --- opening and reading

def test_a_get_opens_nothing(scene: Scene, claire: Client) -> None:
    demande = received(scene, rules.ENVOYEE)
    page = claire.get(f"{HOME}/demandes/{demande.id}")
    assert "Ce dossier n’est pas encore ouvert" in page.text and "Répondre" not in page.text
    assert Demande.get_by_id(demande.id).etat == rules.ENVOYEE
    numero = Dossier.get_by_id(demande.dossier_id).numero
    claire.get(f"/dossiers/grand-age/{numero}/volets/administratif", 404)


def test_opening_tells_the_asking_side_once(scene: Scene, claire: Client) -> None:
    demande = received(scene, rules.ENVOYEE)
    dossier = Dossier.get_by_id(demande.dossier_id)
    opened = claire.post(f"{HOME}/demandes/{demande.id}/ouvrir")
    assert opened.location == f"{HOME}/demandes/{demande.id}"
    claire.post(f"{HOME}/demandes/{demande.id}/ouvrir")
    assert Demande.get_by_id(demande.id).etat == rules.LUE
    events = [trace.event for trace in audit.timeline(f"ga {dossier.numero}")]
    assert events.count("demande.lire") == 1
    claire.get(opened.location)
    assert audit.timeline(f"ga {dossier.numero}")[0].event == "dossier.ouvert"


def test_a_request_cancelled_meanwhile_opens_nothing(scene: Scene, claire: Client) -> None:
    demande = received(scene, rules.ENVOYEE)
    with database.writing():
        demandes.cancel(ALICE_ACTS, demande.id, demande.version, "89")
    answer = claire.post(f"{HOME}/demandes/{demande.id}/ouvrir")
    page = claire.follow(answer)
    assert "close avant que vous ne l’ouvriez" in page.text
    assert Demande.get_by_id(demande.id).etat == rules.ANNULEE


def test_each_role_is_given_its_volets(scene: Scene, claire: Client, paul: Client) -> None:
    demande = received(scene, rules.LUE)
    numero = Dossier.get_by_id(demande.dossier_id).numero
    for code in ("administratif", "medical", "autonomie"):
        volets.complete(numero, code)
    page = f"{HOME}/demandes/{demande.id}"
    offered = {
        who: {str(link["href"]).rsplit("/", 1)[1] for link in browser.get(page).soup.select("a[href*='/volets/']")}
        for who, browser in (("admissions", claire), ("medical", paul))}
    assert offered == {"admissions": {"administratif"}, "medical": {"administratif", "medical", "autonomie"}}
    for code, expected in (("administratif", 200), ("medical", 403), ("autonomie", 403)):
        claire.get(f"/dossiers/grand-age/{numero}/volets/{code}", expected)
        paul.get(f"/dossiers/grand-age/{numero}/volets/{code}")


def test_the_unit_that_is_asked_for_is_named(scene: Scene, claire: Client) -> None:
    demande = received(scene, rules.LUE)
    assert "Unité demandée" not in claire.get(f"{HOME}/demandes/{demande.id}").text
    with database.writing():
        made = Unite.create(etablissement=scene.place, genre="ehpad", nom="Les Roses", sejours="permanent")
    change(demande, unite_id=made.id)
    assert "Unité demandée EHPAD, Les Roses" in claire.get(f"{HOME}/demandes/{demande.id}").text


def test_whom_to_call(scene: Scene, claire: Client) -> None:
    demande, own = received(scene, rules.LUE), account(ALICE)
    sealed = keys().seal("02 31 00 00 11", table="compte", row=f"8{ALICE}", column="telephone")
    with database.writing():
        Compte.update(telephone=sealed).where(Compte.id == own).execute()
    page = claire.get(f"{HOME}/demandes/{demande.id}")
    assert "Référent et médecin traitant Dr Alice MARTIN 02 31 00 00 11" in page.text
    team = espaces.structure("coordination", "CLIC BESSIN")
    espaces.follow(team, Dossier.get_by_id(demande.dossier_id))
    page = claire.get(f"{HOME}/demandes/{demande.id}")
    assert "Référent du dossier CLIC BESSIN 02 61 91 44 00" in page.text


def test_messages_not_read_yet_are_counted(scene: Scene, claire: Client) -> None:
    demande = received(scene, rules.LUE)
    dossier = Dossier.get_by_id(demande.dossier_id)
    here = f"{HOME}/demandes/{demande.id}"
    assert "message" not in rows_of(claire.get(HOME))[0]
    with Client(claire.app) as alice:
        alice.login(ALICE)
        thread = f"/dossiers/grand-age/{dossier.numero}/demandes/{demande.id}/messages"
        form = alice.get(thread).soup.select_one("main form[method=post]")
        alice.post(thread, {str(one["name"]): one.get("value", "") for one in form.select("input[name]")} |
                   {"texte": "La visite de préadmission est-elle possible lundi ?"})
    assert "1 message non lu" in rows_of(claire.get(HOME))[0]
    page = claire.get(here)
    assert page.soup.select_one(f"a[href='{here}/messages']").get_text() == "Échanger des messages (1 message non lu)"
    assert "préadmission" not in page.text


# --- the secret of the others

def asked_everywhere(scene: Scene) -> tuple[Demande, Dossier]:
    """One person who has asked Les Tilleuls and two others, one of which offers her a place."""
    own = received(scene, rules.LUE)
    dossier = Dossier.get_by_id(own.dossier_id)
    espaces.demande(dossier, scene.others[0], rules.PROPOSEE)
    espaces.demande(dossier, scene.others[1], rules.REFUS)
    return Demande.get_by_id(own.id), Dossier.get_by_id(dossier.id)


def test_nothing_tells_whom_else_was_asked(scene: Scene, claire: Client, paul: Client) -> None:
    own, dossier = asked_everywhere(scene)
    assert dossier.statut == "admission_proposee"
    here, there = f"{HOME}/demandes/{own.id}", f"/dossiers/grand-age/{dossier.numero}"
    for browser in (claire, paul):
        for address in (HOME, here, f"{here}/complement", f"{there}/volets/administratif", f"{there}/pieces",
                        f"{there}/imprimer", f"{there}/imprimer/dossier?volet=administratif"):
            said = browser.get(address).html
            assert not [word for word in (*OTHERS, "Admission proposée", "Ressources insuffisantes") if word in said], (
                address)


def test_no_page_of_the_dossier_tells_an_establishment_of_another(
        scene: Scene, claire: Client, paul: Client, settings: Settings) -> None:
    own, dossier = asked_everywhere(scene)
    other = Demande.get(Demande.dossier_id == dossier.id, Demande.etablissement_id == scene.others[0].id)
    opened = [page for page in pages(settings) if page.get and page.database and (
        page.access is Access.STRUCTURE or Access.STRUCTURE in page.spaces)]
    assert len(opened) > 20
    for page in opened:
        for demande in (own, other):
            address = filled(page, dossier.numero, demande.id) + "?volet=administratif&volet=medical&volet=autonomie"
            for browser in (claire, paul):
                said = browser.http.get(address, follow_redirects=False)
                # Our own pages of answers name every state, in what they explain.
                states = ("Admission proposée",) if address.startswith("/dossiers") else ()
                leaked = [word for word in (*OTHERS, *states) if word in said.text]
                assert not leaked, (address, leaked)


@pytest.mark.proves("V8.4.1")
def test_another_s_request_is_a_page_that_is_not(scene: Scene, claire: Client) -> None:
    _own, dossier = asked_everywhere(scene)
    other = Demande.get(Demande.dossier_id == dossier.id, Demande.etablissement_id == scene.others[0].id)
    absent = claire.get(f"{HOME}/demandes/999999", 404)
    for address in (f"{HOME}/demandes/{other.id}", f"{HOME}/demandes/{other.id}/refuser"):
        assert claire.get(address, 404).text == absent.text
    claire.post(f"{HOME}/demandes/{other.id}/ouvrir", status=404)
    claire.post(f"{HOME}/demandes/{other.id}/refuser", {"version": other.version, "motif": "114"}, 404)
    assert Demande.get_by_id(other.id).etat == rules.PROPOSEE


def test_an_admission_elsewhere_says_only_that(scene: Scene, claire: Client) -> None:
    own, dossier = asked_everywhere(scene)
    other = Demande.get(Demande.dossier_id == dossier.id, Demande.etablissement_id == scene.others[0].id)
    with database.writing():
        demandes.admit(espaces.ANSWERS, other.id, other.version, date(2026, 11, 20))
    (row,) = rows_of(claire.get(f"{HOME}?onglet=closes"))
    assert row.startswith("LEROUX JOSETTE 22/11/2026 Demande annulée Admis ailleurs")
    assert not [word for word in ("95 ans", "CAEN", "Permanent", "GIR") if word in row]
    page = claire.get(f"{HOME}/demandes/{own.id}")
    assert "Demande annulée : admis ailleurs" in page.text
    for hidden in (*OTHERS, "17/04/1931", "02 31 11 22 33", "automatiquement", "Système", "Dr Alice MARTIN a"):
        assert hidden not in page.text
    claire.get(f"/dossiers/grand-age/{dossier.numero}/volets/administratif", 404)


def test_a_refusal_shuts_the_dossier(scene: Scene, claire: Client) -> None:
    demande = received(scene, rules.REFUS)
    page = claire.get(f"{HOME}/demandes/{demande.id}")
    assert "Admission impossible : ressources insuffisantes" in page.text
    assert "17/04/1931" not in page.text and not page.soup.select("a[href*='/dossiers/']")


# --- who may come

def test_who_only_keeps_the_sheet_lands_on_it(scene: Scene, opened_app: Starlette) -> None:
    demande = received(scene, rules.LUE)
    with Client(opened_app) as browser:
        espaces.member(browser, scene.team, "referent")
        assert browser.get(HOME, 303).location == f"{HOME}/fiche"
        refused = browser.get(f"{HOME}/demandes/{demande.id}", 403)
    assert "Vos rôles dans votre structure ne comprennent pas cette action" in refused.text


def test_a_member_removed_finds_nothing(scene: Scene, opened_app: Starlette) -> None:
    with Client(opened_app) as browser:
        espaces.member(browser, scene.team)
        browser.get(HOME)
        with database.writing():
            Membre.update(retire_le=clock.now()).execute()
        browser.get(HOME, 404)
