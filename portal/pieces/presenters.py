"""Words of the pieces, and the headers a file leaves with."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from portal.pieces import rules
from portal.pieces.queries import Jointe
from portal.settings import Settings
from portal.web import dates

# The file is opened outside the portal; if a browser shows it all the same, it may do nothing.
POLICY = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Ligne:
    """A piece in a list."""

    id: str
    nature: str
    nom: str
    detail: str
    ajoutee: str
    retiree: str
    medical: bool


def line(piece: Jointe) -> Ligne:
    """« PDF, 1,4 Mo », « ajoutée par … le … », « retirée par … le … »."""
    gone = f"retirée par {piece.retire_par} le {dates.moment(piece.retire_le)}" if piece.retire_le else ""
    return Ligne(
        piece.id, piece.kind.label, piece.nom, f"{piece.format.label}, {rules.size_words(piece.size)}",
        f"ajoutée par {piece.par} le {dates.moment(piece.le)}", gone, piece.kind.medical)


def choices(codes: list[str]) -> list[tuple[str, str]]:
    """The options of the kind's list, the empty one first; a medical kind says so when both are on offer."""
    mixed = len({rules.KINDS[code].medical for code in codes}) > 1
    words = [(code, rules.KINDS[code].label + (" (médecins seulement)" if mixed and rules.KINDS[code].medical
                                               else "")) for code in codes]
    return [("", "Choisir…"), *words]


def limits(settings: Settings) -> str:
    """What may be joined, in one sentence."""
    return (f"PDF, PNG ou JPEG, {rules.size_words(settings.piece_max)} au plus. "
            f"Le dossier contient {settings.pieces_max} pièces et {rules.size_words(settings.pieces_total)} au plus.")


def headers(piece: Jointe) -> dict[str, str]:
    """The headers of a download (RFC 6266, name by RFC 8187), in place of a page's.

    ``content-encoding``: these formats are compressed already; it keeps 10 MiB out of the gzip middleware.
    """
    plain = "".join(char if char.isascii() and char not in '"\\%;' else "_" for char in piece.nom)
    return {
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(piece.nom, safe='')}",
        "content-security-policy": POLICY,
        "content-encoding": "identity",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
    }
