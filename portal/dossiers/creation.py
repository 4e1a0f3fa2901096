"""« Créer un dossier »: choose the module, then one short form."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.dossiers import commands, doublons, forms, presenters, rules
from portal.dossiers.forms import NewForm
from portal.dossiers.porte import address, module_of, physician
from portal.dossiers.queries import Visible
from portal.dossiers.rules import Module
from portal.web import render
from portal.web.forms import saved_form
from portal.web.session import visit


def choose(request: Request) -> Response:
    """The three modules, as on the dashboard; straight to the form when a tile says which."""
    module = rules.BY_SLUG.get(request.query_params.get("module", ""))
    if module:
        return render.redirect(request, f"/dossiers/{module.slug}/creer")
    lent = [module for module in rules.MODULES.values() if visit(request).may("preparer", module.code)]
    return render.page(request, "dossiers/choisir.html", nav="creer", modules=lent)


def blank(request: Request) -> Response:
    """The empty form, or what was typed before the session expired."""
    module = module_of(request)
    form = forms.empty(module)
    kept = saved_form(request)
    form.values |= {name: value for name, value in kept.items() if name in form.values}
    return _page(request, module, NewForm(form), [], repris=bool(kept))


def create(request: Request) -> Response:
    """Open the dossier and go to it; the same name and birth date among his own asks to confirm first."""
    module = module_of(request)
    filled = forms.creation(request, module)
    if filled.new is None:
        return _page(request, module, filled, [], status=422)
    new = filled.new
    traits = doublons.Traits((new.nom_naissance, new.nom_usage), new.prenom, new.prenoms, new.naissance, new.sexe)
    twins = [found.seen for found in doublons.search(physician(request), traits, rules.MODULES) if found.likely]
    if twins and not filled.form.values["confirme"]:
        return _page(request, module, filled, twins, status=422)
    made = commands.create(visit(request).actor, module.code, filled.new)
    return render.redirect(
        request, f"/dossiers/{module.slug}/{made.numero}",
        message=f"Le dossier n° {made.numero} est créé. Vous en êtes le référent.")


def _page(request: Request, module: Module, filled: NewForm, twins: list[Visible], *, status: int = 200,
          repris: bool = False) -> Response:
    statuts = presenters.statuts_html()
    found = [(seen.label, address(seen), statuts[seen.dossier.statut]) for seen in twins]
    return render.page(
        request, "dossiers/creer.html", status=status, nav="creer", module=module, form=filled.form,
        communes=filled.communes, doublons=found, repris=repris, civilites=forms.CIVILITES.items(),
        sexes=forms.SEXES.items(),
    )
