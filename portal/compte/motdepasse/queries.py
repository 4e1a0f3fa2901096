"""Questions about mailed links and the passwords they have set."""

from __future__ import annotations

import hashlib
import hmac

from itsdangerous import BadSignature

from portal import clock
from portal.compte import queries as comptes
from portal.compte.models import Compte
from portal.compte.motdepasse.models import Lien
from portal.db.audit import Trace
from portal.db.crypto import is_mark, keys, marks
from portal.settings import Settings

PURPOSE, STATE_PURPOSE = "mot_de_passe", "mot_de_passe_etat"
# Logins that show more than the mailbox which the link went to.
BEYOND_THE_MAILBOX = ("connexion.cps", "connexion.ecps", "connexion.cle", "connexion.otp")


class LinkForged(Exception):
    """The link was altered or cut."""


class LinkDead(Exception):
    """The link is too old, has served, was replaced by a newer one, or the account has changed since."""


def compte_of_link(settings: Settings, jeton: str) -> Compte:
    """The account whose password this link may set. Raises LinkForged, LinkDead."""
    try:
        compte_id, secret = keys().serializer(PURPOSE).loads(jeton)
    except (BadSignature, ValueError) as error:
        raise LinkForged() from error
    found, compte = Lien.get_or_none(Lien.compte_id == compte_id), comptes.get(compte_id)
    if found is None or compte is None or found.hash is None:
        raise LinkDead()
    late = clock.now() - found.created > settings.reset_link_life
    if late or not hmac.compare_digest(found.hash, hash_of(secret)) or not is_mark(
            found.etat, STATE_PURPOSE, _state(compte)):
        raise LinkDead()
    return compte


def set_by_mail(compte: Compte) -> bool:
    """True while the password comes from a mailed link and nothing but the mailbox was shown since.

    A code mailed to the same address would then prove nothing more: one mailbox would open the account.
    """
    found = Lien.get_or_none(Lien.compte_id == compte.id)
    if found is None or found.used is None:
        return False
    own = Trace.rpps == compte.rpps if compte.rpps else Trace.subject == compte.subject
    shown = Trace.select().where(own, Trace.event.in_(BEYOND_THE_MAILBOX), Trace.at > found.used)
    return not shown.exists()


def hash_of(secret: str) -> str:
    """What is stored of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def state_of(compte: Compte) -> str:
    """What changes with the account's password or address, without holding either."""
    return marks(STATE_PURPOSE, _state(compte))[0]


def _state(compte: Compte) -> bytes:
    return f"{compte.email} {compte.password}".encode()
