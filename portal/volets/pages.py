"""A volet filled in, saved while one types, validated, and read."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from portal.demandes import changements
from portal.dossiers.queries import Visible
from portal.volets import acces, cadre, calculs, commands, lecture, presenters, queries, reperage_vue, rules, saisie
from portal.volets.commands import Saved
from portal.volets.queries import Ouvert
from portal.volets.saisie import Post
from portal.web import dates, forms, handlers, htmx, render
from portal.web.session import visit

CLOSED = "Le {volet} a été validé par {who} le {when}\u00a0: rouvrez-le pour le modifier. Rien n’a été enregistré."
BACK = ("Votre session avait expiré. Ce que vous aviez saisi est repris ci-dessous\u00a0: "
        "relisez, puis enregistrez.")
STALE = "{who} a modifié ce volet {when}, pendant que vous le lisiez\u00a0: vérifiez, puis validez."
SAVED, CONFIRMED = "Vos réponses sont enregistrées.", "Les réponses reprises sont confirmées."
INCOMPLETE = "Il manque des réponses obligatoires\u00a0: le volet n’est pas validé, tout est enregistré."


def show(request: Request) -> Response:
    """The form for who may write, else the answers and why they can't be changed."""
    seen, code = cadre.place(request)
    acces.must(request, seen, code, rules.LIRE)
    handlers.note(request, "volet.ouvert", dossier=seen.label, detail=code)
    opened = queries.opened(seen, code)
    signed = request.query_params.get("signature", "")
    if signed or not writable(request, seen, opened):
        return lecture.page(request, seen, opened, signed=signed)
    return form(request, seen, opened, kept=saisie.kept(forms.saved_form(request), opened))


def writable(request: Request, seen: Visible, opened: Ouvert) -> bool:
    """True when this person may change the volet as it stands."""
    return opened.etat != rules.VALIDE and rules.ECRIRE in acces.acts(request, seen, opened.code)


def form(request: Request, seen: Visible, opened: Ouvert, *, post: Post | None = None, saved: Saved | None = None,
         kept: Post | None = None, avis: str = "", resume: Mapping[str, str] | None = None,
         status: int = 200) -> Response:
    """The page of a volet being filled in. ``saved``: what a POST came to; ``kept``: what an expired session sent."""
    actor, definition = visit(request).actor, opened.definition
    refused = saved.errors if saved else {}
    two = presenters.desaccords(definition, saved.conflicts if saved else (), actor.signature)
    open_ids = [*refused, *(one.field for one in two)]
    typed = post.typed(open_ids) if post else {}
    base = presenters.bases(definition, opened.answers)
    if post:
        base |= {name: post.base[name] for name in open_ids if name in post.base}
    again = {}
    if kept:
        again = kept.unsaved(opened.answers)
        base |= {name: kept.base[name] for name in again}
    proposed = reperage_vue.proposed(seen, opened)
    shown = replace(opened, answers=opened.answers | proposed)
    bar = presenters.suivi(shown, actor.signature, erreurs=refused, desaccords=two)
    rubriques = presenters.rubriques(
        shown, typed=typed | again, erreurs=refused, desaccords=two,
        repris=dict.fromkeys(proposed, presenters.PROPOSED) | dict.fromkeys(again, presenters.KEPT))
    return render.page(
        request, "volets/volet.html", fragment="volets/_suivi.html", status=status, suivi=bar, formulaire=definition.id,
        **cadre.common(request, seen, opened), rubriques=reperage_vue.asked_first(rubriques, opened),
        reperage=reperage_vue.live(seen, shown), scores=calculs.scores(definition, opened.answers),
        base=json.dumps(base), cle=secrets.token_hex(16), auteur=saisie.author(actor),
        resume=dict(bar.a_regler) | dict(resume or {}), avis=avis or (BACK if again else ""), avis_fort=status != 200,
        copies=presenters.copies_words(opened), liens=cadre.links(request, seen, opened),
        peut_valider=rules.VALIDER in acces.acts(request, seen, opened.code),
        signatures=_signatures(seen, opened), anciennes=presenters.former(opened),
        evaluations=cadre.evaluations(seen, opened.code),
        aggir=presenters.gir(opened.code, opened.answers),
    )


def _signatures(seen: Visible, opened: Ouvert) -> list[tuple[int, str]]:
    """The signatures of a volet that is being rewritten; none before the first."""
    found = queries.signatures(seen, opened.code) if opened.etat == rules.ROUVERT else []
    return [(one.version, presenters.signed(one)) for one in found]


