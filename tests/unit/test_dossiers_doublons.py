"""The same person, in spite of typing errors; never a word about a dossier that is not the physician's to see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.db import database
from portal.db.audit import Actor
from portal.demonstration import dossiers as demonstration
from portal.dossiers import commands, doublons, rules, scelles
from portal.dossiers.doublons import LIKELY, SHOWN, Traits, birth_likeness, likeness, near_dates, score, search
from portal.dossiers.models import Dossier, Lien
from portal.settings import Settings
from tests.support import bases
from tests.support.people import LEROUX

ALICE, BOB = 10100000011, 10100000022
JOSETTE = Traits(("LEROUX", "MARTIN"), "Josette", "Josette Marie", date(1941, 3, 5), "F")


@pytest.mark.parametrize(("change", "least"), [
    ({}, 100),
    ({"noms": ("Le Roux", "")}, 100), ({"noms": ("de LEROUX", "")}, 100), ({"noms": ("martin", "")}, 100),
    ({"noms": ("", "Leroux")}, 100), ({"noms": ("LEROUX-MARTIN", "")}, 90), ({"noms": ("LEROUX DUPONT", "")}, 90),
    ({"noms": ("LERUOX", "")}, 95), ({"noms": ("LEROUXX", "")}, 95), ({"noms": ("LEROU", "")}, 95),
    ({"prenom": "JOSÉTTE"}, 100), ({"prenom": "Josete"}, 98), ({"prenom": "Josette-Marie", "prenoms": ""}, 95),
    ({"prenom": "Marie", "prenoms": "Marie"}, 90),
    ({"naissance": date(1941, 5, 3)}, 95), ({"naissance": date(1941, 3, 6)}, 95),
    ({"naissance": date(1941, 2, 28)}, 0), ({"naissance": date(1941, 3, 15)}, 95),
    ({"naissance": date(1914, 3, 5)}, 95), ({"naissance": date(1931, 3, 5)}, 95),
    ({"naissance": date(1941, 1, 1)}, LIKELY), ({"sexe": "M"}, LIKELY), ({"sexe": ""}, 100),
    ({"noms": ("Josette", ""), "prenom": "Leroux", "prenoms": "Leroux"}, LIKELY),
    ({"noms": ("LERUOX", ""), "prenom": "Josete", "prenoms": "", "naissance": date(1941, 5, 3)}, LIKELY),
])
def test_an_error_or_two_do_not_hide_a_person(change: dict[str, object], least: int) -> None:
    assert score(replace(JOSETTE, **change), JOSETTE) >= least
    assert score(JOSETTE, replace(JOSETTE, **change)) == score(replace(JOSETTE, **change), JOSETTE)


@pytest.mark.parametrize("change", [
    {"noms": ("DUPONT", "")}, {"prenom": "Odette", "prenoms": "Odette"}, {"naissance": date(1952, 3, 7)},
    {"naissance": None}, {"noms": ("", "")}, {"prenom": "", "prenoms": ""},
    # Twins bear one surname and one birth date; « Marie » as second name of both makes nobody the same.
    {"prenom": "Odette", "prenoms": "Odette Marie"},
    # Another day of the same year needs the very same names.
    {"naissance": date(1941, 9, 21), "noms": ("LERUOX", "")}, {"noms": ("LI", "")},
])
def test_someone_else_stays_someone_else(change: dict[str, object]) -> None:
    assert score(replace(JOSETTE, **change), JOSETTE) < SHOWN


@pytest.mark.parametrize(("one", "other"), [
    (Traits(("PETIT", ""), "Louis", "Louis", date(2022, 3, 5), "M"),
     Traits(("PETIT", ""), "Louise", "Louise", date(2022, 3, 5), "F")),
    (replace(JOSETTE, naissance=date(1941, 9, 21)), JOSETTE),
])
def test_a_mere_likeness_is_shown_and_asks_for_nothing(one: Traits, other: Traits) -> None:
    assert SHOWN <= score(one, other) < LIKELY


def test_the_same_number_is_the_same_person_whatever_else_is_written() -> None:
    one, other = replace(JOSETTE, nir="f"), Traits(("X", ""), "Y", "Y", date(2000, 1, 1), "M", "f")
    assert score(one, other) == 100 and score(replace(one, nir=None), replace(other, nir=None)) == 0


NAMES = st.text("abcdeéèçœïÉÀ '’-", min_size=0, max_size=14)


@given(NAMES, NAMES)
def test_likeness_has_no_order_and_no_more_than_one(one: str, other: str) -> None:
    assert likeness(one, other) == likeness(other, one) and 0 <= likeness(one, other) <= 1
    assert likeness(one, one) == (1.0 if one.split() else 0.0)


def test_names_of_another_alphabet_are_compared_too() -> None:
    assert likeness("Шевченко", "ШЕВЧЕНКО") == 1 and likeness("Шевченко", "Шевчнеко") > 0.9
    assert likeness("Шевченко", "Гоголь") == 0


@pytest.mark.parametrize("day", [date(1941, 3, 5), date(1931, 12, 31), date(2022, 2, 28), date(1900, 1, 1)])
def test_the_dates_looked_for_are_those_that_count_as_near(day: date) -> None:
    """What SQL fetches is all that the score calls near, so that the index hides nobody."""
    century = (date(1900, 1, 1) + timedelta(days=number) for number in range(46_500))
    assert {other for other in century if birth_likeness(day, other) >= 0.85} == {
        near for near in near_dates(day) if date(1900, 1, 1) <= near < date(1900, 1, 1) + timedelta(days=46_500)}


def test_dates_at_the_ends_of_the_calendar_are_no_trouble() -> None:
    assert date.max in near_dates(date.max) and date.min in near_dates(date.min)


# --- among a physician's dossiers

@pytest.fixture
def leroux(tables: Settings) -> Dossier:
    """Mme Josette LEROUX, born on 17/04/1931: Alice's."""
    with database.writing():
        return commands.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga",
                               replace(LEROUX, prenoms="Josette, Marie", nir="231049935200113"))


