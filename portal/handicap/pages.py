"""The notification of a handicap dossier: what was decided, how long it holds, where each establishment stands."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.dossiers import porte
from portal.dossiers.queries import Visible
from portal.handicap import commands, forms, queries, rules
from portal.volets import acces
from portal.volets.presenters import bandeau
from portal.volets.rules import CERTIFICAT, ECRIRE, LIRE
from portal.web import dates, errors, handlers, render
from portal.web.forms import Form, saved_form
from portal.web.session import visit

CHANGED = "Cette notification vient d’être changée par quelqu’un d’autre\u00a0: relisez-la, puis recommencez."


def show(request: Request) -> Response:
    """What is followed, and the two forms."""
    seen = _dossier(request, LIRE)
    handlers.note(request, "notification.ouverte", dossier=seen.label)
    return _page(request, seen, None, None)


def declare(request: Request) -> Response:
    """« Enregistrer la notification »."""
    seen, filled = _dossier(request, ECRIRE), forms.decision(request)
    if not filled.form.ok:
        return _page(request, seen, filled.form, None, status=422)
    try:
        commands.declare(visit(request).actor, seen.dossier, forms.version(request), **filled.values)
    except commands.Stale:
        return _page(request, seen, filled.form, None, status=409, avis=CHANGED)
    return render.redirect(request, _here(seen), message="La notification est enregistrée.")


def add(request: Request) -> Response:
    """« Ajouter une réponse »: nothing said before is lost."""
    seen, filled = _dossier(request, ECRIRE), forms.answer(request)
    if queries.of(seen.dossier.id) is None:
        raise errors.Conflict("Notez d’abord la notification, puis les réponses des établissements.",
                              "Revenez à la notification.")
    if not filled.form.ok:
        return _page(request, seen, None, filled.form, status=422)
    commands.add(visit(request).actor, seen.dossier, **filled.values)
    return render.redirect(request, _here(seen), message="La réponse est ajoutée.")


def reason(request: Request, seen: Visible) -> str:
    """Why who asks may not follow the notification, as a French sentence; "" when he may."""
    return acces.reason(request, seen, CERTIFICAT, LIRE)


def _dossier(request: Request, act: str) -> Visible:
    """A handicap dossier for who may do this with its certificate; raises NotFound, NotLent, Refuse."""
    seen = porte.accepted(request)
    if seen.module.code != rules.MODULE:
        raise errors.NotFound()
    acces.must(request, seen, CERTIFICAT, act)
    return seen


def _here(seen: Visible) -> str:
    return f"{porte.address(seen)}/notification"


def _page(request: Request, seen: Visible, decision: Form | None, reponse: Form | None, *, status: int = 200,
          avis: str = "") -> Response:
    now = queries.of(seen.dossier.id)
    kept = saved_form(request)
    found = queries.steps(seen.dossier.id) if now else []
    shown = rules.validity(now.au, clock.today()) if now else None
    return render.page(
        request, "handicap/notification.html", status=status, nav="dossiers", vu=seen, adresse=porte.address(seen),
        bandeau=bandeau(seen), ici=_here(seen), avis=avis, form=decision or forms.blank(now, kept),
        reponse=reponse or forms.empty(kept), notification=now, validite=shown,
        droit=rules.DROITS.get(now.droit, "") if now else "", au=dates.day(now.au) if now else "",
        du=dates.day(now.du) if now else "", note=f"{now.par}, le {dates.moment(now.maj)}" if now else "",
        version=now.version if now else 0, peut_ecrire=not acces.reason(request, seen, CERTIFICAT, ECRIRE),
        droits=[("", "Choisir…"), *rules.DROITS.items()],
        statuts=[("", "Choisir…"), *((code, f"{words} ({code})") for code, words in rules.STATUTS.items())],
        unites=[("", "Aucun"), *((code, f"{words} ({code})") for code, words in rules.UNITES.items())],
        motifs=[("", "Aucun"), *((code, f"{words} ({code})") for code, words in rules.MOTIFS.items())],
        etapes=[(one.nom, rules.STATUTS.get(one.statut, one.statut), rules.UNITES.get(one.unite, ""),
                 rules.MOTIFS.get(one.motif, ""), dates.day(one.le), one.par) for one in found])