# --- saving

def save(request: Request) -> Response:
    """Save the fields that were sent: the bar for the script, the page (or a redirect to it) without."""
    seen, code = cadre.place(request)
    acces.must(request, seen, code, rules.ECRIRE)
    actor, before = visit(request).actor, queries.opened(seen, code)
    post = saisie.read(request, before)
    try:
        saved = commands.save(actor, seen, code, post.sent)
        if post.confirmed:
            commands.confirm_copies(actor, seen, code)
    except commands.Signed as signed:
        return _closed(request, seen, signed.now, post)
    status = 409 if saved.conflicts else 422 if saved.errors else 200
    if htmx.wants_fragment(request):
        return _bar(request, seen, saved, post, status)
    if status == 200:
        return render.redirect(request, cadre.here(seen, code), message=CONFIRMED if post.confirmed else SAVED)
    return form(request, seen, saved.volet, post=post, saved=saved, status=status)


def _bar(request: Request, seen: Visible, saved: Saved, post: Post, status: int) -> Response:
    signature = visit(request).actor.signature
    two = presenters.desaccords(saved.volet.definition, saved.conflicts, signature)
    written = post.written({*saved.errors, *(one.field for one in two)})
    alone = saved.volet.version <= post.version + any(post.base[name] != digest for name, digest in written.items())
    bar = presenters.suivi(
        saved.volet, signature, base=written, erreurs=saved.errors, desaccords=two,
        version=saved.volet.version if alone else post.version)
    return _bar_alone(request, seen, saved.volet, bar, status)


def _bar_alone(request: Request, seen: Visible, opened: Ouvert, bar: presenters.Suivi, status: int) -> Response:
    return render.page(request, "volets/_suivi.html", status=status, suivi=bar,
                       aggir=presenters.gir(opened.code, opened.answers), reperage=reperage_vue.live(seen, opened),
                       scores=calculs.scores(opened.definition, opened.answers))


def _closed(request: Request, seen: Visible, opened: Ouvert, post: Post) -> Response:
    """Somebody validated it meanwhile: nothing is written, nothing typed is lost."""
    assert opened.valide_le is not None
    words = CLOSED.format(volet=rules.VOLETS[opened.code], who=opened.valide_par, when=dates.moment(opened.valide_le))
    if htmx.wants_fragment(request):
        bar = presenters.suivi(opened, visit(request).actor.signature, ferme=words, version=post.version)
        return _bar_alone(request, seen, opened, bar, 409)
    return lecture.page(request, seen, opened, avis=words, typed=post.different(opened), status=409)


# --- validating

def validate(request: Request) -> Response:
    """« Valider le volet »: what was typed is saved first, then all must be there, as the person saw it."""
    seen, code = cadre.place(request)
    acces.must(request, seen, code, rules.VALIDER)
    actor, before = visit(request).actor, queries.opened(seen, code)
    post = saisie.read(request, before)
    version, now = post.version, before
    try:
        if post.base:
            acces.must(request, seen, code, rules.ECRIRE)
            saved = commands.save(actor, seen, code, post.sent)
            now = saved.volet
            if saved.errors or saved.conflicts:
                return form(request, seen, now, post=post, saved=saved, status=409 if saved.conflicts else 422)
            version = now.version if version == before.version else version
        commands.validate(actor, seen, code, version)
    except commands.Incomplete as incomplete:
        missing = {field.id: f"{field.label}\u00a0: à remplir." for _, field in incomplete.missing}
        return form(request, seen, now, avis=INCOMPLETE, resume=missing, status=422)
    except commands.Stale as stale:
        if stale.now.etat == rules.VALIDE:
            return _closed(request, seen, stale.now, post)
        when = presenters.moment(stale.now.modifie_le) if stale.now.modifie_le else ""
        return form(request, seen, stale.now, avis=STALE.format(who=stale.now.modifie_par, when=when), status=409)
    told = changements.tell(actor, seen, code)
    return render.redirect(request, cadre.here(seen, code), message=_validated(code, told))


def _validated(code: str, told: int) -> str:
    """What is said of a volet just signed; ``told``: the establishments that were told of what changed."""
    words = f"Le {rules.VOLETS[code]} est validé."
    if not told:
        return words
    who = "L’établissement qui lit ce dossier est averti" if told == 1 else \
        f"Les {told} établissements qui lisent ce dossier sont avertis"
    return f"{words} {who} de ce qui a changé."
