"""What the demonstration's sanitaire units say they take: most declare, some little, some nothing."""

from __future__ import annotations

from random import Random

from portal.annuaire import capacites, unites
from portal.annuaire.capacites import Capacites
from portal.annuaire.models import Capacite, Etablissement, Unite
from portal.db import database
from portal.demonstration import espaces

SEED = 61
SILENT = 0.15
# One of the cast, which agrees to most: somebody's first look at the ranked list must find it.
WIDE = Capacites(mentions=("polyvalent", "geriatrie", "locomoteur", "neurologie"),
                 plateau=("balneo", "appareillage", "deglutition"), soins=("oxygene", "enterale", "vac", "vni"),
                 isolements=("contact", "gouttelettes"), lisp=True, age_min=18)


def ensure() -> None:
    """Declare for every unit; nothing if it is done."""
    with database.writing():
        if Capacite.select().exists():
            return
        random = Random(SEED)  # noqa: S311  # fiction, the same each time
        wide = espaces.place(espaces.SMR).id
        found = (Unite.select().join(Etablissement)
                 .where(Unite.genre << capacites.GENRES, Etablissement.source == "demonstration").order_by(Unite.id))
        for unit in found:
            if unit.etablissement_id == wide:
                unites.keep(unit.id, WIDE)
            elif random.random() > SILENT:
                unites.keep(unit.id, _said(random, unit.genre))


def _said(random: Random, genre: str) -> Capacites:
    lists = {name: _some(random, name) for name in capacites.LISTES[genre]}
    return Capacites(**lists, lisp=genre == capacites.SMR and random.random() < 0.3,
                     age_min=random.choice((None, 18, 18, 18)), age_max=None,
                     zone=random.choice((20, 35, 50)) if genre == capacites.HAD else None)


def _some(random: Random, name: str) -> tuple[str, ...]:
    """Part of a list; a mention is a licence, of which a unit has a few."""
    codes = list(capacites.options(name))
    if name == "mentions":
        return capacites.kept(name, ["polyvalent", *random.sample(codes, 3)])
    return capacites.kept(name, random.sample(codes, random.randint(len(codes) // 2, len(codes))))
