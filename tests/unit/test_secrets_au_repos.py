"""Who steals the database file, its log or a backup reads nothing of what is sealed: health, numbers, phones, names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from portal.db.base import db, rows
from portal.db.scelles import SEALED
from portal.demandes import queries as of_demandes
from portal.demandes.models import Demande
from portal.dossiers import queries
from portal.sauvegarde import commands as sauvegarde
from portal.settings import Settings
from portal.volets.models import Evaluation, Signature
from tests.support import bases, volets
from tests.support.scelles import COMPLEMENT, MEDICAL, NIR, SEEDED, Monde, furnish

pytestmark = pytest.mark.proves("D1", "V14.2.4")


@pytest.fixture
def kept(tables: Settings) -> Iterator[tuple[Settings, Monde]]:
    """Everything that has to be sealed."""
    yield tables, furnish(tables)


@pytest.fixture
def copied(kept: tuple[Settings, Monde]) -> Path:
    """A data folder that holds it, with a copy of the database beside it."""
    folder = kept[0].data
    target = apsw.Connection(str(folder / "copie.sqlite"))
    with target.backup("main", db.connection(), "main") as copying:
        copying.step()
    target.close()
    return folder


def strings(content: bytes) -> str:
    """What ``strings`` shows of a file's content, of one-byte and of two-byte characters."""
    return content.decode("utf-8", "replace") + content.decode("utf-16-le", "replace")


@pytest.mark.sqlite
@pytest.mark.parametrize("name", ["portail.sqlite", "portail.sqlite-wal", "copie.sqlite"])
def test_no_seeded_word_is_readable(copied: Path, name: str) -> None:
    readable = strings((copied / name).read_bytes())
    assert len(readable) > 10_000, "the file was not written"
    assert not [word for word in SEEDED if word.lower() in readable.lower()]
    if name != "portail.sqlite":
        assert "LEROUX" in readable, "the search would find what is there"


def test_no_row_holds_a_seeded_word(kept: tuple[Settings, Monde]) -> None:
    readable = strings(bases.kept(kept[0].data))
    assert "LEROUX" in readable, "the search would find what is there"
    assert not [word for word in SEEDED if word.lower() in readable.lower()]


def test_no_seeded_word_is_readable_in_a_backup(kept: tuple[Settings, Monde]) -> None:
    """The portal's own backup holds no word at all, not even what the database shows."""
    settings, _ = kept
    made = sauvegarde.save(settings, settings.data / "essai.sauvegarde")
    readable = strings(made.path.read_bytes())
    assert len(readable) > 10_000
    assert not [word for word in (*SEEDED, "LEROUX", "JOSETTE") if word.lower() in readable.lower()]


def test_every_sealed_column_was_written(kept: tuple[Settings, Monde]) -> None:
    empty = [str(one) for one in SEALED
             if not rows(f"SELECT 1 FROM {one.table} WHERE {one.column} IS NOT NULL LIMIT 1")]
    assert not empty


def test_what_is_sealed_is_there(kept: tuple[Settings, Monde]) -> None:
    """The words looked for above are really stored: they open with the key ring."""
    numero = kept[1].numero
    assert volets.stored(numero).answers["antecedents"] == MEDICAL
    assert re.sub(r"\D", "", queries.sealed(volets.seen(numero).dossier, "nir")) == NIR
    assert of_demandes.words(Demande.select().order_by(Demande.id).first(), "complement_reponse") == COMPLEMENT
    assert Signature.select().count() == 4 and Evaluation.select().count() == 2
