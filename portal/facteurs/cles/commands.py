"""Changes to an account's passkeys: each in the caller's transaction, audited, and told by mail."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from starlette.requests import Request

from portal import clock
from portal.compte.queries import Compte
from portal.db import audit, outbox
from portal.db.audit import Actor
from portal.facteurs import queries as facteurs
from portal.facteurs.cles import ceremonie, courriels, queries, rules
from portal.facteurs.cles.models import Cle
from portal.facteurs.cles.rules import Reason, Refused
from portal.settings import Settings
from portal.web import session

IN_SESSION = "defi_cle"


class TooManyKeys(Exception):
    """The account has ``rules.MAX_KEYS`` already."""


class LastFactor(Exception):
    """Without this key its holder could log in no more."""


def issue_challenge(request: Request, purpose: str) -> bytes:
    """A fresh challenge of this session for one purpose; it takes the place of any other."""
    challenge = secrets.token_bytes(rules.CHALLENGE_BYTES)
    kept = {"usage": purpose, "defi": base64.b64encode(challenge).decode(), "at": clock.now().isoformat()}
    session.put(request, **{IN_SESSION: kept})
    return challenge


def take_challenge(request: Request, purpose: str) -> bytes:
    """This session's challenge, which serves no more, whatever becomes of the answer. Raises Refused.

    Read again under the write lock: of two answers sent at once one finds nothing.
    """
    here = session.visit(request)
    here.data = session.load(request).data
    kept = here.data.get(IN_SESSION)
    session.put(request, **{IN_SESSION: None})
    if not kept or kept["usage"] != purpose:
        raise Refused(Reason.REJOUE)
    if clock.now() - datetime.fromisoformat(kept["at"]) > rules.CHALLENGE_LIFE:
        raise Refused(Reason.EXPIRE)
    return base64.b64decode(kept["defi"])


def add(actor: Actor, compte: Compte, settings: Settings, *, answer: str, challenge: bytes, nom: str) -> Cle:
    """Keep the passkey that an authenticator has just made. Raises Refused or TooManyKeys."""
    if queries.count(compte.id) >= rules.MAX_KEYS:
        raise TooManyKeys()
    made = ceremonie.made(settings, answer, challenge)
    name = queries.hash_of(made.credential)
    if Cle.get_or_none(Cle.key == name):
        raise Refused(Reason.DEJA_LA)
    added: Cle = Cle.create(
        key=name, compte_id=compte.id, credential=made.credential, public_key=made.public_key,
        compteur=made.compteur, transports=made.transports, nom=nom, created=clock.now())
    audit.record(actor, "facteur.cle_ajoutee")
    outbox.send(compte.email, *courriels.added(settings, compte.name))
    return added


def rename(actor: Actor, found: Cle, nom: str) -> None:
    """Call a passkey otherwise; the same name again changes nothing."""
    if found.nom == nom:
        return
    Cle.update(nom=nom).where(Cle.key == found.key).execute()
    audit.record(actor, "facteur.cle_renommee")


def remove(actor: Actor, compte: Compte, settings: Settings, found: Cle) -> None:
    """Forget a passkey. Raises LastFactor for a secretary's only factor: she has no card to come back with."""
    alone = queries.count(compte.id) == 1 and not facteurs.has_application(compte.id)
    if alone and compte.rpps is None:
        raise LastFactor()
    Cle.delete().where(Cle.key == found.key).execute()
    audit.record(actor, "facteur.cle_retiree")
    outbox.send(compte.email, *courriels.removed(settings, compte.name))


def forget_all(compte_id: int) -> None:
    """Remove an account's passkeys; the caller records why and tells its holder."""
    Cle.delete().where(Cle.compte_id == compte_id).execute()


def accept(actor: Actor, compte: Compte, settings: Settings, *, answer: str, challenge: bytes) -> Cle:
    """Hold an answer against the account's passkeys. Raises Refused.

    A counter that does not grow is refused and told by mail: the key may have been copied. Comparing and moving
    it is one statement, so that of two answers at once one is refused.
    """
    found = queries.key(compte.id, queries.hash_of(ceremonie.credential_of(answer)))
    sent = ceremonie.count(settings, answer, challenge, found)
    if found is None:
        raise Refused(Reason.INCONNUE)
    same = Cle.key == found.key, Cle.compteur == found.compteur
    grown = not rules.went_back(found.compteur, sent)
    if not grown or not Cle.update(compteur=sent, used=clock.now()).where(*same).execute():
        audit.record(actor, "facteur.cle_compteur", result=audit.REFUSED)
        outbox.send(compte.email, *courriels.cloned(settings, compte.name))
        raise Refused(Reason.COMPTEUR)
    return found


def record_refusal(actor: Actor, reason: Reason) -> None:
    """Keep in the audit that an answer was refused, and why."""
    audit.record(actor, "facteur.cle_refusee", detail=reason.value, result=audit.REFUSED)
