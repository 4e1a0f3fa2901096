"""Changes to an account's second factors: each in the caller's transaction, audited, and told by mail."""

from __future__ import annotations

import secrets
from enum import Enum

from portal import clock
from portal.compte.queries import Compte
from portal.db import audit, outbox
from portal.db.audit import Actor
from portal.db.crypto import keys
from portal.facteurs import courriels, queries, rules
from portal.facteurs.cles import commands as passkeys
from portal.facteurs.cles import queries as cles
from portal.facteurs.models import Application, Secours
from portal.settings import Settings
from portal.web import opened


class CodeRefused(Exception):
    """The code is not the one that the application shows."""


class TooManyApplications(Exception):
    """The account has ``rules.MAX_APPLICATIONS`` already."""


class LastFactor(Exception):
    """Without this application its holder could log in no more."""


class Outcome(Enum):
    """What became of an application's code."""

    ACCEPTED = "accepte"
    REPLAYED = "rejoue"
    REFUSED = "refuse"


def new_secret() -> str:
    """A secret for an application to be enrolled, in base32: 160 bits, as RFC 4226 recommends."""
    return rules.base32(secrets.token_bytes(rules.SECRET_BYTES))


def add_application(actor: Actor, compte: Compte, settings: Settings, *, secret: str, nom: str,
                    code: str) -> Application:
    """Enrol an application that has shown its first code; that code is spent.

    Raises CodeRefused or TooManyApplications.
    """
    if len(queries.applications(compte.id)) >= rules.MAX_APPLICATIONS:
        raise TooManyApplications()
    steps = rules.matching(rules.unbase32(secret), rules.digits(code), clock.now())
    if steps is None:
        raise CodeRefused()
    key = secrets.token_urlsafe(16)
    sealed = keys().seal(secret, table="application_otp", row=key, column="secret")
    added: Application = Application.create(
        key=key, compte_id=compte.id, nom=nom, secret=sealed, compteur=steps, created=clock.now())
    audit.record(actor, "facteur.application_ajoutee")
    outbox.send(compte.email, *courriels.application_added(settings, compte.name))
    return added


def remove_application(actor: Actor, compte: Compte, settings: Settings, found: Application) -> None:
    """Forget an application; with the last one go the recovery codes, which replace it.

    Raises LastFactor for a secretary's only factor: she has no card to come back with.
    """
    last = len(queries.applications(compte.id)) == 1
    if last and compte.rpps is None and not cles.count(compte.id):
        raise LastFactor()
    Application.delete().where(Application.key == found.key).execute()
    if last:
        Secours.delete().where(Secours.compte_id == compte.id).execute()
    audit.record(actor, "facteur.application_retiree")
    outbox.send(compte.email, *courriels.application_removed(settings, compte.name, last=last))


def forget_all(compte: Compte, settings: Settings) -> None:
    """Remove every second factor, when the support has made sure who lost them, and end every session.

    Its holder is told by mail; whoever found the telephone may have found an open session with it.
    """
    Application.delete().where(Application.compte_id == compte.id).execute()
    Secours.delete().where(Secours.compte_id == compte.id).execute()
    passkeys.forget_all(compte.id)
    opened.close_all(compte.id)
    audit.record(audit.SYSTEM, "facteur.tous_retires", detail=compte.subject)
    outbox.send(compte.email, *courriels.all_removed(settings, compte.name))


def make_recovery_codes(actor: Actor, compte: Compte, settings: Settings) -> list[str]:
    """Ten new recovery codes, the former ones die; returned once, as they are shown."""
    codes = ["".join(secrets.choice(rules.RECOVERY_ALPHABET) for _ in range(rules.RECOVERY_LENGTH))
             for _ in range(rules.RECOVERY_CODES)]
    now = clock.now()
    Secours.delete().where(Secours.compte_id == compte.id).execute()
    Secours.insert_many([{"compte_id": compte.id, "hash": queries.recovery_hashes(compte.id, code)[0], "created": now}
                         for code in codes]).execute()
    audit.record(actor, "facteur.secours_crees")
    outbox.send(compte.email, *courriels.recovery_made(settings, compte.name))
    return [rules.written(code) for code in codes]


def accept_code(compte: Compte, code: str) -> Outcome:
    """Hold a code against the account's applications and spend it.

    The last counter is compared and moved in one statement: of two requests at once one is refused, and
    a counter that has served stays refused when the clock goes back. The login that follows is the record.
    """
    typed, outcome = rules.digits(code), Outcome.REFUSED
    for found in queries.applications(compte.id):
        secret = queries.secret_of(found)
        steps = rules.matching(secret, typed, clock.now()) if secret and typed else None
        if steps is None:
            continue
        spent = (Application.update(compteur=steps, used=clock.now())
                 .where(Application.key == found.key, Application.compteur < steps).execute())
        if spent:
            return Outcome.ACCEPTED
        outcome = Outcome.REPLAYED
    return outcome


def use_recovery_code(actor: Actor, compte: Compte, settings: Settings, code: str) -> bool:
    """Spend a recovery code and tell the account how many are left; False if it is none, or has served."""
    typed = rules.recovery(code)
    spent = typed and (Secours.update(used=clock.now()).where(
        Secours.compte_id == compte.id, Secours.hash.in_(queries.recovery_hashes(compte.id, typed)),
        Secours.used.is_null()).execute())
    if not spent:
        return False
    audit.record(actor, "facteur.secours_utilise")
    left = queries.recovery_codes_left(compte.id)
    outbox.send(compte.email, *courriels.recovery_used(settings, compte.name, left))
    return True
