"""What the path of a child with a suspected TND allows on a given day, and who must have agreed to it.

The law moves (2018, 2021, 2025): ages, length, renewals and forfaits are dated rows of ``reglages.toml``, each with its
source. Pure: whoever calls gives the day and the instance's age rule (setting ``tnd_age``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from portal.dossiers import rules as dossiers

FILE = Path(__file__).with_name("reglages.toml")
FICHE, LOI = "fiche", "loi"
REGLES = (FICHE, LOI)
"""The age rules an instance may choose: the practical guide's, or the law's."""


@dataclass(frozen=True)
class Limite:
    """A request is made before the birthday ``avant``; ``texte`` is that range in words (« de 0 à 6 ans »)."""

    regle: str
    depuis: date
    avant: int
    texte: str
    source: str
    a_verifier: bool

    def passed(self, birth: date, today: date) -> bool:
        """True from the birthday ``avant`` on; for 29 February, 1 March of a common year."""
        return dossiers.age(birth, today) >= self.avant


@dataclass(frozen=True)
class Duree:
    """How long a path lasts, in months, and how often it may be renewed."""

    depuis: date
    mois: int
    renouvellements: int
    source: str
    a_verifier: bool


@dataclass(frozen=True)
class Forfait:
    """What is paid for a professional, in whole euros; ``seances`` about how many sessions, 0 when it is a bilan."""

    code: str
    profession: str
    objet: str
    euros: int
    seances: int = 0

    @property
    def label(self) -> str:
        """« Ergothérapeute, bilan et interventions (environ 35 séances) : 1 500 € »."""
        sessions = f" (environ {self.seances} séances)" if self.seances else ""
        euros = f"{self.euros:,}".replace(",", "\u202f")
        return f"{self.profession}, {self.objet}{sessions}\u00a0: {euros}\u00a0€"


@dataclass(frozen=True)
class Forfaits:
    """A list of forfaits, whole, from a day on."""

    depuis: date
    source: str
    a_verifier: bool
    liste: tuple[Forfait, ...]


@dataclass(frozen=True)
class Reglages:
    """What holds on one day. ``forfaits`` is None before the first list that is known."""

    limite: Limite
    duree: Duree
    forfaits: Forfaits | None

    @property
    def sources(self) -> tuple[tuple[str, bool], ...]:
        """The source of each part, and whether it is still to be checked."""
        parts: list[Limite | Duree | Forfaits] = [self.limite, self.duree]
        if self.forfaits:
            parts.append(self.forfaits)
        return tuple((part.source, part.a_verifier) for part in parts)


@dataclass(frozen=True)
class _Table:
    ages: tuple[Limite, ...]
    durees: tuple[Duree, ...]
    forfaits: tuple[Forfaits, ...]


def at(day: date, regle: str = FICHE) -> Reglages:
    """What holds on ``day`` under the age rule ``regle``. Before the first day of a rule its first row holds: a path
    was not possible then, and a dossier of that time must still open. ValueError for an unknown rule."""
    if regle not in REGLES:
        raise ValueError(f"no such age rule: {regle}")
    table = _table()
    ages = [one for one in table.ages if one.regle == regle]
    limite = [one for one in ages if one.depuis <= day][-1:] or ages[:1]
    duree = [one for one in table.durees if one.depuis <= day][-1:] or list(table.durees[:1])
    forfaits = [one for one in table.forfaits if one.depuis <= day]
    return Reglages(limite[0], duree[0], forfaits[-1] if forfaits else None)


def why_too_old(birth: date, today: date, regle: str = FICHE) -> str:
    """Why no request is opened for a child, with the limit, its source and what to do; "" below the limit."""
    limit = at(today, regle).limite
    if not limit.passed(birth, today):
        return ""
    words = (f"La plateforme TND s’adresse aux enfants {limit.texte}, avant le {limit.avant}e anniversaire. "
             f"Source\u00a0: {limit.source}. Vérifiez la date de naissance\u202f; si elle est juste, ")
    law = at(today, LOI).limite
    if regle != LOI and not law.passed(birth, today):
        return words + ("appelez la plateforme de votre territoire\u00a0: la loi permet une prescription avant le "
                        f"{law.avant}e anniversaire, hors de ce portail.")
    return words + "adressez l’enfant à un CMPP, à un CMP ou à une consultation spécialisée."


# --- consent

TITULAIRES = {"deux": ("titulaire1", "titulaire2"), "une": ("titulaire1",), "tiers": ("titulaire1",)}
"""By the answer to « qui exerce l’autorité parentale »: the holders whose consent is needed, as the questions name
them (``titulaire1_accord``, ``titulaire1_accord_le``) in the volet administratif."""
RANKS = {"titulaire1": "premier titulaire", "titulaire2": "second titulaire"}
READ_AGAIN = ("Les accords repris d’un autre dossier ne valent pas pour cette demande\u00a0: redemandez-les, puis "
              "confirmez-les dans le volet administratif.")
UNKNOWN = "Dites d’abord, dans le volet administratif, qui exerce l’autorité parentale sur l’enfant."


def why_no_consent(answers: Mapping[str, object]) -> str:
    """Why the request can't leave yet, "" when each holder of parental authority has agreed, on a known day.

    ``answers``: those of the volet administratif. The care of a child needs his parents' consent (L.1111-4 CSP,
    articles 371-1 and 372 of the Code civil).
    """
    holders = TITULAIRES.get(str(answers.get("titulaires", "")))
    if holders is None:
        return UNKNOWN
    refused = [RANKS[one] for one in holders if answers.get(f"{one}_accord") == "non"]
    if refused:
        return (f"Le {' et le '.join(refused)} de l’autorité parentale n’est pas d’accord\u00a0: la demande ne part "
                "pas. Si cela change, corrigez le volet administratif.")
    waiting = [RANKS[one] for one in holders
               if answers.get(f"{one}_accord") != "oui" or not answers.get(f"{one}_accord_le")]
    if waiting:
        return (f"Il manque l’accord daté du {' et du '.join(waiting)} de l’autorité parentale\u00a0: notez-le dans le "
                "volet administratif.")
    return ""


# --- the file

@cache
def _table() -> _Table:
    raw: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))
    return _Table(
        tuple(Limite(**one) for one in _sorted(raw["ages"])),
        tuple(Duree(**one) for one in _sorted(raw["durees"])),
        tuple(Forfaits(one["depuis"], one["source"], one["a_verifier"], tuple(Forfait(**each) for each in one["liste"]))
              for one in _sorted(raw["forfaits"])))


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: row["depuis"])
