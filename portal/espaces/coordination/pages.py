"""A coordination team's or a hospital service's pages: its dossiers, one of them, its médecin traitant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.compte import queries as comptes
from portal.db import audit
from portal.demandes import acces as acces_demandes
from portal.demandes import machines
from portal.demandes import presenters as demandes_words
from portal.demandes import queries as demandes
from portal.dossiers import numeros, porte, saisie
from portal.dossiers import rules as dossier_rules
from portal.dossiers.presenters import by_day, statuts_html, timeline
from portal.dossiers.queries import Visible
from portal.espaces import acces
from portal.espaces import queries as espaces
from portal.espaces.coordination import commands, forms, queries, rules
from portal.espaces.queries import Member
from portal.espaces.rules import DOSSIERS, LEADS, MEDICAL
from portal.espaces.usager.commands import name_physician
from portal.volets import acces as acces_volets
from portal.volets import queries as volets
from portal.volets import rules as volet_rules
from portal.volets.presenters import bandeau, title
from portal.web import dates, errors, handlers, render
from portal.web.forms import Form, clean, saved_form
from portal.web.session import visit

HOME = "/espaces/coordination"
MOST = 20
# A hospital service and a coordination team open both: a patient at home needs no hospital to go to one.
OPENS = ("ga", "s")
READERS = (DOSSIERS, MEDICAL)
ANSWERS = {"attente": "n’a pas encore répondu", "accepte": "a accepté le dossier", "refuse": "a refusé le dossier"}


@dataclass(frozen=True)
class Ici:
    """Who asks and which dossier: what the pages of one dossier are about."""

    member: Member
    vu: Visible
    leads: bool
    medecin: espaces.Medecin | None


def home(request: Request) -> Response:
    """The dossiers that the structure leads or follows, by tab."""
    member = acces.coordinator(request, *READERS)
    query = request.query_params
    onglet = query["onglet"] if query.get("onglet") in queries.ONGLETS else "en_cours"
    words = clean(query.get("q"))[:60]
    found, more = queries.page(member.structure.id, onglet, words, queries.cursor(query.get("apres", "")))
    counts = queries.counts(member.structure.id)
    return render.page(
        request, "espaces/coordination/liste.html", nav="espaces", structure=member.structure, q=words,
        onglet=onglet, onglets=[(code, label, counts[code]) for code, label in queries.ONGLETS.items()],
        lignes=[(line, dates.day(line.quand)) for line in found], statuts=statuts_html(),
        suite=f"{found[-1].maj}.{found[-1].id}" if more else "", modules=_modules(member))


# --- creating

def blank(request: Request) -> Response:
    """« Créer un dossier »."""
    return _creation(request, forms.blank(_module(request), saved_form(request)))


def create(request: Request) -> Response:
    """Open the dossier; someone who is very likely among the structure's own asks to confirm first."""
    member, module = acces.coordinator(request, DOSSIERS), _module(request)
    filled = forms.creation(request, module)
    if filled.new is None:
        return _creation(request, filled, status=422)
    twins = queries.alike(member.structure.id, saisie.traits(filled.form))
    if twins and not filled.form.values["confirme"]:
        return _creation(request, filled, status=422, twins=twins)
    try:
        made = commands.create(visit(request).actor, member.structure, module.code, filled.new)
    except numeros.Epuises as none_left:
        return _creation(request, filled, status=503, panne=str(none_left))
    return render.redirect(
        request, f"{HOME}/dossiers/{module.slug}/{made.numero}",
        message=f"Le dossier n°\u00a0{made.numero} est créé. Votre structure en est le référent.")


def _creation(request: Request, filled: forms.Ouverture, *, status: int = 200, twins: list[Any] | None = None,
              panne: str = "") -> Response:
    acces.coordinator(request, DOSSIERS)
    alike = [(f"{one.module} {one.numero}", f"{HOME}/dossiers/{dossier_rules.MODULES[one.module].slug}/{one.numero}",
              dossier_rules.patient_label(one.nom_naissance, one.nom_usage, one.prenom, one.civilite),
              dates.day(one.naissance)) for one in twins or []]
    return render.page(
        request, "espaces/coordination/creer.html", status=status, nav="espaces", module=_module(request),
        form=filled.form, communes=filled.communes, lieux=filled.lieux, jumeaux=alike, panne=panne,
        civilites=saisie.CIVILITES.items(), sexes=dossier_rules.SEXES.items())


def _modules(member: Member) -> list[dossier_rules.Module]:
    """What a structure may open; a member who only signs as a physician opens nothing."""
    return [dossier_rules.MODULES[code] for code in OPENS] if DOSSIERS in member.roles else []


def _module(request: Request) -> dossier_rules.Module:
    known = {one.slug: one for one in _modules(acces.coordinator(request, DOSSIERS))}
    found = known.get(request.path_params["module"])
    if found is None:
        raise errors.NotFound()
    return found


# --- one dossier

def of(request: Request) -> Ici:
    """The dossier of the address, if the structure leads or follows it; raises NotFound, NotYours."""
    member = acces.coordinator(request, *READERS)
    seen = porte.accepted(request)
    leads = espaces.link(member.structure.id, seen.dossier.id) == LEADS
    return Ici(member, seen, leads, espaces.physician(seen.dossier))


