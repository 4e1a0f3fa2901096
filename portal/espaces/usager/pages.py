"""The person's own page, and what she reads there: who opened her dossier, her letter."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.demandes import acces as acces_demandes
from portal.demandes import presenters as demandes_words
from portal.demandes import queries as demandes
from portal.demandes import rules as demandes_rules
from portal.dossiers import porte
from portal.espaces import queries as espaces
from portal.espaces.usager import commands, forms, moi, presenters, queries, rules
from portal.web import dates, handlers, render
from portal.web.forms import Form
from portal.web.session import visit

PAGE_SIZE = 30
OPEN = frozenset({"redaction", "actif"})


def home(request: Request) -> Response:
    """Where the dossier stands, the next step, the people, the establishments."""
    me = moi.of(request)
    handlers.note(request, "dossier.ouvert", dossier=me.vu.label)
    base = porte.address(me.vu)
    resume = demandes_words.summary(demandes.of_dossier(me.dossier.id), f"{base}/demandes",
                                    lambda event: acces_demandes.may(request, me.vu, event))
    sent = [one for one in resume.lignes if one.code != demandes_rules.NON_ENVOYEE]
    medecin = presenters.physician(me)
    etapes = presenters.steps(me, medecin, len(sent), len(resume.lignes))
    annulation = queries.cancelled(me.dossier.id)
    return render.page(
        request, "espaces/usager/dossier.html", **me.page, adresse=base, resume=resume, etapes=etapes,
        ou=presenters.where(me), suite=_next(etapes, resume), ouvert=me.dossier.etat in OPEN,
        annule=presenters.motive(annulation.motif) if annulation and me.dossier.etat == "annule" else "")


def _next(etapes: list[presenters.Etape], resume: demandes_words.Resume) -> tuple[str, str, str] | None:
    """The one thing to do now: a sentence, the button's words, its address."""
    for line in resume.a_faire:
        if line.suite:
            words = ("Répondez avant la date indiquée." if line.code == demandes_rules.PROPOSEE
                     else "Un établissement attend une réponse de vous.")
            return words, line.suite[0], line.suite[1]
    for etape in etapes:
        if etape.etat == presenters.NOW and etape.action:
            return etape.texte, *etape.action
    return None


def opened(request: Request) -> Response:
    """« Qui a ouvert mon dossier »."""
    me = moi.of(request)
    text = request.query_params.get("avant", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
    found = queries.openings(me.vu.label, PAGE_SIZE + 1, before, me.usager.subject)
    shown = found[:PAGE_SIZE]
    return render.page(
        request, "espaces/usager/ouvertures.html", **me.page,
        lignes=presenters.openings(shown, me.usager.subject, espaces.names(shown)),
        suite=shown[-1].id if len(found) > PAGE_SIZE else None)


def letter(request: Request) -> Response:
    """The letter with the number, to print and keep."""
    me = moi.of(request)
    return render.page(request, "espaces/usager/lettre.html", **me.page, jour=dates.day(clock.today()),
                       origine=request.app.state.settings.origin)


# --- the end of a dossier, and its reopening

def confirm_cancel(request: Request) -> Response:
    """Why the dossier is cancelled, and what happens to its requests."""
    return _cancel(request, moi.leading(request, etats=OPEN), Form({"motif": ""}))


def cancel(request: Request) -> Response:
    """« Annuler ce dossier »."""
    me = moi.leading(request, etats=OPEN)
    form = forms.motive(request)
    if not form.ok:
        return _cancel(request, me, form)
    commands.cancel(visit(request).actor, me.dossier, form.values["motif"])
    return render.redirect(request, moi.HOME, message="Le dossier est annulé. Vous pouvez le rouvrir.")


def _cancel(request: Request, me: moi.Moi, form: Form) -> Response:
    away = sum(etat in demandes_rules.PENDING for etat in demandes.states(me.dossier.id))
    return render.page(request, "espaces/usager/annuler.html", status=200 if form.ok else 422, **me.page, form=form,
                       en_cours=away, motifs=[(code, words) for code, (words, _) in rules.MOTIVES.items()])


def reopen(request: Request) -> Response:
    """« Rouvrir ce dossier »."""
    me = moi.leading(request, etats=frozenset({"annule"}))
    commands.reopen(visit(request).actor, me.dossier)
    return render.redirect(request, moi.HOME, message="Le dossier est rouvert. Les demandes annulées ne repartent pas "
                                                      "seules\u00a0: choisissez de nouveau.")
