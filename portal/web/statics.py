"""The files of ``static/``, read once: kept for ever by browsers when the address carries their fingerprint."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

import brotli
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from portal.settings import resource

# What every page needs, in one file each: a request less to wait for.
JOINED = {
    "css/commun.css": ("css/jetons.css", "css/portail.css"),
    "js/htmx.js": ("vendor/htmx-4.0.1.min.js", "js/avance.js"),
}
PACKED = (".css", ".js", ".svg")
FOR_EVER, ASKED_AGAIN = "public, max-age=31536000, immutable", "no-cache"


@dataclass(frozen=True)
class File:
    """One file. ``packed``: it is text, worth compressing."""

    media_type: str
    content: bytes
    packed: bool

    @cached_property
    def etag(self) -> str:
        """The file's fingerprint, as its address carries it."""
        return hashlib.sha256(self.content).hexdigest()[:10]

    @cached_property
    def bodies(self) -> Mapping[str, bytes]:
        """The file in each content coding; packed when first asked for, since no page needs them all."""
        if not self.packed:
            return {"": self.content}
        return {"": self.content, "br": bytes(brotli.compress(self.content, quality=11)),
                "gzip": gzip.compress(self.content, mtime=0)}


def find(_state: object, path: str, query: bytes) -> tuple[File, str] | None:
    """The file at an address under /static/ and how long it is kept: for ever under its present fingerprint."""
    file = files().get(path)
    if file is None:
        return None
    return file, FOR_EVER if query == b"v=" + file.etag.encode() else ASKED_AGAIN


def address(path: str) -> str:
    """The address of a file, with its fingerprint. Raises KeyError for a file that is not there."""
    return f"/static/{path}?v={files()[path].etag}"


@lru_cache(maxsize=1)
def files() -> Mapping[str, File]:
    """Every file by its path under /static/: a few dozen, small ones."""
    folder = Path(resource("static"))
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    read = {name: _read(path) for name, path in found.items()}
    return MappingProxyType(read | {name: _joined([read[part] for part in parts]) for name, parts in JOINED.items()})


def _read(path: Path) -> File:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    return File(kind + charset, path.read_bytes(), path.suffix in PACKED)


def _joined(parts: list[File]) -> File:
    return File(parts[0].media_type, b"\n".join(part.content for part in parts), packed=True)


async def absent(scope: Scope, _receive: Receive, _send: Send) -> None:
    """What no file answers: raises HTTPException, 405 for a method that none knows."""
    raise HTTPException(404 if scope["method"] in ("GET", "HEAD") else 405)
