"""Thousands of requests to one portal in one event loop, what each writes and reads being noted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette

from portal.db import database
from portal.db.base import db
from portal.web.session import cookie_name
from portal.web.throttle import Frein
from tests.acces.visiteurs import Visiteur

WRITES = re.compile(r"\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM)\s+[\"`]?(\w+)", re.IGNORECASE)
# What a refused request may leave: the audit of it, how often somebody tried, that a session was used.
LEAVES_TRACES = frozenset({"trace", "frein", "session"})


@dataclass
class Reponse:
    """What came back, and the statements that were run for it."""

    status: int
    headers: dict[str, str]
    body: bytes
    statements: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def place(self) -> str:
        """Where a redirect leads, its query apart."""
        return self.headers.get("location", "").partition("?")[0]

    @property
    def written(self) -> set[str]:
        """The tables that were written, whether or not it was kept."""
        return {found[1].lower() for one in self.statements if (found := WRITES.match(one))}


_ASKING: ContextVar[bool] = ContextVar("asking", default=False)


class _Undo(Exception):
    """Nothing of this transaction is kept."""


class Navigateur:
    """Sends requests as anybody; redirects are not followed, no cookie and (unless ``keeps``) no write is kept."""

    def __init__(self, app: Starlette) -> None:
        self.app, self.origin = app, app.state.settings.origin
        self.statements: list[str] = []
        self.keeps = False  # whether what a request writes stays
        self._portal = start_blocking_portal()

    def __enter__(self) -> Self:
        self._run, self._writing = db.obj.execute_sql, database.writing
        database.writing = self._undone
        self._in_loop = self._portal.__enter__()
        db.obj.execute_sql = self._noted
        return self

    def __exit__(self, *_: object) -> None:
        db.obj.execute_sql, database.writing = self._run, self._writing
        self._portal.__exit__(None, None, None)

    @contextmanager
    def _undone(self) -> Iterator[None]:
        """A transaction of the portal, run whole and then undone, so that an act can be tried as often as one likes."""
        if self.keeps:
            with self._writing():
                yield
            return
        try:
            with self._writing():
                yield
                raise _Undo
        except _Undo:
            pass

    def _noted(self, sql: str, *args: Any, **more: Any) -> Any:
        # A clock of another test's portal may tick in its own thread: only what this request asked counts.
        if _ASKING.get():
            self.statements.append(sql)
        return self._run(sql, *args, **more)

    def get(self, who: Visiteur, path: str, **headers: str) -> Reponse:
        """A GET as a browser sends it."""
        return self.send("GET", who, path, None, headers)

    def post(self, who: Visiteur, path: str, data: dict[str, Any], *, token: str | None = None,
             **headers: str) -> Reponse:
        """A form of our own page, with this session's token unless told otherwise."""
        sent = {"sec-fetch-site": "same-origin", "origin": self.origin,
                "content-type": "application/x-www-form-urlencoded"} | headers
        body = urlencode({"_csrf": who.token if token is None else token} | data, doseq=True).encode()
        return self.send("POST", who, path, body, sent)

    def forget_tries(self) -> None:
        """Nobody waits for having tried too often."""
        with self._writing():
            Frein.delete().execute()

    def send(self, method: str, who: Visiteur, path: str, body: bytes | None, headers: dict[str, str]) -> Reponse:
        """One request, and the statements run for it."""
        self.statements.clear()
        found = self._in_loop.call(self._asgi, method, who, path, body or b"", headers)
        found.statements = list(self.statements)
        return found

    async def _asgi(self, method: str, who: Visiteur, path: str, body: bytes, headers: dict[str, str]) -> Reponse:
        _ASKING.set(True)
        host = self.origin.partition("://")[2]
        named = {"host": host, "accept-encoding": "identity"} | {name: told for name, told in headers.items() if told}
        if body:
            named["content-length"] = str(len(body))
        if who.cookie:
            named["cookie"] = f"{cookie_name(self.app.state.settings)}={who.cookie}"
        bare, _, query = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "https",
            "path": bare, "raw_path": bare.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in named.items()],
            "client": ("127.0.0.1", 5000), "server": (host, 443),
        }
        answer = Reponse(0, {}, b"")

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
            elif message["type"] == "http.response.body":
                answer.body += message.get("body", b"")

        await self.app(scope, receive, send)
        return answer


def content(*, apart: frozenset[str] = LEAVES_TRACES) -> dict[str, str]:
    """A hash of each table, whatever the database; ``apart``: tables not looked at."""
    database.connect()
    found = {}
    for table in sorted(set(db.get_tables()) - apart):
        cursor = db.execute_sql(f'SELECT * FROM "{table}"')
        lines = sorted(repr([bytes(value) if isinstance(value, memoryview) else value for value in row])
                       for row in cursor.fetchall())
        found[table] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return found
