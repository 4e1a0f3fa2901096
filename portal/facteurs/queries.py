"""Questions about an account's second factors; the login asks here too."""

from __future__ import annotations

from portal.db.crypto import SealBroken, keys, marks
from portal.facteurs import rules
from portal.facteurs.cles import queries as cles
from portal.facteurs.models import Application, Secours


def applications(compte_id: int) -> list[Application]:
    """The authenticator applications of an account, oldest first."""
    own = Application.select().where(Application.compte_id == compte_id)
    return list(own.order_by(Application.created, Application.key))


def application(compte_id: int, key: str) -> Application | None:
    """One application of this account; None for any other's."""
    return Application.get_or_none(Application.compte_id == compte_id, Application.key == key)


def has_application(compte_id: int) -> bool:
    """True when an application can give this account's codes."""
    return bool(Application.select().where(Application.compte_id == compte_id).exists())


def can_log_in(compte_id: int) -> bool:
    """True when a password is not alone: an application or a passkey takes the second step."""
    return has_application(compte_id) or cles.count(compte_id) > 0


def recovery_codes_left(compte_id: int) -> int:
    """How many recovery codes have not served."""
    return int(Secours.select().where(Secours.compte_id == compte_id, Secours.used.is_null()).count())


def secret_of(found: Application) -> bytes | None:
    """An application's secret, or None if its seal is broken."""
    try:
        text = keys().open(found.secret, table="application_otp", row=found.key, column="secret")
        return rules.unbase32(text)
    except (SealBroken, ValueError):
        return None


def recovery_hashes(compte_id: int, code: str) -> tuple[str, ...]:
    """What is stored of a recovery code: keyed, so that a stolen table can't be searched for 50 bits.

    The first is for a new code; codes printed before a new secret are found under the others.
    """
    return marks("code_secours", f"{compte_id}:{code}".encode())
