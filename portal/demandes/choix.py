"""Choosing establishments for a dossier, and sending it to those that were chosen."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from portal.annuaire import criteres, etablissements, genres, pages_recherche, presenters_recherche
from portal.annuaire.criteres import Defaults
from portal.demandes import commands, envoi, forms, machines, pages, presenters, queries, rules
from portal.demandes.queries import Vue
from portal.dossiers.queries import Visible
from portal.volets import acces as volets
from portal.web import errors, htmx, render
from portal.web.session import visit

ADDED = "«\u00a0{}\u00a0» est ajouté à votre sélection\u00a0: rien n’est encore envoyé."
ALREADY = "«\u00a0{}\u00a0» était déjà choisi."
NONE_TICKED = "Cochez au moins une demande à envoyer."


@dataclass(frozen=True)
class Depart:
    """A chosen request on the page that sends: it may leave whole, leave incomplete, or not yet."""

    vue: Vue
    sejour: str
    incomplet: bool
    bloque: bool


def choose(request: Request) -> Response:
    """The search of the directory, each row with the kinds of stay that may be asked for."""
    return _choose(request)


def add(request: Request) -> Response:
    """« Ajouter »: one request for each kind of stay that was ticked; nothing is sent."""
    seen = _leading(request)
    wanted = forms.chosen(request, seen.module.code)
    if wanted.erreur:
        return _choose(request, erreur=wanted.erreur, status=422)
    try:
        place = etablissements.establishment(wanted.etablissement)
    except errors.NotFound:
        return _choose(request, erreur="Cet établissement n’est plus dans l’annuaire\u00a0: choisissez-en un autre.",
                       status=422)
    offered = {code for unit in etablissements.units(place.id) for code in unit.sejours.split()}
    before = queries.chosen(seen.dossier.id)
    # Looked at before anything is written: both stays are chosen, or none.
    absent = next((stay for stay in wanted.sejours if offered and stay not in offered), None)
    if absent:
        return _choose(request, status=409, erreur=(
            f"Cet établissement ne propose pas l’accueil «\u00a0{genres.SEJOURS[absent].lower()}\u00a0»."))
    try:
        for stay in wanted.sejours:
            commands.select(visit(request).actor, seen.dossier, place.id, stay)
    except commands.Impossible as impossible:
        return _choose(request, erreur=str(impossible), status=409)
    new = any((place.id, stay) not in before for stay in wanted.sejours)
    url = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return render.redirect(request, url, message=(ADDED if new else ALREADY).format(place.nom),
                           link={"url": f"{pages.base(seen)}/envoyer", "label": "Envoyer ma sélection"})


def _choose(request: Request, *, erreur: str = "", status: int = 200) -> Response:
    seen = _leading(request)
    module, here = seen.module.code, f"{pages.base(seen)}/choisir"
    asked = criteres.criteria(request.query_params, _defaults(request, seen))
    view = presenters_recherche.view(asked, path=here, suite=f"{seen.module.slug}/{seen.dossier.numero}")
    chosen: dict[int, list[str]] = {}
    for place, stay in sorted(queries.chosen(seen.dossier.id)):
        chosen.setdefault(place, []).append(stay)
    headers = {"hx-push-url": view.url} if htmx.wants_fragment(request) and not view.erreurs else {}
    return render.page(
        request, "demandes/choisir.html", fragment="annuaire/_resultats.html", headers=headers,
        status=422 if view.erreurs else status, **pages.common(seen), vue=view, choix="Demander",
        action_template="demandes/_choisir.html", choisis=chosen, erreur=erreur,
        offerts=[(code, genres.SEJOURS[code]) for code in genres.SEJOURS_OF[module]],
        voulus=_wanted(seen), retour_recherche=request.url.query, a_envoyer=_unsent(seen))


def _defaults(request: Request, seen: Visible) -> Defaults:
    """Where the search begins: around the person's home, for the first kind of stay that she asks for."""
    start = pages_recherche.defaults(request)
    home = f"{seen.dossier.code_postal} {seen.dossier.ville}".strip()
    wanted = _wanted(seen)
    return Defaults(home or start.ville, start.rayon, seen.module.code, wanted[0] if len(wanted) == 1 else "")


def _wanted(seen: Visible) -> list[str]:
    """The kinds of stay that the dossier asks for, as codes of the directory."""
    named = {genres.SEJOURS[code]: code for code in genres.SEJOURS_OF[seen.module.code]}
    return [named[one] for one in seen.dossier.sejours.split(", ") if one in named]


# --- sending

def prepare(request: Request) -> Response:
    """« Envoyer »: to whom, what they will read, and what is missing, before anything leaves."""
    return _prepare(request)


def send(request: Request) -> Response:
    """Send the requests that are ticked, each as it was shown; all of them or none."""
    seen = _leading(request)
    ticked = forms.to_send(request)
    if not ticked:
        return _prepare(request, erreur=NONE_TICKED, status=422)
    if why := envoi.refusal(seen):
        return _prepare(request, erreur=why, status=409)
    missing = [one.quoi for one in envoi.missing(seen, volets.readable(request, seen))]
    actor = visit(request).actor
    vues = [queries.of(seen.dossier.id, row) for row in ticked]
    for vue in vues:
        if vue.demande.version != ticked[vue.demande.id]:
            stale = commands.Stale(vue.demande)
            return _prepare(request, erreur=presenters.conflict(stale, actor.signature), status=409)
        if missing and not vue.incomplets:
            return _prepare(request, erreur=f"«\u00a0{vue.nom}\u00a0» attend un dossier complet\u00a0: rien n’est "
                                            "parti.", status=409)
        if vue.ferme or vue.demande.etat != rules.NON_ENVOYEE:
            return _prepare(request, erreur=f"«\u00a0{vue.nom}\u00a0» ne peut pas recevoir cette demande\u00a0: rien "
                                            "n’est parti.", status=409)
    try:
        for vue in vues:
            commands.send(actor, vue.demande.id, vue.demande.version, missing)
    except commands.Impossible as impossible:
        return _prepare(request, erreur=str(impossible), status=409)
    said = "La demande est envoyée" if len(vues) == 1 else f"{len(vues)} demandes sont envoyées"
    return render.redirect(request, pages.base(seen), message=f"{said}\u00a0: vous serez averti des réponses.")


def _prepare(request: Request, *, erreur: str = "", status: int = 200) -> Response:
    seen = _leading(request)
    missing, refused = envoi.missing(seen, volets.readable(request, seen)), bool(envoi.refusal(seen))
    leaving = [
        Depart(vue, genres.SEJOURS.get(vue.demande.sejour, vue.demande.sejour), bool(missing) and vue.incomplets,
               vue.ferme or refused or (bool(missing) and not vue.incomplets))
        for vue in queries.of_dossier(seen.dossier.id) if vue.demande.etat == rules.NON_ENVOYEE]
    return render.page(request, "demandes/envoyer.html", status=status, **pages.common(seen), departs=leaving,
                       sans_accord=refused, manques=missing, erreur=erreur,
                       prets=[one for one in leaving if not one.bloque])


def _unsent(seen: Visible) -> int:
    return queries.states(seen.dossier.id).count(rules.NON_ENVOYEE)


def _leading(request: Request) -> Visible:
    """The dossier of the address, for those who may choose and send; raises NotFound, NotLent, Interdit."""
    seen = pages.asked_for(request)
    if seen.module.code not in machines.MODULES:
        raise errors.NotFound()
    pages.must(request, seen, "envoyer")
    return seen


