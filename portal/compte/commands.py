"""Changes to accounts: each runs in the caller's transaction and leaves one audit row."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import peewee

from portal import clock
from portal.compte import courriels, passwords, queries
from portal.compte.models import SECRETAIRE, STRUCTURE, Acceptation, Compte
from portal.compte.rules import Charte
from portal.db import audit, outbox
from portal.db.audit import Actor
from portal.db.base import db
from portal.db.crypto import keys
from portal.settings import Settings

RESEND_LIMIT = 5
RESEND_WINDOW = timedelta(hours=1)
# What tries of addresses that others have count against: who has an account could be asked of the forms otherwise.
TAKEN = "adresse prise"


class EmailTaken(Exception):
    """Another account has this address."""


class AlreadyRegistered(Exception):
    """This card or RPPS number has its account already (second tab, second click)."""


class TooManyMails(Exception):
    """The confirmation was asked for too often within the hour."""


@dataclass(frozen=True)
class Identity:
    """What the card says of the physician."""

    nom: str
    prenom: str
    profession: str
    specialite_code: str
    specialite: str


@dataclass(frozen=True)
class Contact:
    """What the physician says of himself; ``telephone`` and ``adresse`` may be empty."""

    email: str
    telephone: str
    adresse: str
    insee: str
    code_postal: str
    ville: str


def contact_of(compte: Compte) -> Contact:
    """What an account's holder has said of himself so far."""
    return Contact(compte.email, queries.telephone(compte), compte.adresse, compte.insee, compte.code_postal,
                   compte.ville)


def create(actor: Actor, subject: str, identity: Identity, contact: Contact, password: str,
           settings: Settings | None) -> Compte:
    """Open an account and queue the mail that confirms its address (none without ``settings``).

    Raises EmailTaken or AlreadyRegistered; the tables' unique columns decide, so that two requests
    at the same instant can't both win.
    """
    values: dict[str, Any] = {
        "subject": subject, "rpps": actor.rpps, "password": passwords.hashed(password),
        "created": clock.now(), **vars(identity), **_columns(subject, contact),
    }
    try:
        with db.atomic():
            compte: Compte = Compte.create(**values)
    except peewee.IntegrityError as error:
        taken = Compte.select().where((Compte.subject == subject) | (Compte.rpps == actor.rpps)).exists()
        raise (AlreadyRegistered() if taken else EmailTaken()) from error
    audit.record(actor, "compte.cree")
    if settings:
        _ask_confirmation(compte, settings)
    return compte


def create_secretary(*, prenom: str, nom: str, email: str, hashed: str, place: Compte) -> Compte:
    """Open a secretary's account, at the place of the physician who invited her.

    The mailed link she holds has proved the address. Raises EmailTaken.
    """
    where = place.adresse, place.insee, place.code_postal, place.ville
    return _invited(SECRETAIRE, prenom=prenom, nom=nom, email=email, hashed=hashed, profession="Secrétaire médicale",
                    place=where)


def create_staff(*, prenom: str, nom: str, email: str, hashed: str, profession: str,
                 place: tuple[str, str, str, str]) -> Compte:
    """Open the account of somebody of a structure, invited by mail; ``place``: address, INSEE code, postal code, town.

    Raises EmailTaken.
    """
    return _invited(STRUCTURE, prenom=prenom, nom=nom, email=email, hashed=hashed, profession=profession, place=place)


def _invited(kind: str, *, prenom: str, nom: str, email: str, hashed: str, profession: str,
             place: tuple[str, str, str, str]) -> Compte:
    """An account without RPPS number, whose address a mailed link has proved."""
    subject = f"S{secrets.randbelow(10**11):011d}"
    adresse, insee, code_postal, ville = place
    try:
        with db.atomic():
            compte: Compte = Compte.create(
                subject=subject, rpps=None, kind=kind, nom=nom, prenom=prenom, profession=profession,
                specialite_code="", specialite="", email=email, email_confirmed_at=clock.now(), password=hashed,
                adresse=adresse, insee=insee, code_postal=code_postal, ville=ville, created=clock.now())
    except peewee.IntegrityError as error:
        raise EmailTaken() from error
    audit.record(Actor(None, compte.name, "lien", subject=subject), "compte.cree")
    return compte


def accept_charte(actor: Actor, compte: Compte, charte: Charte) -> None:
    """Store that the charter was accepted, with the fingerprint of its text; twice counts once."""
    if any(one.version == charte.version for one in queries.acceptances(compte)):
        return
    Acceptation.insert(
        compte=compte.id, version=charte.version, sha256=charte.sha256, at=clock.now()).execute()
    Compte.update(charte=charte.version).where(Compte.id == compte.id).execute()
    audit.record(actor, "compte.charte_acceptee", detail=charte.version)


def confirm_email(compte: Compte) -> None:
    """The address's mail was received; who holds the link need not be logged in."""
    Compte.update(email_confirmed_at=clock.now()).where(Compte.id == compte.id).execute()
    audit.record(Actor(compte.rpps, compte.name, "lien", subject=compte.subject), "compte.courriel_confirme")


def resend_confirmation(actor: Actor, compte: Compte, settings: Settings) -> None:
    """Send the confirmation again; raises TooManyMails beyond five within an hour."""
    if queries.confirmations_asked(compte, clock.now() - RESEND_WINDOW) >= RESEND_LIMIT:
        raise TooManyMails()
    audit.record(actor, "compte.courriel_renvoye")
    _ask_confirmation(compte, settings)


def update_contact(actor: Actor, compte: Compte, contact: Contact, settings: Settings) -> list[str]:
    """Change what the physician says of himself; returns the names of the changed fields.

    A new address is to be confirmed again, and the former one is told. Raises EmailTaken.
    """
    before = contact_of(compte)
    changed = [name for name, value in vars(contact).items() if getattr(before, name) != value]
    if not changed:
        return []
    values = _columns(compte.subject, contact)
    if "email" in changed:
        values["email_confirmed_at"] = None
    try:
        with db.atomic():
            Compte.update(**values).where(Compte.id == compte.id).execute()
    except peewee.IntegrityError as error:
        raise EmailTaken() from error
    audit.record(actor, "compte.modifie", detail=", ".join(changed))
    if "email" in changed:
        outbox.send(before.email, *courriels.address_changed(settings, compte.name))
        compte.email = contact.email
        _ask_confirmation(compte, settings)
    return changed


def _columns(subject: str, contact: Contact) -> dict[str, Any]:
    sealed = keys().seal(contact.telephone, table="compte", row=subject, column="telephone")
    return vars(contact) | {"telephone": sealed if contact.telephone else None}


def _ask_confirmation(compte: Compte, settings: Settings) -> None:
    jeton = queries.link_for(compte)
    outbox.send(compte.email, *courriels.confirmation(settings, compte.name, jeton))
