"""Questions about who can take a patient: what he needs, and the units around, ranked. The caller authorises."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from portal import clock
from portal.annuaire import distance, geo, unites
from portal.annuaire import queries as annuaire
from portal.db.base import rows
from portal.dossiers import rules as dossiers
from portal.dossiers.queries import Visible
from portal.orientation import rules
from portal.orientation.rules import Besoin, Offre, Rang
from portal.vagues import candidats
from portal.volets import queries as volets
from portal.volets.rules import ORIENTATION

_SQL = (
    "SELECT e.id, u.id, e.nom, u.nom, e.code_postal, e.ville, e.finess, u.genre, u.sejours, e.latitude, "  # noqa: S608  # our own names
    "e.longitude, "
    f"u.places, r.mediane, c.unite_id, {', '.join(f'c.{name}' for name in unites.COLUMNS)} "
    "FROM etablissement_lieu l JOIN etablissement e ON e.id = l.id JOIN unite u ON u.etablissement_id = e.id "
    "LEFT JOIN unite_capacite c ON c.unite_id = u.id LEFT JOIN etablissement_reponse r ON r.etablissement_id = e.id "
    "WHERE NOT e.ferme AND l.lat_min >= ? AND l.lat_max <= ? AND l.lon_min >= ? AND l.lon_max <= ? "
    "AND u.genre IN (?, ?)")


def need(seen: Visible, readable: Collection[str]) -> tuple[Besoin, str]:
    """What the volet orientation asks for, and around where (« 14000 CAEN »); what the dossier itself says where the
    volet may not be read or says nothing."""
    wish = candidats.wish(seen, readable)
    said: dict[str, Any] = dict(volets.opened(seen, ORIENTATION).answers) if ORIENTATION in readable else {}
    age = dossiers.age(seen.dossier.naissance, clock.today())
    care = said.get("prise_en_charge", "")
    return Besoin(
        care if care in rules.KINDS else wish.genre, wish.rayon, mention=said.get("mention", ""),
        mode=said.get("mode", ""), mode_associe=said.get("mode_associe", ""),
        hospitalisation=said.get("hospitalisation", ""), isolement=said.get("isolement", ""),
        plateau=tuple(said.get("plateau", ())), soins=tuple(said.get("soins_requis", ())), age=age), wish.lieu


def ranked(besoin: Besoin, lieu: str) -> list[Rang] | None:
    """The units within the radius around a town (« 14000 CAEN »), ranked; one statement for them all. None where the
    town is unknown or nothing places it."""
    town = annuaire.parse(lieu)
    known = geo.position(town.insee, town.code_postal) if town else None
    if known is None:
        return None
    here = known.latitude, known.longitude
    box = distance.box(*here, besoin.rayon)
    kinds = rules.KINDS[besoin.prise_en_charge]
    found = [_offer(row, here) for row in rows(_SQL, *box, kinds[0], kinds[-1])]
    return rules.ranked(besoin, [one for one in found if one.distance <= besoin.rayon])


def _offer(row: Any, here: tuple[float, float]) -> Offre:
    place, unit, nom, part, postcode, town, finess, genre, stays, *others = row
    latitude, longitude, places, median, declared, *said = others
    return Offre(place, unit, f"{nom}, {part}" if part else nom, f"{postcode} {town}".strip(), genre,
                 tuple(stays.split()), distance.distance_km(here, (latitude, longitude)), places, median,
                 None if declared is None else unites.read(said), finess)
