"""Setting a password: each command in the caller's transaction, audited, and told by mail."""

from __future__ import annotations

import secrets

from starlette.requests import Request

from portal import clock
from portal.compte import queries as comptes
from portal.compte.models import Compte
from portal.compte.motdepasse import courriels, queries
from portal.compte.motdepasse.models import Lien
from portal.connexion.otp import commands as otp
from portal.db import audit, outbox
from portal.db.audit import Actor
from portal.db.base import db
from portal.db.crypto import keys
from portal.settings import Settings
from portal.web import opened

# Whom the work for an unknown address is done for; no account has this number.
NOBODY = Compte(id=0, subject="000000000000", nom="", prenom="", email="", password="")


class ChangedMeanwhile(Exception):
    """The password was set anew since the present one was verified."""


def change(request: Request, actor: Actor, compte: Compte, hashed: str, settings: Settings) -> int:
    """Set the password of whoever is logged in; returns how many of his other sessions were closed.

    ``compte`` as it was when the present password was verified; ``hashed``: see ``passwords.hashed``.
    Raises ChangedMeanwhile.
    """
    _set(compte, hashed)
    audit.record(actor, "compte.mot_de_passe_change")
    outbox.send(compte.email, *courriels.changed(settings, compte.name))
    return opened.close_others(request)


def ask_link(email: str, settings: Settings) -> None:
    """Mail a link that sets the password anew, if an account has confirmed this address.

    The same statements run for an address that nobody has, and are undone: the time taken tells nothing.
    """
    compte = comptes.by_email(email)
    known = compte is not None and compte.email_confirmed_at is not None and compte.blocked_at is None
    audit.record(audit.VISITOR, "compte.mot_de_passe_oublie")
    with db.atomic() as step:
        _send_link(compte if compte is not None and known else NOBODY, settings)
        if not known:
            step.rollback()


def reset(compte: Compte, hashed: str, settings: Settings) -> None:
    """Set the password of whoever holds the link, which has then served; nobody is logged in by it.

    Raises ChangedMeanwhile.
    """
    _set(compte, hashed)
    Lien.update(hash=None, used=clock.now()).where(Lien.compte_id == compte.id).execute()
    opened.close_all(compte.id)
    audit.record(Actor(compte.rpps, compte.name, "lien", subject=compte.subject), "compte.mot_de_passe_reinitialise")
    outbox.send(compte.email, *courriels.changed(settings, compte.name, by_link=True))


def _set(compte: Compte, hashed: str) -> None:
    """Store the hash, and end the logins that wait for their second step after the former password."""
    held = Compte.id == compte.id, Compte.password == compte.password
    if not Compte.update(password=hashed).where(*held).execute():
        raise ChangedMeanwhile()
    otp.forget_account(compte.id)


def _send_link(compte: Compte, settings: Settings) -> None:
    secret = secrets.token_urlsafe(32)
    values = {"hash": queries.hash_of(secret), "etat": queries.state_of(compte), "created": clock.now()}
    if not Lien.update(**values).where(Lien.compte_id == compte.id).execute():
        Lien.insert(compte_id=compte.id, **values).execute()
    jeton = str(keys().serializer(queries.PURPOSE).dumps([compte.id, secret]))
    outbox.send(compte.email, *courriels.link(settings, compte.name, jeton))
