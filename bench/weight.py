"""What a first visit and a swap weigh on the wire, as a browser gets them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from bench.sections import Goal, Run, Section, table
from bench.servers import PAGE, Server

DASHBOARD = "/accueil"
FIRST_LOAD_GOAL = 20_000
SWAP_GOAL = 2_500
FULL_GOAL = 4_000
BROWSER = {"Accept_Encoding": "gzip, deflate, br, zstd", "Accept": "text/html"}
# The attributes by which a page makes a browser fetch more.
FETCHED = {"link": "href", "script": "src", "img": "src", "use": "href", "source": "src", "iframe": "src"}
FETCHED_RELATIONS = ("stylesheet", "icon", "preload", "modulepreload", "manifest")
CSS_ADDRESS = re.compile(r"url\(\s*['\"]?([^'\")]+)")


@dataclass(frozen=True)
class Part:
    """One answer of a first load: its compressed body, and all its bytes with the headers."""

    path: str
    body: int
    wire: int
    encoding: str


class Addresses(HTMLParser):
    """Collects what a page makes the browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get(FETCHED.get(tag, ""))
        wanted = tag != "link" or any(word in FETCHED_RELATIONS for word in (given.get("rel") or "").split())
        if address and wanted and not address.startswith(("data:", "#")):
            self.found.append(address)


def measure(run: Run) -> tuple[list[Part], Part, Part]:
    """The first load of the dashboard, a swap of the table, and its whole page."""
    return first_load(run.portal), swap(run.portal), _part(run.portal, PAGE)


def section(found: tuple[list[Part], Part, Part]) -> Section:
    """What each answer weighs."""
    loaded, swapped, whole = found
    parts = [(f"`{part.path}`", f"{part.body:,}", f"{part.wire:,}", part.encoding) for part in loaded]
    wire = sum(part.wire for part in loaded)
    total = ("**first load**", f"{sum(part.body for part in loaded):,}", f"{wire:,}", "")
    last = [(f"{words}, `{part.path}`", f"{part.body:,}", f"{part.wire:,}", part.encoding)
            for words, part in (("table swap", swapped), ("the table's page, files known", whole))]
    text = table(("dashboard, empty cache", "body bytes", "with headers", "encoding"), [*parts, total, *last])
    return Section("Weight", text, [
        Goal("first load of the dashboard ≤ 20 kB over the wire", f"{wire:,} bytes", wire <= FIRST_LOAD_GOAL),
        Goal("table swap of 25 rows ≤ 2.5 kB compressed", f"{swapped.body:,} bytes", swapped.body <= SWAP_GOAL),
        Goal("the table's page, its files known, ≤ 4 kB compressed", f"{whole.body:,} bytes", whole.body <= FULL_GOAL),
    ])


def first_load(server: Server) -> list[Part]:
    """The dashboard and everything it names, each once, with an empty cache."""
    parts = [_part(server, DASHBOARD)]
    page = Addresses()
    page.feed(server.fetch(DASHBOARD)[1].decode())
    waiting = [urljoin(DASHBOARD, address) for address in page.found]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0).partition("#")[0]
        if path in seen or urlsplit(path).netloc:
            continue
        seen.add(path)
        parts.append(_part(server, path))
        if urlsplit(path).path.endswith(".css"):
            named = CSS_ADDRESS.findall(server.fetch(path)[1].decode())
            waiting += [urljoin(path, address) for address in named if not address.startswith(("data:", "#"))]
    return parts


def swap(server: Server) -> Part:
    """The fragment of 25 rows that htmx gets when a tab is changed. Raises LookupError if it is a whole page."""
    asked = {"HX_Request": "true", "HX_Request_Type": "partial"}
    if b"<html" in server.fetch(PAGE, **asked)[1]:
        raise LookupError("the fragment is a whole page")
    return _part(server, PAGE, **asked)


def _part(server: Server, path: str, **headers: str) -> Part:
    head, body, wire = server.fetch(path, **(BROWSER | headers))
    return Part(path.partition("?")[0], len(body), wire, head.get("content-encoding", "identity"))
