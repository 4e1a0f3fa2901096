"""Ranking units for a patient: points, reasons, and what holds for every list."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.annuaire.capacites import HAD, SMR, USP, Capacites, options
from portal.orientation.rules import Besoin, Offre, rank, ranked

NEED = Besoin("smr", 30, mention="geriatrie", hospitalisation="complet", isolement="contact", plateau=("balneo",),
              soins=("oxygene",), age=80)
ALL = Capacites(("geriatrie",), (), ("balneo",), ("oxygene",), ("contact",), age_min=18)
UNIT = Offre(1, 1, "SMR", "14000 CAEN", SMR, ("complet",), 15.0, 2, 20, ALL)


@pytest.mark.parametrize(("changes", "points"), [
    ({}, 40 + 20 + 20 + 20 + 10 + 15 + 20 + 10),
    ({"distance": 0.0}, 170), ({"distance": 30.0}, 140),
    ({"places": None}, 140), ({"places": 0}, 135),
    ({"mediane": 48}, 151), ({"mediane": 120}, 148), ({"mediane": 121}, 145), ({"mediane": None}, 147),
    ({"capacites": None}, 45),
])
def test_what_each_thing_is_worth(changes: dict[str, object], points: int) -> None:
    assert rank(NEED, replace(UNIT, **changes)).points == points


@pytest.mark.parametrize(("need", "changes", "why"), [
    ({}, {"sejours": ("jour",)}, "Pas d’hospitalisation complète"),
    ({}, {"genre": HAD}, "Ne donne pas cette prise en charge"),
    ({"mention": "cardio"}, {}, "Mention non assurée\u00a0: Cardio-vasculaire"),
    ({"isolement": "air"}, {}, "Isolement non assuré\u00a0: Air"),
    ({"plateau": ("balneo", "telemetrie")}, {}, "Plateau technique non assuré\u00a0: Télémétrie"),
    ({"soins": ("dialyse",)}, {}, "Soins non assurés\u00a0: Dialyse"),
    ({"age": 17}, {}, "17\u00a0ans, hors des âges pris en charge\u00a0: à partir de 18\u00a0ans"),
    ({"prise_en_charge": "lisp"}, {}, "Pas de lit identifié de soins palliatifs"),
])
def test_what_sets_a_unit_apart(need: dict[str, object], changes: dict[str, object], why: str) -> None:
    found = rank(replace(NEED, **need), replace(UNIT, **changes))
    assert found.contre == (why,) and not found.possible


def test_a_unit_that_declares_nothing_is_not_set_apart_and_says_what_is_unknown() -> None:
    found = rank(NEED, replace(UNIT, capacites=None, places=None, mediane=None))
    assert found.possible
    assert found.inconnu == ("Mention\u00a0: Gériatrie", "Plateau technique\u00a0: Balnéothérapie",
                             "Soins\u00a0: Oxygène", "Isolement\u00a0: Contact", "Places libres", "Délai de réponse")


@pytest.mark.parametrize(("zone", "possible"), [(14, False), (15, True), (None, True)])
def test_home_care_goes_no_farther_than_it_says(zone: int | None, possible: bool) -> None:
    need = Besoin("had", 30, mode="m04")
    unit = replace(UNIT, genre=HAD, sejours=("domicile",), capacites=Capacites(modes=("m04",), zone=zone))
    assert rank(need, unit).possible is possible


def test_palliative_care_is_a_unit_of_its_own_or_identified_beds() -> None:
    need = Besoin("lisp", 30)
    assert rank(need, replace(UNIT, genre=USP)).possible
    assert rank(need, replace(UNIT, capacites=Capacites(lisp=True))).possible


# --- what holds for every list

def _some(name: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(sorted(options(name))), unique=True, max_size=3).map(tuple)


SAID = st.builds(Capacites, _some("mentions"), _some("modes"), _some("plateau"), _some("soins"), _some("isolements"),
                 st.booleans(), st.none() | st.integers(0, 120), st.none() | st.integers(0, 120),
                 st.none() | st.integers(0, 200))
OFFERS = st.builds(
    Offre, st.integers(1, 9), st.integers(1, 999), st.just("U"), st.just(""), st.sampled_from((SMR, HAD, USP)),
    st.sampled_from((("complet",), ("jour",), ("complet", "jour"), ("domicile",))), st.floats(0, 200),
    st.none() | st.integers(0, 9), st.none() | st.integers(0, 500), st.none() | SAID)
NEEDS = st.builds(
    Besoin, st.sampled_from(("smr", "had", "usp", "lisp")), st.integers(1, 200),
    mention=st.sampled_from(("", "geriatrie", "cardio")), mode=st.sampled_from(("", "m04")),
    hospitalisation=st.sampled_from(("", "complet", "jour")), isolement=st.sampled_from(("", "aucun", "contact")),
    plateau=_some("plateau"), soins=_some("soins"), age=st.none() | st.integers(0, 110))


@given(NEEDS, st.lists(OFFERS, unique_by=lambda one: one.unite_id, max_size=8), st.randoms())
def test_the_order_does_not_depend_on_how_units_came(need: Besoin, offers: list[Offre], random: object) -> None:
    shuffled = list(offers)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random of Hypothesis
    assert ranked(need, offers) == ranked(need, shuffled)


@given(NEEDS, st.lists(OFFERS, max_size=8))
def test_none_is_lost_and_those_that_cannot_are_last(need: Besoin, offers: list[Offre]) -> None:
    found = ranked(need, offers)
    possible = [one.possible for one in found]
    assert len(found) == len(offers) and possible == sorted(possible, reverse=True)


@given(NEEDS, OFFERS, st.floats(0, 200))
def test_nearer_is_never_worse(need: Besoin, offer: Offre, distance: float) -> None:
    near, far = sorted((distance, offer.distance))
    one, other = rank(need, replace(offer, distance=near)), rank(need, replace(offer, distance=far))
    assert one.possible >= other.possible and one.points >= other.points


@given(NEEDS, OFFERS, st.integers(0, 500), st.integers(0, 500))
def test_a_quicker_answer_or_a_free_place_is_never_worse(need: Besoin, offer: Offre, one: int, other: int) -> None:
    quick, slow = sorted((one, other))
    assert rank(need, replace(offer, mediane=quick)).points >= rank(need, replace(offer, mediane=slow)).points
    assert rank(need, replace(offer, places=1)).points >= rank(need, replace(offer, places=0)).points


@given(NEEDS, OFFERS, SAID)
def test_a_unit_that_takes_more_is_never_worse(need: Besoin, offer: Offre, said: Capacites) -> None:
    whole = replace(said, lisp=True, **{name: tuple(options(name)) for name in (
        "mentions", "modes", "plateau", "soins", "isolements")})
    less, more = rank(need, replace(offer, capacites=said)), rank(need, replace(offer, capacites=whole))
    assert more.possible >= less.possible and more.points >= less.points
