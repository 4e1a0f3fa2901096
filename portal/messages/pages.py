"""A thread of messages, seen from both of its sides, and the list of a dossier's threads."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import Response

from portal.avis import acces as told
from portal.avis import commands as avis
from portal.demandes import queries as demandes
from portal.dossiers import porte as dossiers
from portal.messages import commands, porte, presenters, queries, rules
from portal.messages.porte import Fil
from portal.volets.presenters import bandeau
from portal.web import handlers, htmx, render
from portal.web.forms import Form, saved_form, typed
from portal.web.session import visit

SENT = "Votre message est envoyé."
OPEN_FIRST = "Ouvrez d’abord le dossier\u00a0: ses messages se lisent ensuite."
UNTIL_DIGITS = 15


def threads(request: Request) -> Response:
    """The threads of a dossier, one a request that was sent."""
    seen = porte.dossier(request)
    found = [vue for vue in demandes.of_dossier(seen.dossier.id) if vue.demande.envoyee_le is not None]
    counts = queries.counts([vue.demande.id for vue in found], rules.DEMANDEUR)
    address = dossiers.address(seen)
    return render.page(
        request, "messages/liste.html", nav="dossiers", vu=seen, adresse=address, bandeau=bandeau(seen),
        sujets=presenters.subjects(found, counts, address))


# --- the side that asks

def show(request: Request) -> Response:
    """A thread, from the dossier."""
    return _show(request, porte.asking(request))


def send(request: Request) -> Response:
    """Write to the establishment."""
    return _send(request, porte.asking(request))


def read(request: Request) -> Response:
    """Note that this side has read the thread."""
    return _read(request, porte.asking(request))


# --- the establishment

def show_received(request: Request) -> Response:
    """A thread, from the request that was received."""
    try:
        return _show(request, porte.receiving(request))
    except porte.ToOpen:
        return _to_open(request)


def send_received(request: Request) -> Response:
    """Write to the side that asks."""
    try:
        return _send(request, porte.receiving(request))
    except porte.ToOpen:
        return _to_open(request)


def read_received(request: Request) -> Response:
    """Note that the establishment has read the thread."""
    try:
        return _read(request, porte.receiving(request))
    except porte.ToOpen:
        return _to_open(request)


# --- both

def _show(request: Request, fil: Fil) -> Response:
    kept = saved_form(request)
    if queries.count(fil.demande.id, fil.side).total:
        handlers.note(request, "message.ouvert", dossier=fil.vu.label, detail=str(fil.demande.id))
    return _page(request, fil, Form({"texte": kept.get("texte", "")}), kept=bool(kept))


def _send(request: Request, fil: Fil) -> Response:
    form = Form(typed(request, "texte", "cle", "jusque"))
    if fil.refus == porte.NOT_WRITTEN:
        return _refused(request, fil, form, fil.refus, 403)
    try:
        text = rules.words(form.values["texte"])
        cle = form.values["cle"] if rules.CLE.fullmatch(form.values["cle"]) else secrets.token_hex(16)
        commands.send(visit(request).actor, fil.vu.dossier, fil.demande, fil.side, text, cle)
    except rules.Invalid as error:
        return _refused(request, fil, form, fil.refus or str(error), 409 if fil.refus else 422)
    except commands.Closed as error:
        return _refused(request, fil, form, str(error), 409)
    # Who answers has read what he answers.
    _mark(request, fil, form.values["jusque"])
    return render.redirect(request, fil.ici, message=SENT)


def _refused(request: Request, fil: Fil, form: Form, why: str, status: int) -> Response:
    form.errors["texte"] = why
    return _page(request, fil, form, status=status)


def _read(request: Request, fil: Fil) -> Response:
    _mark(request, fil, typed(request, "jusque")["jusque"])
    if htmx.wants_fragment(request):
        return Response("", media_type="text/html")  # the button has done its work: nothing takes its place
    return render.redirect(request, fil.ici)


def _mark(request: Request, fil: Fil, until: str) -> None:
    """Read marks go as far as the page that was seen: what came meanwhile stays new."""
    if not (until.isascii() and until.isdigit() and len(until) <= UNTIL_DIGITS):
        return
    actor = visit(request).actor
    commands.read(actor, fil.vu.dossier, fil.demande, fil.side, int(until))
    whose = told.whose(request)
    if whose:
        avis.seen_messages(whose, fil.demande.id)


def _page(request: Request, fil: Fil, form: Form, *, status: int = 200, kept: bool = False) -> Response:
    found = queries.thread(fil.demande.id)
    cle = form.values.get("cle", "")
    return render.page(
        request, "messages/fil.html", status=status, nav="espaces" if fil.vu.role else "dossiers", fil=fil, vu=fil.vu,
        ici=fil.ici, bandeau=None if fil.shut else bandeau(fil.vu), messages_du_fil=presenters.lines(found, fil.side),
        a_lire=any(one.cote != fil.side and one.lu_le is None for one in found),
        jusque=found[-1].id if found else 0, form=form, reprise=kept, longueur=rules.LONGEST,
        aide_texte=presenters.limit(), receveur=fil.side == rules.RECEVEUR, adresse=dossiers.address(fil.vu),
        cle=cle if rules.CLE.fullmatch(cle) else secrets.token_hex(16))


def _to_open(request: Request) -> Response:
    here = f"/espaces/etablissement/demandes/{request.path_params['demande']}"
    return render.redirect(request, here, message=OPEN_FIRST, kind="attention")
