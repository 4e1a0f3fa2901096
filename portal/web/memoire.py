"""Answers from memory: files that anybody may see, given before any page's guards are reached.

Nothing is opened and nothing is computed: an address is looked up, its bytes and headers are ready. Whatever is not a
plain « give me this file » to this very host goes on to the guards and the route table, which know what to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from portal.settings import Settings
from portal.web import security

# The smallest first.
CODINGS = ("br", "gzip")

Raw = list[tuple[bytes, bytes]]


class File(Protocol):
    """A file in memory; ``bodies`` by content coding, ``""`` being the plain one."""

    @property
    def media_type(self) -> str: ...

    @property
    def etag(self) -> str: ...

    @property
    def bodies(self) -> Mapping[str, bytes]: ...


@dataclass(frozen=True)
class Place:
    """A family of addresses: how they begin, and their name in the log (``path``, a route's).

    ``find`` gives the file from the application's state, the rest of the address and the query, with how long a
    browser may keep it; None for no file.
    """

    start: str
    path: str
    find: Callable[[Any, str, bytes], tuple[File, str] | None]
    guards: Mapping[str, str]
    vary: str = "Accept-Encoding"


class Answer:
    """A file's headers, made once: of the whole file in each coding, and of « you have it » (304)."""

    def __init__(self, file: File, place: Place, kept: str, extra: Mapping[str, str]) -> None:
        self.file = file
        # Weak: the same file in another content coding is the same file.
        common = {**place.guards, **extra, "cache-control": kept, "etag": f'W/"{file.etag}"', "vary": place.vary}
        self.unchanged = security.raw(common)
        self.whole = {
            coding: (body, security.raw(common | {"content-type": file.media_type, "content-length": str(len(body))}
                                        | ({"content-encoding": coding} if coding else {})))
            for coding, body in file.bodies.items()
        }

    def chosen(self, accepted: str, etags: str) -> tuple[int, bytes, Raw]:
        """Status, body and headers for what the browser takes (``Accept-Encoding``) and has (``If-None-Match``)."""
        if etags and self._has(etags):
            return 304, b"", self.unchanged
        for coding in codings(accepted):
            if coding in self.whole:
                return 200, *self.whole[coding]
        return 200, *self.whole[""]

    def _has(self, etags: str) -> bool:
        return etags.strip() == "*" or self.file.etag in (
            one.strip().removeprefix("W/").strip('"') for one in etags.split(","))


@lru_cache(maxsize=64)
def codings(accepted: str) -> tuple[str, ...]:
    """The content codings that ``Accept-Encoding`` names and does not refuse, the smallest first."""
    taken = set()
    for one in accepted.lower().split(","):
        name, _, weight = one.partition(";")
        if weight.replace(" ", "").rstrip("0.") != "q=":
            taken.add(name.strip())
    return tuple(coding for coding in CODINGS if coding in taken)


class Devant:
    """In front of the guards: the files of some places, for a GET or HEAD that names this host once."""

    def __init__(self, app: ASGIApp, settings: Settings, places: Sequence[Place]) -> None:
        self.app, self.places = app, places
        self.host = urlsplit(settings.origin).netloc.lower()
        self.extra = security.transport(settings)
        # By address and how long it is kept: as many as there are files, twice at most.
        self.made: dict[tuple[str, str, str], Answer] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._found(scope) if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") else None
        if found is None:
            await self.app(scope, receive, send)
            return
        status, body, headers = found
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body if scope["method"] == "GET" else b""})

    def _found(self, scope: Scope) -> tuple[int, bytes, Raw] | None:
        path: str = scope["path"]
        for place in self.places:
            if path.startswith(place.start):
                found = place.find(scope["app"].state, path.removeprefix(place.start), scope["query_string"])
                return self._answered(scope, place, *found) if found else None
        return None

    def _answered(self, scope: Scope, place: Place, file: File, kept: str) -> tuple[int, bytes, Raw] | None:
        hosts, accepted, etags = 0, "", ""
        for name, value in scope["headers"]:
            if name == b"host":
                hosts += 1 if value.decode("latin-1").lower() == self.host else 2
            elif name == b"accept-encoding":
                accepted = value.decode("latin-1")
            elif name == b"if-none-match":
                etags = value.decode("latin-1")
        if hosts != 1:
            return None
        scope["route"] = place
        known = place.start, scope["path"], kept
        answer = self.made.get(known)
        if answer is None or answer.file is not file:
            answer = self.made[known] = Answer(file, place, kept, self.extra)
        return answer.chosen(accepted, etags)
