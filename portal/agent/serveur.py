"""The agent's HTTP server: loopback only, small bodies, the same headers on every answer."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from portal.agent import carte_demonstration, pages
from portal.agent.actions import Agent
from portal.agent.echanges import HEADERS, Request, Response
from portal.agent.pcsc import Pcsc
from portal.agent.pilotes import CardSource
from portal.agent.plateau import Tray
from portal.agent.preuve import Source

log = logging.getLogger("portal.agent")

LOOPBACK = "127.0.0.1"
MAX_BODY = 8 * 1024
MAX_FIELDS = 10
SOCKET_TIMEOUT_SECONDS = 15
FORM = "application/x-www-form-urlencoded"


class BindRefused(ValueError):
    """The agent listens on 127.0.0.1 and nowhere else."""


class OriginRefused(ValueError):
    """Not the origin of a site: scheme, host and port, without a path."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    # On Windows this option would let another program take the port over while the agent holds it.
    allow_reuse_address = os.name != "nt"

    def __init__(self, address: tuple[str, int], agent: Agent) -> None:
        if address[0] != LOOPBACK:
            raise BindRefused(f"Adresse refusée\u00a0: {address[0]}. L’agent n’écoute que sur {LOOPBACK}.")
        self.agent = agent
        super().__init__(address, _Handler)
        agent.own_host = f"{LOOPBACK}:{self.server_port}"

    def server_bind(self) -> None:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        super().server_bind()

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("connexion interrompue", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    timeout = SOCKET_TIMEOUT_SECONDS
    server: _Listener

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            self.send_error(411)
        elif len(length) > 9 or int(length) > MAX_BODY:
            self.send_error(413)
        elif self.headers.get_content_type() != FORM:
            self.rfile.read(int(length))
            self.send_error(415)
        else:
            form = _form(self.rfile.read(int(length)))
            if form is None:
                self.send_error(400)
            else:
                self._serve(form)

    def _serve(self, form: dict[str, str]) -> None:
        names = [name.lower() for name in self.headers]
        single = {name: self.headers[name] for name in names if names.count(name) == 1}
        try:
            response = self.server.agent.answer(Request(self.command, self.path, single, form))
        except Exception:
            log.exception("erreur interne")
            self.send_error(500)
        else:
            self._send(response)

    def _send(self, response: Response) -> None:
        body = response.body.encode()
        self.send_response(response.status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if response.location:
            self.send_header("Location", response.location)
        self.send_header("Content-Type", response.type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The library's own refusals, in the agent's words and with its headers."""
        self.close_connection = True
        title, advice = "Demande refusée", "Ce programme n’accepte pas cette demande. Revenez au portail."
        if code >= 500 and code != 501:
            title, advice = "Panne du programme", "Relancez le programme du lecteur, puis recommencez."
        self.command = self.command or ""
        self._send(Response(pages.refusal(title, advice), code))

    def version_string(self) -> str:
        return "portail-agent"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        log.info(format, *args)


class Server:
    """A running agent. ``port`` is the real one, also when 0 was asked."""

    def __init__(self, listener: _Listener) -> None:
        self._listener = listener
        self._thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._listener.server_port

    @property
    def url(self) -> str:
        return self._listener.agent.own_origin

    @property
    def tray(self) -> Tray | None:
        return self._listener.agent.tray

    def insert(self, card: str) -> None:
        """Put a card of the tray in the reader: its id, ``aucune`` or ``debranche``; raises ValueError."""
        if self.tray is None:
            raise ValueError("this agent has no demonstration tray")
        self.tray.insert(card)

    def wait(self) -> None:
        """Until ``stop`` is called elsewhere, or the keyboard interrupts."""
        while self._thread.is_alive():
            self._thread.join(1)

    def stop(self) -> None:
        """Stop listening, free the port and stop watching the reader."""
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()
        self._listener.agent.source.close()


def start(port: int, origins: Iterable[str], demonstration: Path | None = None, *, source: Source | None = None,
          host: str = LOOPBACK, clock: Callable[[], float] = time.monotonic) -> Server:
    """Start an agent in a thread of this process; ``port`` 0 takes any free one.

    ``origins`` are the portals it serves (``https://portail.example``); ``demonstration`` is a folder of card
    images; ``source`` is where cards come from otherwise, by default any reader of this workstation. Raises
    BindRefused, OriginRefused, carte_demonstration.ImageError, and OSError for a taken port.
    """
    sites = [checked_origin(origin) for origin in origins]
    tray = Tray(carte_demonstration.load(demonstration)) if demonstration else None
    cards = CardSource(tray) if tray else source or CardSource(Pcsc())
    return Server(_Listener((host, port), Agent(cards, sites, clock, tray)))


def _form(body: bytes) -> dict[str, str] | None:
    """The fields of a form, each once; None for anything else."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body),
                          errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


def checked_origin(text: str) -> str:
    """The origin as browsers write it; raises OriginRefused."""
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError as error:
        raise OriginRefused(f"Origine refusée\u00a0: {text}.") from error
    host = parts.hostname or ""
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    plain = not (parts.path or parts.query or parts.fragment or parts.username or parts.password is not None)
    local = parts.scheme == "https" or host in (LOOPBACK, "localhost")
    if usual is None or not host or {"*", ":"} & set(host) or not plain or not local:
        raise OriginRefused(
            f"Origine refusée\u00a0: {text}. Écrivez par exemple https://portail.exemple.fr, sans chemin. "
            "http n’est admis que sur ce poste.")
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")
