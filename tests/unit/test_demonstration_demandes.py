"""The demonstration's requests stand where their machine can bring them, and every state of each module is there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.db import crypto, database
from portal.demandes import machines, queries, rules
from portal.demandes.models import Demande
from portal.demonstration import comptes, demandes, espaces, etablissements
from portal.dossiers.models import Dossier
from portal.espaces.etablissement.rules import STATES
from portal.settings import Settings


@pytest.fixture
def asked(furnished_settings: Settings) -> Iterator[None]:
    crypto.load_keys(furnished_settings)
    database.open_database(furnished_settings)
    database.connect()
    for part in (comptes, etablissements, espaces, demandes):
        part.ensure()
    yield
    database.close()


@pytest.mark.usefixtures("asked")
def test_each_state_of_a_sanitaire_request_can_be_looked_at_and_was_reached_by_its_machine() -> None:
    machine = machines.of("s")
    found = list(Demande.select().where(Demande.module == "s"))
    assert {one.etat for one in found} == set(machine.etats)
    for one in found:
        left = ""
        for step in queries.steps(one.id):
            arrow = machine.transition(left, step.evenement)
            assert step.de == left
            assert step.evenement == "selectionner" or (arrow and step.vers == rules.target(arrow))
            left = step.vers
        assert left == one.etat


@pytest.mark.usefixtures("asked")
def test_nobody_is_confirmed_at_home_without_his_physician_s_agreement() -> None:
    at_home = Demande.select().where(Demande.sejour == "domicile", Demande.etat.in_(sorted(demandes.AGREED)))
    assert [one.accord for one in at_home] and {one.accord for one in at_home} == {"donne"}


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("nom", [espaces.SMR, espaces.HAD, espaces.USP])
def test_each_unit_of_the_cast_has_something_to_answer(nom: str) -> None:
    there = Demande.select().where(Demande.etablissement_id == espaces.place(nom).id, Demande.envoyee_le.is_null(False))
    assert {one.module for one in there} == {"s"}
    assert [one for one in there if one.etat in STATES["a_traiter"]]


@pytest.mark.usefixtures("asked")
def test_a_dossier_s_status_is_what_its_requests_say() -> None:
    for dossier in Dossier.select().join(Demande, on=Demande.dossier_id == Dossier.id).where(
            Dossier.module == "s", Dossier.etat.in_(("redaction", "actif"))).distinct():
        assert machines.of("s").statut(queries.states(dossier.id)) == dossier.statut
