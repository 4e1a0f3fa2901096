"""One dossier: search, preview, answers, undo, conflicts, and who may do what."""

from __future__ import annotations

import pytest

from portal import clock
from portal.db import audit
from portal.db.audit import Trace
from portal.demonstration import dossiers as demonstration
from portal.dossiers import queries
from portal.dossiers.models import Dossier, Lien
from portal.settings import Settings
from tests.support.client import Client

ALICE, BOB = demonstration.ALICE, demonstration.BOB
JULIEN = "/dossiers/grand-age/43084209"
ROCKY = "/dossiers/grand-age/43009190"
ACTIONS = ("accepter", "refuser", "retablir", "retirer")


@pytest.fixture
def settings(furnished_settings: Settings) -> Settings:
    return furnished_settings


@pytest.fixture
def alice(client: Client) -> Client:
    return client.login(ALICE)


def events(label: str) -> list[str]:
    return [trace.event for trace in reversed(audit.timeline(label))]


# --- search

@pytest.mark.parametrize("typed", ["ga 43009190", "GA43009190", "43009190", "43 009 190", "43\u00a0009\u00a0190"])
def test_a_number_leads_to_its_dossier(alice: Client, typed: str) -> None:
    assert alice.get(f"/dossiers/recherche?module=sanitaire&numero={typed}", 303).location == ROCKY


@pytest.mark.proves("A2")
def test_another_physicians_number_and_nobodys_get_the_same_words(alice: Client) -> None:
    foreign = Dossier.select().join(Lien).where(Lien.rpps == BOB, Dossier.module == "ga").order_by(Dossier.id).first()
    free = 49_999_999
    pages = [alice.get(f"/dossiers/recherche?numero={numero}") for numero in (foreign.numero, free)]
    first, second = (page.text.replace(str(numero), "N")
                     for page, numero in zip(pages, (foreign.numero, free), strict=True))
    assert first == second
    assert "Aucun dossier de votre patientèle ne porte le numéro ga N" in first
    assert events(f"ga {free}") == events(f"ga {foreign.numero}") == [queries.SEARCH_FAILED]


@pytest.mark.parametrize("typed", ["rocky", "12", "ga 2031400", "s 43009190", "9" * 80])
def test_what_can_be_no_number_is_told_so(alice: Client, typed: str) -> None:
    assert "Aucun dossier de votre patientèle" in alice.get(f"/dossiers/recherche?numero={typed}").text


def test_an_empty_search_shows_the_form(alice: Client) -> None:
    answer = alice.get("/dossiers/recherche")
    assert "Aucun dossier" not in answer.text and answer.soup.select_one("#numero")


@pytest.mark.proves("V2.4.1")
def test_guessing_numbers_is_stopped(alice: Client) -> None:
    for rank in range(queries.SEARCH_LIMIT):
        alice.get(f"/dossiers/recherche?numero={49_000_000 + rank}")
    answer = alice.get("/dossiers/recherche?numero=49000100", 429)
    assert "Attendez dix minutes" in answer.text
    alice.get("/dossiers/recherche?numero=43009190", 429)
    with clock.shift(queries.SEARCH_WINDOW * 2):
        alice.get("/dossiers/recherche?numero=43009190", 303)


# --- preview

def test_the_preview_is_the_guides_screen(alice: Client) -> None:
    answer = alice.get(JULIEN)
    for words in (
        "Dossier de demande d’admission en EHPAD / EHPAN n°43084209", "M JULIEN – 100 ans", "14000 CAEN",
        "Type d’hébergement : Permanent, Jour", "Degré de dépendance :", "Statut des demandes : Demande envoyée",
        "Un(e) patient(e) vous a désigné comme médecin traitant ou référent",
        "vous devez accepter le dossier pour voir",
        "Vous pouvez refuser, vous ne verrez pas le dossier, mais celui-ci restera accessible",
        "Refuser le dossier", "Accepter le dossier",
    ):
        assert words in answer.text, words
    assert events("ga 43084209")[-1] == "dossier.apercu"


