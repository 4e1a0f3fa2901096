"""Parts of pages, rendered once for the values that they print and kept in this process.

A part sees the values that it is called with and what never changes while the portal runs (``site``, ``asset``),
nothing of the request: its key is all that shows, so that no kept part can be stale or somebody else's. What belongs
to one reader names him among its values as well: two readers share nothing, not even equal rows.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from jinja2 import Environment, Template
from markupsafe import Markup

ROOM = 4_000_000
"""Characters that are kept at most; a page of the table has 25,000."""

Context = Callable[..., dict[str, Any]]
# A part's template, what makes its context, and its values by name.
Key = tuple[Template, Context, tuple[Any, ...]]


class Morceau(NamedTuple):
    """One rendered part, and an ETag (RFC 9110 §8.8.3) that no other text has; weak, for it may travel compressed."""

    html: Markup
    etag: str


class Morceaux:
    """The parts kept, those used last; see the module."""

    def __init__(self, environment: Environment, room: int = ROOM) -> None:
        self.environment, self.room = environment, room
        self.used = 0
        self._kept: OrderedDict[Key, Morceau] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, template: str, /, **values: Any) -> Markup:
        """What a template prints of another one: ``{{ morceau("composants/pied.html", medecin=medecin) }}``."""
        return self.made(template, values).html

    def made(self, template: str, values: Mapping[str, Any], context: Context = dict) -> Morceau:
        """The template's text in the context that ``context``, a pure function, makes of the values.

        Raises TypeError for a value that is not plain (text, number, None, or tuples of them): only of these can be
        told that they print the same.
        """
        key = self.environment.get_template(template), context, tuple(values.items())
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        _check(key[2])
        html: Markup = key[0].make_module(context(**values)).__html__()
        made = Morceau(html, f'W/"{hashlib.blake2b(html.encode(), digest_size=16).hexdigest()}"')
        with self._lock:
            if key not in self._kept:
                self.used += len(html)
            self._kept[key] = made
            while self.used > self.room:
                _, oldest = self._kept.popitem(last=False)
                self.used -= len(oldest.html)
        return made


def _check(values: tuple[Any, ...]) -> None:
    for value in values:
        if isinstance(value, tuple):
            _check(value)
        elif isinstance(value, Markup) or not isinstance(value, str | int | float | None):
            raise TypeError(f"a part of a page is kept for plain values, not for a {type(value).__name__}")
