"""What a dossier keeps sealed: phones, e-mail, the number of the sécurité sociale."""

from __future__ import annotations

import hashlib
import hmac

from portal.db.crypto import SealBroken, keys, purpose_key
from portal.dossiers import rules
from portal.dossiers.models import Dossier


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
    if not nir:
        return None
    return hmac.new(purpose_key("dossier.nir"), nir.encode(), hashlib.sha256).hexdigest()[:32]
