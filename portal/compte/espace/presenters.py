"""Words of the sections of « Mon compte »."""

from __future__ import annotations

from dataclasses import dataclass

from portal.compte.espace import rules
from portal.compte.presenters import LEVELS
from portal.db.audit import Trace
from portal.dossiers import lectures
from portal.dossiers import rules as dossiers
from portal.web import dates
from portal.web.opened import Opened

OTHER_LEVELS = {"mot_de_passe": "Mot de passe", "lien": "Lien reçu par courriel", "interne": "Le portail lui-même",
                "aucun": "Sans connexion"}


@dataclass(frozen=True)
class Accepted:
    """A charter accepted: its version, when, and the fingerprint of its text."""

    version: str
    when: str
    sha256: str


@dataclass(frozen=True)
class OpenSession:
    """One line of « Sessions ouvertes »; ``key`` names it in the form that closes it."""

    key: str
    device: str
    since: str
    last_seen: str
    level: str
    here: bool


@dataclass(frozen=True)
class Connection:
    """One line of the history of logins; ``refused`` when nobody came in."""

    when: str
    level: str
    outcome: str
    refused: bool


@dataclass(frozen=True)
class Act:
    """One line of the access log; ``url`` is empty where the dossier has no page of his."""

    when: str
    numero: str
    url: str
    what: str
    who: str
    result: str
    level: str


def open_session(found: Opened) -> OpenSession:
    """An open session in words."""
    return OpenSession(found.key, found.device, dates.moment(found.created), dates.moment(found.last_seen),
                       level(found.level), found.here)


def connection(trace: Trace) -> Connection:
    """A line of ``queries.history``."""
    refused = trace.event in rules.REFUSALS
    return Connection(dates.moment(trace.at), level(trace.level), rules.REFUSALS.get(trace.event, "Réussie"), refused)


def act(trace: Trace, rpps: int) -> Act:
    """An act on one of this physician's dossiers; nothing medical, no name of a patient or of his family."""
    module, _, numero = str(trace.dossier).partition(" ")
    found = dossiers.MODULES.get(module)
    alone = trace.rpps == rpps and trace.on_behalf_of is None
    url = f"/dossiers/{found.slug}/{numero}" if found else ""
    return Act(dates.moment(trace.at), f"{module.upper()} {numero}", url, lectures.words(trace),
               "vous" if alone else trace.name, lectures.result(trace), level(trace.level))


TOLD = ("Date", "Ce qui a été fait", "Résultat", "Par", "Connexion")


def told(trace: Trace) -> tuple[str, ...]:
    """An act in the order of ``TOLD``, for who reads the whole list of one dossier."""
    return dates.moment(trace.at), lectures.words(trace), lectures.result(trace), trace.name, level(trace.level)


def level(code: str) -> str:
    """A means of login in words."""
    return OTHER_LEVELS.get(code) or LEVELS.get(code, code)
