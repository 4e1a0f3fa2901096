"""The table, the search, one dossier and the answers to it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.db import audit
from portal.dossiers import choix, commands, fiche, forms, presenters, queries, rules
from portal.dossiers.porte import address, module_of, physician, visible
from portal.volets.presenters import bandeau
from portal.web import dates, errors, handlers, htmx, render
from portal.web.forms import clean
from portal.web.session import visit


def table(request: Request) -> Response:
    """« Mes patients »: one page of one tab of a module's table."""
    module = module_of(request)
    chosen, here, headers = choix.selection(module, request.query_params), visit(request), {}
    found = queries.tableau(physician(request), chosen)
    results = render.part(request, "dossiers/_resultats.html", presenters.shown(here, chosen, found),
                          presenters.results)
    if htmx.wants_fragment(request):
        # While someone types, his history must not fill up; a link is a step he can go back to.
        typing = request.headers.get("hx-source", "").startswith("form")
        headers["hx-replace-url" if typing else "hx-push-url"] = choix.here(chosen)
    return render.page(
        request, "dossiers/liste.html", fragment="dossiers/_resultats.html", made=results, headers=headers,
        nav="dossiers", module=module, resultats=results.html,
        filtre=render.part(request, "dossiers/_filtre.html", presenters.narrowed(here, chosen)).html)


def table_is_prompt(request: Request) -> bool:
    """True for a whole tab in any order: 25 rows of one index. A filter may look at all of a physician's rows."""
    return not ({"q", "statut", "attente"} & request.query_params.keys())


def search(request: Request) -> Response:
    """Find by number: straight to the dossier if it is his; the same words whether it is another's or nobody's."""
    text = clean(request.query_params.get("numero", ""))[:choix.MAX_SEARCH]
    numero = rules.parse_numero(text)
    if text:
        rpps = physician(request)
        if queries.too_many_searches(rpps):
            raise errors.TooManySearches()
        seen = queries.of_number(rpps, numero) if numero else None
        if seen and visit(request).may("consulter", seen.module.code):
            return render.redirect(request, address(seen))
        handlers.note(request, queries.SEARCH_FAILED, dossier=str(numero) if numero else None, result=audit.REFUSED)
    return render.page(
        request, "dossiers/recherche.html", nav="dossiers", texte=text, numero=str(numero) if numero else "",
        modules=rules.MODULES, module=request.query_params.get("module", ""),
    )


def dossier(request: Request) -> Response:
    """An accepted dossier, or before that the little that may be seen of it; the other spaces have their own page."""
    seen = visible(request)
    if seen.role:
        return render.redirect(request, seen.home)
    if not seen.accepted:
        handlers.note(request, "dossier.apercu", dossier=seen.label)
        return render.page(
            request, "dossiers/apercu.html", nav="dossiers", vu=seen, apercu=presenters.preview(seen),
            adresse=address(seen),
            reponse=dates.moment(seen.lien.decide_le) if seen.lien.etat == "refuse" else "",
        )
    handlers.note(request, "dossier.ouvert", dossier=seen.label)
    cards = fiche.cartes(request, seen)
    others = fiche.autres(request, seen)
    recent, before, more = fiche.historique(request, seen)
    joined, count = fiche.jointes(request, seen)
    return render.page(
        request, "dossiers/dossier.html", nav="dossiers", vu=seen, adresse=address(seen), bandeau=bandeau(seen),
        volets=cards, possible=fiche.possible(request, seen, cards, others), autres=others,
        identite=presenters.identity(seen), referent=fiche.referent(request, seen),
        statut=presenters.statuts_html()[seen.dossier.statut], cree=dates.moment(seen.dossier.created),
        modifie=dates.moment(seen.dossier.updated), recents=recent, anciens=before, gir=fiche.gir(seen, cards),
        demandes=fiche.demandes(request, seen), pieces=joined, combien=count, plus_anciens=more,
    )


def accept(request: Request) -> Response:
    """« Accepter le dossier »: he sees it from now on."""
    return _decide(request, "accepter")


def refuse(request: Request) -> Response:
    """« Refuser le dossier »: it goes to « Hors patientèle »; an undo is offered."""
    return _decide(request, "refuser")


def restore(request: Request) -> Response:
    """Undo of a refusal: the dossier waits for an answer again."""
    return _decide(request, "retablir")


def confirm_leave(request: Request) -> Response:
    """« Ce patient n’est plus dans ma patientèle »: what it means, before doing it."""
    seen = visible(request)
    if not seen.accepted:
        raise errors.NotFound()
    return render.page(request, "dossiers/retirer.html", nav="dossiers", vu=seen, adresse=address(seen))


def leave(request: Request) -> Response:
    """The patient is no longer his: the dossier goes to « Hors patientèle »."""
    return _decide(request, "retirer")


def _decide(request: Request, event: str) -> Response:
    module, numero = module_of(request), request.path_params["numero"]
    try:
        seen = commands.decide(visit(request).actor, module.code, numero, event, forms.version(request))
    except commands.Stale as stale:
        return render.page(
            request, "dossiers/conflit.html", status=409, nav="dossiers", vu=stale.now, adresse=address(stale.now),
            explication=presenters.what_happened(stale.now, visit(request).actor),
        )
    number, here = f"n° {numero}", address(seen)
    if event == "accepter":
        return render.redirect(request, here, message=f"Vous avez accepté le dossier {number}.")
    if event == "retablir":
        return render.redirect(
            request, f"/dossiers/{module.slug}",
            message=f"Le refus du dossier {number} est annulé : il attend de nouveau votre réponse.")
    refused = event == "refuser"
    done = f"Vous avez refusé le dossier {number}" if refused else f"Le dossier {number} quitte votre patientèle"
    return render.redirect(
        request, f"/dossiers/{module.slug}", message=f"{done} : il est rangé dans « Hors patientèle ».",
        undo={"url": f"{here}/{'retablir' if refused else 'accepter'}", "label": "Annuler",
              "fields": {"version": str(seen.lien.version)}})
