"""Who steals the database, its log or a backup reads nothing of a file that was joined, not even its name."""

from __future__ import annotations

from collections.abc import Iterator

import apsw
import pytest

from portal.db import database
from portal.db.base import db
from portal.db.crypto import SealBroken, keys
from portal.pieces import queries
from portal.pieces.models import Piece, PieceContenu
from portal.settings import Settings
from tests.support import bases, pieces, volets

CONTENT = pieces.pdf(title="Carcinome mammaire") + b"\n% Tamoxifene 20 mg\n" * 400
SEEDED = (b"Carcinome", b"Tamoxifene", b"%PDF-", b"oncologie", "Carcinome".encode("utf-16-be"))
FILES = ("portail.sqlite", "portail.sqlite-wal", "copie.sqlite")


@pytest.fixture
def kept(tables: Settings) -> Iterator[Settings]:
    """A dossier with a piece joined and one removed, and a backup beside it."""
    numero = volets.dossier().numero
    pieces.join(numero, "compte_rendu", "oncologie.pdf", CONTENT)
    pieces.join(numero, "ordonnance", "oncologie 2.pdf", CONTENT + b"\n", removed=True)
    yield tables


@pytest.fixture
def copied(kept: Settings) -> Settings:
    """The same with a backup beside it."""
    target = apsw.Connection(str(kept.data / "copie.sqlite"))
    with target.backup("main", db.connection(), "main") as copying:
        copying.step()
    target.close()
    return kept


def test_no_row_holds_a_word_of_a_file(kept: Settings) -> None:
    content = bases.kept(kept.data)
    assert b"compte_rendu" in content, "the search would find what is there"
    assert not [word for word in SEEDED if word.lower() in content.lower()]


@pytest.mark.sqlite
@pytest.mark.parametrize("name", FILES)
def test_no_word_of_a_file_is_readable(copied: Settings, name: str) -> None:
    content = (copied.data / name).read_bytes()
    assert not [word for word in SEEDED if word.lower() in content.lower()]
    if name != FILES[0]:
        assert b"compte_rendu" in content, "the search would find what is there"


@pytest.mark.proves("U3", "V5.3.1", "V5.3.2")
def test_no_file_is_left_beside_the_database(kept: Settings) -> None:
    for path in kept.data.rglob("*"):
        assert not path.is_file() or b"Tamoxifene" not in path.read_bytes(), path


def test_it_opens_with_the_ring_in_its_own_place_only(kept: Settings) -> None:
    where = volets.seen(int(volets.Dossier.get().numero))
    piece, = queries.listed(where, medical=True)
    assert queries.content(where, piece) == CONTENT and piece.nom == "oncologie.pdf"
    sealed = PieceContenu.get_by_id(piece.id).contenu
    for row, column in ((f"ga 1 {piece.id}", "contenu"), (queries.place(where.label, "0" * 32), "contenu"),
                        (queries.place(where.label, piece.id), "nom")):
        with pytest.raises(SealBroken):
            keys().open_bytes(sealed, table=queries.TABLE, row=row, column=column)


def test_the_fingerprint_is_worthless_without_the_ring(kept: Settings) -> None:
    import hashlib

    stored = Piece.get(Piece.retire_le.is_null()).empreinte
    assert stored == queries.fingerprints(CONTENT)[0] != hashlib.sha256(CONTENT).hexdigest()


def test_a_list_opens_no_medical_seal_for_who_may_not_read_it(
        kept: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    where = volets.seen(int(volets.Dossier.get().numero))

    def never(*args: object, **kwargs: object) -> str:
        raise AssertionError("a medical name was opened")

    monkeypatch.setattr(type(keys()), "open", never)
    assert queries.listed(where, medical=False) == [] and queries.removed(where, medical=False) == []
    with database.reading():
        assert queries.weight(where) == (1, len(CONTENT))
