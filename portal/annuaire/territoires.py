"""Which TND platform (PCO) takes a child: by where he lives and how old he is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal import clock
from portal.annuaire import geo, queries
from portal.annuaire.distance import distance_km
from portal.annuaire.models import Etablissement, Territoire, Unite
from portal.db import audit
from portal.db.audit import Actor
from portal.dossiers import rules as dossiers

GENRE = "pco"
OLDEST = 18
LONGEST_LIST = 400
_DEPARTMENT = re.compile(r"(?:0[1-9]|[1-8]\d|9[0-5]|2[ABab]|97[1-6])", re.ASCII)
_COMMUNE = re.compile(r"(?:\d{5}|2[ABab]\d{3})", re.ASCII)


class Invalid(ValueError):
    """What was typed is no such list; the message is a French sentence."""


class Stale(Exception):
    """The territory changed since it was shown."""


@dataclass(frozen=True)
class Plateforme:
    """A platform for one child: ``pourquoi`` says why it is not his, "" when it is; ``km`` from his home, if known."""

    etablissement: Etablissement
    unite_id: int
    territoire: Territoire | None
    pourquoi: str
    km: float | None

    @property
    def zone(self) -> str:
        """« Départements 14 et 50, avant 7 ans »."""
        return words(self.territoire) if self.territoire else "Territoire non déclaré"


def department(insee: str) -> str:
    """« 14 » of a commune's INSEE code, « 974 » overseas."""
    return insee[:3] if insee.startswith("97") else insee[:2]


def commune(insee: str | None, code_postal: str) -> str:
    """The INSEE code of where a child lives; of an address without one, the first commune that its postal code serves,
    which tells the department."""
    near = queries.of_postcode(code_postal)
    return insee or (near[0].insee if near else "")


def platforms(insee: str, birth: date, today: date, code_postal: str = "") -> list[Plateforme]:
    """Every open platform for a child who lives in this commune: his own first, then the others, the nearest first."""
    home = geo.position(insee, code_postal)
    known = {row.unite_id: row for row in Territoire.select()}
    found = []
    for unit in (Unite.select(Unite, Etablissement).join(Etablissement)
                 .where(Unite.genre == GENRE, ~Etablissement.ferme).order_by(Unite.id)):
        place, zone = unit.etablissement, known.get(unit.id)
        far = None
        if home and place.latitude is not None and place.longitude is not None:
            far = distance_km((home.latitude, home.longitude), (place.latitude, place.longitude))
        found.append(Plateforme(place, unit.id, zone, why_not(zone, insee, birth, today), far))
    return sorted(found, key=lambda one: (bool(one.pourquoi), one.km is None, one.km or 0, one.etablissement.nom))


def why_not(zone: Territoire | None, insee: str, birth: date, today: date) -> str:
    """Why a platform with this territory is not for the child, "" when it is."""
    if zone is None:
        return "Elle n’a pas déclaré son territoire."
    reasons = []
    if department(insee) not in zone.departements.split() and insee not in zone.communes.split():
        reasons.append("elle ne couvre pas la commune de l’enfant")
    age = dossiers.age(birth, today)
    if not zone.age_min <= age < zone.avant:
        reasons.append(f"elle suit les enfants {_ages(zone)}")
    said = " et ".join(reasons)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def words(zone: Territoire) -> str:
    """« Départements 14 et 50, 12 communes, avant 7 ans »."""
    codes, towns = zone.departements.split(), zone.communes.split()
    parts = []
    if codes:
        parts.append(f"{'Départements' if len(codes) > 1 else 'Département'} {_joined(codes)}")
    if towns:
        parts.append(f"{len(towns)} commune{'s' if len(towns) > 1 else ''}")
    return ", ".join([*parts, _ages(zone)])


def _ages(zone: Territoire) -> str:
    if zone.age_min:
        return f"de {zone.age_min} ans jusqu’à la veille des {zone.avant} ans"
    return f"jusqu’à la veille des {zone.avant} ans"


def _joined(codes: Sequence[str]) -> str:
    return codes[0] if len(codes) == 1 else f"{', '.join(codes[:-1])} et {codes[-1]}"


# --- what a platform declares

def unit(etablissement_id: int) -> Unite | None:
    """The platform's unit of an establishment; None when it has none."""
    found: Unite | None = Unite.select().where(
        Unite.etablissement_id == etablissement_id, Unite.genre == GENRE).order_by(Unite.id).first()
    return found


def of_unit(unite_id: int) -> Territoire | None:
    """What the platform declared; None when nothing."""
    found: Territoire | None = Territoire.get_or_none(Territoire.unite_id == unite_id)
    return found


def departments(text: str) -> str:
    """Departments as they are kept, « 14 50 2A »; raises Invalid."""
    codes = text.upper().replace(",", " ").replace(";", " ").split()
    wrong = next((code for code in codes if not _DEPARTMENT.fullmatch(code)), None)
    if wrong is not None:
        raise Invalid("Écrivez les numéros des départements, séparés par des espaces, par exemple\u00a0: 14 50 61.")
    return " ".join(dict.fromkeys(codes))


def communes(text: str) -> str:
    """INSEE codes of communes as they are kept; raises Invalid."""
    codes = text.upper().replace(",", " ").replace(";", " ").split()
    if len(codes) > LONGEST_LIST:
        raise Invalid(f"{LONGEST_LIST} communes au plus\u00a0: au-delà, donnez le département.")
    if any(not _COMMUNE.fullmatch(code) for code in codes):
        raise Invalid("Écrivez les codes Insee des communes, cinq caractères chacun, par exemple\u00a0: 14118 14047.")
    return " ".join(dict.fromkeys(codes))


def birthday(text: str, *, least: int) -> int:
    """A number of years; raises Invalid."""
    if not re.fullmatch(r"\d{1,2}", text, re.ASCII) or not least <= int(text) <= OLDEST:
        raise Invalid(f"Écrivez un âge en années, de {least} à {OLDEST}.")
    return int(text)


def declare(actor: Actor, unite: Unite, version: int, *, departements: str, communes: str, age_min: int,
            avant: int) -> None:
    """Keep the territory of a platform; ``version``: the one that was shown, 0 for none. Raises Stale."""
    now = of_unit(unite.id)
    if (now.version if now else 0) != version:
        raise Stale()
    values = {"departements": departements, "communes": communes, "age_min": age_min, "avant": avant,
              "version": version + 1, "maj": clock.now()}
    if now:
        Territoire.update(**values).where(Territoire.unite_id == unite.id).execute()
    else:
        Territoire.insert(unite_id=unite.id, **values).execute()
    audit.record(actor, "annuaire.territoire", detail=str(unite.id))
