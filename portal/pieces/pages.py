"""The list of a dossier's pieces with the form that adds one; a piece; removing it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.db.crypto import SealBroken
from portal.dossiers import porte
from portal.dossiers.queries import Visible
from portal.pieces import antivirus, commands, controle, droits, forms, presenters, queries, rules
from portal.pieces.commands import Nouvelle
from portal.pieces.queries import Jointe
from portal.settings import Settings
from portal.volets.presenters import bandeau
from portal.web import errors, handlers, render
from portal.web.forms import Form, saved_form
from portal.web.session import visit

log = logging.getLogger("portal.erreur")

SILENT = "Le contrôle antivirus ne répond pas\u00a0: rien n’a été enregistré. Réessayez dans quelques minutes."
BUSY = "D’autres fichiers sont en cours de contrôle\u00a0: rien n’a été enregistré. Réessayez dans une minute."
INFECTED = ("L’antivirus a reconnu un programme malveillant dans ce fichier\u00a0: il est refusé et n’a pas été gardé. "
            "Prévenez la personne qui vous l’a remis.")


@dataclass(frozen=True)
class Examen:
    """What the slow part of an addition found: a piece ready to store, or a form with errors and a status."""

    form: Form
    new: Nouvelle | None = None
    status: int = 422


def show(request: Request) -> Response:
    """The pieces that who asks may read, and the form."""
    return _list(request, _readable(request), Form(saved_form(request)))


def admit(request: Request) -> None:
    """Whether a file may be sent here at all, asked before it is read."""
    droits.must_write(request, _readable(request))


def examine(request: Request) -> Examen:
    """Check and seal the file: seconds of work, so before the write lock is taken."""
    seen = _readable(request)
    droits.must_write(request, seen)
    sent = forms.read(request, droits.kinds(request, seen))
    if not sent.ok:
        return Examen(sent)
    settings: Settings = request.app.state.settings
    try:
        found = controle.check(sent.nom, sent.content, settings.piece_max)
        antivirus.scan(settings.clamav, sent.content)
    except controle.Refus as refusal:
        return _refused(sent, str(refusal))
    except antivirus.Infecte as infected:
        log.warning("an attachment was refused: %s", str(infected).encode("unicode_escape").decode())
        return _refused(sent, INFECTED)
    except antivirus.Muet as silent:
        log.error("the virus scanner does not answer: %s", silent)
        return _refused(sent, SILENT, status=503)
    except controle.Occupe:
        return _refused(sent, BUSY, status=503)
    return Examen(sent, commands.prepare(seen, sent.kind, found, rules.safe_name(sent.nom, found), sent.content))


def add(request: Request) -> Response:
    """Join the examined file; who may was asked before the examination and is asked again under the lock."""
    ready: Examen = request.state.prepared
    seen, form, settings = _readable(request), ready.form, request.app.state.settings
    droits.must_write(request, seen)
    if ready.new is None:
        return _list(request, seen, form, status=ready.status)
    if ready.new.kind not in droits.kinds(request, seen):
        raise errors.Forbidden()
    medical = droits.may_read(request, seen, medical=True)
    try:
        commands.add(visit(request).actor, seen, ready.new, settings, medical=medical)
    except commands.DejaJointe as twin:
        form.errors["fichier"] = (f"Ce fichier est déjà joint\u00a0: «\u00a0{twin.piece.nom}\u00a0» "
                                  f"({presenters.line(twin.piece).ajoutee}). Il n’a pas été ajouté une seconde fois.")
    except commands.Plein as full:
        most = f"{settings.pieces_max} pièces" if full.by_count else rules.size_words(settings.pieces_total)
        form.errors["fichier"] = (f"Le dossier est plein\u00a0: {most} au plus. "
                                  "Retirez d’abord une pièce devenue inutile.")
    else:
        return render.redirect(request, _here(seen), message="La pièce est jointe au dossier.")
    return _list(request, seen, form, status=422)


def download(request: Request) -> Response:
    """One piece, as a file to keep and never as a page; its opening is an act of the dossier's history."""
    seen = _readable(request)
    piece = _piece(request, seen)
    try:
        content = queries.content(seen, piece)
    except SealBroken as error:
        log.error("a piece does not open: %s", piece.id)
        raise errors.ServerError(
            "Cette pièce est abîmée dans la base du portail et ne peut pas être ouverte.") from error
    handlers.note(request, "piece.ouverte", dossier=seen.label, detail=piece.id)
    return Response(content, media_type=piece.format.media, headers=presenters.headers(piece))


def confirm_removal(request: Request) -> Response:
    """What removing means, before doing it."""
    seen = _readable(request)
    piece = _piece(request, seen)
    _must_remove(request, seen, piece)
    return render.page(request, "pieces/retirer.html", **_common(seen), piece=presenters.line(piece))


def remove(request: Request) -> Response:
    """Wipe a piece and keep its trace."""
    seen = _readable(request)
    piece = _piece(request, seen)
    _must_remove(request, seen, piece)
    commands.remove(visit(request).actor, seen, piece)
    return render.redirect(request, _here(seen), message="La pièce est retirée\u00a0: son contenu est effacé.")


def _readable(request: Request) -> Visible:
    """The dossier of the address, if who asks may read at least its administrative pieces."""
    seen = porte.accepted(request)
    if not droits.may_read(request, seen, medical=False):
        if seen.role:
            raise droits.Refuse("Les pièces de ce dossier ne vous sont pas ouvertes.")
        raise errors.NotLent("Votre délégation ne comprend pas le droit de lire les pièces jointes.")
    return seen


def _piece(request: Request, seen: Visible) -> Jointe:
    """The piece of the address; absent, removed, another dossier's and out of his reach are one 404."""
    found = queries.of(seen, request.path_params["piece"], droits.may_read(request, seen, medical=True))
    if found is None:
        raise errors.NotFound()
    return found


def _must_remove(request: Request, seen: Visible, piece: Jointe) -> None:
    droits.must_write(request, seen)
    if not droits.may_write(request, seen, medical=piece.kind.medical):
        raise droits.Refuse()


def _refused(form: forms.Envoi, message: str, status: int = 422) -> Examen:
    form.errors["fichier"] = message
    return Examen(form, status=status)


def _list(request: Request, seen: Visible, form: Form, status: int = 200) -> Response:
    medical = droits.may_read(request, seen, medical=True)
    allowed = droits.kinds(request, seen)
    return render.page(
        request, "pieces/liste.html", status=status, **_common(seen), form=form,
        pieces=[presenters.line(one) for one in queries.listed(seen, medical)],
        retirees=[presenters.line(one) for one in queries.removed(seen, medical)],
        natures=presenters.choices(allowed), pourquoi=droits.why_not(request, seen),
        retirables={medical for medical in (False, True) if droits.may_write(request, seen, medical=medical)},
        bornes=presenters.limits(request.app.state.settings), octets=request.app.state.settings.piece_max,
        toutes=medical)


def _here(seen: Visible) -> str:
    return f"{porte.address(seen)}/pieces"


def _common(seen: Visible) -> dict[str, Any]:
    return {"nav": "dossiers", "vu": seen, "adresse": porte.address(seen), "bandeau": bandeau(seen)}