@pytest.mark.proves("A3", "V8.2.3", "V15.3.1")
@pytest.mark.parametrize("etat", ["attente", "refuse"])
def test_nothing_else_leaves_before_acceptance(alice: Client, etat: str) -> None:
    secret = {
        "nom_naissance": "SECRETNAISSANCE", "nom_usage": "SECRETUSAGE", "adresse": "SECRETADRESSE",
        "referent_texte": "SECRETREFERENT", "referent_kind": "structure", "prenom": "Nany",
    }
    dossier = Dossier.get(Dossier.numero == 43836205)
    Dossier.update(**secret).where(Dossier.id == dossier.id).execute()
    Lien.update(patient="SECRETLABEL", referent="SECRETREFERENT", lie_module="s", lie_numero=2034705).where(
        Lien.rpps == ALICE, Lien.dossier == dossier.id).execute()
    if etat == "refuse":
        alice.post("/dossiers/grand-age/43836205/refuser", {"version": "1"})
    answer = alice.get("/dossiers/grand-age/43836205")
    assert "Mme NANY – " in answer.text
    birth = dossier.naissance
    hidden = ["SECRET", "2034705", f"{birth:%d/%m/%Y}", birth.isoformat(), "Historique", "Dossier créé",
              "CHARLES NICOLLE"]
    assert not [word for word in hidden if word in answer.html]


def test_other_modules_preview_alike(alice: Client) -> None:
    answer = alice.get("/dossiers/sanitaire/2031400")
    assert "Dossier de demande d’admission en SSR / HAD n°2031400" in answer.text
    assert "Type de prise en charge : SSR" in answer.text and "Degré de dépendance" not in answer.text
    assert "ANTICIEPEE" not in answer.html and "MCO14" not in answer.html


# --- answers

def test_accept_opens_the_dossier(alice: Client) -> None:
    answer = alice.get(JULIEN)
    done = alice.post(f"{JULIEN}/accepter", {"version": answer.soup.select_one('[name="version"]')["value"]})
    assert done.location == JULIEN
    page = alice.follow(done)
    assert "Vous avez accepté le dossier n° 43084209" in page.text and "Le patient" in page.text
    assert "Historique" in page.text and "Dossier accepté" in page.text
    assert events("ga 43084209")[-2:] == ["dossier.accepte", "dossier.ouvert"]


def test_refuse_files_it_away_and_offers_an_undo(alice: Client) -> None:
    before = queries.counts(ALICE, "ga")["hors_patientele"]
    done = alice.post(f"{JULIEN}/refuser", {"version": "1"})
    page = alice.follow(done)
    assert "Vous avez refusé le dossier n° 43084209 : il est rangé dans « Hors patientèle »" in page.text
    assert queries.counts(ALICE, "ga")["hors_patientele"] == before + 1
    assert "43084209" not in page.soup.select_one("#resultats").get_text()
    undo = page.soup.select_one("form[data-annuler]")
    assert undo is not None and undo["action"] == f"{JULIEN}/retablir"
    fields = {field["name"]: field["value"] for field in undo.select("input")}
    back = alice.follow(alice.post(str(undo["action"]), fields, token=fields.pop("_csrf")))
    assert queries.counts(ALICE, "ga")["hors_patientele"] == before and "attend de nouveau votre réponse" in back.text
    assert "43084209" in back.soup.select_one("#resultats").get_text()


def test_a_refused_dossier_can_still_be_accepted(alice: Client) -> None:
    alice.post(f"{JULIEN}/refuser", {"version": "1"})
    assert "43084209" in alice.get("/dossiers/grand-age?onglet=hors_patientele").text
    answer = alice.get(JULIEN)
    assert "Vous avez refusé ce dossier le" in answer.text and "Refuser le dossier" not in answer.text
    alice.post(f"{JULIEN}/accepter", {"version": "2"})
    assert "Historique" in alice.get(JULIEN).text


def test_a_patient_leaves_after_a_confirmation_and_can_come_back(alice: Client) -> None:
    version = str(Lien.get(Lien.rpps == ALICE, Lien.numero == 43009190).version)
    assert f"{ROCKY}/retirer" in alice.get(ROCKY).html
    confirm = alice.get(f"{ROCKY}/retirer")
    assert "Hors patientèle" in confirm.text and confirm.soup.select_one('[name="version"]')["value"] == version
    page = alice.follow(alice.post(f"{ROCKY}/retirer", {"version": version}))
    undo = page.soup.select_one("form[data-annuler]")
    assert undo is not None and undo["action"] == f"{ROCKY}/accepter"
    alice.get(f"{ROCKY}/retirer", 404)
    alice.post(str(undo["action"]), {"version": str(int(version) + 1)})
    assert "Historique" in alice.get(ROCKY).text


