"""A server that answers nothing but keeps what it was asked: what a proxy really sends on."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Echo:
    """Each request received: its first line, and its headers in order with lower-case names."""

    port: int = 0
    lines: list[str] = field(default_factory=list)
    headers: list[list[tuple[str, str]]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def last(self, name: str) -> list[str]:
        """All values of one header of the last request."""
        return [value for key, value in self.headers[-1] if key == name]


@contextlib.contextmanager
def running(status: int = 200) -> Iterator[Echo]:
    """Listen on a free port of loopback until the end of the block."""
    seen = Echo()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            seen.lines.append(self.requestline)
            seen.headers.append([(key.lower(), value) for key, value in self.headers.items()])
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        do_POST = do_GET

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seen.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
