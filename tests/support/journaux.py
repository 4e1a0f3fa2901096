"""Ears on every logger while the suite runs, at DEBUG: nothing that was seeded, typed or drawn may reach a log.

The handler has no filter: what is held here is the first wall, that no call is given a person's words
(``portal.caviardage`` is the second one).
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from portal import journal
from portal.db import outbox
from portal.demonstration import dossiers_noms as noms

# The tests' own browser, tools and mail server; the portal's use of the same library is held by caviardage.QUIET.
OURS = ("httpx2", "hypothesis", "faker", "playwright", "mail", "websockets")

# The cast of the tests, what they write into volets, messages and requests, and the passwords that they choose.
CAST = ("LEROUX", "JOSETTE", "TOURNEBRIDE", "Quesnelle", "Bocage-2031", "Insuffisance", "chimioth", "Mirtazapine",
        "Haldol", "phlébite", "escarres", "Trachéotomie", "Alzheimer", "antécédents", "Furosémide", "Pénicilline",
        "Hypertension", "chutes à répétition")
PATIENT = tuple(word for word in CAST if word != "Bocage-2031")
_FOLDER = Path(noms.__file__).parent
# A word of fewer letters, or one that is also a word of the trade, stands in lines that say nothing of anybody.
LEAST = 5
COMMON = frozenset({"FONTAINE", "DEMO", "POIRIER", "PREVOST", "MARCHAND", "BOULANGER", "COUSIN", "FLEURY"})

_SHAPES = (
    r"[\w.+-]+@[\w-]+\.\w+",
    r"(?<!\d)[1-478](?:[ .\u00a0\u202f-]?\d){12,14}(?!\d)",
    r"(?<![\d.])0[1-9](?:[ .\u00a0\u202f-]?\d\d){4}(?!\d)",
    r"(?<!\d)[18]?10[01]\d{8}(?!\d)",
    r"__Host-|\beyJ[\w-]{12,}",
)


def _volets() -> Iterator[str]:
    """The sentences of the demonstration's volets."""
    for name in ("volets_reponses.json", "volets_sanitaire.json"):
        yield from _words(json.loads((_FOLDER / name).read_text("utf-8")))


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str) and " " in value:
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _words(one)


def _known() -> re.Pattern[str]:
    patients = [row["nom"] for row in json.loads((_FOLDER / "dossiers_fiche.json").read_text("utf-8"))]
    names = {name for name in (*noms.NOMS, *patients) if len(name) >= LEAST} - COMMON
    words = "|".join(re.escape(word) for word in sorted({*names, *CAST, *_volets()}, key=len, reverse=True))
    return re.compile(rf"(?i:\b(?:{words})\b)|{'|'.join(_SHAPES)}")


class Wall(logging.Handler):
    """Keeps the lines of one test, and what must not be in them."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.known = _known()
        self.lines: list[str] = []
        self.typed: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.split(".")[0] not in OURS:
            self.lines.append(f"{record.name}: {self.format(record)}")

    def begin(self) -> None:
        """A test begins, heard at DEBUG whatever a command of the test before has set (``portal.journal``)."""
        root = logging.getLogger()
        root.setLevel(logging.DEBUG)
        for one in [one for one in root.handlers if isinstance(one, journal.Handler)]:
            root.removeHandler(one)
        self.lines.clear()
        self.typed.clear()

    def keep(self, *values: object) -> None:
        """What this test typed, drew or was given, and must find in no line; short words and codes apart."""
        self.typed.update(text for value in values if len(text := str(value)) >= 6 and not _is_code(text))

    def found(self) -> list[str]:
        """The lines that hold something, each with what it holds."""
        held = []
        for line in self.lines:
            # Commands to a card are figures, some of which look like a number; what was typed is looked for there too.
            seen = None if line.startswith("portal.agent.apdu: ") else self.known.search(line)
            words = {word for word in self.typed if word in line} | ({seen[0]} if seen else set())
            held += [f"{sorted(words)} in the log line {line!r}"] if words else []
        return held


def _is_code(text: str) -> bool:
    """True for a value of a list, a module, a day, a page of the portal, an address of this machine: nobody's word."""
    return bool(re.fullmatch(r"[a-z_]+|(?:/[a-z]+)+|\d+[/-]\d+[/-]\d+|http://127\.0\.0\.1:\d+", text))


class Post:
    """Keeps the mails of one test: none may name a patient, hold a number of hers or a word of health."""

    def __init__(self) -> None:
        self.known = re.compile(rf"(?i:\b(?:{'|'.join(map(re.escape, PATIENT))})\b)|{_SHAPES[1]}")
        self.mails: list[tuple[str, str]] = []

    def hear(self, subject: str, body: str) -> None:
        """A mail was queued."""
        self.mails.append((subject, body))

    def found(self) -> list[str]:
        """The mails that hold something, each with what it holds; told once."""
        held = [f"{seen[0]!r} in the mail {mail!r}" for mail in self.mails
                if (seen := self.known.search("\n".join(mail)))]
        self.mails = []
        return held


WALL = Wall()
POST = Post()


def listen() -> Callable[[], None]:
    """Put the wall on the root logger, under every random secret and on the outbox; returns what takes it down."""
    root = logging.getLogger()
    before, draw, send = root.level, secrets.token_urlsafe, outbox.send
    root.addHandler(WALL)
    root.setLevel(logging.DEBUG)

    def drawn(nbytes: int | None = None) -> str:
        value = draw(nbytes)
        WALL.keep(value)
        return value

    def sent(to: str, subject: str, body: str) -> None:
        POST.hear(subject, body)
        send(to, subject, body)

    def leave() -> None:
        outbox.send = send
        root.removeHandler(WALL)
        root.setLevel(before)
        secrets.token_urlsafe = draw

    # Sessions, links and states are all drawn by it; ``token_hex`` draws references, made to be found in the log.
    secrets.token_urlsafe, outbox.send = drawn, sent
    return leave
