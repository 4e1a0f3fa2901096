"""Words and dates of a path, for those who follow it on either side."""

from __future__ import annotations

from dataclasses import dataclass

from portal import clock
from portal.demandes import rules as demandes
from portal.demandes.models import Demande
from portal.parcours import queries, rules
from portal.parcours.models import Parcours
from portal.parcours.queries import Intervenant
from portal.web import dates

NARROW = "\u202f"
HOME = "/espaces/etablissement/parcours"


@dataclass(frozen=True)
class Ligne:
    """A professional, ready to print."""

    id: int
    nom: str
    profession: str
    paye: str
    bilan: str


def facts(path: Parcours, demande: Demande) -> dict[str, str]:
    """The path's dates, fact by fact; empty ones are left out."""
    renewed = f"le {dates.day(path.renouvele_le)} par {path.renouvele_par}" if path.renouvele_le else ""
    wished = f"le {dates.day(path.souhait_le)} par {path.souhait_par}" if path.souhait_le else ""
    motive = demandes.MOTIFS.get(demande.motif) if demande.etat == demandes.CLOS else None
    values = {
        "Parcours": f"du {dates.day(path.debut)} au {dates.day(path.fin)}{_left(path, demande)}",
        "Validé": f"le {dates.day(path.valide_le)} par {path.valide_par}",
        "Points vérifiés": f"{len(path.points.split())} sur {len(rules.CONFORMITE)}",
        "Renouvellement": renewed or "", "Renouvellement demandé": "" if renewed else wished,
        "Synthèse": f"rendue le {dates.day(path.synthese_le)} par {path.synthese_par}" if path.synthese_le else "",
        "Clos": f"le {dates.day(demande.updated)}\u00a0: {motive.label.lower()}" if motive else "",
    }
    return {label: words for label, words in values.items() if words}


def _left(path: Parcours, demande: Demande) -> str:
    if demande.etat not in rules.OPEN:
        return ""
    days = (path.fin - clock.today()).days
    if days < 0:
        return ", terme dépassé"
    return f" (reste {days} jour{'s' if days > 1 else ''})"


def lines(path: Parcours) -> list[Ligne]:
    """Who takes part."""
    return [_line(one) for one in queries.professionals(path)]


def _line(one: Intervenant) -> Ligne:
    row = one.row
    euros = "" if row.euros is None else f", forfait de {f'{row.euros:,}'.replace(',', NARROW)}\u00a0€"
    state = rules.BILANS.get(row.etat, row.etat)
    return Ligne(row.id, one.nom or "Nom illisible", row.profession, row.objet + euros,
                 f"{state} le {dates.day(row.bilan_le)}" if row.bilan_le else f"{state}, sans date")


def links(demande: Demande, roles: frozenset[str]) -> list[tuple[str, str]]:
    """Addresses and words of what a platform may do with a request, for its page; none in another module."""
    if demande.module != rules.MODULE:
        return []
    here = f"{HOME}/{demande.id}"
    found = [(f"{here}/{acte.code}", acte.label) for acte in rules.possible(demande.etat, roles)]
    follows = demande.etat in rules.OPEN or demande.etat == demandes.CLOS
    return [(here, "Suivre le parcours"), *found] if follows else found
