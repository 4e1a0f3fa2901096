"""Changes on the patient's side: each in the caller's transaction, audited, told by mail where it matters."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal import clock
from portal.avis import commands as avis
from portal.avis import queries as addressees
from portal.db import audit, outbox
from portal.db.audit import Actor
from portal.db.base import db
from portal.db.crypto import keys
from portal.demandes import commands as demandes
from portal.demandes import machines
from portal.demandes import queries as of_demandes
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.dossiers import rules as dossier_rules
from portal.dossiers.commands import Nouveau
from portal.dossiers.models import Dossier
from portal.espaces import queries as espaces
from portal.espaces.models import Usager
from portal.espaces.usager import courriels, queries, rules
from portal.espaces.usager.models import Annulation, Changement, Creation, Lien
from portal.settings import Settings
from portal.web.session import Session

# Whom the work for a number that opens nothing is done for; nobody has this row.
NOBODY = Usager(id=0, subject="U" + "0" * 11, dossier_id=0, role="", prenom="", nom="")


class TooManyPeople(Exception):
    """The dossier is followed by as many people as it may be."""


class LastOne(Exception):
    """Nobody would be left on the patient's side to conduct the dossier."""


@dataclass(frozen=True)
class Person:
    """Somebody of the patient's side, as a form says."""

    role: str
    lien: str
    prenom: str
    nom: str
    courriel: str


def label_of(one: Usager) -> str:
    """« ga 43009190 », the dossier of somebody of the patient's side."""
    return _label(of_dossiers.by_id(one.dossier_id))


def actor_of(one: Usager) -> Actor:
    """Somebody of the patient's side, as the audit writes her."""
    return Actor(None, one.name, "lien", subject=one.subject)


# --- entering

def ask_link(numero: int, naissance: date, settings: Settings) -> None:
    """Mail a link to everyone who follows this dossier, if number and birth date are its own.

    As many mails are prepared each time, and those for nobody undone: statements and time tell nothing.
    """
    audit.record(audit.VISITOR, "usager.lien_demande")
    found = queries.addressees(numero, naissance)
    label = dossier_rules.format_numero("ga", numero)
    for rank in range(rules.MOST):
        known = rank < len(found)
        one = found[rank] if known else NOBODY
        with db.atomic() as step:
            outbox.send(espaces.email(one), *courriels.entry(settings, label, _link(one, rules.ENTER,
                                                                                   rules.ENTRY_LIFE)))
            if not known:
                step.rollback()


def enter(one: Usager) -> None:
    """The link was opened: the address is hers; what other links she had have served with it."""
    now = clock.now()
    Lien.delete().where(Lien.usager_id == one.id, Lien.but == rules.ENTER).execute()
    Lien.delete().where(Lien.expire < now).execute()
    label = label_of(one)
    if one.confirme_le is None:
        one.confirme_le = now
        one.save(only=(Usager.confirme_le,))
        Creation.delete().where(Creation.dossier_id == one.dossier_id).execute()
        audit.record(actor_of(one), "usager.confirme", dossier=label)
    audit.record(actor_of(one), "usager.entre", dossier=label)


# --- creating

def create(new: Nouveau, who: Person, reseau: str, settings: Settings) -> tuple[Dossier, Usager]:
    """Open a dossier that the person herself, or someone for her, leads; it waits for the address.

    Raises numeros.Epuises.
    """
    subject = _subject()
    actor = Actor(None, f"{who.prenom} {who.nom}", "lien", subject=subject)
    dossier = dossiers.open_for(actor, "ga", new)
    one = _insert(dossier, who, subject)
    Creation.insert(dossier_id=dossier.id, reseau=reseau, created=clock.now()).execute()
    audit.record(actor, "usager.conditions", dossier=_label(dossier), detail=rules.CONDITIONS)
    life = settings.email_link_life
    outbox.send(who.courriel, *courriels.created(settings, _label(dossier), _link(one, rules.ENTER, life), life.days))
    return dossier, one


# --- who follows the dossier

def invite(actor: Actor, dossier: Dossier, who: Person, settings: Settings) -> Usager:
    """Let a relative or a helper follow the dossier, once she opens her link; asked twice, the mail leaves again.

    Raises TooManyPeople.
    """
    followers = espaces.usagers(dossier.id)
    marks = espaces.fingerprints(who.courriel)
    one = next((found for found in followers if found.courriel_empreinte in marks), None)
    if one is None:
        if len(followers) >= rules.MOST:
            raise TooManyPeople()
        one = _insert(dossier, who, _subject())
        audit.record(actor, "usager.invite", dossier=_label(dossier), detail=who.role)
    life = settings.invitation_life
    outbox.send(who.courriel, *courriels.invitation(
        settings, _label(dossier), _link(one, rules.ENTER, life), life.days))
    return one


def remove(actor: Actor, dossier: Dossier, one: Usager, settings: Settings) -> None:
    """Somebody follows the dossier no more: her session ends at once. Raises LastOne."""
    left = [found for found in queries.acting(dossier.id) if found.id != one.id and found.confirme_le]
    if one.role in rules.ACTING and not left:
        raise LastOne()
    _forget(one)
    audit.record(actor, "usager.retire", dossier=_label(dossier))
    outbox.send(espaces.email(one), *courriels.removed(settings, _label(dossier)))


def _forget(one: Usager) -> None:
    Usager.update(retire_le=clock.now()).where(Usager.id == one.id).execute()
    Lien.delete().where(Lien.usager_id == one.id).execute()
    Changement.delete().where(Changement.usager_id == one.id).execute()
    Session.delete().where(Session.subject == one.subject).execute()


