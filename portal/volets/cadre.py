"""What stands around every page of a volet: the dossier, the trail, what else may be done."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from portal.dossiers import porte
from portal.dossiers import queries as dossiers
from portal.dossiers import rules as dossiers_rules
from portal.dossiers.queries import Visible
from portal.volets import aggir_vue, presenters, queries, rules
from portal.volets.queries import Ouvert
from portal.web.session import visit


def place(request: Request) -> tuple[Visible, str]:
    """The dossier and the volet of the address; raises NotFound for a volet that its module has not."""
    seen, code = porte.accepted(request), request.path_params["volet"]
    queries.definition_of(seen, code)
    return seen, code


def here(seen: Visible, code: str) -> str:
    """The address of a volet."""
    return f"{porte.address(seen)}/volets/{code}"


def modules(request: Request) -> frozenset[str] | None:
    """The modules whose dossiers may be looked into: a mandate's, or all (None)."""
    mandate = visit(request).mandate
    return mandate.modules if mandate else None


def common(request: Request, seen: Visible, opened: Ouvert) -> dict[str, Any]:
    """What every page of a volet prints around its own part."""
    name = presenters.title(opened.code)
    return {"nav": "dossiers", "vu": seen, "adresse": porte.address(seen), "ici": here(seen, opened.code),
            "nom_volet": name, "titre": name, "bandeau": presenters.bandeau(seen)}


def evaluations(seen: Visible, code: str) -> list[aggir_vue.Passee] | None:
    """The history of the AGGIR evaluations, for the volet that rates them; else None."""
    return aggir_vue.history(queries.evaluations(seen)) if code == rules.AUTONOMIE else None


def ways(seen: Visible, code: str) -> list[tuple[str, str]]:
    """Where one goes on from a volet: addresses and words. A discharge plan leads to the request for a place to
    live."""
    found = [(seen.home, f"Revenir au dossier {seen.label}"), (f"{porte.address(seen)}/imprimer", "Imprimer")]
    if code == rules.SOINS and not seen.role:
        mate = dossiers.linked_for(seen.dossier, seen.lien.rpps)
        if mate:
            found.append((f"/dossiers/{dossiers_rules.MODULES[mate[0]].slug}/{mate[1]}",
                          f"Ouvrir le dossier lié {dossiers_rules.format_numero(*mate)}"))
        elif seen.dossier.lie_id is None:
            found.append((f"{porte.address(seen)}/autre-demande", "Demander aussi un hébergement"))
    return found


def links(request: Request, seen: Visible, opened: Ouvert) -> list[tuple[str, str]]:
    """What else may be done with a volet that is being written."""
    own, found = here(seen, opened.code), ways(seen, opened.code)
    if not seen.role and any(other.accepted for other in dossiers.same_person(porte.physician(request), seen.dossier)):
        found.append((f"{own}/reprendre", "Reprendre du dernier dossier"))
    if queries.newer(opened):
        found.append((f"{own}/nouvelle-version", "Passer à la nouvelle version du formulaire"))
    return found
