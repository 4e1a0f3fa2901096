"""A page as PDF by WeasyPrint (extra ``pdf``). It reads our own files from disk and nothing else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit

from portal.settings import resource
from portal.web.errors import PageError, TooLarge

# A name that no network knows: the pages' addresses are read under it.
HERE = "portail.invalid"
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".webp": "image/webp", ".otf": "font/otf", ".ttf": "font/ttf"}
# Every free text of a dossier at its limit stays far below.
MAX_HTML = 2_000_000
# A page takes a processor for a second: two at once, the others wait a little.
PLACES = threading.BoundedSemaphore(2)
WAIT_SECONDS = 20.0


class SansPdf(PageError):
    """WeasyPrint is not installed here, or its libraries are not."""

    code = "E18"
    status = 503
    title = "Le PDF n’est pas disponible ici"
    explanation = "Ce portail n’a pas le programme qui fabrique les PDF."
    advice = "Revenez à la page précédente, affichez la version à imprimer, puis imprimez depuis le navigateur."
    aide = "impression#pdf"


class Occupe(PageError):
    """Too many at once."""

    code = "E19"
    status = 503
    title = "Trop de PDF sont demandés en même temps"
    explanation = "D’autres PDF sont en cours de fabrication."
    advice = "Réessayez dans une minute, ou imprimez depuis le navigateur."
    aide = "impression#pdf"


@cache
def _weasyprint() -> ModuleType | None:
    """The library, None without it or without Pango, which it loads when imported."""
    try:
        import weasyprint
    except (ImportError, OSError):
        return None
    # Its notes on style sheets quote pages.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    return weasyprint


def installed() -> bool:
    """True when this portal makes PDF."""
    return _weasyprint() is not None


def render(html: str, folders: Mapping[str, Path] | None = None) -> bytes:
    """The PDF of a page, tagged for those who listen to it (PDF/UA-1).

    ``folders``: what else the page may show, by the beginning of its address (« /aide/ »), besides /static/.

    Raises SansPdf, TooLarge for a page beyond MAX_HTML characters, Occupe.
    """
    library = _weasyprint()
    if library is None:
        raise SansPdf()
    if len(html) > MAX_HTML:
        raise TooLarge()
    if not PLACES.acquire(timeout=WAIT_SECONDS):
        raise Occupe()
    try:
        document = library.HTML(string=html, base_url=f"https://{HERE}/",
                                url_fetcher=_fetcher(library, folders or {}))
        made: bytes = document.write_pdf(pdf_variant="pdf/ua-1", optimize_images=True)
        return made
    finally:
        PLACES.release()


def _fetcher(library: ModuleType, folders: Mapping[str, Path]) -> Any:
    """Reads our own folders from disk; any other address is refused, and the page is made without it."""

    class OwnFiles(library.URLFetcher):  # type: ignore[name-defined]  # an optional library, loaded at run time
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            path = own_file(url, folders)
            return library.urls.URLFetcherResponse(
                url, path.read_bytes(), {"Content-Type": TYPES[path.suffix]})

    return OwnFiles()


def own_file(url: str, folders: Mapping[str, Path] | None = None) -> Path:
    """The file of one of our addresses; raises ValueError for any other."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.netloc == HERE:
        for start, folder in {"/static/": Path(resource("static")), **(folders or {})}.items():
            root = folder.resolve()
            path = (root / unquote(parts.path).removeprefix(start)).resolve()
            if (parts.path.startswith(start) and path.is_relative_to(root) and path.suffix in TYPES
                    and path.is_file()):
                return path
    raise ValueError("not one of our files")
