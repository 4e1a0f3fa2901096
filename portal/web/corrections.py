"""What a form's messages have in common: each is of a kind, whose code leads to its entry in the help.

A message says what to do in its own place; the code is what a reader tells on the phone, and what the search finds.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("corrections.toml")


@dataclass(frozen=True)
class Genre:
    """A kind of message: its code, its name, what it means, what to do."""

    code: str
    titre: str
    mots: re.Pattern[str]
    sens: str
    faire: str


@cache
def genres() -> tuple[Genre, ...]:
    """Every kind, in the order in which a message is tried against them."""
    rows = tomllib.loads(SOURCE.read_text("utf-8"))["genre"]
    return tuple(Genre(**{**row, "mots": re.compile(row["mots"])}) for row in rows)


def genre(message: str) -> Genre | None:
    """The kind of a form's message; None when it is of none."""
    plain = re.sub(r"\s", " ", message)
    return next((one for one in genres() if one.mots.search(plain)), None)
