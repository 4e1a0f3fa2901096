"""The steps of a login by password and code, each in the caller's transaction."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from starlette.requests import Request

from portal import clock, metriques
from portal.compte.queries import Compte
from portal.connexion import arrivee
from portal.connexion.otp import courriels, queries, rules
from portal.connexion.otp.models import Tentative
from portal.db import audit, outbox
from portal.db.audit import Actor
from portal.facteurs import commands as facteurs
from portal.facteurs import rules as codes
from portal.facteurs.commands import Outcome
from portal.settings import Settings
from portal.web import errors, session, throttle
from portal.web.session import Access

KEPT = timedelta(days=1)


class TooManyMails(Exception):
    """Codes were asked for too often, in this attempt or lately."""


def password_keys(request: Request, email: str) -> tuple[str, str]:
    """What wrong passwords count against: the address as typed, known or not, and the network."""
    return throttle.account(email), throttle.network(request)


def refuse_password() -> None:
    """Record a password that opens nothing, the same for an unknown address."""
    metriques.refused("mot_de_passe")
    audit.record(audit.VISITOR, "connexion.refus", detail="mot_de_passe", result=audit.REFUSED)


def begin(request: Request, compte: Compte) -> None:
    """The password was right: the session waits for the second step. Raises errors.Blocked.

    The account's tries are forgotten once it is inside: who knows the password does not start afresh with it.
    """
    throttle.succeeded(throttle.network(request))
    if compte.blocked_at:
        metriques.refused("compte_bloque")
        audit.record(audit.VISITOR, "connexion.refus", detail="compte_bloque", result=audit.REFUSED)
        raise errors.Blocked()
    _forget(request)
    Tentative.delete().where(Tentative.started < clock.now() - KEPT).execute()
    token = secrets.token_urlsafe(32)
    Tentative.create(key=queries.key_of(token), compte_id=compte.id, started=clock.now())
    session.put(request, **{queries.IN_SESSION: token})
    audit.record(_actor(compte), "otp.mot_de_passe")


def pending(request: Request) -> Compte | None:
    """The account whose password was verified in this session, ten minutes ago at most."""
    found = queries.attempt(request)
    return queries.compte_of(found) if found else None


def complete(request: Request, compte: Compte, level: str) -> Access:
    """Open the session of an account that took its second step; returns how far its holder may go."""
    _forget(request)
    throttle.succeeded(throttle.account(compte.email), _mails_asked(compte))
    return arrivee.open_for(request, compte, level)


def send_code(found: Tentative, compte: Compte, settings: Settings) -> datetime:
    """Mail a new code, which kills the one before; returns until when it is good. Raises TooManyMails."""
    if found.courriels >= rules.MAX_MAILS:
        raise TooManyMails()
    try:
        throttle.attempt(_mails_asked(compte))
    except errors.TooMany as error:
        raise TooManyMails() from error
    code = f"{secrets.randbelow(10**codes.DIGITS):0{codes.DIGITS}}"
    until = min(clock.now() + settings.mail_code_life, found.started + rules.ATTEMPT_LIFE)
    Tentative.update(code=queries.code_hash(found, code), code_until=until, courriels=Tentative.courriels + 1).where(
        Tentative.key == found.key).execute()
    audit.record(_actor(compte), "otp.code_envoye")
    outbox.send(compte.email, *courriels.code(settings, compte.name, code, until))
    return until


def take_code(request: Request, found: Tentative, compte: Compte, *, kind: str, typed: str) -> Outcome:
    """Hold what was typed against one kind of code; a wrong one counts against attempt, account and network.

    ``kind``: « application », « secours » or « courriel ». Raises errors.TooMany.
    """
    settings: Settings = request.app.state.settings
    tries = throttle.account(str(compte.id), "code"), throttle.network(request)
    throttle.attempt(*tries)
    match kind:
        case "application":
            outcome = facteurs.accept_code(compte, typed)
        case "secours":
            good = facteurs.use_recovery_code(_actor(compte), compte, settings, typed)
            outcome = Outcome.ACCEPTED if good else Outcome.REFUSED
        case _:
            outcome = Outcome.ACCEPTED if _is_mail_code(found, typed) else Outcome.REFUSED
    if outcome is Outcome.ACCEPTED:
        throttle.succeeded(*tries)
    else:
        _count_refusal(request, found, compte, settings)
    return outcome


def _is_mail_code(found: Tentative, typed: str) -> bool:
    code = codes.digits(typed)
    return bool(code) and queries.mail_code_end(found) is not None and queries.is_code(found, code)


def _count_refusal(request: Request, found: Tentative, compte: Compte, settings: Settings) -> None:
    Tentative.update(essais=Tentative.essais + 1).where(Tentative.key == found.key).execute()
    found.essais += 1
    metriques.refused("code")
    audit.record(_actor(compte), "otp.code_refuse", result=audit.REFUSED)
    if found.essais >= rules.MAX_TRIES:
        _forget(request)
        audit.record(_actor(compte), "otp.essais_epuises", result=audit.REFUSED)
        outbox.send(compte.email, *courriels.tries_spent(settings, compte.name))


def forget_account(compte_id: int) -> None:
    """End every login to this account that waits for its second step: the password has changed."""
    Tentative.delete().where(Tentative.compte_id == compte_id).execute()


def _forget(request: Request) -> None:
    """End this session's attempt."""
    token = session.visit(request).data.get(queries.IN_SESSION)
    if token:
        Tentative.delete().where(Tentative.key == queries.key_of(token)).execute()
        session.put(request, **{queries.IN_SESSION: None})


def _mails_asked(compte: Compte) -> str:
    """What mails count against, however many attempts they are asked in, until one of their codes has served."""
    return throttle.account(str(compte.id), "courriel")


def _actor(compte: Compte) -> Actor:
    """Whoever knows the account's password: not yet its holder."""
    return Actor(compte.rpps, compte.name, "mot_de_passe", subject=compte.subject)
