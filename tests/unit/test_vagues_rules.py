"""Who is asked when: waves, whatever the ranking."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portal.vagues import rules
from portal.vagues.rules import ARROWS, ETATS, OPEN, Candidat

RADIUS = 30


def candidate(row: int, km: float | None = 1.0) -> Candidat:
    return Candidat(row, None, "complet", f"Unité {row}", "14000 CAEN", km)


ranking = st.lists(st.builds(candidate, st.integers(1, 40), st.one_of(st.none(), st.floats(0, 60))), max_size=60)


@given(ranking, st.lists(st.integers(1, 9), min_size=2, max_size=5), st.sets(st.integers(1, 40)))
def test_waves_ask_nobody_twice_nor_too_many_nor_too_far(
        ranked: list[Candidat], sizes: list[int], known: set[int]) -> None:
    waves = rules.waves(ranked, sizes, RADIUS, known)
    asked = [one.etablissement_id for wave in waves for one in wave.candidats]
    assert len(asked) == len(set(asked))
    assert not known & set(asked)
    assert [wave.numero for wave in waves] == list(range(1, len(waves) + 1))
    assert all(0 < len(wave.candidats) <= max(sizes) for wave in waves)
    assert len(waves) <= len(sizes)
    # Only the last one is wide, and no other asks beyond the radius.
    assert all(not wave.large for wave, _ in pairwise(waves))
    assert all((one.distance or 0) <= RADIUS for wave in waves if not wave.large for one in wave.candidats)
    # Within a radius the ranking is kept.
    near = [one.etablissement_id for wave in waves if not wave.large for one in wave.candidats]
    rank = {one.etablissement_id: place for place, one in reversed(list(enumerate(ranked)))}
    assert near == sorted(near, key=rank.__getitem__)


def test_three_then_six_then_farther() -> None:
    ranked = [candidate(row, row * 2.5) for row in range(1, 25)]  # twelve within 30 km
    waves = rules.waves(ranked, (3, 6, 9), RADIUS, ())
    assert [[one.etablissement_id for one in wave.candidats] for wave in waves] == [
        [1, 2, 3], [4, 5, 6, 7, 8, 9], [10, 11, 12, 13, 14, 15, 16, 17, 18]]


def test_an_empty_wave_is_not_waited_for() -> None:
    assert [(wave.numero, wave.large) for wave in rules.waves([candidate(1, 45.0)], (3, 6, 9), RADIUS, ())] == [
        (1, True)]
    assert rules.waves([candidate(1)], (3, 6, 9), RADIUS, {1}) == []


def test_every_state_is_reached_and_only_open_ones_are_left() -> None:
    assert set(ARROWS.values()) == set(ETATS)
    assert {etat for etat, _ in ARROWS} == OPEN
