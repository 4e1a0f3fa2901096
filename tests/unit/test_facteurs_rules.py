"""Codes of an application, held against the RFCs' own vectors and against another implementation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.facteurs import rules

RFC_SECRET = b"12345678901234567890"
SECRETS = st.binary(min_size=20, max_size=20)
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))


def oracle(secret: bytes) -> pyotp.TOTP:
    return pyotp.TOTP(rules.base32(secret))


@pytest.mark.parametrize(("counter", "code"), list(enumerate(
    ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])))
def test_the_codes_of_rfc_4226_appendix_d(counter: int, code: str) -> None:
    assert rules.code_at(RFC_SECRET, counter) == code


@pytest.mark.proves("V6.5.4")
@pytest.mark.parametrize(("seconds", "code"), [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
    (2000000000, "279037"), (20000000000, "353130")])
def test_the_codes_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    """The appendix prints eight digits; six are the last of them."""
    at = datetime.fromtimestamp(seconds, UTC)
    assert rules.code_at(RFC_SECRET, rules.counter(at)) == code


@given(SECRETS, INSTANTS)
def test_codes_are_those_of_another_implementation(secret: bytes, at: datetime) -> None:
    assert rules.code_at(secret, rules.counter(at)) == oracle(secret).at(at)


@pytest.mark.proves("V6.5.5")
@given(SECRETS, INSTANTS, st.integers(-4, 4))
def test_the_window_is_one_step_either_way(secret: bytes, at: datetime, offset: int) -> None:
    """As wide as the other implementation's ``valid_window=1``, and it names the counter."""
    code = oracle(secret).at(at, counter_offset=offset)
    found = rules.matching(secret, code, at)
    assert (found is not None) == oracle(secret).verify(code, for_time=at, valid_window=1)
    if found is not None:
        assert abs(found - rules.counter(at)) <= 1
        assert rules.code_at(secret, found) == code
    if abs(offset) <= 1:
        assert found is not None


@given(SECRETS, INSTANTS, st.text(alphabet="0123456789", min_size=6, max_size=6))
def test_no_other_code_matches(secret: bytes, at: datetime, code: str) -> None:
    expected = oracle(secret).verify(code, for_time=at, valid_window=1)
    assert (rules.matching(secret, code, at) is not None) == expected


def test_the_code_changes_at_each_half_minute() -> None:
    at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert rules.counter(at) == rules.counter(at + timedelta(seconds=29, milliseconds=999))
    assert rules.counter(at + timedelta(seconds=30)) == rules.counter(at) + 1


@pytest.mark.parametrize(("typed", "code"), [
    ("123456", "123456"), (" 123 456 ", "123456"), ("123-456", "123456"), ("123.456", "123456"),
    ("\u0661\u0662\u0663\u0664\u0665\u0666", ""), ("１２３４５６", "123456"), ("12345", ""), ("1234567", ""),
    ("12345a", ""), ("", ""), ("-", ""), ("123456\x00", "")])
def test_six_figures_are_read_however_they_are_grouped(typed: str, code: str) -> None:
    assert rules.digits(typed) == code


@pytest.mark.parametrize(("typed", "code"), [
    ("ABCDE-23456", "ABCDE23456"), ("abcde 23456", "ABCDE23456"), (" abcde23456", "ABCDE23456"),
    ("ABCDE-2345", ""), ("ABCDE-234567", ""), ("ABCDO-23456", ""), ("", ""), ("123456", "")])
def test_a_recovery_code_is_read_in_any_case(typed: str, code: str) -> None:
    assert rules.recovery(typed) == code


@given(st.text(alphabet=rules.RECOVERY_ALPHABET, min_size=10, max_size=10))
def test_a_recovery_code_is_read_as_it_was_written(code: str) -> None:
    assert rules.recovery(rules.written(code)) == code


@given(st.text(max_size=40))
def test_nothing_typed_breaks_the_readers(text: str) -> None:
    assert rules.digits(text) == "" or len(rules.digits(text)) == 6
    assert rules.recovery(text) == "" or len(rules.recovery(text)) == 10


@given(SECRETS, st.sampled_from(["ViaTrajectoire", "Via & Cie: l’été"]), st.emails())
def test_applications_read_the_address_of_the_qr_code(secret: bytes, site: str, account: str) -> None:
    uri = rules.key_uri(secret, site, account)
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == f"/{site}:{account}"
    assert parse_qs(parts.query) == {"secret": [rules.base32(secret)], "issuer": [site]}


def test_another_implementation_reads_the_address_too() -> None:
    parsed = pyotp.parse_uri(rules.key_uri(RFC_SECRET, "ViaTrajectoire", "bob@exemple.fr"))
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.byte_secret(), parsed.name, parsed.issuer) == (RFC_SECRET, "bob@exemple.fr", "ViaTrajectoire")
    assert (parsed.digits, parsed.interval) == (rules.DIGITS, rules.STEP_SECONDS)


@given(SECRETS)
def test_a_secret_survives_its_writing(secret: bytes) -> None:
    text = rules.base32(secret)
    assert rules.unbase32(text) == secret
    assert rules.spaced(text).replace(" ", "") == text
