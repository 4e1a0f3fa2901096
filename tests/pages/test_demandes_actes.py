"""The acts on one request: chasing, cancelling, answering, deciding, reopening; who may; who acted before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.db import audit, database
from portal.db.crypto import keys
from portal.demandes import commands, machines, queries, rules
from portal.demandes.models import Demande
from portal.dossiers.models import Dossier
from portal.settings import Settings
from portal.web.session import Access
from tests.support import espaces
from tests.support.client import Answer, Client
from tests.support.delegues import ALICE, CHLOE, EVERYTHING, lent, physician, secretary
from tests.support.volets import dossier

CANCEL = {"motif": "85", "texte": "Retour à domicile préféré."}
RTL = "\u202eerton\u202c"


@pytest.fixture
def mine(opened_app: Starlette) -> Dossier:
    """Mme LEROUX's dossier, which Dr Alice MARTIN leads."""
    physician(ALICE)
    return dossier()


@pytest.fixture
def alice(opened_app: Starlette, mine: Dossier) -> Iterator[Client]:
    with Client(opened_app) as client:
        client.login(ALICE)
        yield client


def here(one: Demande, act: str = "") -> str:
    numero = Dossier.get_by_id(one.dossier_id).numero
    return f"/dossiers/grand-age/{numero}/demandes/{one.id}{f'/{act}' if act else ''}"


def do(client: Client, one: Demande, act: str, status: int = 303, **sent: str) -> Answer:
    return client.post(here(one, act), {"version": str(one.version)} | sent, status)


def at(mine: Dossier, etat: str, **place: object) -> Demande:
    return espaces.demande(mine, espaces.etablissement(**place), etat)


# --- each act

def test_cancelling_takes_a_motive_and_is_told(alice: Client, mine: Dossier) -> None:
    one = at(mine, rules.LUE)
    page = alice.get(here(one, "annuler"))
    offered = {str(option["value"]) for option in page.soup.select("select[name=motif] option")} - {""}
    assert offered == {motif.code for motif in machines.of("ga").motives("annuler")}
    do(alice, one, "annuler", **CANCEL)
    now = queries.one(one.id)
    assert (now.etat, now.motif) == (rules.ANNULEE, "85")
    assert b"domicile" not in bytes(now.motif_texte), "sealed"
    shown = alice.get(here(one)).text
    assert "Volonté du demandeur" in shown and "Retour à domicile préféré." in shown
    assert ("demande.annuler", str(one.id)) in [(act.event, act.detail) for act in audit.timeline(f"ga {mine.numero}")]


def test_answering_a_complement_sends_the_request_again(alice: Client, mine: Dossier) -> None:
    one = at(mine, rules.COMPLEMENT)
    assert "Précisez le traitement." in alice.get(here(one, "completer")).text
    do(alice, one, "completer", texte="Ordonnance jointe.")
    assert queries.one(one.id).etat == rules.ENVOYEE
    assert "Ordonnance jointe." in alice.get(here(one)).text


def test_a_proposal_is_shown_whole_and_accepted(alice: Client, mine: Dossier) -> None:
    one = at(mine, rules.PROPOSEE)
    page = alice.get(here(one, "accepter")).text
    for said in ("le 01/01/2099", "65,00 € par jour", "avant la fin du 01/01/2099", "Chambre 12"):
        assert said in page, said
    do(alice, one, "accepter")
    assert queries.one(one.id).etat == rules.ACCEPTEE
    assert Dossier.get_by_id(mine.id).statut == "proposition_acceptee"


@pytest.mark.parametrize(("stay", "etat"), [("oui", rules.DECLINEE), ("non", rules.ANNULEE)])
def test_a_proposal_is_declined_with_or_without_the_list(alice: Client, mine: Dossier, stay: str, etat: str) -> None:
    one = at(mine, rules.PROPOSEE)
    do(alice, one, "decliner", rester=stay, motif="113")
    assert queries.one(one.id).etat == etat


