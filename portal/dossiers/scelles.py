"""What a dossier keeps sealed: phones, e-mail, the number of the sécurité sociale."""

from __future__ import annotations

from portal.db.crypto import SealBroken, keys, marks
from portal.dossiers import rules
from portal.dossiers.models import Dossier

NIR_PURPOSE, FINGERPRINT = "dossier.nir", 32


def seal(module: str, numero: int, column: str, text: str) -> bytes | None:
    """A text as the table keeps it in this column; None for an empty one."""
    place = rules.format_numero(module, numero)
    return keys().seal(text, table="dossier", row=place, column=column) if text else None


def opened(dossier: Dossier, column: str) -> str:
    """The text of a sealed column in clear, "" for none (or if its seal is broken)."""
    sealed = getattr(dossier, column)
    if sealed is None:
        return ""
    place = rules.format_numero(dossier.module, dossier.numero)
    try:
        return keys().open(sealed, table="dossier", row=place, column=column)
    except SealBroken:
        return ""


def fingerprint(nir: str) -> str | None:
    """What finds the same number (15 characters) again without saying it to who has no key; None for none."""
    return next(iter(fingerprints(nir)), None)


def fingerprints(nir: str) -> tuple[str, ...]:
    """All that a row may hold of this number, the present one first: under a former secret until ``portal rekey``."""
    return tuple(mark[:FINGERPRINT] for mark in marks(NIR_PURPOSE, nir.encode())) if nir else ()


def same_number(dossier: Dossier) -> tuple[str, ...]:
    """The fingerprints by which other rows may hold this dossier's number; none without one."""
    found = fingerprints(opened(dossier, "nir")) if dossier.nir_empreinte else ()
    return found or ((dossier.nir_empreinte,) if dossier.nir_empreinte else ())
