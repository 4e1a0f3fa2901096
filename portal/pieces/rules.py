"""What may be attached to a dossier: kinds, formats, limits, names. Standard library only."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MEBI = 1024 * 1024
ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True)
class Kind:
    """What a piece is: its code, its words. A ``medical`` one is for physicians only."""

    code: str
    label: str
    medical: bool = False


# The pieces that the Cerfa 14732*03 asks for, then what a physician adds.
KINDS = {kind.code: kind for kind in (
    Kind("identite", "Pièce d’identité"),
    Kind("livret_famille", "Livret de famille"),
    Kind("titre_sejour", "Titre de séjour"),
    Kind("droits", "Attestation de droits à l’assurance maladie"),
    Kind("mutuelle", "Attestation de mutuelle"),
    Kind("pension", "Justificatif de pension"),
    Kind("imposition", "Avis d’imposition"),
    Kind("aide_sociale", "Décision d’aide sociale"),
    Kind("autre", "Autre pièce administrative"),
    Kind("ordonnance", "Ordonnance", medical=True),
    Kind("compte_rendu", "Compte rendu médical", medical=True),
    Kind("autre_medicale", "Autre pièce médicale", medical=True),
)}


@dataclass(frozen=True)
class Format:
    """A file format: its media type, its name, the endings of its files (the first is the one we write), its
    first bytes."""

    media: str
    label: str
    endings: tuple[str, ...]
    magic: bytes


FORMATS = {one.media: one for one in (
    Format("application/pdf", "PDF", ("pdf",), b"%PDF-"),
    Format("image/png", "PNG", ("png",), b"\x89PNG\r\n\x1a\n"),
    Format("image/jpeg", "JPEG", ("jpg", "jpeg", "jpe", "jfif"), b"\xff\xd8\xff"),
)}


def sniff(content: bytes) -> Format | None:
    """The format that the first bytes announce, None for any other."""
    return next((one for one in FORMATS.values() if content.startswith(one.magic)), None)


# --- names

MAX_NAME = 120
# Windows keeps these for devices, whatever follows the dot.
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE | re.ASCII)
FORBIDDEN = re.compile(r'[<>:"|?*%]')
# « ordonnance.exe.pdf »: an ending hidden before the last one. Dates (12.03.2026) and initials stay.
HIDDEN_ENDING = re.compile(r"\.(?=[A-Za-z][A-Za-z0-9]{1,4}(?:\.|$))")


def ending(name: str) -> str:
    """What follows the last dot, in lower case; "" without one."""
    _, dot, last = _base(name).rpartition(".")
    return last.strip().lower() if dot else ""


def safe_name(name: str, found: Format) -> str:
    """A name that can be shown, sent in a header and written on any disk; its ending is that of the true format.

    No folder, control or direction character, nothing a shell or Windows gives a meaning, at most MAX_NAME characters
    and 200 bytes of UTF-8.
    """
    text = _base(name)
    last = ending(text)
    stem = text.rpartition(".")[0] if last in {end for one in FORMATS.values() for end in one.endings} else text
    stem = HIDDEN_ENDING.sub("-", FORBIDDEN.sub("_", stem))
    stem = " ".join(stem.split()).strip(". -_")
    if DEVICES.fullmatch(stem.split(".")[0]):
        stem = f"piece-{stem}"
    stem = _shortened(stem, MAX_NAME - 5, 195).rstrip(". ")
    return f"{stem or 'piece'}.{found.endings[0]}"


def _base(name: str) -> str:
    """The last part of a path of any system, without invisible characters (NUL, CR, LF, U+202E…)."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    return "".join(" " if char in "\t\r\n" else char for char in last
                   if char in "\t\r\n" or unicodedata.category(char)[0] != "C").strip()


def _shortened(text: str, characters: int, size: int) -> str:
    return text[:characters].encode()[:size].decode(errors="ignore")


# --- sizes

def size_words(size: int) -> str:
    """« 640 octets », « 12 ko », « 1,4 Mo » (powers of 1,024, rounded up: what is shown is never below the limit)."""
    if size < 1024:
        return f"{size}\u00a0octet{'s' if size > 1 else ''}"
    if size < MEBI:
        return f"{-(-size // 1024)}\u00a0ko"
    tenths = -(-size * 10 // MEBI)
    return f"{tenths // 10}{f',{tenths % 10}' if tenths % 10 else ''}\u00a0Mo"
