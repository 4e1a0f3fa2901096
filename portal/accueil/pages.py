"""Home, dashboard « Mes patients », « En savoir plus » and « Contact et FAQ »."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.accueil import presenters
from portal.compte import queries as comptes
from portal.delegations import queries as delegations
from portal.dossiers import queries as dossiers
from portal.dossiers.rules import MODULES
from portal.taches import queries as taches
from portal.taches import rules as taches_rules
from portal.visite import queries as visites
from portal.web import dates, render
from portal.web.session import visit

# Of the worklist, what the dashboard shows.
# Two lines of the screen: the tiles stay in sight under them.
TASKS = 4


def home(request: Request) -> Response:
    """What ViaTrajectoire is, and the door of each space."""
    return render.page(request, "accueil/public.html")


def dashboard(request: Request) -> Response:
    """« Mes patients »: one tile a module, and what waits for an answer."""
    here = visit(request)
    assert here.holder is not None  # the route asks for a physician, or someone who acts for one
    look = taches.regard(here.actor, MODULES, request.app.state.settings)
    found = taches.liste(look, limit=TASKS)
    tiles = [presenters.tile(module, dossiers.counts(here.holder, module.code)) for module in MODULES.values()
             if module.tile and here.may("consulter", module.code)]
    return render.page(
        request, "accueil/mes_patients.html", nav="accueil", tuiles=tiles,
        refusees=[tile for tile in tiles if tile.refuses],
        confies=[one.principal.name for one in delegations.usable(here.compte_id or 0)] if not here.mandate else [],
        taches=bool(look.genres), liste=found, heure=dates.hour(found.at),
        cartes=[taches_rules.carte(one, found.today) for one in found.taches],
        courriel_a_confirmer=comptes.email_to_confirm(here.compte_id),
        visite_offerte=not here.mandate and "visite" not in here.data and visites.is_offered(here.compte_id),
    )


def about(request: Request) -> Response:
    """« En savoir plus »: the modules, who opens a dossier, who reads what."""
    return render.page(request, "accueil/en_savoir_plus.html", nav="savoir", modules=MODULES.values())


def contact(request: Request) -> Response:
    """« Contact et FAQ »: the region's support and the questions asked most."""
    return render.page(request, "accueil/contact.html", nav="contact", questions=presenters.QUESTIONS)
