"""E-mail addresses, phone numbers and the published charters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.compte.rules import CHARTE, CHARTES, Invalid, email, phone

# A published charter is frozen: a change of its text is a new version, never another fingerprint.
PUBLISHED = {"2026-11": "1f28e967766a35d5095f5c01eecf7c6f3845b7463bf54512180eb03567c9eccd"}


@pytest.mark.parametrize(("typed", "kept"), [
    ("alice.martin@exemple.fr", "alice.martin@exemple.fr"),
    ("  Alice.MARTIN@Exemple.FR ", "alice.martin@exemple.fr"),
    ("a+b_c-d@sous.domaine.exemple.medecin", "a+b_c-d@sous.domaine.exemple.medecin"),
    ("o'neill@exemple.fr", "o'neill@exemple.fr"),
    ("a@xn--caf-dma.fr", "a@xn--caf-dma.fr"),
])
def test_addresses_are_kept_in_lower_case(typed: str, kept: str) -> None:
    assert email(typed) == kept


@pytest.mark.parametrize("typed", [
    "", "   ", "alice", "alice@", "@exemple.fr", "alice@exemple", "alice martin@exemple.fr",
    "alice@exemple..fr",
    ".alice@exemple.fr", "alice.@exemple.fr", "a..b@exemple.fr", "alice@-exemple.fr", "alice@exemple-.fr",
    "alice@exemple.f", "alice@exemple.123", "alice@127.0.0.1", "a@b@exemple.fr",
    "alice@exemple.fr\nBcc: x@y.fr",
    "<b>@exemple.fr", '"a b"@exemple.fr', "alicé@exemple.fr", f"{'a' * 65}@exemple.fr", f"a@{'b' * 64}.fr",
    "a@" + "bbbb." * 51 + "fr",
])
def test_bad_addresses_are_explained(typed: str) -> None:
    with pytest.raises(Invalid, match="adresse électronique"):
        email(typed)


@pytest.mark.proves("V1.3.11")
@given(st.emails())
def test_an_accepted_address_is_stable_and_on_one_line(typed: str) -> None:
    try:
        kept = email(typed)
    except Invalid:
        return
    assert email(kept) == kept
    assert not set(kept) & set(" \r\n<>,;")


@pytest.mark.parametrize(("typed", "kept"), [
    ("", ""), ("  ", ""), ("0231000000", "02 31 00 00 00"), ("02.31.00.00.00", "02 31 00 00 00"),
    ("02-31-00/00 00", "02 31 00 00 00"), ("+33 2 31 00 00 00", "02 31 00 00 00"),
    ("+33 (0)2 31 00 00 00", "02 31 00 00 00"), ("0033231000000", "02 31 00 00 00"),
    ("06 12 34 56 78", "06 12 34 56 78"), ("0590 820 000", "05 90 82 00 00"),
    ("+590 590 82 00 00", "05 90 82 00 00"), ("+590 690 12 34 56", "06 90 12 34 56"),
    ("+262 262 12 34 56", "02 62 12 34 56"), ("+594 594 12 34 56", "05 94 12 34 56"),
    ("+596 596 12 34 56", "05 96 12 34 56"), ("+508 41 23 45", "05 08 41 23 45"),
    ("+681 72 00 00", "+681 72 00 00"), ("+687 28 00 00", "+687 28 00 00"),
    ("+689 40 12 34 56", "+689 40 12 34 56"),
])
def test_phone_numbers_are_written_the_french_way(typed: str, kept: str) -> None:
    assert phone(typed) == kept
    assert phone(kept) == kept


@pytest.mark.parametrize("typed", [
    "12", "0031000000", "023100000", "02310000000", "+32 2 123 45 67", "+33 02 31 00 00 00", "+33 6 12",
    "abc", "02 31 00 00 00 poste 4", "٠٢٣١٠٠٠٠٠٠", "<b>0231000000</b>", "+687 28 00 00 0", "+", "--",
])
def test_bad_phone_numbers_are_explained(typed: str) -> None:
    with pytest.raises(Invalid, match="02 31 00 00 00"):
        phone(typed)


def test_published_charters_never_change() -> None:
    assert {version: charte.sha256 for version, charte in CHARTES.items()} == PUBLISHED


def test_the_present_charter_is_the_latest_and_complete() -> None:
    assert CHARTE.version == max(CHARTES)
    assert len(CHARTE.sections) >= 8
    assert all(section.title and section.paragraphs for section in CHARTE.sections)
