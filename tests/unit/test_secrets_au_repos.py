"""Who steals the database file, its log or a backup reads nothing of a patient's health, number or phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import apsw
import pytest

from portal.db import database
from portal.db.base import db
from portal.db.crypto import keys
from portal.demandes import commands as demandes
from portal.demandes import queries as of_demandes
from portal.demandes import rules
from portal.demandes.models import Demande
from portal.dossiers import commands as dossiers
from portal.dossiers import queries
from portal.dossiers.models import Dossier
from portal.espaces.etablissement.papier import commands as papier
from portal.espaces.models import Usager
from portal.messages import commands as messages
from portal.settings import Settings
from portal.volets import commands
from portal.volets.models import Evaluation, Signature
from tests.support import espaces, volets
from tests.support.people import LEROUX
from tests.support.volets import ALICE_ACTS

NIR = "231041411800132"
MEDICAL = "Insuffisance cardiaque, chimiothérapie en cours"
SEEDED = ("Insuffisance", "chimioth", "Mirtazapine", "Tournebride", NIR, NIR[:13], "02 31 11 22 33", "0231112233",
          "06 12 34 56 78", "rosalie.tournebride@exemple.fr", "coherence_communication", "AAAAAAAA",
          "phlébite", "Haldol", "escarres", "Trachéotomie", "proche.de.josette@exemple.fr", "Quesnelle",
          "06 98 76 54 32")


@pytest.fixture
def kept(tables: Settings) -> Iterator[Settings]:
    """Mme LEROUX's dossier with everything that has to be sealed, and a backup beside it."""
    new = replace(LEROUX, nir=NIR, telephone2="06 12 34 56 78", courriel="rosalie.tournebride@exemple.fr")
    with database.writing():
        numero = dossiers.create(ALICE_ACTS, "ga", new).numero
    volets.write(ALICE_ACTS, numero, {"antecedents": MEDICAL, "ordonnance": "texte", "traitements": "Mirtazapine"})
    volets.write(ALICE_ACTS, numero, {"contact1_nom": "Rosalie Tournebride"}, "administratif")
    for code in ("medical", "autonomie"):
        full = volets.complete(numero, code)
        with database.writing():
            commands.validate(ALICE_ACTS, volets.seen(numero), code, full.version)
    _asked(numero)
    target = apsw.Connection(str(tables.data / "copie.sqlite"))
    with target.backup("main", db.connection(), "main") as copying:
        copying.step()
    target.close()
    yield tables


def _asked(numero: int) -> None:
    """Requests with words in every column that holds some, and a relative with an address."""
    dossier = Dossier.get(Dossier.numero == numero)
    one = espaces.demande(dossier, espaces.etablissement(), rules.LUE)
    with database.writing():
        one = demandes.give_opinion(espaces.ANSWERS, one.id, one.version, "reserve", "Soins d’escarres")
        one = demandes.ask(espaces.ANSWERS, one.id, one.version, "Depuis quand l’Haldol ?")
        one = demandes.complete(espaces.ASKS, one.id, one.version, "Depuis la phlébite de mars.")
        messages.send(espaces.ASKS, dossier, one, "demandeur", "Trachéotomie depuis mai", "0" * 32)
        one = demandes.cancel(espaces.ASKS, one.id, one.version, "157", "Phlébite récidivante")
        papier.receive(espaces.ANSWERS, one.etablissement_id, papier.Nouveau(
            "Quesnelle", "Quesnelle", "06 98 76 54 32", "permanent", 3, date(2026, 11, 2)))
        relative = espaces.relative(dossier)
        address = keys().seal("proche.de.josette@exemple.fr", table="usager", row=relative.subject, column="courriel")
        Usager.update(courriel=address).where(Usager.id == relative.id).execute()


def strings(path: Path) -> str:
    """What ``strings`` shows of a file, of one-byte and of two-byte characters."""
    content = path.read_bytes()
    return content.decode("utf-8", "replace") + content.decode("utf-16-le", "replace")


@pytest.mark.parametrize("name", ["portail.sqlite", "portail.sqlite-wal", "copie.sqlite"])
def test_no_seeded_word_is_readable(kept: Settings, name: str) -> None:
    readable = strings(kept.data / name)
    assert len(readable) > 10_000, "the file was not written"
    assert not [word for word in SEEDED if word.lower() in readable.lower()]
    if name != "portail.sqlite":
        assert "LEROUX" in readable, "the search would find what is there"


def test_what_is_sealed_is_there(kept: Settings) -> None:
    """The words looked for above are really stored: they open with the key ring."""
    numero = Dossier.get().numero
    assert volets.stored(numero).answers["antecedents"] == MEDICAL
    assert re.sub(r"\D", "", queries.sealed(volets.seen(numero).dossier, "nir")) == NIR
    assert of_demandes.words(Demande.get(), "complement_reponse") == "Depuis la phlébite de mars."
    assert Signature.select().count() == 2 and Evaluation.select().count() == 1

