"""Words of the orientation help."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from portal.annuaire import genres
from portal.annuaire.capacites import NO_ISOLATION, options
from portal.orientation.rules import Besoin, Offre, Rang

CARES = {"smr": "SMR (ex-SSR)", "had": "HAD", "usp": "Unité de soins palliatifs (USP)",
         "lisp": "Lits identifiés de soins palliatifs (LISP)"}
LONGEST = 60


@dataclass(frozen=True)
class Ligne:
    """One unit of the list: its rank from 1, its reasons in words; ``choisi``: a request exists already."""

    rang: int
    key: str
    nom: str
    lieu: str
    genre: str
    finess: str
    points: int
    pour: tuple[str, ...]
    contre: tuple[str, ...]
    inconnu: tuple[str, ...]
    choisi: bool
    coche: bool


def lines(found: Sequence[Rang], chosen: Collection[int], ticked: Collection[str]) -> list[Ligne]:
    """The first units of a ranking, ready to print; ``chosen``: establishments asked already."""
    return [_line(rank, one, chosen, ticked) for rank, one in enumerate(found[:LONGEST], start=1)]


def _line(rank: int, one: Rang, chosen: Collection[int], ticked: Collection[str]) -> Ligne:
    offre = one.offre
    return Ligne(rank, str(offre.unite_id), offre.nom, offre.lieu, genres.GENRES[offre.genre].label, offre.finess,
                 one.points, one.pour, one.contre, one.inconnu, offre.etablissement_id in chosen,
                 str(offre.unite_id) in ticked)


def need(besoin: Besoin) -> list[tuple[str, str]]:
    """What is looked for, as (title, words)."""
    several = [
        ("Prise en charge", CARES[besoin.prise_en_charge]),
        ("Mention", _words("mentions", besoin.mention)),
        ("Mode", _words("modes", besoin.mode, besoin.mode_associe)),
        ("Accueil", genres.SEJOURS.get(besoin.sejour, "")),
        ("Isolement", "Aucun" if besoin.isolement == NO_ISOLATION else _words("isolements", besoin.isolement)),
        ("Plateau technique", _words("plateau", *besoin.plateau)),
        ("Soins", _words("soins", *besoin.soins)),
        ("Âge", f"{besoin.age}\u00a0ans"),
    ]
    return [(title, words) for title, words in several if words]


def _words(name: str, *codes: str) -> str:
    known = options(name)
    return ", ".join(known.get(code, code) for code in codes if code)


def stay(besoin: Besoin, offre: Offre) -> str:
    """The kind of stay to ask this unit for."""
    if besoin.sejour in offre.sejours:
        return besoin.sejour
    return offre.sejours[0] if offre.sejours else "complet"
