"""What may be lent, for how long, and where a delegation stands on a given day."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

MEDECIN, SECRETAIRE = "medecin", "secretaire"
# How long ahead a delegation may be prepared.
LATEST_START = timedelta(days=366)
RPPS = re.compile(r"\d{11}", re.ASCII)


@dataclass(frozen=True)
class Right:
    """A right that a physician may lend: its code, its name, one sentence of what it opens."""

    code: str
    label: str
    sentence: str


# What a colleague may be lent. « consulter » comes with any of them, « preparer » with « rediger ».
RIGHTS = {right.code: right for right in (
    Right("lire", "Lire", "Ouvrir vos dossiers et lire tous leurs volets, le volet médical compris."),
    Right("rediger", "Rédiger", "Créer des dossiers et écrire dans leurs volets."),
    Right("valider", "Valider le volet médical", "Signer le volet médical, par délégation de votre part."),
    Right("envoyer", "Envoyer", "Envoyer les demandes aux établissements, et les annuler."),
    Right("repondre", "Répondre", "Répondre aux propositions et aux questions des établissements."),
    Right("accepter", "Accepter un dossier", "Accepter ou refuser d’être le médecin traitant, à votre place."),
)}
CONSULT, PREPARE = "consulter", "preparer"
# A secretary prepares the administrative parts; the medical volet is never hers to read.
SECRETARY_RIGHTS = frozenset({CONSULT, PREPARE})
READ = "lire"
NEEDS_READING = ("rediger", "valider", "envoyer", "repondre")


class State(Enum):
    """Where a delegation stands: its code, its word, the kind of its label."""

    COMING = ("a-venir", "à venir", "info")
    ACTIVE = ("en-cours", "en cours", "valide")
    ENDED = ("terminee", "terminée", "archive")
    REVOKED = ("revoquee", "révoquée", "refus")

    def __init__(self, code: str, label: str, kind: str) -> None:
        self.code = code
        self.label = label
        self.kind = kind

    @property
    def over(self) -> bool:
        """True once nothing of it can change any more."""
        return self in (State.ENDED, State.REVOKED)


def state(starts: date, ends: date | None, revoked: bool, today: date) -> State:
    """Where a delegation stands on a day of Paris: both its first and its last day count whole."""
    if revoked:
        return State.REVOKED
    if today < starts:
        return State.COMING
    return State.ACTIVE if ends is None or today <= ends else State.ENDED


BEFORE, LAST_DAY = "avant", "fin"


def announced(starts: date, ends: date, today: date, notice: int) -> str:
    """What the two people are told today of a delegation that ends by itself: BEFORE, within ``notice`` days of its
    last one; LAST_DAY on it; "" nothing. One shorter than the notice is told on its last day only: they have just
    been told when it ends.
    """
    if today == ends:
        return LAST_DAY
    near = starts <= today < ends <= today + timedelta(days=notice)
    return BEFORE if near and ends - starts >= timedelta(days=notice) else ""


def granted(kind: str, lent: frozenset[str]) -> frozenset[str]:
    """Every right that a delegation gives, the implied ones included; those that need reading give nothing without it.
    """
    if kind == SECRETAIRE:
        return SECRETARY_RIGHTS
    if READ not in lent:
        lent -= frozenset(NEEDS_READING)
    return lent | {CONSULT} | ({PREPARE} if "rediger" in lent else set())


def latest_end(starts: date, months: int) -> date:
    """The last day a delegation that starts then may have: the same day ``months`` later, or that month's last."""
    year, month = divmod(starts.month - 1 + months, 12)
    year, month = starts.year + year, month + 1
    return date(year, month, min(starts.day, calendar.monthrange(year, month)[1]))


def rpps(text: str) -> int | None:
    """An RPPS number as people type it, with or without spaces; None when it is not eleven digits."""
    compact = re.sub(r"[\s.]", "", text)
    return int(compact) if RPPS.fullmatch(compact) else None
