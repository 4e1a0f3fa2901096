"""The ears of the suite hear: each kind of seeded word in a log, at any level of any logger, fails its test."""

from __future__ import annotations

import logging
import secrets

import pytest

from portal.caviardage import QUIET
from tests.support.journaux import Wall

pytestmark = pytest.mark.proves("D6", "V16.2.5")


@pytest.fixture
def wall() -> Wall:
    return Wall()


def heard(wall: Wall, text: str, **more: object) -> list[str]:
    """What the wall says of one line, on a logger that the suite's own wall does not hear."""
    log = logging.Logger("portal.essai")
    log.addHandler(wall)
    log.debug("%s", text, **more)  # type: ignore[arg-type]
    return wall.found()


@pytest.mark.parametrize("text", [
    "dossier de Leroux", "ALLAIN ouvert", "insuffisance cardiaque", "appelé au 02 31 11 22 33", "0612345678",
    "2 31 04 14 118 001 32", "231041411800132", "a.martin@exemple.fr", "RPPS 10100000011", "810100000011",
    "Bocage-2031", "__Host-session=x", "eyJhbGciOiJSUzI1NiJ9.x", "Furosémide 20 mg le matin"])
def test_a_seeded_word_is_heard(wall: Wall, text: str) -> None:
    assert heard(wall, f"portail : {text}, fin")


def test_the_words_of_an_exception_are_heard(wall: Wall) -> None:
    try:
        raise ValueError("Mme LEROUX")
    except ValueError:
        assert heard(wall, "échec", exc_info=True)


def test_what_a_test_typed_is_heard(wall: Wall) -> None:
    wall.keep("Rue du Puits 12", "permanent", "oui", "/facteurs/cles")
    assert not heard(wall, "séjour permanent : oui, POST /facteurs/cles/defi")
    assert heard(wall, "adresse Rue du Puits 12 refusée")


def test_what_was_drawn_in_this_test_would_be_heard() -> None:
    from tests.support.journaux import WALL

    assert secrets.token_urlsafe(32) in WALL.typed


@pytest.mark.parametrize("text", ["job archives: 3 done", "provider answered 503 to GET /token", "dossier ga 43084209",
                                  "127.0.0.1:8000", "reference 0A1B2C3D: ValueError on /dossiers/{module}"])
def test_what_the_portal_says_is_no_word_of_anybody(wall: Wall, text: str) -> None:
    assert not heard(wall, text)


def test_every_logger_is_heard_at_debug() -> None:
    from tests.support.journaux import WALL

    root = logging.getLogger()
    assert root.level == logging.DEBUG and WALL in root.handlers
    deaf = {name for name, one in root.manager.loggerDict.items()
            if isinstance(one, logging.Logger) and name.startswith("portal")
            and (one.level > logging.DEBUG or not one.propagate or one.disabled)}
    assert not deaf
    assert "peewee" in QUIET, "the one library that would write every row is held instead"
