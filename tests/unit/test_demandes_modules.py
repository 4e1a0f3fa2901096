"""What sanitaire and TND requests do that those of Grand Âge don't: one confirmed accord, home care, one path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest

from portal import clock
from portal.annuaire.models import Etablissement
from portal.db import database
from portal.db.audit import Actor
from portal.db.base import rows
from portal.demandes import commands, machines, queries
from portal.demandes.models import Demande
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.dossiers.models import Dossier
from portal.settings import Settings
from tests.support import espaces
from tests.support.espaces import ANSWERS, ASKS, TOMORROW
from tests.support.people import LEROUX

SERVICE = Actor(None, "Noé PETIT, CHU", "otp", None, "S00000000077")
CHILD = replace(LEROUX, prenom="LÉO", sexe="M", civilite="M", naissance=date(2023, 5, 2), sejours=("Psychologie",))
Make = Callable[..., Demande]


@pytest.fixture
def patient(tables: Settings, midday: datetime) -> Dossier:
    with database.writing():
        return dossiers.create(ASKS, "s", replace(LEROUX, sejours=("SSR",)))


@pytest.fixture
def child(tables: Settings, midday: datetime) -> Dossier:
    with database.writing():
        return dossiers.create(ASKS, "tnd", CHILD)


def units(genre: str, *names: str) -> list[Etablissement]:
    return [espaces.etablissement(name, genre=genre) for name in names]


def stands(*found: Demande) -> list[str]:
    return [queries.one(one.id).etat for one in found]


def statut(dossier: Dossier) -> tuple[str, str]:
    now = of_dossiers.by_id(dossier.id)
    return now.statut, now.etat


def told(code: str) -> list[str]:
    return sorted(row[0].partition(":")[0] for row in rows("SELECT destinataire FROM avis WHERE code = ?", code))


# --- every state can be reached, and says its status

@pytest.mark.parametrize("etat", machines.of("s").etats)
def test_a_sanitaire_request_comes_to_each_state_by_real_steps(patient: Dossier, etat: str) -> None:
    if etat in ("expiree", "annulee_auto"):
        return
    one = espaces.demande(patient, *units("smr", "SMR Un"), etat)
    assert (one.etat, one.module) == (etat, "s")
    assert statut(patient)[0] == machines.of("s").statut([etat])


@pytest.mark.parametrize("etat", [
    "non_envoyee", "envoyee", "lue", "complement", "parcours", "bilans", "synthese", "renouvele", "clos", "reorientee",
    "refus", "annulee"])
def test_a_tnd_request_comes_to_each_state_by_real_steps(child: Dossier, etat: str) -> None:
    one = espaces.demande(child, *units("pco", "PCO Un"), etat)
    assert (one.etat, one.module) == (etat, "tnd")
    assert statut(child)[0] == machines.of("tnd").statut([etat])


# --- one accord confirmed

def test_confirming_an_accord_cancels_the_other_requests_and_tells_them(patient: Dossier) -> None:
    here, there, far = units("smr", "SMR Un", "SMR Deux", "SMR Trois")
    espaces.structure(nom="SMR Deux", etablissement_id=there.id)
    listed, read = espaces.demande(patient, there, "liste_attente"), espaces.demande(patient, far, "lue")
    chosen = espaces.demande(patient, here, "acceptee")
    assert stands(chosen, listed, read) == ["acceptee", "annulee_auto", "annulee_auto"]
    assert queries.one(listed.id).motif == "119"
    assert statut(patient) == ("accord_confirme", "actif")
    assert told("annulation") == ["structure"]


def test_a_confirmed_accord_that_is_withdrawn_gives_the_others_back_where_they_stood(patient: Dossier) -> None:
    here, there, far = units("smr", "SMR Un", "SMR Deux", "SMR Trois")
    listed, read = espaces.demande(patient, there, "liste_attente"), espaces.demande(patient, far, "lue")
    refused = espaces.demande(patient, espaces.etablissement("SMR Quatre", genre="smr"), "refus")
    chosen = espaces.demande(patient, here, "acceptee")
    with database.writing():
        commands.withdraw(ANSWERS, chosen.id, chosen.version)
    assert stands(chosen, listed, read, refused) == ["liste_attente", "liste_attente", "lue", "refus"]
    assert statut(patient) == ("liste_attente", "actif")
    assert told("proposition_retiree") == ["medecin"]


def test_what_was_cancelled_by_hand_stays_cancelled_when_an_accord_is_withdrawn(patient: Dossier) -> None:
    here, there = units("smr", "SMR Un", "SMR Deux")
    other = espaces.demande(patient, there, "lue")
    with database.writing():
        commands.cancel(ASKS, other.id, other.version, "85")
    chosen = espaces.demande(patient, here, "acceptee")
    with database.writing():
        commands.withdraw(ANSWERS, chosen.id, chosen.version)
    assert stands(other) == ["annulee"]


def test_nobody_arrives_under_an_accord_that_was_not_confirmed(patient: Dossier) -> None:
    offered = espaces.demande(patient, *units("smr", "SMR Un"), "proposee")
    with database.writing(), pytest.raises(commands.Impossible, match="Accord confirmé"):
        commands.admit(ANSWERS, offered.id, offered.version, clock.today())
    assert stands(offered) == ["proposee"]


def test_an_arrival_declared_by_mistake_leaves_the_accord_confirmed(patient: Dossier) -> None:
    here, there = units("smr", "SMR Un", "SMR Deux")
    other = espaces.demande(patient, there, "lue")
    arrived = espaces.demande(patient, here, "admis")
    assert statut(patient) == ("admis", "admis")
    with database.writing():
        commands.undo_admission(ANSWERS, arrived.id, arrived.version)
    assert stands(arrived, other) == ["acceptee", "annulee_auto"]
    assert statut(patient) == ("accord_confirme", "actif")


# --- who never says whether the patient came

def test_an_unfinished_request_closes_once_its_establishment_was_asked(patient: Dossier) -> None:
    here, = units("smr", "SMR Un")
    espaces.structure(nom="SMR Un", etablissement_id=here.id)
    chosen = espaces.demande(patient, here, "acceptee")
    with database.writing():
        assert not commands.close_unfinished(chosen.id)
        Demande.update(rappel_fin_le=clock.now()).where(Demande.id == chosen.id).execute()
        assert commands.close_unfinished(chosen.id)
        assert not commands.close_unfinished(chosen.id)
    assert statut(patient) == ("non_finalisee", "admis")
    assert told("arrivee_non_confirmee") == ["medecin", "structure"]


def test_a_closed_request_still_takes_the_arrival_or_is_sent_again(patient: Dossier) -> None:
    one = espaces.demande(patient, *units("smr", "SMR Un"), "non_finalisee")
    with database.writing():
        late = commands.admit(ANSWERS, one.id, one.version, date(2026, 11, 20))
    assert statut(patient) == ("admis", "admis")
    with database.writing(), pytest.raises(commands.Impossible):
        commands.reopen(ASKS, late.id, late.version, ())


def test_an_unfinished_request_may_leave_again(patient: Dossier) -> None:
    one = espaces.demande(patient, *units("smr", "SMR Un"), "non_finalisee")
    with database.writing():
        again = commands.reopen(ASKS, one.id, one.version, ())
    assert again.etat == "envoyee"
    assert again.rappel_fin_le is None
    assert statut(patient) == ("attente_reponse", "actif")


# --- at home, not without the médecin traitant

@pytest.fixture
def at_home(patient: Dossier) -> Demande:
    """A HAD that was asked by a hospital service, and offers a day."""
    there, = units("had", "HAD Un")
    with database.writing():
        one = commands.select(SERVICE, patient, there.id, "domicile")
        one = commands.send(SERVICE, one.id, one.version, ())
        one = commands.read(ANSWERS, one.id)
        return commands.propose(ANSWERS, one.id, one.version, TOMORROW)


def test_a_home_hospitalisation_waits_for_the_physician(at_home: Demande) -> None:
    with database.writing(), pytest.raises(commands.Impossible, match="pas encore prononcé"):
        commands.accept(SERVICE, at_home.id, at_home.version)
    with database.writing():
        agreed = commands.agree(ASKS, at_home.id, at_home.version, yes=True)
        accepted = commands.accept(SERVICE, agreed.id, agreed.version)
    assert (accepted.etat, accepted.accord, accepted.accord_par) == ("acceptee", "donne", ASKS.signature)


def test_a_physician_who_does_not_agree_is_final_until_he_does(at_home: Demande) -> None:
    with database.writing():
        refused = commands.agree(ASKS, at_home.id, at_home.version, yes=False)
    with database.writing(), pytest.raises(commands.Impossible, match="ne l’a pas donné"):
        commands.accept(SERVICE, refused.id, refused.version)
    with database.writing():
        agreed = commands.agree(ASKS, refused.id, refused.version, yes=True)
        commands.accept(SERVICE, agreed.id, agreed.version)
    assert stands(at_home) == ["acceptee"]


def test_the_physician_who_asks_or_confirms_agrees_by_it(patient: Dossier, at_home: Demande) -> None:
    there, = units("had", "HAD Deux")
    assert espaces.demande(patient, there, "envoyee", sejour="domicile").accord == "donne"
    with database.writing():
        assert commands.accept(ASKS, at_home.id, at_home.version).accord == "donne"


def test_a_physician_who_does_not_follow_the_patient_agrees_to_nothing(patient: Dossier, at_home: Demande) -> None:
    stranger = Actor(10100000022, "Dr Bob DURAND", "cps", None, "810100000022")
    with database.writing(), pytest.raises(commands.Impossible, match="pas encore prononcé"):
        commands.accept(stranger, at_home.id, at_home.version)


def test_no_agreement_is_asked_for_a_bed(patient: Dossier) -> None:
    one = espaces.demande(patient, *units("smr", "SMR Un"), "lue")
    with database.writing(), pytest.raises(commands.Impossible, match="à domicile"):
        commands.agree(ASKS, one.id, one.version, yes=True)


# --- one platform at a time, one renewal

def test_one_platform_is_asked_at_a_time(child: Dossier) -> None:
    here, there = units("pco", "PCO Un", "PCO Deux")
    one = espaces.demande(child, here, "lue")
    with database.writing(), pytest.raises(commands.Impossible, match="suit déjà"):
        commands.select(ASKS, child, there.id, "parcours")
    with database.writing():
        commands.refuse(ANSWERS, one.id, one.version, "T2")
        assert commands.select(ASKS, child, there.id, "parcours").etat == "non_envoyee"


def test_a_platform_chosen_before_another_was_asked_waits_too(child: Dossier) -> None:
    here, there = units("pco", "PCO Un", "PCO Deux")
    with database.writing():
        waiting = commands.select(ASKS, child, there.id, "parcours")
    espaces.demande(child, here, "envoyee")
    with database.writing(), pytest.raises(commands.Impossible, match="suit déjà"):
        commands.send(ASKS, waiting.id, waiting.version, ())


def test_a_path_is_renewed_once(child: Dossier) -> None:
    one = espaces.demande(child, *units("pco", "PCO Un"), "renouvele")
    assert statut(child) == ("parcours_renouvele", "actif")
    with database.writing():
        again = commands.follow(ANSWERS, one.id, one.version, "synthese")
    with database.writing(), pytest.raises(commands.Impossible, match="qu’une fois"):
        commands.renew(ANSWERS, again.id, again.version)
    assert queries.one(one.id).renouvellements == 1


def test_a_path_ends_with_a_reason_of_its_own(child: Dossier) -> None:
    one = espaces.demande(child, *units("pco", "PCO Un"), "bilans")
    for motif in ("", "114", "S1"):
        with database.writing(), pytest.raises(commands.Impossible, match="motif"):
            commands.follow(ANSWERS, one.id, one.version, "clore_parcours", motif=motif)
    with database.writing():
        closed = commands.follow(ANSWERS, one.id, one.version, "clore_parcours", motif="T6", text="Compte rendu joint")
    assert statut(child) == ("parcours_clos", "admis")
    assert queries.words(closed, "motif_texte") == "Compte rendu joint"
    with database.writing(), pytest.raises(commands.Impossible, match="parcours de l’enfant est clos"):
        commands.select(ASKS, of_dossiers.by_id(child.id), units("pco", "PCO Deux")[0].id, "parcours")
