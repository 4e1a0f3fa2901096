"""Is this file what it says, and can it do nothing but be read? By its first bytes, then by parsing it whole."""

from __future__ import annotations

import io
import logging
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageFile
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from portal.pieces import rules
from portal.pieces.rules import Format

# An A4 sheet scanned at 600 dots an inch has 35 million.
MAX_PIXELS = 50_000_000
# A progressive JPEG has a dozen; each costs a walk over the whole picture, so thousands would hold the processor.
MAX_SCANS = 50
MAX_PAGES = 500
MAX_OBJECTS = 100_000
SECONDS = 10.0
# Parsing takes processor and memory: two at once, the others wait a little.
PLACES = threading.BoundedSemaphore(2)
WAIT_SECONDS = 20.0

ACTIVE = "contient un programme ou lance une action"
ATTACHED = "contient un autre fichier"
# Keys and action names (PDF 32000-1: 7.11.4, 12.6.4) that let a document act, or hide a file in it.
ACTIVE_NAMES = {
    "/JS": ACTIVE, "/JavaScript": ACTIVE, "/Launch": ACTIVE, "/ImportData": ACTIVE, "/SubmitForm": ACTIVE,
    "/Rendition": ACTIVE, "/RichMedia": ACTIVE, "/XFA": ACTIVE,
    "/EmbeddedFile": ATTACHED, "/EmbeddedFiles": ATTACHED, "/EF": ATTACHED, "/GoToE": ATTACHED,
}
# A second look at the plain bytes, for what a damaged table of objects would hide from the first.
PLAIN = re.compile(rb"/(JavaScript|Launch|RichMedia|EmbeddedFiles?)\b")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")

# pypdf's notes on damaged files quote them.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


class Refus(Exception):
    """The file is not taken; the message is a French sentence that says why and what to do."""


class Occupe(Exception):
    """Too many files are being checked at once."""


def check(name: str, content: bytes, limit: int) -> Format:
    """The true format of a file that may be joined. Raises Refus, Occupe.

    ``name``: as the browser sent it; ``limit``: the largest size, in bytes.
    """
    if not content:
        raise Refus("Ce fichier est vide. Choisissez-en un autre.")
    if len(content) > limit:
        raise Refus(f"Ce fichier est trop gros\u00a0: {rules.size_words(len(content))}, pour "
                    f"{rules.size_words(limit)} au plus. Réduisez-le, ou joignez-le en plusieurs parties.")
    found = rules.sniff(content)
    if found is None:
        raise Refus("Ce fichier n’est ni un PDF, ni une image PNG ou JPEG. Convertissez-le en PDF, puis recommencez.")
    last = rules.ending(name)
    if last and last not in found.endings:
        raise Refus(f"Le nom de ce fichier finit par «\u00a0.{_short(last)}\u00a0», mais c’est un fichier "
                    f"{found.label}. Renommez-le en «\u00a0.{found.endings[0]}\u00a0» si c’est bien le bon fichier.")
    if not PLACES.acquire(timeout=WAIT_SECONDS):
        raise Occupe()
    try:
        _pdf(content) if found.label == "PDF" else _image(content, found)
    finally:
        PLACES.release()
    return found


def _short(text: str) -> str:
    """An ending as a message may quote it: it can be anything, and as long as a name."""
    return text if len(text) <= 10 else f"{text[:10]}…"


# --- pictures

def _image(content: bytes, found: Format) -> None:
    """Read a picture, its pixels bounded before any is decoded."""
    damaged = Refus(f"Cette image {found.label} est abîmée ou incomplète. Enregistrez-la de nouveau, puis recommencez.")
    if found.label == "JPEG" and content.count(b"\xff\xda") > MAX_SCANS:
        raise damaged
    try:
        # WeasyPrint, where it is installed, makes Pillow lenient for the whole process.
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        with Image.open(io.BytesIO(content), formats=[found.label]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _too_many_pixels()
            if found.label == "PNG":
                image.verify()  # every chunk and its checksum, no pixel
            else:
                image.draft("L", (max(1, image.width // 8), max(1, image.height // 8)))
                image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except Refus:
        raise
    except Exception:  # a hostile picture may raise anything from a decoder
        raise damaged from None


def _too_many_pixels() -> Refus:
    return Refus(f"Cette image a trop de points\u00a0: {MAX_PIXELS // 1_000_000} millions au plus. "
                 "Numérisez-la avec une résolution plus basse, puis recommencez.")


# --- PDF

def _pdf(content: bytes) -> None:
    """Walk every object of a PDF: it must open without a password, have pages, and do nothing."""
    deadline = time.monotonic() + SECONDS
    try:
        reader = PdfReader(io.BytesIO(content), root_object_recovery_limit=1000,
                           xref_stream_maximum_entries=MAX_OBJECTS)
        if reader.is_encrypted:
            raise Refus("Ce PDF est protégé par un mot de passe ou chiffré. Enregistrez-en une copie sans protection, "
                        "puis joignez-la.")
        pages = len(reader.pages)
        if not 0 < pages <= MAX_PAGES:
            raise Refus(f"Ce PDF n’a aucune page, ou en a plus de {MAX_PAGES}. Joignez un PDF plus court.")
        for value in _objects(reader):
            _still(value, deadline)
    except Refus:
        raise
    except (Exception, RecursionError):  # a hostile file may raise anything from a parser
        raise Refus("Ce PDF est abîmé ou incomplet. Enregistrez-le ou numérisez-le de nouveau, "
                    "puis recommencez.") from None
    plain = PLAIN.search(ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), content))
    if plain:
        raise _acts(ACTIVE_NAMES[f"/{plain[1].decode()}"])


def _objects(reader: PdfReader) -> Iterator[Any]:
    """The trailer and each object that the file lists, reachable or not."""
    yield reader.trailer
    listed = {(number, generation) for generation, table in reader.xref.items() for number in table}
    listed |= {(number, 0) for number in reader.xref_objStm}
    if len(listed) > MAX_OBJECTS:
        raise ValueError("too many objects")
    for number, generation in sorted(listed):
        # 65535 heads the list of free numbers.
        if generation < 65535:
            yield reader.get_object(IndirectObject(number, generation, reader))


def _still(value: Any, deadline: float) -> None:
    """Refuse an object that acts or holds a file; references are not followed, each object comes by itself."""
    waiting = [value]
    if isinstance(value, NameObject) and value in ACTIVE_NAMES:
        raise _acts(ACTIVE_NAMES[value])
    while waiting:
        if time.monotonic() > deadline:
            raise ValueError("too slow")
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            for key, inner in one.items():
                for word in (str(key), str(inner) if key in ("/S", "/Type", "/Subtype") else ""):
                    if word in ACTIVE_NAMES:
                        raise _acts(ACTIVE_NAMES[word])
                waiting.append(dict.__getitem__(one, key))
        elif isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))


def _acts(what: str) -> Refus:
    return Refus(f"Ce PDF {what}\u00a0: par sécurité, il est refusé. Imprimez-le en PDF, puis joignez cette copie.")