def test_a_proposal_past_its_date_is_not_accepted(alice: Client, mine: Dossier) -> None:
    one = at(mine, rules.PROPOSEE)
    with database.writing():
        Demande.update(reponse_avant=clock.today() - timedelta(days=1)).where(Demande.id == one.id).execute()
    assert "la proposition a expiré" in do(alice, one, "accepter", 409).text
    assert queries.one(one.id).etat == rules.PROPOSEE


def test_an_establishment_is_not_chased_within_three_days(alice: Client, mine: Dossier) -> None:
    one = at(mine, rules.ENVOYEE)
    assert "il y a moins de 3 jours" in do(alice, one, "relancer", 409).text
    with clock.freeze(clock.now() + timedelta(days=3, minutes=1)):
        alice.login(ALICE)
        do(alice, one, "relancer")
        assert queries.one(one.id).relances == 1
        one = queries.one(one.id)
        assert "vous pourrez le relancer le" in do(alice, one, "relancer", 409).text


@pytest.mark.parametrize("etat", [rules.REFUS, rules.ANNULEE])
def test_reopening_asks_again_for_a_whole_dossier(alice: Client, mine: Dossier, etat: str) -> None:
    strict, easy = at(mine, etat, nom="EHPAD Strict"), at(mine, etat, nom="EHPAD Souple", incomplets=True)
    assert "attend un dossier complet" in do(alice, strict, "rouvrir", 409).text
    do(alice, easy, "rouvrir")
    now = queries.one(easy.id)
    assert (now.etat, now.incomplet, now.motif) == (rules.ENVOYEE, True, "")


def test_what_was_not_sent_is_taken_off_without_a_motive(alice: Client, mine: Dossier) -> None:
    one = at(mine, rules.NON_ENVOYEE)
    do(alice, one, "retirer")
    assert not Demande.select().count()
    alice.get(here(one), 404)


# --- bad input: said, kept, nothing changed

@pytest.mark.parametrize(("act", "etat", "sent", "said"), [
    ("annuler", rules.LUE, {}, "Choisissez un motif"),
    ("annuler", rules.LUE, {"motif": ""}, "Choisissez un motif"),
    ("annuler", rules.LUE, {"motif": "86"}, "Choisissez un motif"),
    ("annuler", rules.LUE, {"motif": "95"}, "Choisissez un motif"),
    ("annuler", rules.LUE, {"motif": "٨٥"}, "Choisissez un motif"),
    ("annuler", rules.LUE, {"motif": "85 86"}, "Choisissez un motif"),
    ("annuler", rules.LUE, {"motif": "9" * 100_000}, "Choisissez un motif"),
    ("annuler", rules.LUE, {"motif": "85", "texte": "e" * 100_000}, "Raccourcissez ce texte de 98000 caractères"),
    ("annuler", rules.LUE, {"motif": "85", "texte": "é" * 2001}, "Raccourcissez ce texte de 1 caractère"),
    ("decliner", rules.PROPOSEE, {"motif": "113"}, "Dites si la personne reste"),
    ("decliner", rules.PROPOSEE, {"motif": "113", "rester": "peut-être"}, "Dites si la personne reste"),
    ("decliner", rules.PROPOSEE, {"motif": "85", "rester": "oui"}, "Choisissez un motif"),
    ("completer", rules.COMPLEMENT, {}, "Écrivez votre réponse"),
    ("completer", rules.COMPLEMENT, {"texte": " \r\n\t"}, "Écrivez votre réponse"),
    ("completer", rules.COMPLEMENT, {"texte": "\x00\u202e"}, "Écrivez votre réponse"),
])
def test_bad_words_are_refused(alice: Client, mine: Dossier, act: str, etat: str, sent: dict[str, str],
                               said: str) -> None:
    one = at(mine, etat)
    answer = do(alice, one, act, 422, **sent)
    assert any(said in error for error in answer.errors), answer.errors
    now = queries.one(one.id)
    assert (now.etat, now.version) == (etat, one.version)


