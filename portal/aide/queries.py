"""The built help, read once into memory: files, sections, search."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from portal.aide.rules import Entry, Index, Results
from portal.settings import resource

log = logging.getLogger("portal.aide")

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".png": "image/png",
    ".webp": "image/webp",
}
# What the build leaves beside a text, by content coding.
PACKED = {"br": ".br", "gzip": ".gz"}
SHOWN_AS_PAGE = "index.html"
NOT_FOUND = "404.html"
FRAGMENTS = "fragments.json"
CACHE: Final = "public, no-cache"
DRAWER = b"ancre="
# The help that a wheel carries, built with the settings' defaults (tools/wheel.py).
BUNDLED = "aide_construite"


@dataclass(frozen=True)
class File:
    """One file of the site, with its bodies by content coding (``""`` is the plain one)."""

    media_type: str
    etag: str
    bodies: dict[str, bytes]


@dataclass(frozen=True)
class Section:
    """What the drawer shows: a title, the section's HTML (made by us from our own pages), its address."""

    title: str
    html: str
    href: str


@dataclass(frozen=True)
class Site:
    """The whole help. ``files`` by path under /aide/, ``sections`` by page then anchor, in page order."""

    files: dict[str, File] = field(default_factory=dict)
    sections: dict[str, dict[str, Section]] = field(default_factory=dict)
    index: Index = field(default_factory=lambda: Index([]))

    def file(self, path: str) -> File | None:
        """The file at an address under /aide/; a page's address ends with a slash (the home's is empty)."""
        return self.files.get(path + SHOWN_AS_PAGE if not path or path.endswith("/") else path)

    def shown(self, path: str) -> File | None:
        """The file that a browser may ask for: not the 404 page, and no page under a second name."""
        return None if path == NOT_FOUND or path.endswith(SHOWN_AS_PAGE) else self.file(path)

    def section(self, page: str, anchor: str) -> Section | None:
        """The section of ``page#anchor``; the page's first for an unknown anchor, None for no such page."""
        found = self.sections.get(page)
        return None if not found else found.get(anchor) or next(iter(found.values()))

    def has(self, target: str) -> bool:
        """True when a help target (``page#anchor``) leads to a section of its own."""
        page, _, anchor = target.partition("#")
        return anchor in self.sections.get(page, {})

    def chapters(self) -> list[tuple[str, str]]:
        """Address and title of each page."""
        return [(first.href.partition("#")[0], first.title)
                for found in self.sections.values() for first in [next(iter(found.values()))]]

    def search(self, query: str) -> Results:
        """The sections that answer the query, best first."""
        return self.index.search(query)


def shown(state: Any, path: str, query: bytes) -> tuple[File, str] | None:
    """The page or picture at an address under /aide/, and how long it is kept; None for the drawer's part of a page."""
    site: Site = state.help_site
    file = site.shown(path)
    return (file, CACHE) if file and DRAWER not in query else None


def load_site(folder: Path) -> Site:
    """Read the built site, else the one of the wheel; an empty one when there is none. Both are told in the log.

    The same site (told by its fingerprint) is read once a process, wherever it stands: its index takes half a second.
    """
    if not (folder / FRAGMENTS).is_file():
        folder = resource(BUNDLED)
        if not (folder / FRAGMENTS).is_file():
            log.warning("l’aide n’est pas construite : lancez « portal aide »")
            return Site()
        log.warning("l’aide est celle du paquet, sans vos réglages : lancez « portal aide »")
    stamp = folder / "empreinte.txt"
    return _known(stamp.read_text("utf-8"), _Place(folder)) if stamp.is_file() else _read(folder)


class _Place:
    """A folder that says nothing of itself to the cache: any copy of a site will do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Place)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=2)
def _known(_fingerprint: str, place: _Place) -> Site:
    return _read(place.folder)


def _read(folder: Path) -> Site:
    files = {path.relative_to(folder).as_posix(): _file(path)
             for path in sorted(folder.rglob("*")) if path.suffix in TYPES}
    entries = [Entry(**entry) for entry in json.loads((folder / "recherche.json").read_text("utf-8"))]
    urls = {entry.page: entry.url for entry in entries}
    pages = json.loads((folder / FRAGMENTS).read_text("utf-8"))
    sections = {
        page: {anchor: Section(one["title"], one["html"], f"{urls[page]}#{anchor}")
               for one in found for anchor in [one["anchor"]]}
        for page, found in pages.items()
    }
    return Site(files, sections, Index(entries))


def _file(path: Path) -> File:
    bodies = {"": path.read_bytes()}
    for coding, suffix in PACKED.items():
        compressed = path.with_name(path.name + suffix)
        if compressed.is_file():
            bodies[coding] = compressed.read_bytes()
    return File(TYPES[path.suffix], hashlib.sha256(bodies[""]).hexdigest()[:20], bodies)
