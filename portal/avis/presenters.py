"""Notices as the page prints them, and where each of them leads."""

from __future__ import annotations

from dataclasses import dataclass

from portal.avis.models import Avis
from portal.avis.rules import CODES
from portal.dossiers import rules as dossiers
from portal.espaces import queries as espaces
from portal.espaces.rules import ETABLISSEMENT
from portal.web import dates

ICONS = {"message": "courriel", "proposition": "valide", "refus": "refus", "admission": "maison",
         "complement": "question", "silence": "attente", "demande": "envoi", "nouveau": "dossier", "lecture": "oeil"}

WAVES = frozenset({"vague", "vagues_suspendues", "vagues_epuisees"})


@dataclass(frozen=True)
class Ligne:
    """One notice: its sentence, its dossier's label, its icon, when it came, whether it was read."""

    id: int
    phrase: str
    dossier: str
    icone: str
    quand: str
    iso: str
    lu: bool


def line(avis: Avis) -> Ligne:
    """One notice."""
    code = CODES[avis.code]
    return Ligne(avis.id, code.sentence, avis.dossier, ICONS.get(code.notice, "info"), dates.moment(avis.at),
                 avis.at.isoformat(), avis.lu_le is not None)


def address(avis: Avis) -> str:
    """Where a notice leads, in the space of its addressee."""
    kind, _, number = str(avis.destinataire).partition(":")
    if kind == "usager":
        return "/espaces/usager/dossier"
    numero = dossiers.parse_numero(avis.dossier)
    module = dossiers.MODULES.get(numero.module or "") if numero else None
    if numero is None or module is None:
        return "/avis"
    here = f"/dossiers/{module.slug}/{numero.value}"
    if kind == "medecin":
        return _thread(avis, here) or here
    return _of_structure(avis, int(number), here, f"{module.slug}/{numero.value}")


def _thread(avis: Avis, here: str) -> str:
    """The page of the dossier that a notice is about, "" for the dossier's own."""
    if avis.code in WAVES:
        return f"{here}/vagues"
    return f"{here}/demandes/{avis.demande_id}/messages" if avis.code == "message" else ""


def _of_structure(avis: Avis, structure_id: int, here: str, place: str) -> str:
    found = espaces.structure(structure_id)
    if found is None or found.kind != ETABLISSEMENT:
        return _thread(avis, here) or f"/espaces/coordination/dossiers/{place}"
    if avis.demande_id is None:
        return "/espaces/etablissement"
    end = "/messages" if avis.code == "message" else ""
    return f"/espaces/etablissement/demandes/{avis.demande_id}{end}"