def test_what_was_typed_is_kept_beside_the_error(alice: Client, mine: Dossier) -> None:
    answer = do(alice, at(mine, rules.LUE), "annuler", 422, texte="Sa fille\nl’accueille.")
    area = answer.soup.select_one("textarea[name=texte]")
    assert area is not None and area.get_text().strip() == "Sa fille\nl’accueille."


def test_marks_that_turn_words_round_are_taken_out(alice: Client, mine: Dossier) -> None:
    one = at(mine, rules.LUE)
    do(alice, one, "annuler", motif="85", texte=f"<b>{RTL}</b> 🙂")
    assert queries.words(queries.one(one.id), "motif_texte") == "<b>erton</b> 🙂"
    assert "<b>erton</b> 🙂" in alice.get(here(one)).text


@pytest.mark.parametrize("version", ["", "0", "-1", "x", "9" * 40, "٣", "3\x00"])
def test_a_forged_version_changes_nothing(alice: Client, mine: Dossier, version: str) -> None:
    one = at(mine, rules.LUE)
    answer = do(alice, one, "annuler", 409, version=version, **CANCEL)
    assert "Rien n’a été enregistré" in answer.text
    assert queries.one(one.id).version == one.version


# --- from where, to where, why

@pytest.mark.parametrize(("etat", "act"), [
    (rules.ENVOYEE, "accepter"), (rules.LISTE, "decliner"), (rules.ADMIS, "annuler"), (rules.NON_ENVOYEE, "annuler"),
    (rules.ANNULEE, "relancer"), (rules.PROPOSEE, "rouvrir"), (rules.LUE, "completer"), (rules.ENVOYEE, "retirer"),
])
def test_a_step_that_does_not_exist_says_why(alice: Client, mine: Dossier, etat: str, act: str) -> None:
    one = at(mine, etat)
    for answer in (alice.get(here(one, act), 409),
                   do(alice, one, act, 409, motif="89", rester="oui", texte="Voici.")):
        assert "déjà partie" in answer.text or f"à l’état « {machines.of('ga').etats[etat].label} »" in answer.text
        assert not answer.soup.select("main form[method=post]")
    assert queries.one(one.id).version == one.version


# --- two at once

def test_cancelling_what_is_being_read_says_who_read_and_keeps_the_words(alice: Client, mine: Dossier) -> None:
    one = at(mine, rules.ENVOYEE)
    with database.writing():
        commands.read(espaces.ANSWERS, one.id)
    answer = do(alice, one, "annuler", 409, **CANCEL)
    assert "Claire DUBOIS, EHPAD Les Tilleuls a agi" in answer.text
    assert "Dossier consulté par l’établissement" in answer.text
    area, chosen = answer.soup.select_one("textarea"), answer.soup.select_one("option[selected]")
    assert area is not None and area.get_text().strip() == CANCEL["texte"]
    assert chosen is not None and chosen["value"] == "85"
    version = answer.soup.select_one("input[name=version]")
    assert version is not None
    do(alice, one, "annuler", version=str(version["value"]), **CANCEL)
    assert queries.one(one.id).etat == rules.ANNULEE


def test_the_family_accepts_while_the_establishment_withdraws(opened_app: Starlette, mine: Dossier) -> None:
    one = at(mine, rules.PROPOSEE)
    with Client(opened_app) as family:
        espaces.usager(family, mine, "aidant")
        assert family.get(here(one, "accepter")).soup.select("main form")
        with database.writing():
            commands.withdraw(espaces.ANSWERS, one.id, one.version)
        answer = do(family, one, "accepter", 409)
    assert "Proposition retirée" in answer.text and "Liste d’attente" in answer.text
    assert not answer.soup.select("main form[method=post]"), "there is nothing to accept any more"
    assert queries.one(one.id).etat == rules.LISTE


