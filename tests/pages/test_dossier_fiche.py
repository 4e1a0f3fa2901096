"""The page of a dossier: where its volets stand, what may be done now, why the rest may not, and its links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.applications import Starlette

from portal.db import audit, database
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier, Lien
from portal.settings import Settings
from portal.volets import commands, reponses
from portal.web.session import Access
from tests.support import delegues, volets
from tests.support.client import Answer, Client
from tests.support.delegues import CHLOE, EVERYTHING, lent, physician, secretary
from tests.support.people import LEROUX
from tests.support.volets import ALICE, ALICE_ACTS, BOB

MEDICAL = "Insuffisance cardiaque"


@pytest.fixture
def numero(opened_app: Starlette) -> int:
    """Mme LEROUX's dossier, led by Dr Alice MARTIN, its volet médical begun."""
    found = volets.dossier().numero
    volets.write(ALICE_ACTS, found, {"antecedents": MEDICAL})
    return found


@pytest.fixture
def visitor(opened_app: Starlette) -> Iterator[Client]:
    with Client(opened_app) as client:
        yield client


def page(client: Client, numero: int) -> Answer:
    return client.get(f"/dossiers/grand-age/{numero}")


def card(answer: Answer, title: str) -> str:
    """What the page says of one volet, with ordinary spaces."""
    found = next(item for item in answer.soup.select(".fiche-volet") if title in item.get_text())
    return " ".join(found.get_text(" ").split())


def steps(answer: Answer) -> list[str]:
    """The next step of each volet: « Continuer : Volet médical »."""
    return [" ".join(link.get_text().split()) for link in answer.soup.select(".fiche-volet p > a")]


def refusals(answer: Answer) -> dict[str, str]:
    """What is not possible now, and why."""
    return {" ".join(row.dt.get_text().split()): " ".join(row.dd.get_text().split())
            for row in answer.soup.select(".raisons > div")}


def test_each_volet_says_its_state_what_misses_and_the_next_step(visitor: Client, numero: int) -> None:
    answer = page(visitor.login(ALICE), numero)
    assert "Vide" in card(answer, "Volet administratif") and "Remplir" in card(answer, "Volet administratif")
    medical = card(answer, "Volet médical")
    assert "En cours" in medical and "modifié par Dr Alice MARTIN" in medical and "Continuer" in medical
    missing = reponses.completeness(volets.form_of(), {"antecedents": MEDICAL})
    assert f"{missing.done} sur {missing.total} réponses obligatoires" in medical
    assert len(answer.soup.select(".fiche-volet .bouton-principal")) == 1
    links = [link["href"] for link in answer.soup.select(".fiche-volet details a") if "/medical#" in str(link["href"])]
    assert links == [f"/dossiers/grand-age/{numero}/volets/medical#{field.id}" for _, field in missing.missing]


def test_a_complete_volet_is_read_again_then_signed_then_only_read(visitor: Client, numero: int) -> None:
    full = volets.complete(numero, "autonomie")
    alice = visitor.login(ALICE)
    assert "Relire et valider" in card(page(alice, numero), "Volet autonomie")
    with database.writing():
        commands.validate(ALICE_ACTS, volets.seen(numero), "autonomie", full.version)
    answer = page(alice, numero)
    signed = card(answer, "Volet autonomie")
    assert "Validé" in signed and "validé par Dr Alice MARTIN" in signed and "Lire" in signed
    assert f"GIR {Dossier.get().gir}" in answer.text
    with database.writing():
        commands.reopen(ALICE_ACTS, volets.seen(numero), "autonomie", full.version + 1)
    assert "Rouvert" in card(page(alice, numero), "Volet autonomie")


def test_who_is_not_the_referent_reads_the_administrative_volet_and_knows_why(visitor: Client, numero: int) -> None:
    clic = "CLIC BESSIN — CLIC du Bessin"
    Dossier.update(referent_kind="structure", referent_rpps=None, referent_texte=clic).execute()
    with database.writing():
        dossiers.set_status(ALICE_ACTS, Dossier.get(), "non_envoyee")
    answer = page(visitor.login(ALICE), numero)
    why = f"Le volet administratif est rempli par le référent : {clic}."
    assert why in card(answer, "Volet administratif")
    assert refusals(answer)["Remplir le volet administratif et social"] == why
    assert "CLIC BESSIN" in refusals(answer)["Corriger l’identité"]
    assert "Continuer : Volet médical" in steps(answer)