# --- one's address

def ask_change(actor: Actor, one: Usager, address: str, settings: Settings) -> None:
    """Ask for another address: both mailboxes have to say yes within a day."""
    label = label_of(one)
    Changement.delete().where(Changement.usager_id == one.id).execute()
    Lien.delete().where(Lien.usager_id == one.id, Lien.but.in_((rules.FORMER, rules.NEW))).execute()
    Changement.insert(
        usager_id=one.id, courriel_empreinte=espaces.fingerprint(address), created=clock.now(),
        courriel=keys().seal(address, table="changement_courriel", row=one.subject, column="courriel")).execute()
    audit.record(actor, "usager.courriel_demande", dossier=label)
    outbox.send(espaces.email(one), *courriels.change_former(
        settings, label, _link(one, rules.FORMER, rules.CHANGE_LIFE)))
    outbox.send(address, *courriels.change_new(settings, label, _link(one, rules.NEW, rules.CHANGE_LIFE)))


def confirm_change(one: Usager, lien: Lien, settings: Settings) -> bool:
    """One of the two mailboxes says yes; True when both have, and the address is the new one."""
    asked = queries.change_of(one.id)
    Lien.delete().where(Lien.hash == lien.hash).execute()
    if asked is None:
        return False
    setattr(asked, lien.but, True)
    asked.save(only=(Changement.ancien, Changement.nouveau))
    if not (asked.ancien and asked.nouveau):
        return False
    former, address, label = espaces.email(one), queries.new_address(asked, one), label_of(one)
    Usager.update(courriel=_sealed(one.subject, address), courriel_empreinte=asked.courriel_empreinte).where(
        Usager.id == one.id).execute()
    Changement.delete().where(Changement.usager_id == one.id).execute()
    audit.record(actor_of(one), "usager.courriel_change", dossier=label)
    for to in (former, address):
        outbox.send(to, *courriels.changed(settings, label))
    return True


# --- the médecin traitant

def name_physician(actor: Actor, dossier: Dossier, rpps: int) -> None:
    """Name the médecin traitant; the one named before sees the dossier no more."""
    for other, etat in of_dossiers.physicians(dossier).items():
        if other == rpps and etat != "refuse":
            return
        dossiers.replace(actor, dossier, other)
    dossiers.designate(actor, dossier, rpps)
    avis.tell([addressees.medecin(rpps)], "nouveau", dossier=_label(dossier))


# --- the dossier's life

def cancel(actor: Actor, dossier: Dossier, motif: str) -> None:
    """Cancel the dossier and its pending requests; ``motif``: a key of ``rules.MOTIVE_WORDS``."""
    code = rules.MOTIVES[motif][1] if motif in rules.MOTIVES else "112"
    demandes.close_all(actor, dossier, "annuler", code)
    Annulation.delete().where(Annulation.dossier_id == dossier.id).execute()
    Annulation.insert(dossier_id=dossier.id, motif=motif, par=actor.signature, at=clock.now()).execute()
    audit.record(actor, "dossier.annule", dossier=_label(dossier))
    dossiers.set_status(actor, dossier, "annule")


def reopen(actor: Actor, dossier: Dossier) -> None:
    """Take a cancelled dossier up again; the requests that were ended are not sent anew."""
    Annulation.delete().where(Annulation.dossier_id == dossier.id).execute()
    audit.record(actor, "dossier.rouvert", dossier=_label(dossier))
    dossiers.set_status(actor, dossier, machines.of(dossier.module).statut(of_demandes.states(dossier.id)))


def cancel_unconfirmed(dossier: Dossier, settings: Settings) -> None:
    """Nobody has confirmed an address: the dossier ends, and whoever opened it is told."""
    people = espaces.usagers(dossier.id)
    Creation.delete().where(Creation.dossier_id == dossier.id).execute()
    cancel(audit.SYSTEM, dossier, rules.UNCONFIRMED)
    for one in people:
        outbox.send(espaces.email(one), *courriels.unconfirmed(settings, _label(dossier)))
        _forget(one)


def remind_unconfirmed(dossier: Dossier, day: str, settings: Settings) -> None:
    """Mail the confirmation link again, with the last ``day``."""
    for one in espaces.usagers(dossier.id):
        Usager.update(rappele_le=clock.now()).where(Usager.id == one.id).execute()
        jeton = _link(one, rules.ENTER, settings.email_link_life)
        outbox.send(espaces.email(one), *courriels.reminder(settings, _label(dossier), jeton, day))


# --- parts

def _insert(dossier: Dossier, who: Person, subject: str) -> Usager:
    values: dict[str, Any] = {"role": who.role, "lien": who.lien, "prenom": who.prenom, "nom": who.nom}
    made: Usager = Usager.create(
        subject=subject, dossier_id=dossier.id, courriel=_sealed(subject, who.courriel),
        courriel_empreinte=espaces.fingerprint(who.courriel), created=clock.now(), **values)
    return made


def _sealed(subject: str, address: str) -> bytes:
    return keys().seal(address, table="usager", row=subject, column="courriel")


def _subject() -> str:
    """« U » and eleven digits, drawn: it tells neither an order nor a number of people."""
    return f"U{secrets.randbelow(10**11):011d}"


def _link(one: Usager, but: str, life: timedelta) -> str:
    secret = secrets.token_urlsafe(32)
    Lien.insert(hash=queries.hash_of(secret), usager_id=one.id, but=but, expire=clock.now() + life).execute()
    return str(keys().serializer(queries.PURPOSE).dumps(secret))


def _label(dossier: Dossier) -> str:
    return dossier_rules.format_numero(dossier.module, dossier.numero)
