"""« Demander aussi… »: from a sanitaire dossier the person's Grand Âge one, and the other way, linked and prefilled.

Nothing is validated on anybody's behalf: each answer taken over is marked with where it comes from, to be read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.db import audit
from portal.delegations.rules import SECRETAIRE
from portal.dossiers import commands, liaison, numeros, porte, presenters, queries, rules, scelles
from portal.dossiers.commands import Nouveau
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.dossiers.rules import Module
from portal.volets import acces, definitions, passerelle
from portal.volets import commands as volets
from portal.volets import queries as read
from portal.volets import rules as volets_rules
from portal.volets.formulaire import Answers, Definition, Value
from portal.volets.presenters import bandeau, title
from portal.web import errors, render
from portal.web.forms import Form, typed
from portal.web.session import visit

OTHER = {"s": "ga", "ga": "s"}
WORDS = {"ga": "Demander aussi un hébergement (EHPAD, USLD…)",
         "s": "Demander aussi un SMR (ex-SSR), une HAD ou une USP"}
LINKED = "Ce dossier est déjà lié à un autre\N{NO-BREAK SPACE}: ouvrez-le, ou retirez d’abord ce lien."
NOT_LENT = "Votre délégation ne porte pas sur l’autre module."
OVER = "Ce dossier est clos\N{NO-BREAK SPACE}: réactivez-le d’abord."
CONFIRM = "Liez un de ces dossiers, ou cochez cette case pour en créer un autre."
OPEN = ("redaction", "actif")


@dataclass(frozen=True)
class Reprise:
    """One volet of the new dossier: its name and how many answers it begins with."""

    titre: str
    n: int


def why_not(request: Request, seen: Visible) -> str:
    """Why the person's other request can't be prepared from this dossier, "" when it can."""
    if not visit(request).may("preparer", OTHER[seen.module.code]):
        return NOT_LENT
    if seen.dossier.lie_id is not None:
        return LINKED
    return OVER if volets_rules.why_closed(seen.dossier.etat) else ""


def show(request: Request) -> Response:
    """What the new dossier will begin with, and what is asked for it."""
    seen, target = _place(request)
    return _page(request, seen, target, Form(dict.fromkeys(_names(target), "")))


def create(request: Request) -> Response:
    """Open the other dossier for the same person, link both, and begin its volets with what is known."""
    seen, target = _place(request)
    form = Form(typed(request, *_names(target)))
    if why_not(request, seen):
        return _page(request, seen, target, form, status=409)
    stays = tuple(name for rank, name in enumerate(target.stays) if form.values[f"sejour_{rank}"])
    if not stays:
        form.errors["sejour_0"] = f"{target.stay}\N{NO-BREAK SPACE}: cochez au moins un choix."
    if not form.values["information"]:
        form.errors["information"] = "Informez la personne, ou son représentant, puis cochez cette case."
    if _twins(request, seen, target) and not form.values["confirme"]:
        form.errors["confirme"] = CONFIRM
    if form.errors:
        return _page(request, seen, target, form, status=422)
    actor = visit(request).actor
    try:
        made = commands.create(actor, target.code, _identity(seen.dossier, stays))
    except numeros.Epuises as none_left:
        return _page(request, seen, target, form, status=503, panne=str(none_left))
    commands.link(actor, seen.dossier, made)
    begun = _begin(request, seen, made, stays)
    label = rules.format_numero(target.code, made.numero)
    words = f", {begun} réponse{'s' if begun > 1 else ''} à relire" if begun else ""
    return render.redirect(request, f"/dossiers/{target.slug}/{made.numero}",
                           message=f"Le dossier {label} est créé et lié à {seen.label}{words}.")


def _place(request: Request) -> tuple[Visible, Module]:
    seen = porte.accepted(request)
    other = OTHER.get(seen.module.code)
    if other is None:
        raise errors.NotFound()
    if not visit(request).may("preparer", other):
        raise errors.NotLent(NOT_LENT)
    return seen, rules.MODULES[other]


def _names(target: Module) -> tuple[str, ...]:
    return (*(f"sejour_{rank}" for rank, _ in enumerate(target.stays)), "information", "confirme")


def _identity(dossier: Dossier, stays: tuple[str, ...]) -> Nouveau:
    """The same person, as the dossier knows her."""
    values: dict[str, Any] = {
        name: scelles.opened(dossier, name) if name in commands.SEALED else getattr(dossier, name)
        for name in commands.IDENTITY}
    return Nouveau(**values, sejours=stays)


def _twins(request: Request, seen: Visible, target: Module) -> list[Visible]:
    """The person's dossiers of the other module that are under way and might be linked instead."""
    return [one for one in liaison.candidates(request, seen)
            if one.module.code == target.code and one.dossier.etat in OPEN]


def _source(request: Request, seen: Visible) -> dict[str, tuple[Definition, Answers]]:
    """The volets of this dossier that hold something and that this person may read."""
    found = read.all_of(seen, acces.readable(request, seen))
    return {one.code: (one.definition, one.answers) for one in found if one.answers}


def _writes(request: Request, code: str) -> bool:
    """True when this person will write this volet of a dossier that the physician leads."""
    mandate = visit(request).actor.mandate
    secretary = mandate is not None and mandate.kind == SECRETAIRE
    acts = volets_rules.allowed("secretaire_referent" if secretary else "referent", code)
    if mandate:
        acts = volets_rules.lent(acts, mandate.rights, secretary=secretary)
    return volets_rules.ECRIRE in acts


def _taken(request: Request, target: Module, source: passerelle.Whole) -> dict[str, dict[str, Value]]:
    """What the new dossier takes from them, by volet that this person will write."""
    latest = {one.volet: one for one in definitions.volets(target.code)}
    found = passerelle.carry(target.code, latest, source, clock.today(), read.town)
    return {code: answers for code, answers in found.items() if _writes(request, code)}


def _begin(request: Request, seen: Visible, made: Dossier, stays: tuple[str, ...]) -> int:
    """Write the first answers of each volet; how many were taken over."""
    actor, source = visit(request).actor, _source(request, seen)
    taken = _taken(request, rules.MODULES[made.module], source)
    asked = passerelle.asked(made.module, stays, f"{made.code_postal} {made.ville}")
    count = 0
    for code in (one for one in {**taken, **asked} if _writes(request, one)):
        answers = taken.get(code, {}) | asked.get(code, {})
        copies = dict.fromkeys(answers.keys() - passerelle.CHOSEN, seen.label)
        volets.first(actor, made, code, answers, copies)
        count += len(copies)
    for code in source:  # their words are read here as if each were opened
        audit.record(actor, "volet.ouvert", dossier=seen.label, detail=code)
    return count


def _page(request: Request, seen: Visible, target: Module, form: Form, *, status: int = 200,
          panne: str = "") -> Response:
    linked = queries.linked_for(seen.dossier, porte.physician(request))
    statuts = presenters.statuts_html()
    refused = why_not(request, seen)
    taken = {} if refused else _taken(request, target, _source(request, seen))
    return render.page(
        request, "dossiers/autre_demande.html", status=status, nav="dossiers", vu=seen, adresse=porte.address(seen),
        bandeau=bandeau(seen), titre=WORDS[target.code], module=target, form=form, refus=refused, panne=panne,
        lie=(presenters.numero_of(linked), f"/dossiers/{rules.MODULES[linked[0]].slug}/{linked[1]}")
        if linked else None,
        jumeaux=[(one.label, porte.address(one), statuts[one.dossier.statut])
                 for one in ([] if refused else _twins(request, seen, target))],
        reprises=[Reprise(title(code), len(answers)) for code, answers in taken.items()])
