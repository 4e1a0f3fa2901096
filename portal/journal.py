"""The log: one configuration for the server, the demonstration and the commands, with the request's id on each line.

``log_format`` chooses lines to read (« texte ») or one JSON object a line. ``caviardage`` says what may be written.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

from portal.caviardage import Caviardage, quiet
from portal.settings import Settings

# What a trusted proxy may call a request: enough for a hexadecimal number or a UUID, and nothing that could
# end a line, a field or a header.
REQUEST_ID = re.compile(r"[0-9A-Za-z-]{8,36}", re.ASCII)
TEXT = "%(asctime)s %(levelname)s %(name)s [%(request)s] %(message)s"
# What the line of an answered request says, beside its message.
FIELDS = ("method", "route", "status", "ms")

# Letters without vowels: digits may read as a telephone, which the log hides, and vowels as a word.
_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjkmnpqrstv")

_current: ContextVar[str] = ContextVar("request_id", default="")


def new_id(proposed: str = "") -> str:
    """The id that a trusted proxy proposes if it is well-formed, else a new one: 12 letters."""
    return proposed if REQUEST_ID.fullmatch(proposed) else secrets.token_hex(6).translate(_LETTERS)


def begin(request_id: str) -> None:
    """From here on, in this task and the threads it starts, lines carry this id."""
    _current.set(request_id)


def request_id() -> str:
    """The id of the request being answered; empty outside any."""
    return _current.get()


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        # Asked for here and not in a filter: nothing that rewrites a record can touch it.
        record.request = request_id() or "-"
        return super().format(record)


class _Json(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        if request_id():
            line["request"] = request_id()
        line |= {name: vars(record)[name] for name in FIELDS if name in vars(record)}
        return json.dumps(line, ensure_ascii=False)


class Handler(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _value: TextIO) -> None:
        """Nothing is kept."""


def configure(settings: Settings, *, command: bool = False) -> None:
    """Put the one handler of this process on the root logger; called again, it replaces it.

    ``command``: a command speaks by its output, so its log says warnings and errors alone.
    """
    # No line says them, and each record would ask the system for them (« Optimization » in logging's documentation).
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, Handler)]:
        root.removeHandler(handler)
    handler = Handler()
    handler.addFilter(Caviardage())
    handler.setFormatter(_Json() if settings.log_format == "json" else _Lines(TEXT))
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, logging.getLevelName(settings.log_level)) if command else settings.log_level)
    quiet()
