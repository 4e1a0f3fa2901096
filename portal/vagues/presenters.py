"""Words of a search: the waves that are planned, and where they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from portal.annuaire import etablissements, genres
from portal.demandes.queries import Vue
from portal.vagues import rules
from portal.vagues.models import Cible, Plan
from portal.vagues.rules import Candidat, Vague
from portal.web import dates

NBSP = "\u00a0"


@dataclass(frozen=True)
class Ligne:
    """One establishment of a search. ``icone`` and ``statut``: what became of it, "" before the search begins;
    ``adresse``: its request's page."""

    key: str
    nom: str
    lieu: str
    sejour: str
    raisons: tuple[str, ...] = ()
    icone: str = ""
    statut: str = ""
    adresse: str = ""
    coche: bool = True


@dataclass(frozen=True)
class Groupe:
    """One wave: « Vague 2 », when it leaves or that it has left, its establishments."""

    titre: str
    quand: str
    lignes: list[Ligne] = field(default_factory=list)


def hours(number: int) -> str:
    """« 8 heures ouvrées »."""
    return f"{number}{NBSP}heures ouvrées" if number > 1 else f"{number}{NBSP}heure ouvrée"


def planned(vagues: Sequence[Vague], heures: int, large: int, ticked: Collection[str] | None = None) -> list[Groupe]:
    """The waves before the search begins; ``ticked``: those that a refused form had kept (None: all)."""
    return [Groupe(f"Vague {one.numero}", _when(one, heures, large),
                   [_candidate(each, ticked) for each in one.candidats]) for one in vagues]


def _when(one: Vague, heures: int, large: int) -> str:
    when = "Tout de suite" if one.numero == 1 else f"Après {hours(heures)} sans accord"
    return f"{when}, jusqu’à {large}{NBSP}km" if one.large else when


def _candidate(one: Candidat, ticked: Collection[str] | None) -> Ligne:
    return Ligne(one.key, one.nom, one.lieu, _stay(one.sejour), one.raisons,
                 coche=ticked is None or one.key in ticked)


def standing(plan: Plan, targets: Iterable[Cible], asked: Mapping[int, Vue], base: str) -> list[Groupe]:
    """The waves of a search that has begun; ``base``: the address of the dossier's requests."""
    found = []
    for numero, part in groupby(targets, key=lambda one: one.vague):
        lines = [_target(one, asked.get(one.etablissement_id), base) for one in part]
        found.append(Groupe(f"Vague {numero}", _stands(plan, numero, lines), lines))
    return found


def _stands(plan: Plan, numero: int, lines: Sequence[Ligne]) -> str:
    if numero <= plan.vague:
        return "Partie"
    if plan.etat != rules.EN_COURS:
        return "Ne part pas" if plan.etat not in rules.OPEN else "En attente"
    return next_on(plan) if numero == plan.vague + 1 else f"{hours(plan.heures)} après la précédente, sans accord"


def next_on(plan: Plan) -> str:
    """« Le 24/11/2026 à 12 h 00, sans accord d’ici là », "" when the clock has nothing to do."""
    if plan.etat != rules.EN_COURS or plan.suivante_le is None:
        return ""
    return f"Le {dates.moment(plan.suivante_le)}, sans accord d’ici là"


def _target(one: Cible, vue: Vue | None, base: str) -> Ligne:
    place = etablissements.establishment(one.etablissement_id)
    where = f"{place.code_postal} {place.ville}".strip()
    if one.etat == rules.ENVOYEE and vue:
        return Ligne(str(one.id), place.nom, where, _stay(one.sejour), icone=vue.etat.icon, statut=vue.etat.label,
                     adresse=f"{base}/{vue.demande.id}")
    known = rules.CIBLES[one.etat]
    return Ligne(str(one.id), place.nom, where, _stay(one.sejour), icone=known.icon, statut=known.label)


def _stay(code: str) -> str:
    return genres.SEJOURS.get(code, code)
