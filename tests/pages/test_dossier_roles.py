"""What the page of a dossier offers: each state of a volet for each person who may open it, and no word too many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from starlette.applications import Starlette

from portal.db import database
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.settings import Settings
from portal.volets import commands
from portal.web.session import Access
from tests.support import delegues, volets
from tests.support.client import Answer, Client
from tests.support.delegues import CHLOE, EVERYTHING, lent, physician, secretary
from tests.support.volets import ALICE, ALICE_ACTS

SECRET = "Insuffisance cardiaque"
CLIC = "CLIC BESSIN — CLIC du Bessin"
Enter = Callable[[str], Client]


@pytest.fixture
def numero(opened_app: Starlette) -> int:
    """Mme LEROUX's dossier, led by Dr Alice MARTIN."""
    return int(volets.dossier().numero)


@pytest.fixture
def enter(opened_app: Starlette, settings: Settings) -> Iterator[Enter]:
    """Somebody comes in: « referent », « traitant » (Dr Alice MARTIN, who leads or not), « lire », « rediger »,
    « valider » (Dr Chloé PETIT with these rights), « secretaire »."""
    with Client(opened_app) as client:
        def come(role: str) -> Client:
            delegues.physician(delegues.ALICE)
            if role == "traitant":
                Dossier.update(referent_kind="structure", referent_rpps=None, referent_texte=CLIC).execute()
                with database.writing():
                    dossiers.set_status(ALICE_ACTS, Dossier.get(), "non_envoyee")
            if role in ("referent", "traitant"):
                return client.login(ALICE)
            if role == "secretaire":
                found, made = secretary(settings)
                return client.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp",
                                    subject=found.subject, delegation_id=made.id)
            rights = ("lire", "rediger", "valider")
            chloe = physician(CHLOE)
            mandate = lent(settings, replace(EVERYTHING, rights=rights[:rights.index(role) + 1]))
            return client.login(CHLOE, chloe.name, chloe.id, delegation_id=mandate.id)
        yield come


def bring(numero: int, state: str, code: str = "medical") -> None:
    """Bring a volet of the dossier to this state."""
    if state == "vide":
        return
    volets.write(ALICE_ACTS, numero, {"antecedents": SECRET})
    if state == "complet":
        volets.complete(numero, code)
    if state in ("valide", "rouvert"):
        signed = volets.sign(numero, code)
        if state == "rouvert":
            with database.writing():
                commands.reopen(ALICE_ACTS, volets.seen(numero), code, signed.version)


def page(client: Client, numero: int) -> Answer:
    return client.get(f"/dossiers/grand-age/{numero}")


def steps(answer: Answer, title: str = "Volet médical") -> list[str]:
    """The buttons of one volet's card, without its name."""
    card = next(item for item in answer.soup.select(".fiche-volet") if title in item.get_text())
    return [link.find(string=True, recursive=False) for link in card.select("p > a")]


def refusals(answer: Answer) -> dict[str, str]:
    return {" ".join(row.dt.get_text().split()): " ".join(row.dd.get_text().split())
            for row in answer.soup.select(".raisons > div")}


STATES = ("vide", "en_cours", "complet", "valide", "rouvert")
ALL = (["Remplir"], ["Continuer"], ["Relire et valider"], ["Lire", "Rouvrir"], ["Relire et valider"])
OFFERS = {
    "referent": ALL, "traitant": ALL, "valider": ALL,
    "rediger": (["Remplir"], ["Continuer"], ["Continuer"], ["Lire"], ["Continuer"]),
    "lire": ([], ["Lire"], ["Lire"], ["Lire"], ["Lire"]),
    "secretaire": ([], [], [], [], []),
}


@pytest.mark.parametrize(("role", "state", "expected"), [
    (role, state, offered) for role, row in OFFERS.items() for state, offered in zip(STATES, row, strict=True)])
def test_the_medical_volet_offers_what_this_person_may_do_now(
        enter: Enter, numero: int, role: str, state: str, expected: list[str]) -> None:
    bring(numero, state)
    answer = page(enter(role), numero)
    assert steps(answer) == expected
    reasons = [reason for act, reason in refusals(answer).items() if "volet médical" in act]
    # What is not offered is explained, unless nothing is left to do.
    assert bool(reasons) == (not (state in ("complet", "rouvert") and expected == ["Relire et valider"]))
    assert all(reason.endswith(".") for reason in reasons)


@pytest.mark.parametrize(("role", "state", "act", "reason"), [
    ("referent", "en_cours", "Valider le volet médical", "Il manque"),
    ("referent", "valide", "Modifier le volet médical", "rouvrez-le d’abord"),
    ("rediger", "complet", "Valider le volet médical", "pas le droit de valider"),
    ("rediger", "valide", "Rouvrir le volet médical", "pas le droit de rouvrir"),
    ("lire", "en_cours", "Remplir le volet médical", "pas le droit de rédiger"),
    ("lire", "en_cours", "Joindre une pièce", "pas le droit de rédiger"),
    ("secretaire", "valide", "Lire le volet médical", "Réservé aux médecins"),
    ("traitant", "vide", "Remplir le volet administratif et social", CLIC),
    ("traitant", "vide", "Corriger l’identité", CLIC),
    ("referent", "vide", "Lier à un autre dossier de cette personne", "Aucun autre de vos dossiers acceptés"),
])
def test_what_is_not_possible_says_why(
        enter: Enter, numero: int, role: str, state: str, act: str, reason: str) -> None:
    bring(numero, state)
    assert reason in refusals(page(enter(role), numero))[act]


@pytest.mark.parametrize("state", STATES)
def test_a_secretary_reads_no_medical_word(enter: Enter, numero: int, state: str) -> None:
    bring(numero, state)
    answer = page(enter("secretaire"), numero)
    assert SECRET not in answer.html and not answer.soup.select("a[href*='/volets/medical']")
    assert "réponses obligatoires" not in next(
        item.get_text() for item in answer.soup.select(".fiche-volet") if "Volet médical" in item.get_text())
    assert steps(answer, "Volet administratif") == ["Remplir"]


@pytest.mark.parametrize("statut", ["annule", "historise"])
def test_a_dossier_that_is_over_is_only_read(enter: Enter, numero: int, statut: str) -> None:
    bring(numero, "en_cours")
    with database.writing():
        dossiers.set_status(ALICE_ACTS, Dossier.get(), statut)
    answer = page(enter("referent"), numero)
    assert steps(answer) == ["Lire"] and not answer.soup.select(".fiche-volet :is(.bouton-principal, details)")
    reasons = refusals(answer)
    assert "ne changent plus" in reasons["Remplir le volet médical"] and "clos" in reasons["Joindre une pièce"]


def test_the_degree_of_dependency_says_when_it_was_rated(enter: Enter, numero: int) -> None:
    alice = enter("referent")
    assert "Non évalué" in page(alice, numero).text
    signed = volets.sign(numero, "autonomie")
    gir = f"GIR {Dossier.get().gir}, évalué le "
    assert gir in page(alice, numero).text and "volet rouvert depuis" not in page(alice, numero).text
    with database.writing():
        commands.reopen(ALICE_ACTS, volets.seen(numero), "autonomie", signed.version)
    assert gir in page(alice, numero).text and "volet rouvert depuis" in page(alice, numero).text