@pytest.mark.proves("R8")
def test_a_double_click_is_harmless(alice: Client) -> None:
    for _ in range(2):
        assert alice.post(f"{JULIEN}/accepter", {"version": "1"}).location == JULIEN
    assert events("ga 43084209").count("dossier.accepte") == 1


@pytest.mark.proves("C2")
@pytest.mark.parametrize("htmx", [False, True])
def test_the_loser_is_told_what_happened(alice: Client, htmx: bool) -> None:
    alice.post(f"{JULIEN}/accepter", {"version": "1"})
    answer = alice.post(f"{JULIEN}/refuser", {"version": "1"}, 409, htmx=htmx)
    assert "Vous avez accepté ce dossier le" in answer.text and answer.soup.select_one(f'a[href="{JULIEN}"]')
    assert Lien.get(Lien.rpps == ALICE, Lien.numero == 43084209).etat == "accepte"


@pytest.mark.parametrize("version", ["", "0", "abc", "-1", "9" * 30, "2"])
def test_an_answer_without_the_right_version_changes_nothing(alice: Client, version: str) -> None:
    alice.post(f"{JULIEN}/accepter", {"version": version}, 409)
    assert Lien.get(Lien.rpps == ALICE, Lien.numero == 43084209).etat == "attente"


def test_htmx_is_sent_on_too(alice: Client) -> None:
    done = alice.post(f"{JULIEN}/accepter", {"version": "1"}, 200, htmx=True)
    assert done.headers["hx-redirect"] == JULIEN


# --- who may

@pytest.mark.proves("V8.2.2")
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("path", [JULIEN, ROCKY])
def test_another_physician_can_do_nothing(alice: Client, another_client: Client, path: str, action: str) -> None:
    bob = another_client.login(BOB, "Dr Bob DURAND")
    before = Trace.select().count()
    for version in ("1", "2", "3"):
        bob.post(f"{path}/{action}", {"version": version}, 404)
    added = [(one.event, one.result) for one in Trace.select().order_by(Trace.id).offset(before).limit(99)]
    assert added == [("acces.refuse", "refuse")] * 3


@pytest.mark.proves("A2")
@pytest.mark.parametrize("path", [JULIEN, ROCKY, f"{ROCKY}/retirer", "/dossiers/grand-age/49999999",
                                  "/dossiers/sanitaire/43009190", "/dossiers/grand-age/" + "9" * 40,
                                  "/dossiers/grand-age/0"])
def test_absent_and_foreign_read_alike(alice: Client, another_client: Client, path: str) -> None:
    bob = another_client.login(BOB, "Dr Bob DURAND")
    assert bob.get(path, 404).soup.main == bob.get("/dossiers/grand-age/48888888", 404).soup.main


def test_a_post_without_the_token_is_refused(alice: Client) -> None:
    alice.post(f"{JULIEN}/accepter", {"version": "1"}, 403, token="forged")
    assert Lien.get(Lien.rpps == ALICE, Lien.numero == 43084209).etat == "attente"


# --- the page of a dossier

def test_the_page_names_the_patient_with_birth_date_and_age(alice: Client) -> None:
    birth = Dossier.get(Dossier.numero == 2034705).naissance
    page = alice.get("/dossiers/sanitaire/2034705")
    band = " ".join(page.soup.select_one(".bandeau-patient").get_text(" ").split())
    assert "LEROUX JOSETTE" in band and f"Née le {birth:%d/%m/%Y}" in band and "83 ans" in band
    assert "En cours de rédaction" in page.text and "Vous" in page.text


def test_openings_are_audited_and_shown_once(alice: Client) -> None:
    for _ in range(3):
        page = alice.get(ROCKY)
    assert events("ga 43009190").count("dossier.ouvert") == 3
    assert "Dossier consulté 2 fois par vous" in page.text
    assert audit.broken_link() is None


def test_a_linked_dossier_is_a_link(alice: Client) -> None:
    lien = Lien.select().where(Lien.rpps == ALICE, Lien.module == "s", Lien.lie_numero.is_null(False),
                               Lien.etat == "accepte").order_by(Lien.numero).first()
    page = alice.get(f"/dossiers/sanitaire/{lien.numero}")
    linked = page.soup.select_one(f'a[href="/dossiers/grand-age/{lien.lie_numero}"]')
    assert linked is not None
    assert f"s {lien.numero}" in alice.get(str(linked["href"])).text
