"""Words of an evaluation: the advice and each criterion, the same on the page and on paper."""

from __future__ import annotations

from dataclasses import dataclass

from portal.had.queries import Faite
from portal.had.rules import (
    ABSENT,
    DIRECT,
    DISCUTER,
    GENRES,
    NIVEAU,
    PREALABLE,
    PREPARER,
    PROPOSER,
    REMPLI,
    Lecture,
)
from portal.web import dates

FAVORABLE = frozenset({PROPOSER, PREPARER, DISCUTER})
IDLE = "Sans objet pour ce conseil"
# The icon and the word of each effect, by kind of criterion.
STATUTS = {
    PREALABLE: {REMPLI: ("valide", "Réuni"), ABSENT: ("refus", "Manque")},
    DIRECT: {REMPLI: ("valide", "Suffit"), ABSENT: ("info", "Aucun")},
    NIVEAU: {REMPLI: ("valide", "Élevée"), ABSENT: ("info", "Faible")},
}
BETWEEN = {PREALABLE: ("question", "À vérifier"), DIRECT: ("question", "À vérifier"), NIVEAU: ("info", "Moyenne")}


@dataclass(frozen=True)
class Ligne:
    """A criterion as a result shows it: the question, the answer ("" for one that the
    advice did not need), what it means, its icon and word."""

    question: str
    reponse: str
    mots: str
    icone: str
    statut: str


@dataclass(frozen=True)
class Vue:
    """A result, ready to print: ``groupes``: the three kinds, each with its lines; ``poids``: « 3 sur 6 » or "";
    ``favorable``: asking an HAD is what comes next."""

    id: str
    titre: str
    conseil: str
    icone: str
    source: str
    quand: str
    groupes: tuple[tuple[str, tuple[Ligne, ...]], ...]
    poids: str
    favorable: bool


def view(done: Faite) -> Vue:
    """One evaluation in words."""
    found = done.resultat
    groups = tuple((name, tuple(_line(one) for one in found.of(genre))) for genre, name in GENRES.items())
    weight = "" if found.poids is None else (
        f"Intensité des besoins\u00a0: {found.poids} sur {done.grille.heaviest}. Elle est à discuter à partir de "
        f"{done.grille.discuter}, et suffit à partir de {done.grille.proposer}.")
    return Vue(done.id, found.conclusion.title, found.conclusion.mots, found.conclusion.icone, done.grille.source,
               f"Évaluation faite par {done.par} le {dates.moment(done.le)}", groups, weight,
               found.conclusion.code in FAVORABLE)


def _line(one: Lecture) -> Ligne:
    if one.option is None:
        return Ligne(one.critere.label, "", "", "archive", IDLE)
    genre = one.critere.genre
    icon, word = STATUTS[genre].get(one.option.effet, BETWEEN[genre])
    return Ligne(one.critere.label, one.option.label, one.option.mots, icon, word)
