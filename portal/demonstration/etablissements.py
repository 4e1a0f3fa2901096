"""A fictional region of some 300 establishments around Caen, the same each time.

Their FINESS numbers begin with a department and « 99 », where no real one is; names, phones and prices are made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from portal import clock
from portal.annuaire import commands, genres, geo, queries
from portal.annuaire.models import Etablissement, Tarif, Unite
from portal.annuaire.rules import Commune, key
from portal.db import database
from portal.demonstration import dossiers_noms as noms
from portal.demonstration import espaces
from portal.demonstration.dossiers import SEED

COUNT = 300
# How often each kind comes up, and what it takes in.
KINDS = (
    ("ehpad", 52, "permanent temporaire", (42, 110)), ("ra", 16, "permanent temporaire", (18, 60)),
    ("usld", 6, "permanent", (20, 60)), ("aj", 8, "jour", (8, 20)), ("smr", 8, "complet jour", (20, 90)),
    ("had", 4, "domicile", (15, 70)), ("usp", 3, "complet", (8, 16)), ("pco", 3, "parcours", (40, 120)),
)
TREES = (
    "Acacias", "Aubépines", "Bleuets", "Camélias", "Châtaigniers", "Cèdres", "Charmilles", "Chênes verts",
    "Coquelicots", "Érables", "Fougères", "Frênes", "Genêts", "Glycines", "Hêtres", "Hortensias", "Iris", "Jonquilles",
    "Lavandes", "Lilas", "Magnolias", "Marronniers", "Mimosas", "Noisetiers", "Ormes", "Peupliers", "Pervenches",
    "Pommiers", "Primevères", "Roseaux", "Sapins", "Saules", "Sorbiers", "Tamaris", "Trembles", "Violettes",
)
PLACES = ("de la Baie", "du Bocage", "du Clos", "du Coteau", "de l’Estuaire", "du Haras", "du Lavoir", "de la Lande",
          "du Marais", "du Moulin", "du Parc", "de la Plaine", "du Pressoir", "de la Source", "du Verger",
          "du Vieux Port")
OWNERS = ("public", "prive_non_lucratif", "prive_commercial")
NAMES = {
    "ehpad": "EHPAD Les {tree}", "ra": "Résidence autonomie {place}", "usld": "USLD {place}",
    "aj": "Accueil de jour Les {tree}", "smr": "Centre de réadaptation {place}", "had": "HAD {place}",
    "usp": "Unité de soins palliatifs {place}", "pco": "PCO {place}",
}


@dataclass(frozen=True)
class _Town:
    commune: Commune
    position: geo.Position


def ensure() -> None:
    """Make the region in the directory; nothing if it is there."""
    with database.writing():
        if Etablissement.select().where(Etablissement.source == "demonstration").exists():
            return
        random = Random(SEED)  # noqa: S311  # fiction, the same each time
        towns = _towns()
        first, *others = espaces.PLACES
        _prices(random, _cast(random, towns[0], first), "permanent")
        taken = {key(nom) for nom in espaces.PLACES}
        for rank in range(1, COUNT):
            _one(random, rank, random.choice(towns), taken)
        for nom in others:
            _cast(random, towns[0], nom)


def _towns() -> list[_Town]:
    """The communes of the demonstration's patients, the largest more than once."""
    found = (queries.parse(f"{code} {name}") for code, name in noms.VILLES)
    return [_Town(town, where) for town in found if town and (where := geo.position(town.insee, town.code_postal))]


def _cast(random: Random, town: _Town, nom: str) -> Etablissement:
    """An establishment that has people of its own."""
    one = espaces.PLACES[nom]
    made = _insert(random, town, one.finess, nom, adresse=one.adresse, telephone=one.telephone,
                   statut_juridique="public")
    Unite.create(etablissement=made, genre=one.genre, sejours=one.sejours, capacite=one.capacite)
    return made


def _one(random: Random, rank: int, town: _Town, taken: set[str]) -> None:
    genre, _, stays, (least, most) = random.choices(KINDS, [share for _, share, *_ in KINDS])[0]
    nom = _name(random, genre, town, taken)
    department = town.commune.insee[:2]
    made = _insert(random, town, f"{department}99{rank:05d}", nom,
                   adresse=f"{random.randint(1, 90)} {random.choice(noms.VOIES)}",
                   telephone=f"02 61 91 {random.randint(46, 99):02} {random.randint(0, 99):02}",
                   statut_juridique=random.choice(OWNERS), incomplets=random.random() < 0.2,
                   rappel_heures=random.choice((None, None, None, 8, 16, 24)), aide_sociale=random.random() < 0.6,
                   services=_services(random) if genre in ("ehpad", "ra", "usld") else "")
    capacity = random.randint(least, most)
    _unit(random, made, genre, stays, capacity)
    if genre == "ehpad" and random.random() < 0.35:
        _unit(random, made, "aj", "jour", random.randint(6, 14))
    if genre in ("ehpad", "ra", "usld", "aj"):
        _prices(random, made, "jour" if genre == "aj" else "permanent")


def _name(random: Random, genre: str, town: _Town, taken: set[str]) -> str:
    """A name that no other has: the town's is added to one that is taken."""
    first = nom = NAMES[genre].format(tree=random.choice(TREES), place=random.choice(PLACES))
    where = town.commune.nom.replace(chr(39), "’")
    if key(nom) in taken:
        nom = f"{first}, {where}"
    while key(nom) in taken:
        nom = f"{first} {random.choice(PLACES)}, {where}"
    taken.add(key(nom))
    return nom


def _insert(random: Random, town: _Town, finess: str, nom: str, **values: Any) -> Etablissement:
    """An establishment somewhere in its town, in the spatial index too."""
    latitude = town.position.latitude + random.uniform(-0.02, 0.02)
    longitude = town.position.longitude + random.uniform(-0.03, 0.03)
    made: Etablissement = Etablissement.create(
        finess=finess, nom=nom, mots=key(nom), code_postal=town.commune.code_postal, ville=town.commune.nom.upper(),
        insee=town.commune.insee, latitude=latitude, longitude=longitude, position=geo.DIRECTORY,
        courriel=f"accueil@etablissement-{finess[4:]}.example", source="demonstration", maj=clock.now(), **values)
    commands.place(made.id, latitude, longitude)
    return made


def _unit(random: Random, made: Etablissement, genre: str, stays: str, capacity: int) -> None:
    told = random.random() < 0.6
    Unite.create(etablissement=made, genre=genre, sejours=stays, capacite=capacity,
                 places=random.choice((0, 0, 0, 1, 1, 2, 4)) if told else None,
                 places_le=clock.today() - timedelta(days=random.randint(0, 40)) if told else None)


def _services(random: Random) -> str:
    codes = tuple(genres.SERVICES)
    return " ".join(sorted(random.sample(codes, random.randint(0, 4)), key=codes.index))


def _prices(random: Random, made: Etablissement, stay: str) -> None:
    """Prices of a day in cents, as far apart as real ones are; the GIR tariffs fall with dependency."""
    lodging = random.randint(1800, 3200) if stay == "jour" else random.randint(5200, 9800)
    care = random.randint(1650, 2350)
    for chambre, more in (("simple", 0), ("double", -450)):
        Tarif.create(etablissement=made, sejour=stay, chambre=chambre, hebergement=lodging + more, dep12=care,
                     dep34=care * 635 // 1000, dep56=care * 27 // 100, valable_du=clock.today().replace(month=1, day=1))
