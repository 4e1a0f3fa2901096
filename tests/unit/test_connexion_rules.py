"""Who a certificate's subject names, specialties, and the words of each refusal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.connexion import rules
from portal.connexion.rules import Refusal, Refused, identity
from tests.support.client import BAD_SPACE, STRAIGHT_APOSTROPHE

ALICE = [("2.5.4.6", "FR"), ("2.5.4.12", "Médecin"), ("2.5.4.3", "810100000011"), ("2.5.4.4", "MARTIN"),
         ("2.5.4.42", "ALICE")]


def changed(oid: str, *values: str) -> list[tuple[str, str]]:
    """Alice's subject with other values (or none) for one attribute."""
    return [pair for pair in ALICE if pair[0] != oid] + [(oid, value) for value in values]


def test_a_physician_is_named() -> None:
    alice = identity(ALICE, "SM26")
    assert (alice.subject, alice.rpps) == ("810100000011", 10100000011)
    assert alice.display_name == "Dr Alice MARTIN"
    assert (alice.profession, alice.specialite) == ("Médecin", "Qualifié en médecine générale (SM)")


def test_the_order_inside_the_subject_does_not_matter() -> None:
    assert identity(reversed(ALICE)) == identity(ALICE)


@pytest.mark.parametrize(("on_card", "shown"), [
    ("JEAN-PIERRE", "Jean-Pierre"), ("Anne Sophie", "Anne Sophie"), ("CHLOÉ", "Chloé"),
    ("Chloe\u0301", "Chloé"), ("MARIE\u0000 \u202eLOU", "Marie Lou"),
])
def test_first_names_are_written_as_one_writes_them(on_card: str, shown: str) -> None:
    assert identity(changed("2.5.4.42", on_card)).prenom == shown


@pytest.mark.parametrize(("subject", "reason"), [
    (changed("2.5.4.12", "Infirmier"), Refusal.AUTRE_PROFESSION),
    (changed("2.5.4.12"), Refusal.AUTRE_PROFESSION),
    (changed("2.5.4.12", "Médecin", "Infirmier"), Refusal.AUTRE_PROFESSION),
    (changed("2.5.4.12", "Médecin ophtalmologiste"), Refusal.AUTRE_PROFESSION),
    ([*ALICE, ("2.5.4.10", "CHU")], Refusal.CARTE_EMPLOYE),
    ([*ALICE, ("2.5.4.11", "318751275100020")], Refusal.CARTE_EMPLOYE),
    (changed("2.5.4.3", "3187512751/CPET0001"), Refusal.CARTE_EMPLOYE),
    (changed("2.5.4.3", "0123456789"), Refusal.IDENTITE_INCOMPLETE),
    (changed("2.5.4.3", "8101000000111"), Refusal.IDENTITE_INCOMPLETE),
    (changed("2.5.4.3", "910100000011"), Refusal.IDENTITE_INCOMPLETE),
    (changed("2.5.4.3", "8\u0661\u0660100000011"), Refusal.IDENTITE_INCOMPLETE),
    (changed("2.5.4.3", "810100000011", "810100000022"), Refusal.IDENTITE_INCOMPLETE),
    (changed("2.5.4.4"), Refusal.IDENTITE_INCOMPLETE),
    (changed("2.5.4.42", " "), Refusal.IDENTITE_INCOMPLETE),
    (changed("2.5.4.6", "BE"), Refusal.IDENTITE_INCOMPLETE),
    ([], Refusal.AUTRE_PROFESSION),
], ids=str)
def test_anybody_else_is_refused(subject: list[tuple[str, str]], reason: Refusal) -> None:
    with pytest.raises(Refused) as refused:
        identity(subject)
    assert refused.value.reason is reason


@given(st.lists(st.tuples(st.sampled_from([*dict(ALICE), "2.5.4.10", "9.9"]), st.text(max_size=20))))
def test_any_subject_names_a_physician_or_is_refused(pairs: list[tuple[str, str]]) -> None:
    try:
        found = identity(pairs)
    except Refused:
        return
    assert re.fullmatch(r"8[0-9]{11}", found.subject) and found.nom and found.prenom


@pytest.mark.parametrize(("code", "label"), [
    ("SM26", "Qualifié en médecine générale (SM)"), ("SM53", "Spécialiste en Médecine générale (SM)"),
    ("SM54", "Médecine générale (SM)"), ("SM99", "SM99"), ("", ""),
])
def test_specialty_has_its_label(code: str, label: str) -> None:
    assert rules.specialty(code) == label


@pytest.mark.parametrize(
    "value", [None, 26, "SM", "sm26", "SM261", "<b>", "SM\u0662\u0666", ["SM26"]], ids=str)
def test_a_code_that_is_none_is_dropped(value: object) -> None:
    assert rules.specialty_code(value) == ""


@pytest.mark.parametrize("reason", Refusal, ids=lambda reason: reason.name)
class TestEveryRefusal:
    def test_says_what_is_wrong_and_what_to_do_in_french(self, reason: Refusal) -> None:
        for words in (reason.title, reason.explanation, reason.advice):
            assert len(words) > 15
            assert not BAD_SPACE.search(words) and not STRAIGHT_APOSTROPHE.search(words), words

    def test_points_to_a_section_of_the_help(self, reason: Refusal) -> None:
        page, _, anchor = reason.aide.partition("#")
        assert re.search(rf"\{{ ?#{anchor} ?\}}", Path("docs", f"{page}.md").read_text("utf-8"))