def test_two_of_the_asking_side_decide_and_the_first_wins(opened_app: Starlette, alice: Client, mine: Dossier) -> None:
    one = at(mine, rules.PROPOSEE)
    with Client(opened_app) as family:
        espaces.usager(family, mine)
        do(family, one, "accepter")
    answer = do(alice, one, "decliner", 409, rester="non", motif="113", texte="Trop loin de sa fille.")
    assert "Anne MOREAU" in answer.text and "Trop loin de sa fille." in answer.text
    assert queries.one(one.id).etat == rules.ACCEPTEE


def test_an_entry_elsewhere_is_told_to_who_was_about_to_cancel(alice: Client, mine: Dossier) -> None:
    one, other = at(mine, rules.LISTE, nom="EHPAD Un"), at(mine, rules.LUE, nom="EHPAD Deux")
    with database.writing():
        commands.admit(espaces.ANSWERS, other.id, other.version, date(2026, 11, 20))
    assert "annulée automatiquement" in do(alice, one, "annuler", 409, **CANCEL).text
    assert "Admission dans un autre établissement" in alice.get(here(one)).text


# --- who

def test_a_colleague_does_what_was_lent(opened_app: Starlette, settings: Settings, mine: Dossier) -> None:
    one = at(mine, rules.PROPOSEE)
    made = lent(settings, replace(EVERYTHING, rights=("lire", "envoyer")))
    found = physician(CHLOE)
    with Client(opened_app) as chloe:
        chloe.login(CHLOE, found.name, found.id, delegation_id=made.id)
        page = chloe.get(here(one))
        assert "Votre délégation ne comprend pas le droit de répondre aux propositions." in page.text
        do(chloe, one, "accepter", 403)
        do(chloe, one, "annuler", **CANCEL)
    assert queries.one(one.id).etat == rules.ANNULEE


def test_the_secretary_chases_and_reads_no_words(opened_app: Starlette, settings: Settings, mine: Dossier) -> None:
    one, asked = at(mine, rules.ENVOYEE, nom="EHPAD Un"), at(mine, rules.COMPLEMENT, nom="EHPAD Deux")
    found, made = secretary(settings)
    with clock.freeze(clock.now() + timedelta(days=4)), Client(opened_app) as sophie:
        sophie.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject,
                     delegation_id=made.id)
        assert "Précisez" not in sophie.get(here(asked)).text
        for path in (here(one, "annuler"), here(asked, "completer"),
                     f"/dossiers/grand-age/{mine.numero}/demandes/choisir"):
            assert "secrétariat" in sophie.get(path, 403).text
        do(sophie, one, "relancer")
    assert queries.one(one.id).relances == 1


def test_a_traitant_who_does_not_lead_asks_and_does_not_decide(opened_app: Starlette, alice: Client,
                                                               mine: Dossier) -> None:
    one = at(mine, rules.PROPOSEE)
    espaces.follow(espaces.structure("coordination", "CLIC BESSIN"), mine)
    page = alice.get(here(one)).text
    assert "Une proposition se décide par la personne ou le référent du dossier" in page
    assert "n’est pas la vôtre à conduire" in do(alice, one, "accepter", 403).text
    do(alice, one, "annuler", **CANCEL)


def test_a_relative_who_follows_reads_the_state_and_no_words(opened_app: Starlette, mine: Dossier) -> None:
    one = at(mine, rules.COMPLEMENT)
    with Client(opened_app) as follows:
        espaces.usager(follows, mine, "famille")
        page = follows.get(here(one))
        assert "Informations complémentaires demandées" in page.text and "Précisez" not in page.text
        do(follows, one, "completer", 403, texte="Voici.")


def test_free_words_are_nowhere_in_clear(alice: Client, mine: Dossier) -> None:
    one = at(mine, rules.LUE)
    do(alice, one, "annuler", motif="85", texte="Alzheimer")
    raw = bytes(queries.one(one.id).motif_texte)
    assert b"Alzheimer" not in raw
    assert keys().open(raw, table="demande", row=str(one.id), column="motif_texte") == "Alzheimer"
    assert not any("Alzheimer" in str(trace.detail) for trace in audit.timeline(f"ga {mine.numero}"))
