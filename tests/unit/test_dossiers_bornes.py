"""A filter over a very large table: the latest dossiers of each tab are looked at, all of those, and it is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.db import database
from portal.demonstration import dossiers as demonstration
from portal.dossiers import bornes, queries, rules
from portal.dossiers.choix import TRIS
from portal.dossiers.models import Lien
from portal.dossiers.queries import Selection, Tableau
from portal.settings import Settings
from tests.support import bases

RPPS = demonstration.ALICE
FEW = 12


@pytest.fixture
def many(tables: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A physician with more dossiers in each large tab than a filter looks at."""
    demonstration.generate([RPPS], 420, seed=7)
    few(monkeypatch)
    yield
    monkeypatch.undo()
    forget()


def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bornes, "LOOKED_AT", FEW)
    forget()


def forget() -> None:
    queries.list_sql.cache_clear()
    bornes.counts_sql.cache_clear()


def links(onglet: str, **only: str) -> list[Lien]:
    """A tab's links, the latest first."""
    found = Lien.select().where(Lien.rpps == RPPS, Lien.module == "ga", Lien.onglet == onglet)
    chosen = [one for one in found if all(getattr(one, name) == value for name, value in only.items())]
    return sorted(chosen, key=lambda one: (one.maj, one.numero), reverse=True)


def shown(chosen: Selection) -> Tableau:
    return queries.tableau(RPPS, chosen)


@pytest.mark.parametrize("tri", sorted(TRIS))
@pytest.mark.parametrize("onglet", ["en_cours", "admis"])
def test_the_latest_of_the_tab_are_looked_at_in_any_order(many: None, tri: str, onglet: str) -> None:
    latest = links(onglet)[:FEW]
    assert len(latest) == FEW
    for one in latest:
        found = shown(Selection("ga", onglet, tri, q=str(one.numero)))
        assert [ligne.numero for ligne in found.lignes] == [one.numero] and found.bounded
        assert found.counts[onglet] == 1
    assert shown(Selection("ga", onglet, tri, q=str(links(onglet)[FEW].numero))).lignes == []


def test_what_is_counted_is_what_is_shown(many: None) -> None:
    for onglet in rules.TABS:
        for statut in {one.statut for one in links(onglet)}:
            expected = [one.numero for one in links(onglet)[:FEW] if one.statut == statut]
            found = shown(Selection("ga", onglet, statut=statut))
            assert [ligne.numero for ligne in found.lignes] == expected
            assert found.counts[onglet] == len(expected)


def test_an_old_dossier_that_waits_for_an_answer_is_still_found(many: None) -> None:
    oldest = links("en_cours")[-1]
    with database.writing():
        Lien.update(etat="accepte").where(Lien.rpps == RPPS, Lien.onglet == "en_cours").execute()
        Lien.update(etat="attente").where(Lien.rpps == RPPS, Lien.dossier == oldest.dossier_id).execute()
    found = shown(Selection("ga", attente=True))
    assert [ligne.numero for ligne in found.lignes] == [oldest.numero]
    assert found.counts["en_cours"] == found.counts["a_accepter"] == 1


def test_without_filter_every_dossier_is_there(many: None) -> None:
    found = shown(Selection("ga"))
    assert not found.bounded and found.counts["en_cours"] == len(links("en_cours")) > FEW


def test_pages_of_what_was_looked_at_follow_one_another(many: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 3)
    expected = [one.numero for one in links("en_cours", etat="attente")]
    found, cursor = list[int](), None
    while True:
        page = shown(Selection("ga", attente=True, apres=cursor))
        assert page.bounded
        found += [ligne.numero for ligne in page.lignes]
        if not page.after:
            break
        cursor = page.lignes[-1].numero
    assert set(found) <= set(expected) and len(found) == len(set(found)) == min(FEW, len(expected))


def test_an_export_looks_at_every_dossier(many: None) -> None:
    oldest = links("en_cours")[-1]
    found = queries.everything(RPPS, Selection("ga", q=str(oldest.numero)), 10)
    assert [one.numero for one in found] == [oldest.numero]


@pytest.mark.parametrize("attente", [False, True])
@pytest.mark.parametrize("cursor", [False, True])
def test_no_statement_reads_the_table_through(tables: Settings, attente: bool, cursor: bool) -> None:
    for sql in (queries.list_sql("patient", False, cursor, True, attente, 2, bounded=True),
                bornes.counts_sql(True, attente, 2)):
        steps = bases.plan(sql, *["1"] * sql.count("?"))
        assert not [step for step in steps if step.startswith("SCAN lien") or "Seq Scan on lien" in step], steps
        assert f"LIMIT {bornes.LOOKED_AT}" in sql
