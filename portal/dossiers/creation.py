"""« Créer un dossier »: choose the module, then one form, which shows while one types who may be there already."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from portal.dossiers import commands, complements, doublons, forms, identite, numeros, presenters, rules, saisie
from portal.dossiers.doublons import Doublon
from portal.dossiers.forms import NewForm
from portal.dossiers.porte import address, module_of, physician
from portal.dossiers.rules import Module
from portal.web import dates, htmx, render
from portal.web.forms import Form, saved_form
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
    return _page(request, module, forms.unchecked(module, form), repris=bool(kept))


def create(request: Request) -> Response:
    """Open the dossier and go to it; someone who is very likely among his own already asks to confirm first."""
    module = module_of(request)
    filled = forms.creation(request, module)
    if filled.new is None:
        return _page(request, module, filled, status=422)
    twins = [found for found in _search(request, filled.form) if found.likely]
    if twins and not filled.form.values["confirme"]:
        return _page(request, module, filled, status=422, confirm=twins)
    try:
        made = commands.create(visit(request).actor, module.code, filled.new)
        complements.begin(visit(request).actor, made, filled.new.sejours, filled.complements)
    except numeros.Epuises as none_left:
        return _page(request, module, filled, status=503, panne=str(none_left))
    remarks, here = saisie.remarques_of(made), f"/dossiers/{module.slug}/{made.numero}"
    further = {"url": f"{here}/volets/{complements.VOLET}", "label": "Volet administratif"}
    return render.redirect(
        request, here, kind="attention" if remarks else "succes",
        link=further if complements.has(module.code) else None,
        message=" ".join((
            f"Le dossier n°\N{NO-BREAK SPACE}{made.numero} est créé. Vous en êtes le référent.", *remarks)))


def back(request: Request) -> Response:
    """Who comes to the question's address (after a login) goes to the form."""
    return render.redirect(request, f"/dossiers/{module_of(request).slug}/creer")


def ask(request: Request) -> Response:
    """Who may be there already, as far as the form says; nothing is checked or kept."""
    module = module_of(request)
    form = forms.typed(request, module)
    found = Ressemblances.of(request, form)
    if htmx.wants_fragment(request) and found.vu == str(request.state.form.get("vu", "")):
        # Nothing new: what is on the page must not be announced again.
        return Response(status_code=204)
    return _page(request, module, forms.unchecked(module, form), asked=found)


@dataclass(frozen=True)
class Ressemblance:
    """A dossier that may be about the same person, with no more than the physician may see of it."""

    numero: str
    adresse: str
    statut: Markup
    details: tuple[str, ...]
    accepte: bool


@dataclass(frozen=True)
class Ressemblances:
    """What the form shows under the person: dossiers that look alike, and what to say of the number. ``vu`` sums
    it up."""

    etat: str
    trouvees: tuple[Ressemblance, ...] = ()
    remarques: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: Request, form: Form) -> Ressemblances:
        """Ask the physician's own dossiers; « attend » until the form says enough of a person."""
        typed = saisie.traits(form)
        enough = typed.nir or (typed.naissance and typed.prenom and any(typed.noms))
        found = tuple(resemblance(twin) for twin in _search(request, form)) if enough else ()
        return cls("trouve" if found else "rien" if enough else "attend", found,
                   saisie.remarques(form))

    @property
    def vu(self) -> str:
        return "|".join((self.etat, *(found.numero for found in self.trouvees), *self.remarques))


def resemblance(twin: Doublon) -> Ressemblance:
    """An accepted dossier says who; another only what the acceptance preview says."""
    seen, statut = twin.seen, presenters.statuts_html()[twin.seen.dossier.statut]
    if seen.accepted:
        born = f"né(e) le {dates.day(seen.dossier.naissance)}"
        return Ressemblance(seen.label, address(seen), statut, (seen.lien.patient, born), True)
    preview = presenters.preview(seen)
    return Ressemblance(seen.label, address(seen), statut, (preview.personne, preview.lieu, preview.sejours), False)


def _search(request: Request, form: Form) -> list[Doublon]:
    lent = [code for code in rules.MODULES if visit(request).may("consulter", code)]
    return doublons.search(physician(request), saisie.traits(form), lent)


def _page(request: Request, module: Module, filled: NewForm, *, status: int = 200, repris: bool = False,
          confirm: list[Doublon] | None = None, asked: Ressemblances | None = None, panne: str = "") -> Response:
    return render.page(
        request, "dossiers/creer.html", fragment="dossiers/_doublons.html" if asked else None, status=status,
        nav="creer", module=module, form=filled.form, communes=filled.communes, lieux=filled.lieux,
        rubriques=filled.complements.rubriques,
        a_confirmer=[resemblance(twin) for twin in confirm or []],
        doublons=asked or Ressemblances.of(request, filled.form),
        repris=repris, panne=panne, civilites=saisie.CIVILITES.items(), sexes=rules.SEXES.items(),
        statuts_ins=[statut for statut in identite.STATUTS.values() if statut.main],
        sans_matricule=identite.NO_MATRICULE,
    )