def test_a_secretary_sees_where_the_medical_volets_stand_and_no_word_of_them(
        visitor: Client, numero: int, settings: Settings) -> None:
    found, made = secretary(settings)
    visitor.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject,
                  delegation_id=made.id)
    answer = page(visitor, numero)
    medical = card(answer, "Volet médical")
    assert "En cours" in medical and "Réservé aux médecins" in medical
    assert "réponses obligatoires" not in medical and not answer.soup.select("a[href*='/volets/medical']")
    assert MEDICAL not in answer.html
    assert steps(answer) == ["Remplir : Volet administratif et social"]
    assert "Réservé aux médecins" in refusals(answer)["Lire le volet médical"]


@pytest.mark.parametrize(("rights", "offered", "refused"), [
    (("lire",), "Lire : Volet médical", "Remplir le volet médical"),
    (("lire", "rediger"), "Continuer : Volet médical", "Sortir ce patient de la patientèle"),
])
def test_a_delegate_is_offered_what_was_lent(
        visitor: Client, numero: int, settings: Settings, rights: tuple[str, ...], offered: str, refused: str) -> None:
    delegues.physician(delegues.ALICE)
    made = lent(settings, replace(EVERYTHING, rights=rights))
    chloe = physician(CHLOE)
    answer = page(visitor.login(CHLOE, chloe.name, chloe.id, delegation_id=made.id), numero)
    assert offered in steps(answer) and "Votre délégation" in refusals(answer)[refused]


def test_the_history_names_the_volets_and_folds_what_is_old(visitor: Client, numero: int) -> None:
    with database.writing():
        for rank in range(30):
            audit.record(ALICE_ACTS, "dossier.statut" if rank % 2 else "dossier.imprime", dossier=f"ga {numero}")
    answer = page(visitor.login(ALICE), numero)
    history = answer.soup.select_one("section[aria-labelledby=titre-historique]")
    assert history is not None and "Volet médical modifié" in history.get_text()
    assert len(history.select("details li")) > 0 and len(history.select(":scope > ol > li")) == 20


# --- other dossiers of the same person

@pytest.fixture
def mate(numero: int) -> Dossier:
    """A sanitaire dossier of the same person."""
    with database.writing():
        return dossiers.create(ALICE_ACTS, "s", replace(LEROUX, sejours=("SSR",)))


def test_two_dossiers_of_a_person_are_tied_and_untied(visitor: Client, numero: int, mate: Dossier) -> None:
    alice, here = visitor.login(ALICE), f"/dossiers/grand-age/{numero}"
    assert f"s {mate.numero}" in page(alice, numero).text
    assert f"s {mate.numero}" in alice.get(f"{here}/lier").text
    alice.post(f"{here}/lier", {"avec": f"s {mate.numero}"})
    assert Lien.get(Lien.dossier == mate.id).lie_numero == numero
    assert "dossier lié" in page(alice, numero).text
    assert "déjà lié" in alice.post(f"{here}/lier", {"avec": f"s {mate.numero}"}, 409).text
    alice.post(f"{here}/delier")
    alice.post(f"{here}/delier")
    assert Lien.get(Lien.dossier == mate.id).lie_numero is None
    events = [trace.event for trace in audit.timeline(f"s {mate.numero}")]
    assert events.count("dossier.lie") == events.count("dossier.delie") == 1


def test_only_the_same_person_s_own_dossiers_can_be_tied(visitor: Client, numero: int, mate: Dossier) -> None:
    with database.writing():
        stranger = dossiers.create(ALICE_ACTS, "ga", replace(LEROUX, prenom="YVETTE"))
        bobs = dossiers.create(replace(ALICE_ACTS, rpps=BOB, name="Dr Bob DURAND"), "ga", LEROUX)
    alice = visitor.login(ALICE)
    for chosen in (f"ga {stranger.numero}", f"ga {bobs.numero}", "ga 99999999", "s " + "9" * 40, "\x00"):
        assert alice.post(f"/dossiers/grand-age/{numero}/lier", {"avec": chosen}, 422).errors
    assert Dossier.select().where(Dossier.lie.is_null(False)).count() == 0
    assert f"ga {bobs.numero}" not in alice.get(f"/dossiers/grand-age/{numero}/lier").text


def test_a_dossier_not_accepted_can_t_be_tied(visitor: Client, numero: int, mate: Dossier) -> None:
    alice = visitor.login(ALICE)
    Lien.update(etat="attente").where(Lien.dossier == mate.id).execute()
    assert "à accepter" in page(alice, numero).text
    assert "Aucun autre de vos dossiers acceptés" in alice.get(f"/dossiers/grand-age/{numero}/lier").text
