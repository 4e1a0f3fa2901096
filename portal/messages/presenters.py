"""Messages as the pages print them."""

from __future__ import annotations

from dataclasses import dataclass

from portal.demandes.queries import Vue
from portal.messages import queries, rules
from portal.messages.models import Message
from portal.messages.queries import Compte
from portal.web import dates


@dataclass(frozen=True)
class Ligne:
    """One message: ``mien``: of the reader's side; ``nouveau``: nobody of that side has read it yet; ``lu``: its read
    mark in words, "" while there is none."""

    mien: bool
    par: str
    quand: str
    iso: str
    texte: str
    lu: str
    nouveau: bool


@dataclass(frozen=True)
class Sujet:
    """One thread of a dossier: the establishment, where its request stands, its counts in words, its address."""

    nom: str
    ville: str
    etat: str
    nombre: str
    non_lus: int
    adresse: str


def lines(found: list[Message], side: str) -> list[Ligne]:
    """A thread as one side reads it."""
    return [_line(one, side) for one in found]


def _line(one: Message, side: str) -> Ligne:
    mine = one.cote == side
    read = f"Lu le {dates.moment(one.lu_le)} par {one.lu_par}" if one.lu_le else ""
    return Ligne(mine, one.par, dates.moment(one.at), one.at.isoformat(), queries.words(one),
                 read if mine else "", not mine and one.lu_le is None)


def subjects(found: list[Vue], counts: dict[int, Compte], address: str) -> list[Sujet]:
    """The threads of a dossier, those with something new first."""
    made = [_subject(vue, counts.get(vue.demande.id, Compte()), address) for vue in found]
    return sorted(made, key=lambda one: not one.non_lus)


def _subject(vue: Vue, count: Compte, address: str) -> Sujet:
    number = "Aucun message" if not count.total else "1 message" if count.total == 1 else f"{count.total} messages"
    if count.dernier:
        number += f", le dernier le {dates.moment(count.dernier)}"
    return Sujet(vue.nom, f"{vue.code_postal} {vue.ville}".strip(), vue.etat.label, number,
                 count.non_lus, f"{address}/demandes/{vue.demande.id}/messages")


def unread(number: int) -> str:
    """« 2 messages non lus », "" for none."""
    return f"{number} message{'s' if number > 1 else ''} non lu{'s' if number > 1 else ''}" if number else ""


def limit() -> str:
    """The help under the field, before anything is typed."""
    return f"{rules.number(rules.LONGEST)} caractères au plus. Un message envoyé ne se modifie plus."
