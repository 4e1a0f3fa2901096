"""Where passkeys work, and when a counter betrays a copy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.facteurs.cles.presenters import REFUSALS
from portal.facteurs.cles.rules import Reason, domain, went_back


@pytest.mark.parametrize(("origin", "expected"), [
    ("https://portail.exemple.fr", "portail.exemple.fr"), ("https://portail.exemple.fr:8443", "portail.exemple.fr"),
    ("http://localhost:8000", "localhost"), ("https://localhost", "localhost"),
    ("http://127.0.0.1:8000", None), ("https://127.0.0.1", None), ("https://192.168.1.5", None),
    ("https://[2001:db8::1]", None), ("http://[::1]:8000", None),
    ("http://portail.exemple.fr", None), ("http://localhost.exemple.fr", None), ("", None),
])
def test_passkeys_need_a_host_name_and_https(origin: str, expected: str | None) -> None:
    assert domain(origin) == expected


@pytest.mark.parametrize(("stored", "sent", "expected"), [
    (0, 0, False), (0, 1, False), (1, 2, False), (5, 4, True), (5, 5, True), (5, 0, True), (1, 1, True),
])
def test_a_counter_only_grows_or_stays_at_zero(stored: int, sent: int, expected: bool) -> None:
    assert went_back(stored, sent) is expected


@given(st.integers(0, 2**32 - 1), st.integers(1, 2**32 - 1))
def test_of_two_devices_with_one_key_the_second_use_of_a_count_is_refused(stored: int, sent: int) -> None:
    if not went_back(stored, sent):
        assert went_back(sent, sent)


def test_each_refusal_has_its_own_words() -> None:
    assert set(REFUSALS) == set(Reason) and len(set(REFUSALS.values())) == len(Reason)
