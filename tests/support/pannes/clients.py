"""Browsers without pages: logged in, they send forms one after the other and keep the account of what was answered."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from portal.db.crypto import keys
from portal.settings import Settings
from portal.volets import reponses
from portal.web.session import Visit, cookie_name
from tests.support.pannes.monde import ALICE
from tests.support.sessions import open_session

TIMEOUT = 30
EMPTY = reponses.digest(None)


class Lost(Exception):
    """No whole answer came: the portal died, or closed its door."""


@dataclass
class Answer:
    """What came back."""

    status: int
    location: str
    body: str


class Browser:
    """One session and one connection; ``post`` sends a form with its token."""

    def __init__(self, settings: Settings, rpps: int = ALICE, name: str = "Dr Alice MARTIN", **session: object) -> None:
        self.settings = settings
        cookie = open_session(settings, rpps, name, **session)  # type: ignore[arg-type]
        self.cookie = f"{cookie_name(settings)}={cookie}"
        here = Visit(keys().signer("session").unsign(cookie).decode())
        here.delegation_id = session.get("delegation_id")  # type: ignore[assignment]
        self.csrf = here.csrf
        self.connection: http.client.HTTPConnection | None = None

    def at(self, port: int, tls: ssl.SSLContext | None = None) -> Browser:
        """Talk to the portal of another port, under the same name; with ``tls``, to the proxy there."""
        self.close()
        self.connection = (http.client.HTTPSConnection("localhost", port, timeout=TIMEOUT, context=tls) if tls
                           else http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT))
        return self

    def close(self) -> None:
        """Hang up."""
        if self.connection:
            self.connection.close()
        self.connection = None

    def post(self, path: str, form: dict[str, str], **headers: str) -> Answer:
        """Send a form; raises Lost when no whole answer comes."""
        return self._ask("POST", path, urlencode({"_csrf": self.csrf} | form).encode(),
                         {"Content-Type": "application/x-www-form-urlencoded"} | headers)

    def get(self, path: str) -> Answer:
        """Ask for a page; raises Lost."""
        return self._ask("GET", path, None, {})

    def headers(self) -> dict[str, str]:
        """What each request carries."""
        origin = self.settings.origin
        return {"Host": origin.partition("//")[2], "Cookie": self.cookie, "Origin": origin,
                "Sec-Fetch-Site": "same-origin"}

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        if self.connection is None:
            self.at(self.settings.port)
        assert self.connection is not None
        try:
            self.connection.request(method, path, body, self.headers() | headers)
            with self.connection.getresponse() as response:
                text = response.read().decode("utf-8")
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise Lost(type(error).__name__) from error
        return Answer(response.status, response.headers.get("Location", ""), text)


class EnSuspens:
    """A POST of which half the body was sent: ``finish()`` sends the rest and returns the status."""

    def __init__(self, browser: Browser, path: str, form: dict[str, str]) -> None:
        body = urlencode({"_csrf": browser.csrf} | form).encode()
        sent = browser.headers() | {"Content-Type": "application/x-www-form-urlencoded",
                                    "Content-Length": str(len(body)), "Connection": "close"}
        head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in sent.items()) + "\r\n"
        self.socket = socket.create_connection(("127.0.0.1", browser.settings.port), TIMEOUT)
        self.socket.sendall(head.encode() + body[:10])
        self.rest = body[10:]

    def finish(self) -> int:
        """Raises OSError when the portal hung up."""
        with self.socket:
            self.socket.sendall(self.rest)
            with http.client.HTTPResponse(self.socket, method="POST") as answer:
                answer.begin()
                answer.read()
                return answer.status


@dataclass
class Ecrits:
    """What clients were told is written; ``lost``: why the last sending of each got no answer."""

    accepted: set[int] = field(default_factory=set)
    created: dict[int, str] = field(default_factory=dict)
    sent: set[int] = field(default_factory=set)
    # The number of a dossier, then the rank of the last text acknowledged and of the last one sent.
    typed: dict[int, tuple[int, int]] = field(default_factory=dict)
    typings: int = 0
    refused: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def total(self) -> int:
        """How many writes were acknowledged."""
        return len(self.accepted) + len(self.created) + len(self.sent) + self.typings


Step = Callable[[Browser, Ecrits], None]


def accepting(numbers: Iterable[int]) -> list[Step]:
    """« Accepter » each of these dossiers."""
    def one(numero: int) -> Step:
        def step(browser: Browser, done: Ecrits) -> None:
            answer = browser.post(f"/dossiers/grand-age/{numero}/accepter", {"version": "1"})
            _note(done, answer, lambda: done.accepted.add(numero))
        return step
    return [one(numero) for numero in numbers]


def creating(names: Iterable[str]) -> list[Step]:
    """Open a dossier for each of these surnames."""
    def one(name: str) -> Step:
        def step(browser: Browser, done: Ecrits) -> None:
            answer = browser.post("/dossiers/grand-age/creer", creation(name))
            _note(done, answer, lambda: done.created.update({number_in(answer.location): name}))
        return step
    return [one(name) for name in names]


def creation(name: str, **more: str) -> dict[str, str]:
    """« Créer un dossier », filled in."""
    return {
        "civilite": "Mme", "nom_naissance": name, "nom_usage": "", "prenoms": "Josette", "naissance": "05/03/1941",
        "sexe": "F", "telephone": "0231000001", "adresse": "1 rue des Prés", "ville": "14000 Caen",
        "sejour_0": "oui", "information": "oui", "confirme": "oui"} | more


def number_in(location: str) -> int:
    """The number of the dossier that an address is about."""
    found = re.search(r"/dossiers/[a-z-]+/(\d+)", location)
    assert found, location
    return int(found[1])


def sending(rows: Iterable[tuple[int, int]]) -> list[Step]:
    """Send the one request of each of these dossiers."""
    def one(numero: int, row: int) -> Step:
        def step(browser: Browser, done: Ecrits) -> None:
            answer = browser.post(f"/dossiers/grand-age/{numero}/demandes/envoyer", {"demande": f"{row}.1"})
            _note(done, answer, lambda: done.sent.add(row))
        return step
    return [one(*pair) for pair in rows]


def typing(numero: int, times: int, field_name: str, mark: str) -> list[Step]:
    """Save one text of the medical volet again and again, each time the next rank."""
    def one(rank: int) -> Step:
        def step(browser: Browser, done: Ecrits) -> None:
            before = f"{mark} {rank - 1}" if rank else None
            form = {"base": json.dumps({field_name: reponses.digest(before)}), "version": "0",
                    "cle": f"cle-{numero}-{rank}", field_name: f"{mark} {rank}"}
            acknowledged = done.typed.get(numero, (-1, -1))[0]
            done.typed[numero] = (acknowledged, rank)
            answer = browser.post(f"/dossiers/grand-age/{numero}/volets/medical", form)
            _note(done, answer, lambda: _typed(done, numero, rank))
        return step
    return [one(rank) for rank in range(times)]


def _typed(done: Ecrits, numero: int, rank: int) -> None:
    done.typed[numero] = (rank, rank)
    done.typings += 1


def _note(done: Ecrits, answer: Answer, write: Callable[[], object]) -> None:
    with done.lock:
        if answer.status in (200, 303):
            write()
        else:
            done.refused.append(f"{answer.status} {answer.body[:300]}")


def at_work(browser: Browser, steps: list[Step], done: Ecrits, stop: threading.Event) -> threading.Thread:
    """Do these steps one after the other in a thread, until the portal is gone or ``stop`` is set."""
    def run() -> None:
        for step in steps:
            if stop.is_set():
                return
            try:
                step(browser, done)
            except Lost as lost:
                with done.lock:
                    done.lost.append(str(lost))
                return
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
