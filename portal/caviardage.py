"""What may not stand in a log, and how a line is kept a line: the second wall behind « no log call is given a name ».

The first wall is that nothing in the portal logs a person's words; the tests listen to every logger to hold it
(tests/support/journaux.py). This one is for what nobody foresaw: a library's sentence, an exception that quotes a row.
It knows shapes (numbers, addresses, secrets), no names.
"""

from __future__ import annotations

import logging
import re
import traceback
import unicodedata
from functools import lru_cache
from types import TracebackType

HIDDEN = "[caviardé]"
LONGEST = 8000
"""Characters of a line: what is longer is cut, so that no body or row fills the log."""

SHORT = 120

# At the levels below these, the libraries write what passes through them: SQL parameters, whole addresses, headers.
QUIET = {"peewee": logging.INFO, "httpx2": logging.WARNING, "httpcore2": logging.WARNING,
         "python_multipart": logging.INFO, "aiosmtplib": logging.WARNING, "psycopg": logging.WARNING}

# What a LogRecord has by itself; anything else was given to the call.
_OWN = frozenset(vars(logging.makeLogRecord({})))

_GAP = r"[ ./\u00a0\u202f-]?"
_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (
    # An address before the numbers: its local part may be one.
    r"[^\s@<>\"'(),;:=\[\]{}|\\]+@[^\s@<>\"'(),;:=\[\]{}|\\]+",
    # A signed or random secret: links, cookies, JWT, keys.
    r"(?<![\w/.-])(?=[\w.-]*\d)(?=[\w.-]*[a-z])[\w-]{24,}(?:\.[\w-]+)*",
    # The NIR, with or without its key, departments 2A and 2B included.
    rf"(?<!\d)[1-478]{_GAP}\d\d{_GAP}\d\d{_GAP}\d[\dab]{_GAP}\d{{3}}{_GAP}\d{{3}}(?:{_GAP}\d\d)?(?!\d)",
    # A telephone of France, written in any usual way.
    rf"(?<!\d)(?:(?:\+|00)33{_GAP}(?:\(0\))?|0){_GAP}[1-9](?:{_GAP}\d\d){{4}}(?!\d)",
    # RPPS and FINESS numbers, instants, whatever else is a long number.
    r"(?<!\d)\d{9,}(?!\d)",
))
_KEYED = re.compile(
    r"\b(mot[ _-]?de[ _-]?passe|pass(?:word|wd)|secret|jeton|token|_?csrf|code|otp|totp|nir)"
    r"(['\"]?\s*[=:]\s*)(?:'[^']*'|\"[^\"]*\"|[^\s,;&]+)", re.IGNORECASE)
# A header that is one secret, or several: all that follows it.
_HEADER = re.compile(r"\b((?:set-)?cookie|authorization)(['\"]?\s*[=:,]\s*).+", re.IGNORECASE)
_QUERY = re.compile(r"(?<=[\w/])\?[^\s\"'<>]*=[^\s\"'<>]*")


def clean(text: str) -> str:
    """The same words on one line that shows what it holds: no line break, no terminal or direction command.

    Unicode's format characters (zero width, bidirectional) go; controls, separators and half characters are written
    as escapes. CWE-117, and « Trojan Source » (CVE-2021-42574) for the directions.
    """
    return text if text.isascii() and text.isprintable() else "".join(map(_shown, text))


def redact(text: str) -> str:
    """The same line without numbers of persons, addresses, secrets and what follows their names."""
    text = _QUERY.sub(f"?{HIDDEN}", text)
    for named in (_HEADER, _KEYED):
        text = named.sub(lambda found: f"{found[1]}{found[2]}{HIDDEN}", text)
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text


def safe(text: str) -> str:
    """One line that may be written: cut, cleaned, redacted."""
    if len(text) <= SHORT:
        return _short(text)
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return redact(clean(cut))


@lru_cache(maxsize=1024)
def _short(text: str) -> str:
    """Short lines, and the route table's words, come again and again: each is looked at once."""
    return redact(clean(text))


def trail(trace: TracebackType | None) -> str:
    """Where an exception went, files, lines and functions, on one line: no source line, no value."""
    return " > ".join(f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}"
                      for frame in traceback.extract_tb(trace))


class Caviardage(logging.Filter):
    """Rewrites each record before a handler writes it. Put it on handlers: a logger's filters see no child's records.

    The message and what was given beside it are made ``safe``; an exception keeps its type and its trail, never its
    words, which may quote what was typed or stored.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: a record is rewritten, never dropped."""
        record.msg, record.args = self._message(record), None
        record.exc_info = record.exc_text = record.stack_info = None
        for name in vars(record).keys() - _OWN:
            value = getattr(record, name)
            if not isinstance(value, int | float | bool | None):
                setattr(record, name, safe(str(value)))
        return True

    def _message(self, record: logging.LogRecord) -> str:
        try:
            message = record.getMessage()
        except Exception:  # the arguments do not fit: they may not be written as they are either
            message = f"message illisible ({record.module}:{record.lineno})"
        if record.name == "asyncio":
            # It writes the exception of a task by its repr, words included.
            message = re.sub(r"exception=.*", "exception=…", message, flags=re.DOTALL)
        message = safe(message)
        if isinstance(record.exc_info, tuple) and record.exc_info[0]:
            message += f" [{record.exc_info[0].__name__}: {trail(record.exc_info[2])}]"
        return message


def quiet() -> None:
    """Hold each library above the level at which it writes what passes through it, whatever the log's own level."""
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)


def _shown(character: str) -> str:
    if character == " " or character.isprintable():
        return character
    category = unicodedata.category(character)
    if category == "Zs":  # protected spaces are part of French
        return character
    return "" if category == "Cf" else character.encode("unicode_escape").decode()