def show(request: Request) -> Response:
    """Where the dossier stands, its volets, its médecin traitant, its requests, the transfer."""
    here = of(request)
    seen, base = here.vu, porte.address(here.vu)
    handlers.note(request, "dossier.ouvert", dossier=seen.label)
    resume, acts = None, audit.timeline(seen.label, limit=30)
    if seen.module.code in machines.MODULES:
        resume = demandes_words.summary(demandes.of_dossier(seen.dossier.id), f"{base}/demandes",
                                        lambda event: acces_demandes.may(request, seen, event))
    return render.page(
        request, "espaces/coordination/dossier.html", **page_of(here), resume=resume,
        volets=_volets(request, seen, base), statut=statuts_html()[seen.dossier.statut],
        cree=dates.moment(seen.dossier.created),
        jours=by_day(timeline(acts, visit(request).actor, espaces.names(acts))))


def _volets(request: Request, seen: Visible, base: str) -> list[tuple[str, volet_rules.Etat, str, str]]:
    """Each volet: title, state, who and when, its address if who asks may open it."""
    mine = acces_volets.readable(request, seen)
    return [(title(one.code), volet_rules.STATES[one.etat],
             f"Validé par {one.valide_par} le {dates.moment(one.valide_le)}" if one.valide_le else "",
             f"{base}/volets/{one.code}" if one.code in mine else "")
            for one in volets.situations(seen)]


def page_of(here: Ici) -> dict[str, Any]:
    """What every page of a dossier prints around its own part, and where its transfer stands."""
    offered = queries.transfer(here.vu.dossier)
    unsigned = _unsigned(here.vu)
    why = rules.why_not_offered(
        accepted=bool(here.medecin and here.medecin.etat == "accepte"), leads=here.leads, filled=not unsigned,
        alive=here.vu.dossier.etat in queries.ALIVE, volets=rules.VOLETS.get(here.vu.module.code, rules.VOLET))
    return {
        "nav": "espaces", "vu": here.vu, "ici": here.vu.home, "adresse": porte.address(here.vu),
        "bandeau": bandeau(here.vu), "structure": here.member.structure, "conduit": here.leads,
        "traitant": here.medecin, "reponse": ANSWERS[here.medecin.etat] if here.medecin else "",
        "vivant": here.vu.dossier.etat in queries.ALIVE, "propose": offered, "pourquoi": "" if offered else why,
        "a_valider": [(title(code), f"{porte.address(here.vu)}/volets/{code}") for code in unsigned],
        "propose_le": dates.moment(offered.propose_le) if offered else "",
    }


def _unsigned(seen: Visible) -> list[str]:
    """The volets that the structure answers for and has not validated; a module without volets asks for none."""
    return [one.code for one in volets.situations(seen)
            if volet_rules.nature(one.code) == volet_rules.ADMINISTRATIF and one.etat != volet_rules.VALIDE]


# --- the médecin traitant

def show_physician(request: Request) -> Response:
    """Who is named now, and the search."""
    return _physician(request, Form(dict.fromkeys(forms.PHYSICIAN, "")))


def search_physician(request: Request) -> Response:
    """« Chercher »: the question names somebody, so it is no address."""
    form = forms.physician(request)
    found = comptes.physicians_named(form.values["nom"], form.values["ville"], MOST + 1) if form.ok else None
    return _physician(request, form, found)


def choose_physician(request: Request) -> Response:
    """« Choisir ce médecin »; somebody who named another one meanwhile is not overruled."""
    here = _leading(request)
    rpps = forms.number(request, "rpps")
    chosen = comptes.active_physician(rpps) if rpps else None
    if chosen is None or chosen.rpps is None:
        raise errors.NotFound()
    if (here.medecin.rpps if here.medecin else None) != forms.number(request, "avant"):
        raise errors.Conflict("Le médecin traitant de ce dossier vient d’être changé.", "Revenez au dossier.")
    if queries.transfer(here.vu.dossier) is not None:
        raise errors.Conflict("Le transfert de ce dossier est proposé\u00a0: annulez-le avant de changer de médecin.",
                              "Revenez au dossier.")
    name_physician(visit(request).actor, here.vu.dossier, chosen.rpps)
    return render.redirect(request, here.vu.home, message=f"{chosen.name} est désigné. Il va recevoir un avis.")


def _physician(request: Request, form: Form, found: list[comptes.Compte] | None = None) -> Response:
    return render.page(
        request, "espaces/coordination/medecin.html", status=200 if form.ok else 422, **page_of(_leading(request)),
        form=form, trouves=None if found is None else found[:MOST], trop=found is not None and len(found) > MOST)


def _leading(request: Request) -> Ici:
    """The dossier of the address, for the structure that leads it, while it is alive."""
    here = of(request)
    if not here.leads or here.vu.dossier.etat not in queries.ALIVE:
        raise acces.NotYours("Seule la structure qui conduit la demande désigne le médecin traitant, tant que le "
                             "dossier est ouvert.")
    return here
