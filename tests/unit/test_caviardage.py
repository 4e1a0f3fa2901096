"""No line of a log holds a number, an address or a secret, and none makes two lines or a command of the terminal."""

from __future__ import annotations

import io
import logging
import re
import string
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import caviardage
from portal.caviardage import HIDDEN, Caviardage, clean, quiet, redact, safe

SAID = ("job archives: 3 done", "reference 0A1B2C3D: ValueError on /dossiers/{module}/{numero:int}",
        "provider answered 503 to GET /token", "Dossier ga 43084209 archivé le 22/11/2026 à 14:32",
        "the seal of volet:12:contenu is broken", "mail 12 not sent (TimeoutError), will be tried again",
        "écouté sur 127.0.0.1:8000 : prêt", "portal/web/handlers.py:134 serve")
digits = st.text("0123456789", min_size=1)
around = st.text(st.characters(exclude_categories=["Cs", "Cf", "Cc", "Zl", "Zp", "Nd"]), max_size=20)


def separated(text: str, gap: str) -> str:
    return gap.join(text[i:i + 2] for i in range(0, len(text), 2))


def written(call: str, *args: object, name: str = "portal.essai", **more: object) -> str:
    """What a handler with the filter writes of one call to a logger that nobody else hears."""
    log, stream = logging.Logger(name), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(Caviardage())
    log.addHandler(handler)
    log.error(call, *args, **more)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize("text", SAID)
def test_what_the_portal_says_stays(text: str) -> None:
    assert safe(text) == text


@pytest.mark.proves("D6", "V16.2.5")
@given(around, st.from_regex(r"[1278]\d\d(0[1-9]|1[0-2])(\d\d|2A|2B)\d{6}(\d\d)?", fullmatch=True), around,
       st.sampled_from(["", " ", "\u00a0", "\u202f", ".", "-"]))
def test_a_nir_never_stands(before: str, nir: str, after: str, gap: str) -> None:
    cuts = (1, 3, 5, 7, 10, 13)
    parts = [nir[a:b] for a, b in zip((0, *cuts), (*cuts, 15), strict=True) if nir[a:b]]
    assert gap.join(parts) not in safe(f"{before} {gap.join(parts)} {after}")


@pytest.mark.proves("D6")
@given(around, st.sampled_from(["0", "+33", "0033", "+33 ", "+33 (0)"]), st.from_regex(r"[1-9]\d{8}", fullmatch=True),
       around, st.sampled_from(["", " ", "\u00a0", "\u202f", ".", "-", "/"]))
def test_a_telephone_never_stands(before: str, prefix: str, number: str, after: str, gap: str) -> None:
    typed = f"{prefix}{number[0]}{gap}{separated(number[1:], gap)}"
    assert separated(number[1:], gap) not in safe(f"{before} {typed} {after}")


@pytest.mark.proves("D6")
@given(around, st.emails(), around)
def test_an_address_never_stands(before: str, address: str, after: str) -> None:
    assert address not in safe(f"{before} {address} {after}")


@pytest.mark.proves("D6")
@given(around, st.from_regex(r"[A-Za-z0-9_-]{28,90}", fullmatch=True)
       .filter(lambda token: re.search(r"\d", token) and re.search("[A-Za-z]", token)), around)
def test_a_random_secret_never_stands(before: str, token: str, after: str) -> None:
    assert token not in safe(f"{before} {token} {after}")


@pytest.mark.proves("D6")
@pytest.mark.parametrize("text", [
    "mot de passe = Bocage-2031", "{'password': 'Bocage-2031', 'a': 1}", "code=Bocage-2031&b=2",
    "Authorization: Bearer Bocage-2031", "Cookie: a=1; b=Bocage-2031", "token: \"Bocage-2031\"",
    "GET /usager?jeton=Bocage-2031 500", "https://a.fr/x?y=Bocage-2031"])
def test_what_follows_the_name_of_a_secret_goes(text: str) -> None:
    assert HIDDEN in safe(text) and "Bocage" not in safe(text)


@pytest.mark.proves("W11", "V16.4.1")
@given(st.text())
def test_a_line_stays_one_line_that_commands_nothing(text: str) -> None:
    line = clean(text)
    assert len(line.splitlines()) <= 1
    assert not {unicodedata.category(c) for c in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert clean(line) == line


@pytest.mark.proves("W11", "V16.4.1")
@pytest.mark.parametrize("bad", ["\r", "\n", "\r\n", "\x1b[31m", "\x1b]0;x\x07", "\x85", "\u2028", "\u2029", "\u202e",
                                 "\u2066", "\u200b", "\ufeff", "\x00", "\x7f", "\x9b", "\x0b", "\x0c", "\ud800"])
def test_each_way_to_forge_a_line_is_defused(bad: str) -> None:
    line = written("refusé : %s", f"LEROUX{bad}2026-11-22 INFO portal faux")
    assert line.count("\n") == 1 and bad not in line.removesuffix("\n") and "refusé" in line


@given(st.text(string.printable))
def test_an_already_redacted_line_is_left_alone(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.proves("D6", "V16.5.1")
def test_an_exception_keeps_its_kind_and_place_and_loses_its_words() -> None:
    try:
        raise ValueError("Mme LEROUX, insuffisance cardiaque\nligne forgée")
    except ValueError:
        line = written("échec", exc_info=True, stack_info=True)
    assert "ValueError" in line and "test_caviardage.py" in line and line.count("\n") == 1
    assert "LEROUX" not in line and "cardiaque" not in line and "forgée" not in line


def test_the_repr_of_a_tasks_exception_goes() -> None:
    line = written("Task was never retrieved\nfuture: <Task exception=ValueError('LEROUX\nx')>", name="asyncio")
    assert "never retrieved" in line and "LEROUX" not in line


def test_arguments_that_do_not_fit_say_where_and_nothing_else() -> None:
    assert "test_caviardage:" in (line := written("%d et %d", "LEROUX")) and "LEROUX" not in line


def test_a_percent_of_somebody_is_no_format() -> None:
    assert "100%s" in written("saisi %s", "100%s")


def test_what_is_given_beside_the_message_is_made_safe_too() -> None:
    record = logging.makeLogRecord({"msg": "x", "qui": "a@b.fr\nfaux", "duree": 12})
    assert Caviardage().filter(record) and vars(record)["qui"] == f"{HIDDEN}\\nfaux" and vars(record)["duree"] == 12


def test_a_line_has_an_end() -> None:
    assert len(safe("é " * 100_000)) < caviardage.LONGEST + 10


@pytest.mark.proves("D6")
def test_libraries_that_write_what_passes_through_them_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    log = logging.getLogger("peewee")
    monkeypatch.setattr(log, "level", logging.NOTSET)
    log.manager._clear_cache()  # type: ignore[attr-defined]
    assert log.isEnabledFor(logging.DEBUG), "the suite listens at DEBUG"
    quiet()
    assert not log.isEnabledFor(logging.DEBUG) and sys.modules["peewee"].logger is log
