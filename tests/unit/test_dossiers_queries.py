"""The table's statements: pages that miss nothing, orders with their index, counts that are true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal import clock
from portal.db import audit, database
from portal.db.audit import Actor
from portal.db.base import rows
from portal.demonstration import dossiers as demonstration
from portal.dossiers import queries, rules
from portal.dossiers.choix import TRIS
from portal.dossiers.models import Compteur, Dossier, Lien
from portal.dossiers.queries import PAGE_SIZE, Selection
from portal.settings import Settings
from portal.web.errors import NotFound
from tests.support import bases

RPPS = demonstration.ALICE


@pytest.fixture
def filled(tables: Settings) -> Iterator[None]:
    demonstration.generate([RPPS, demonstration.BOB], 420, seed=7)
    yield


def all_pages(chosen: Selection) -> list[int]:
    """Every number from the first page to the last, through « Suivants »."""
    seen: list[int] = []
    cursor = None
    while True:
        page = queries.tableau(RPPS, Selection(**vars(chosen) | {"apres": cursor}))
        seen += [ligne.numero for ligne in page.lignes]
        if not page.after:
            return seen
        cursor = page.lignes[-1].numero


def sort_key(lien: Lien, tri: str) -> tuple[object, int]:
    name = tri.removeprefix("-")
    value = {"recent": lien.maj, "numero": 0, "patient": lien.tri_patient, "referent": lien.tri_referent,
             "statut": lien.rang}[name]
    return value, lien.numero


@pytest.mark.parametrize("tri", sorted(TRIS))
def test_pages_visit_every_row_once_in_order(filled: None, tri: str) -> None:
    expected = sorted(Lien.select().where(Lien.rpps == RPPS, Lien.module == "ga", Lien.onglet == "en_cours"),
                      key=lambda lien: sort_key(lien, tri), reverse=tri == "recent" or tri.startswith("-"))
    assert len(expected) > 2 * PAGE_SIZE
    assert all_pages(Selection("ga", tri=tri)) == [lien.numero for lien in expected]


@pytest.mark.parametrize("tri", sorted(TRIS))
def test_previous_leads_back_through_the_same_pages(filled: None, tri: str) -> None:
    first = queries.tableau(RPPS, Selection("ga", tri=tri))
    second = queries.tableau(RPPS, Selection("ga", tri=tri, apres=first.lignes[-1].numero))
    third = queries.tableau(RPPS, Selection("ga", tri=tri, apres=second.lignes[-1].numero))
    assert not first.before and first.after and second.before and third.before
    back = queries.tableau(RPPS, Selection("ga", tri=tri, avant=third.lignes[0].numero))
    assert back.lignes == second.lignes and back.before and back.after
    start = queries.tableau(RPPS, Selection("ga", tri=tri, avant=second.lignes[0].numero))
    assert start.lignes == first.lignes and not start.before and start.after


@pytest.mark.proves("V1.2.4")
@pytest.mark.parametrize("cursor", [99999999, 10000000, 43009190])
def test_a_forged_cursor_gives_the_first_page(filled: None, cursor: int) -> None:
    first = queries.tableau(RPPS, Selection("ga"))
    assert queries.tableau(RPPS, Selection("ga", apres=cursor)) == first
    assert queries.tableau(RPPS, Selection("ga", avant=cursor)) == first


def test_anothers_number_is_no_cursor(filled: None) -> None:
    foreign = Lien.get(Lien.rpps == demonstration.BOB, Lien.module == "ga", Lien.onglet == "en_cours").numero
    assert queries.tableau(RPPS, Selection("ga", apres=foreign)) == queries.tableau(RPPS, Selection("ga"))


@pytest.mark.parametrize("tri", sorted(TRIS))
@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("cursor", [False, True])
@pytest.mark.parametrize("filters", [(False, False, 0), (True, False, 0), (False, True, 0), (False, False, 2)])
def test_every_order_walks_its_index(tables: Settings, tri: str, backward: bool, cursor: bool,
                                     filters: tuple[bool, bool, int]) -> None:
    sql = queries.list_sql(tri, backward, cursor, *filters)
    plan = " | ".join(bases.plan(sql, *["1"] * sql.count("?"), sorts=False))
    assert not [step for step in ("TEMP B-TREE", "SCAN lien", "Sort", "Seq Scan") if step in plan], plan
    assert "SEARCH lien USING" in plan or "Index Cond: ((rpps = " in plan, plan


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tri=st.sampled_from(sorted(TRIS)), onglet=st.sampled_from(list(rules.TABS)),
       q=st.sampled_from(["", "ca", "14", "14000 ca", "le", "é", "zzz", "41000"]),
       statut=st.sampled_from(["", "non_envoyee", "admis", "demande_envoyee"]), attente=st.booleans())
def test_any_filter_shows_what_it_counts(filled_once: None, tri: str, onglet: str, q: str, statut: str,
                                         attente: bool) -> None:
    chosen = Selection("ga", onglet, tri, statut, attente, q)
    numbers = all_pages(chosen)
    assert len(numbers) == len(set(numbers)) == queries.tableau(RPPS, chosen).counts[onglet]


@pytest.fixture
def filled_once(tables: Settings) -> Iterator[None]:
    if not Lien.select().exists():
        demonstration.generate([RPPS], 300, seed=8)
    yield


@pytest.mark.parametrize(("typed", "found"), [
    ("josette", {"LEROUX JOSETTE"}), ("LEROUX jos", {"LEROUX JOSETTE"}), ("2034705", {"LEROUX JOSETTE"}),
    ("s2034705", {"LEROUX JOSETTE"}), ("2 034 705", {"LEROUX JOSETTE"}), ("15000", {"ANTICIEPEE DRAPEAU"}),
    ("Aurillac", {"ANTICIEPEE DRAPEAU"}), ("després", {"DESPRES GERMAINE"}), ("osette", set()), ("' OR 1=1 --", set()),
])
def test_search_as_a_physician_types(tables: Settings, typed: str, found: set[str]) -> None:
    demonstration.ensure()
    guide = {"LEROUX JOSETTE", "ANTICIEPEE DRAPEAU", "DESPRES GERMAINE", "AYBARA PERRIN"}
    lignes = queries.tableau(RPPS, Selection("s", q=typed)).lignes
    assert {ligne.patient for ligne in lignes} & guide == found


def test_generated_counters_are_true(filled: None) -> None:
    for rpps in (RPPS, demonstration.BOB):
        for module in rules.MODULES:
            real = Counter(row[0] for row in rows(
                "SELECT onglet FROM lien WHERE rpps = ? AND module = ? AND onglet IS NOT NULL", rpps, module))
            real["a_accepter"] = rows("SELECT COUNT(*) FROM lien WHERE rpps = ? AND module = ? AND onglet = 'en_cours' "
                                      "AND etat = 'attente'", rpps, module)[0][0]
            assert queries.counts(rpps, module) == {tab: real[tab] for tab in (*rules.TABS, "a_accepter")}


def test_one_dossier_is_fetched_and_authorised_at_once(tables: Settings) -> None:
    demonstration.ensure()
    assert queries.visible_dossier(RPPS, "ga", 43009190).accepted
    for rpps, module, numero in ((demonstration.BOB, "ga", 43009190), (RPPS, "ga", 99999999), (RPPS, "s", 43009190),
                                 (RPPS, "xx", 1), (RPPS, "ga", 10**40), (RPPS, "ga", -1)):
        with pytest.raises(NotFound):
            queries.visible_dossier(rpps, module, numero)


def test_phone_numbers_are_sealed(filled: None) -> None:
    dossier = Dossier.select().where(Dossier.telephone.is_null(False)).order_by(Dossier.id).first()
    other = Dossier.select().where(Dossier.id != dossier.id).order_by(Dossier.id).first()
    assert queries.telephone(dossier).startswith("02 31") and b"02 31" not in bytes(dossier.telephone)
    other.telephone = dossier.telephone
    assert queries.telephone(other) == ""


def test_searches_that_fail_too_often_are_slowed_down(tables: Settings) -> None:
    actor = Actor(RPPS, "Dr Alice MARTIN", "cps")
    with database.writing():
        for _ in range(queries.SEARCH_LIMIT - 1):
            audit.record(actor, queries.SEARCH_FAILED)
    assert not queries.too_many_searches(RPPS)
    with database.writing():
        audit.record(actor, queries.SEARCH_FAILED)
    assert queries.too_many_searches(RPPS) and not queries.too_many_searches(demonstration.BOB)
    with clock.shift(queries.SEARCH_WINDOW * 2):
        assert not queries.too_many_searches(RPPS)


def test_counter_table_is_as_wide_as_its_key(tables: Settings) -> None:
    demonstration.generate([RPPS], 50, seed=1)
    assert Compteur.select().where(Compteur.rpps == RPPS).count() <= len(rules.MODULES) * (len(rules.TABS) + 1)