def found(rpps: int = ALICE, modules: tuple[str, ...] = ("ga", "s", "tnd"), **change: object) -> list[int]:
    typed = Traits(("LEROUX", ""), "Josette", "Josette", date(1931, 4, 17), "F")
    return [twin.seen.dossier.numero for twin in search(rpps, replace(typed, **change), modules)]


@pytest.mark.parametrize("change", [
    {}, {"noms": ("lerouxx", "")}, {"naissance": date(1931, 4, 18)}, {"naissance": date(1931, 12, 30)},
    {"naissance": date(1913, 4, 17)}, {"noms": ("", "LEROUX")},
    {"naissance": None, "nir": "231049935200113", "noms": ("", "")},
])
def test_a_person_is_found_among_his_own(leroux: Dossier, change: dict[str, object]) -> None:
    if change.get("nir"):
        change = change | {"nir": scelles.fingerprint(str(change["nir"]))}
    assert found(**change) == [leroux.numero]


@pytest.mark.parametrize("change", [
    {"naissance": None}, {"noms": ("", "")}, {"noms": ("DUPONT", "")}, {"naissance": date(1950, 4, 20)},
    {"noms": ("' OR 1=1 --", "")}, {"noms": ("%", "")}, {"nir": "0" * 32, "naissance": None},
])
def test_nobody_is_found_by_too_little(leroux: Dossier, change: dict[str, object]) -> None:
    assert found(**change) == []


def test_anothers_dossier_is_as_if_it_were_not(leroux: Dossier) -> None:
    assert found(BOB) == []
    assert found(BOB, nir=scelles.fingerprint("231049935200113")) == []


@pytest.mark.parametrize(("event", "seen"), [("attente", True), ("refuser", True), ("remplacer", False)])
def test_what_counts_is_the_link(leroux: Dossier, event: str, seen: bool) -> None:
    clic = Actor(None, "CLIC du Bessin", "interne")
    with database.writing():
        commands.designate(clic, leroux, BOB)
        if event == "refuser":
            commands.decide(Actor(BOB, "Dr Bob DURAND", "cps"), "ga", leroux.numero, "refuser", 1)
        if event == "remplacer":
            commands.replace(clic, leroux, BOB)
    assert found(BOB) == ([leroux.numero] if seen else [])


def test_a_module_that_is_not_lent_is_not_searched(leroux: Dossier) -> None:
    assert found(modules=("s", "tnd")) == []


def test_at_most_five_are_shown_the_likeliest_first(leroux: Dossier) -> None:
    with database.writing():
        for _ in range(6):
            commands.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "s", replace(LEROUX, nom_naissance="LEROUY"))
    numbers = found()
    assert len(numbers) == 5 and numbers[0] == leroux.numero


def test_a_heavy_physicians_rows_are_not_read_through(tables: Settings) -> None:
    demonstration.generate([ALICE], 3_000, seed=7)
    for query, values in ((doublons._NEAR, (ALICE, '["1941-03-05"]', 9)),
                          (doublons._YEAR, (ALICE, "1941-01-01", "1941-12-31", " a", " b", 9)),
                          (doublons._NUMBER, (ALICE, "x"))):
        plan = " ".join(bases.plan(query, *values))
        assert "lien_rpps_naissance" in plan or "nir_empreinte" in plan, plan
        assert "SCAN lien" not in plan and "Seq Scan" not in plan, plan
    one = Dossier.select().order_by(Dossier.id).first()
    typed = Traits((one.nom_naissance, ""), one.prenom, "", one.naissance, one.sexe)
    assert len(doublons._candidates(ALICE, typed)) < 120
    assert one.id in [twin.seen.dossier.id for twin in search(ALICE, typed, tuple(rules.MODULES))]


def test_the_rows_birth_dates_are_the_dossiers(tables: Settings) -> None:
    demonstration.generate([ALICE, BOB], 60, seed=8)
    for lien in Lien.select(Lien, Dossier).join(Dossier):
        assert lien.naissance == lien.dossier.naissance.isoformat()
