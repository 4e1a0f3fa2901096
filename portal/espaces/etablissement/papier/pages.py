"""The paper dossiers of an establishment: listed apart, noted down, moved along."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.annuaire import genres
from portal.compte import rules as compte
from portal.demandes.rules import LEVELS
from portal.espaces import acces
from portal.espaces.etablissement import rules as establishment
from portal.espaces.etablissement.forms import STAYS, no_date, version
from portal.espaces.etablissement.papier import commands, queries, rules
from portal.espaces.etablissement.papier.commands import Nouveau
from portal.espaces.etablissement.papier.models import Papier
from portal.espaces.etablissement.presenters import HOME, gir
from portal.espaces.etablissement.queries import own
from portal.espaces.queries import Member
from portal.espaces.rules import ADMISSIONS
from portal.web import dates, errors, forms, render, traces
from portal.web.forms import Form, saved_form
from portal.web.session import visit

LIST = f"{HOME}/papier"
NAME = 80
FIELDS = ("nom", "prenom", "telephone", "sejour", "gir", "recu_le")
GIRS = [("", "Non évalué"), *((one, f"GIR {one}") for one in establishment.GIRS)]


@dataclass(frozen=True)
class Rangee:
    """One row of the list."""

    adresse: str
    personne: str
    sejour: str
    gir: str
    recu: str
    etat: str
    icone: str
    note: str


def show(request: Request) -> Response:
    """The list, with what paper does not do."""
    member, place = _place(request)
    onglet = request.query_params.get("onglet", "")
    onglet = onglet if onglet in rules.TABS else rules.EN_COURS
    after = request.query_params.get("apres", "")
    found = queries.listed(place, onglet, int(after) if re.fullmatch(r"\d{1,18}", after, re.ASCII) else None)
    return render.page(
        request, "espaces/etablissement/papier/liste.html", nav="espaces", roles=member.roles,
        rangees=[_row(one) for one in found.papiers], onglet=onglet,
        onglets=[(code, words, found.counts[code]) for code, words in rules.TABS.items()],
        suite=f"{LIST}?onglet={onglet}&apres={found.papiers[-1].id}" if found.more else "")


def blank(request: Request) -> Response:
    """« Enregistrer la réception d’un dossier papier »."""
    _place(request)
    values = dict.fromkeys(FIELDS, "") | {"recu_le": dates.day(clock.today())}
    return _new_page(request, Form(values | saved_form(request)))


def receive(request: Request) -> Response:
    """Note it down."""
    _, place = _place(request)
    form = Form(forms.typed(request, *FIELDS))
    new = _read(form)
    if new is None:
        return _new_page(request, form, status=422)
    made = commands.receive(visit(request).actor, place, new)
    return render.redirect(request, f"{LIST}/{made.id}", message="Le dossier papier est enregistré.")


def one(request: Request) -> Response:
    """A paper dossier, and where it may go."""
    papier = _papier(request)
    return _page(request, papier, Form({"etat": "", "niveau": papier.niveau, "entree": ""}))


def move(request: Request) -> Response:
    """Say where it stands now."""
    papier, form = _papier(request), Form(forms.typed(request, "etat", "niveau", "entree"))
    if papier.version != version(request):
        return _page(request, papier, form, avis=_changed(papier), status=409)
    etat, entree = form.values["etat"], None
    if etat not in rules.ETATS:
        form.errors["etat"] = "Choisissez un état dans la liste."
    if etat == rules.LISTE and form.values["niveau"] not in LEVELS:
        form.errors["niveau"] = "Choisissez un des trois niveaux."
    if etat == rules.ADMIS:
        entree = dates.read(form.values["entree"])
        why = establishment.why_not_entered(entree, papier.recu_le, clock.today()) if entree else no_date("entree")
        if why:
            form.errors["entree"] = why
    if not form.ok:
        return _page(request, papier, form, status=422)
    try:
        commands.move(visit(request).actor, papier, papier.version, etat, form.values["niveau"], entree)
    except commands.Impossible as impossible:
        return _page(request, papier, form, avis=str(impossible), status=409)
    return render.redirect(request, f"{LIST}/{papier.id}", message="L’état du dossier papier est enregistré.")


def _place(request: Request) -> tuple[Member, int]:
    member = acces.receiver(request, ADMISSIONS)
    return member, own(member).id


def _papier(request: Request) -> Papier:
    member = acces.receiver(request)
    if member.structure.etablissement_id is None:
        raise errors.NotFound()
    found = queries.one(member.structure.etablissement_id, request.path_params["papier"])
    acces.receiver(request, ADMISSIONS)
    traces.saw(request, f"papier {found.id}")
    return found


def _read(form: Form) -> Nouveau | None:
    for name, words in (("nom", "Donnez le nom."), ("prenom", "Donnez le prénom.")):
        form.values[name] = " ".join(form.values[name].split())
        if not form.values[name]:
            form.errors[name] = words
        elif len(form.values[name]) > NAME:
            form.errors[name] = f"{NAME} caractères au plus."
    try:
        phone = compte.phone(form.values["telephone"])
    except compte.Invalid as error:
        form.errors["telephone"], phone = str(error), ""
    if form.values["sejour"] not in STAYS:
        form.errors["sejour"] = "Choisissez un séjour dans la liste."
    if form.values["gir"] not in ("", *establishment.GIRS):
        form.errors["gir"] = "Choisissez un GIR dans la liste."
    day = dates.read(form.values["recu_le"])
    why = rules.why_not_received(day, clock.today()) if day else no_date("recu_le")
    if why:
        form.errors["recu_le"] = why
    if not form.ok or day is None:
        return None
    rated = int(form.values["gir"]) if form.values["gir"] else None
    return Nouveau(form.values["nom"], form.values["prenom"], phone, form.values["sejour"], rated, day)


def _new_page(request: Request, form: Form, status: int = 200) -> Response:
    return render.page(
        request, "espaces/etablissement/papier/nouveau.html", status=status, nav="espaces", form=form, girs=GIRS,
        sejours=[("", "Choisir…"), *((code, genres.SEJOURS[code]) for code in STAYS)])


def _page(request: Request, papier: Papier, form: Form, *, avis: str = "", status: int = 200) -> Response:
    return render.page(
        request, "espaces/etablissement/papier/papier.html", status=status, nav="espaces", form=form, avis=avis,
        papier=papier, rangee=_row(papier), telephone=queries.words(papier, "telephone"),
        change=f"{papier.par}, le {dates.moment(papier.updated)}", niveaux=LEVELS.items(),
        etats=[(etat.code, etat.label) for etat in rules.targets(papier.etat)])


def _row(papier: Papier) -> Rangee:
    etat = rules.ETATS[papier.etat]
    note = LEVELS.get(papier.niveau, "")
    if papier.entree:
        note = f"Le {dates.day(papier.entree)}"
    return Rangee(f"{LIST}/{papier.id}", queries.person(papier), genres.SEJOURS.get(papier.sejour, papier.sejour),
                  gir(papier.gir), dates.day(papier.recu_le), etat.label, etat.icon, note)


def _changed(papier: Papier) -> str:
    return (f"{papier.par} a changé ce dossier papier le {dates.moment(papier.updated)}, avant vous\u00a0: il est à "
            f"l’état «\u00a0{rules.ETATS[papier.etat].label}\u00a0».")
