"""The life of a search in waves, and who is asked when. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

# --- a search

EN_COURS, PAUSE, ACCORD, ARRETEE, EPUISEE = "en_cours", "pause", "accord", "arretee", "epuisee"


@dataclass(frozen=True)
class Etat:
    """Where a search stands: its code, its words, its icon."""

    code: str
    label: str
    icon: str


ETATS = {etat.code: etat for etat in (
    Etat(EN_COURS, "Recherche en cours", "envoi"),
    Etat(PAUSE, "Recherche suspendue", "attente"),
    Etat(ACCORD, "Un accord est arrivé, la recherche attend", "valide"),
    Etat(ARRETEE, "Recherche arrêtée", "refus"),
    Etat(EPUISEE, "Toutes les unités prévues sont sollicitées", "info"),
)}
OPEN = frozenset({EN_COURS, PAUSE, ACCORD})
"""A dossier has one search in these states at most."""

# (from, event) -> to. « partir »: a wave leaves, by the clock or by hand.
ARROWS = {
    (EN_COURS, "partir"): EN_COURS, (PAUSE, "partir"): EN_COURS, (ACCORD, "partir"): EN_COURS,
    (EN_COURS, "suspendre"): PAUSE, (PAUSE, "reprendre"): EN_COURS, (ACCORD, "reprendre"): EN_COURS,
    (EN_COURS, "attendre"): ACCORD, (EN_COURS, "epuiser"): EPUISEE,
    **{(etat, "arreter"): ARRETEE for etat in sorted(OPEN)},
}

# Why a search stands where it stands, when nobody chose it.
VOLETS, DOSSIER, ORIENTATION = "volets", "dossier", "orientation"
CAUSES = {
    "": "",
    VOLETS: "Un volet n’est plus validé, ou le dossier n’est plus complet\u00a0: rien n’est parti. Complétez-le, puis "
            "reprenez.",
    DOSSIER: "Le dossier est clos.",
    ORIENTATION: "Le volet orientation a été validé de nouveau depuis le début de cette recherche\u00a0: vérifiez que "
                 "les unités à venir conviennent encore. Sinon, arrêtez-la et préparez un autre plan.",
}


def target(etat: str, event: str) -> str | None:
    """Where an event leads, None when it leads nowhere."""
    return ARROWS.get((etat, event))


# --- an establishment in a search

ATTENTE, ENVOYEE, FERMEE, DEJA, IMPOSSIBLE = "attente", "envoyee", "fermee", "deja", "impossible"
CIBLES = {cible.code: cible for cible in (
    Etat(ATTENTE, "À solliciter", "horloge"),
    Etat(ENVOYEE, "Sollicitée", "envoi"),
    Etat(FERMEE, "Passée\u00a0: n’est plus dans l’annuaire", "refus"),
    Etat(DEJA, "Passée\u00a0: déjà sollicitée", "info"),
    Etat(IMPOSSIBLE, "Passée\u00a0: ne peut pas recevoir ce dossier", "refus"),
)}


@dataclass(frozen=True)
class Candidat:
    """An establishment that may be asked, in its rank: for which kind of stay, how far (km), why it has this rank."""

    etablissement_id: int
    unite_id: int | None
    sejour: str
    nom: str
    lieu: str
    distance: float | None
    raisons: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What a form names it by."""
        return f"{self.etablissement_id}.{self.unite_id or 0}.{self.sejour}"


@dataclass(frozen=True)
class Vague:
    """Those asked together: ``numero`` counts from one; ``large``: in the wider radius."""

    numero: int
    candidats: tuple[Candidat, ...]
    large: bool = False


def waves(ranked: Iterable[Candidat], sizes: Collection[int], radius: int, known: Collection[int]) -> list[Vague]:
    """Who is asked when: ``sizes`` in order, the last one alone beyond ``radius`` (km), nobody twice.

    ``known``: the establishments that were asked already. A wave with nobody in it does not exist, and those after it
    move up.
    """
    seen, near, far = set(known), list[Candidat](), list[Candidat]()
    for one in ranked:
        if one.etablissement_id not in seen:
            seen.add(one.etablissement_id)
            (near if one.distance is None or one.distance <= radius else far).append(one)
    *inner, last = sizes
    parts = [(part, False) for part in _cut(near, inner)]
    # Those near that no wave had room for come before those far away.
    rest = near[sum(inner):]
    parts.append((tuple((rest + far)[:last]), True))
    return [Vague(rank, part, large) for rank, (part, large) in enumerate(
        [(part, large) for part, large in parts if part], start=1)]


def _cut(found: list[Candidat], sizes: Iterable[int]) -> Iterator[tuple[Candidat, ...]]:
    start = 0
    for size in sizes:
        yield tuple(found[start:start + size])
        start += size
