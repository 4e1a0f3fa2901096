"""What is known of a login that waits for its second step."""

from __future__ import annotations

import hashlib
from datetime import datetime

from starlette.requests import Request

from portal import clock
from portal.compte import queries as comptes
from portal.compte.motdepasse import queries as motdepasse
from portal.compte.queries import Compte
from portal.connexion.otp import rules
from portal.connexion.otp.models import Tentative
from portal.connexion.otp.rules import Means
from portal.db.crypto import is_mark, marks
from portal.db.outbox import Courriel
from portal.facteurs import queries as facteurs
from portal.facteurs.cles import queries as cles
from portal.settings import Settings
from portal.web import session

IN_SESSION = "otp"


def attempt(request: Request) -> Tentative | None:
    """This session's attempt, while its password is fresh; the last try deletes it."""
    token = session.visit(request).data.get(IN_SESSION)
    if not token:
        return None
    found = Tentative.get_or_none(Tentative.key == key_of(token))
    if found is None or clock.now() - found.started >= rules.ATTEMPT_LIFE:
        return None
    return found


def compte_of(found: Tentative) -> Compte | None:
    """The account of an attempt, unless it was closed since."""
    compte = comptes.get(found.compte_id)
    return None if compte is None or compte.blocked_at else compte


def means_of(compte: Compte, settings: Settings) -> Means:
    """The second steps open to this account."""
    by_mail_alone = motdepasse.set_by_mail(compte)
    return rules.means(
        mode=settings.otp_mode, has_rpps=compte.rpps is not None, confirmed=compte.email_confirmed_at is not None,
        mails_leave=bool(settings.smtp_url) or settings.demonstration,
        by_mail_alone=by_mail_alone, cle=cles.usable(compte.id, settings),
        application=facteurs.has_application(compte.id), recovery_codes=facteurs.recovery_codes_left(compte.id))


def mail_code_end(found: Tentative) -> datetime | None:
    """Until when the mail code sent last is good; None without one."""
    return found.code_until if found.code and found.code_until > clock.now() else None


def mails_are_late() -> bool:
    """True when the mail server has refused a mail that still waits."""
    return bool(Courriel.select().where(Courriel.sent.is_null(), Courriel.tries > 0).exists())


def key_of(token: str) -> str:
    """The row's key of the token that the session holds."""
    return hashlib.sha256(token.encode()).hexdigest()


def code_hash(found: Tentative, code: str) -> str:
    """What is stored of a mail code: keyed and bound to its attempt, for six figures are soon searched."""
    return marks("code_courriel", f"{found.key}:{code}".encode())[0]


def is_code(found: Tentative, code: str) -> bool:
    """True for the code that was mailed last, under whichever secret it was stored."""
    return found.code is not None and is_mark(found.code, "code_courriel", f"{found.key}:{code}".encode())
