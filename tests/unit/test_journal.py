"""The log's lines: two formats, the request's id on each, exceptions without their words."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import caviardage, journal
from portal.settings import Settings, SettingsError, load

log = logging.getLogger("portal.essai")


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """The root logger, as it was before."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.handlers[:], root.level = handlers, level
    journal.begin("")


def configured(format_: str, *, command: bool = False, level: str = "INFO") -> Settings:
    settings = load({}, demonstration=True, log_format=format_, log_level=level)
    journal.configure(settings, command=command)
    return settings


def test_text_lines_name_the_request(capsys: pytest.CaptureFixture[str]) -> None:
    configured("texte")
    log.info("sans demande")
    journal.begin("abc123def456")
    log.info("deux %s", "mots")
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith(" INFO portal.essai [-] sans demande")
    assert second.endswith(" INFO portal.essai [abc123def456] deux mots")


@pytest.mark.proves("V16.2.1", "V16.2.4")
def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configured("json")
    journal.begin("abc123def456")
    log.warning("é\n« %s »", "a", extra={"route": "/x", "status": 200, "secret": "jamais"})
    [line] = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert found.pop("time").endswith("+00:00")
    assert found == {"level": "WARNING", "logger": "portal.essai", "message": "é\\n« a »", "request": "abc123def456",
                     "route": "/x", "status": 200}


@pytest.mark.proves("D6", "V16.5.1")
@pytest.mark.parametrize("format_", ["texte", "json"])
def test_an_exception_keeps_its_places_and_loses_its_words(
        format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    configured(format_)
    try:
        raise ValueError("les mots de quelqu’un")
    except ValueError:
        log.exception("échec")
    said = capsys.readouterr().err
    assert "ValueError" in said and "test_journal.py" in said and "quelqu" not in said


def test_configured_twice_each_line_is_written_once(capsys: pytest.CaptureFixture[str]) -> None:
    configured("texte")
    configured("texte")
    log.info("une fois")
    assert capsys.readouterr().err.count("une fois") == 1


def test_a_command_says_only_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    configured("texte", command=True)
    log.info("rien de grave")
    log.warning("à savoir")
    assert capsys.readouterr().err.count("\n") == 1


def test_statements_are_never_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configured("texte", level="DEBUG")
    logging.getLogger("peewee").debug("INSERT …")
    assert capsys.readouterr().err == ""


@pytest.mark.proves("W11", "V16.4.1")
@given(st.text(max_size=60))
def test_only_a_well_formed_id_is_taken_from_a_proxy(proposed: str) -> None:
    made = journal.new_id(proposed)
    assert journal.REQUEST_ID.fullmatch(made)
    assert made == proposed or (len(made) == 12 and caviardage.safe(made) == made and made.isalpha())


def test_a_uuid_is_kept() -> None:
    assert journal.new_id("0b1e6f0a-7a3c-4a53-9a77-0d2d2a9d9c11") == "0b1e6f0a-7a3c-4a53-9a77-0d2d2a9d9c11"


@pytest.mark.parametrize("setting", [
    {"log_format": "xml"}, {"log_level": "VERBEUX"}, {"workers": 0}, {"workers": 65}, {"metrics_port": 8000},
    {"metrics_port": 70000}, {"drain_pause": 61}, {"disk_min": -1}, {"trusted_proxies": "*"}])
def test_a_setting_that_makes_no_sense_is_refused(setting: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=f"Le réglage .*{next(iter(setting))}|et disk_min"):
        load({}, demonstration=True, port=8000, **setting)
