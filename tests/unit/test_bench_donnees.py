"""The bench's copied dossiers are whole: what is measured among them is what a portal would hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench import bulk
from portal.db.base import rows
from portal.dossiers import queries
from portal.settings import Settings
from tests.support import bases

SIZE, FEW = 120, (3, 5, 30)
INDEXES = ("SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1" if bases.ON_POSTGRESQL
           else "SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY 1")


@pytest.fixture
def filled(tables: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """A small block copied twice; the names of the indexes before."""
    for name, value in (("MEASURED", FEW), ("BLOCK", 40), ("BLOCK_PHYSICIANS", 4)):
        monkeypatch.setattr(bulk, name, value)
    before = rows(INDEXES)
    bulk.fill(SIZE)
    yield before


def test_the_copies_are_as_true_as_what_they_copy(filled: list[object]) -> None:
    assert rows("SELECT COUNT(*), COUNT(DISTINCT dossier_id), COUNT(DISTINCT module || numero) FROM lien") == [
        (SIZE + sum(FEW),) * 3]
    assert rows("SELECT COUNT(DISTINCT rpps) FROM lien") == [(len(FEW) + 3 * 4,)]
    assert rows("SELECT l.numero FROM lien l JOIN dossier d ON d.id = l.dossier_id WHERE d.module <> l.module "
                "OR d.numero <> l.numero OR instr(l.mots, ' ' || CAST(l.numero AS TEXT) || ' ') = 0") == []
    pairs = rows("SELECT l.lie_numero, o.numero FROM lien l JOIN dossier d ON d.id = l.dossier_id "
                 "JOIN dossier o ON o.id = d.lie_id")
    assert all(copied == there for copied, there in pairs)
    assert rows("SELECT COUNT(*) FROM lien WHERE lie_numero IS NOT NULL") == [(len(pairs),)]


def test_the_counters_are_true_and_every_index_is_back(filled: list[object]) -> None:
    counted = rows("SELECT rpps, module, onglet, COUNT(*) FROM lien WHERE onglet IS NOT NULL "
                   "GROUP BY rpps, module, onglet ORDER BY 1, 2, 3")
    kept = rows("SELECT rpps, module, onglet, n FROM compteur WHERE onglet <> 'a_accepter' AND n > 0 ORDER BY 1, 2, 3")
    assert counted == kept and rows(INDEXES) == filled


def test_what_is_sealed_opens_for_the_measured_physicians(filled: list[object]) -> None:
    for count in FEW:
        rpps = bulk.actor(count).rpps
        numbers = [numero for numero, in rows("SELECT numero FROM lien WHERE rpps = ? AND module = 'ga'", rpps)]
        assert numbers and rpps is not None
        assert all(queries.telephone(queries.visible_dossier(rpps, "ga", numero).dossier) for numero in numbers)
