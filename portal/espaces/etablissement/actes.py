"""The answers of an establishment: each has its own page, with its form and its refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.demandes import commands, machines
from portal.demandes import queries as demandes
from portal.demandes import rules as of_demandes
from portal.demandes.models import Demande
from portal.espaces import acces
from portal.espaces.etablissement import forms, presenters, queries, rules
from portal.espaces.etablissement.porte import received
from portal.espaces.etablissement.queries import Recue
from portal.espaces.etablissement.rules import Acte
from portal.volets.presenters import bandeau
from portal.web import dates, render
from portal.web.forms import Form, saved_form
from portal.web.session import visit

COMMANDS: dict[str, Callable[..., Demande]] = {
    "avis": commands.give_opinion, "complement": commands.ask, "liste": commands.put_on_list,
    "proposer": commands.propose, "retirer": commands.withdraw, "refuser": commands.refuse,
    "etudier": commands.study, "reactiver": commands.reactivate, "admettre": commands.admit,
    "corriger": commands.undo_admission,
}
DONE = {
    "avis": "Votre avis est enregistré\u00a0: il reste dans votre établissement.",
    "complement": "Le complément est demandé\u00a0: le référent du dossier en est averti.",
    "liste": "La demande est inscrite sur votre liste d’attente.",
    "proposer": "La place est proposée\u00a0: vous serez averti de la réponse.",
    "retirer": "La proposition est retirée\u00a0: la demande revient sur votre liste d’attente.",
    "refuser": "L’admission impossible est signalée, avec son motif. Le dossier n’est plus lisible ici.",
    "reactiver": "La demande est reprise\u00a0: le dossier est de nouveau lisible.",
    "admettre": "L’entrée est déclarée.",
    "corriger": "L’entrée est retirée\u00a0: la demande revient sur votre liste d’attente.",
    "etudier": "La demande est à l’étude\u00a0: le référent du dossier en est averti.",
}
DONE_OF = {"s": {
    "liste": "L’accord sans place est donné\u00a0: le référent du dossier en est averti.",
    "proposer": "L’accord est donné avec une date\u00a0: vous serez averti de la réponse.",
    "retirer": "L’accord est retiré\u00a0: le référent du dossier en est averti.",
    "refuser": "La demande est refusée, avec son motif. Le dossier n’est plus lisible ici.",
    "admettre": "L’arrivée est déclarée.",
    "corriger": "L’arrivée est retirée\u00a0: l’accord reste confirmé.",
}}


def show(request: Request, code: str) -> Response:
    """The form of an answer; when it can't be given from here, the page says from where to where and why."""
    acte, one = _asked(request, code)
    if machines.of(one.demande.module).transition(one.demande.etat, acte.event) is None:
        return refused(request, acte, one, _impossible(acte, one))
    form = forms.blank(code, one.demande)
    form.values |= {name: words for name, words in saved_form(request).items() if name in form.values}
    return page(request, acte, one, form)


def act(request: Request, code: str) -> Response:
    """Give the answer. Someone who acted before is named, and what was typed stays."""
    acte, one = _asked(request, code)
    seen = forms.version(request)
    filled = forms.read(request, code, one.demande)
    if one.demande.version != seen:
        return refused(request, acte, one, _meanwhile(request, one), filled.form)
    if machines.of(one.demande.module).transition(one.demande.etat, acte.event) is None:
        return refused(request, acte, one, _impossible(acte, one), filled.form)
    if not filled.form.ok:
        return page(request, acte, one, filled.form, status=422)
    try:
        COMMANDS[code](visit(request).actor, one.demande.id, seen, *filled.args)
    except commands.Impossible as impossible:
        return refused(request, acte, one, str(impossible), filled.form)
    done = DONE_OF.get(one.demande.module, {}).get(code, DONE[code])
    return render.redirect(request, f"{presenters.HOME}/demandes/{one.demande.id}", message=done)


def refused(request: Request, acte: Acte, one: Recue, why: str, form: Form | None = None) -> Response:
    """Nothing was done: who acted before, from where to where and why. Where the answer is still possible the form
    is there again, on what is true now, with what was typed; else what was typed is shown to be copied."""
    again = form is not None and machines.of(one.demande.module).transition(one.demande.etat, acte.event) is not None
    return page(request, acte, one, form or forms.blank(acte.code, one.demande), status=409, avis=why, again=again)


def page(request: Request, acte: Acte, one: Recue, form: Form, *, status: int = 200, avis: str = "",
         again: bool = True) -> Response:
    """The page of an answer. ``avis``: why the one before was not taken; ``again``: the form may be sent again."""
    member = acces.receiver(request, *acte.roles)
    typed = [] if again else [words for words in form.values.values() if words]
    return render.page(
        request, "espaces/etablissement/acte.html", status=status, nav="espaces", acte=acte, form=form, avis=avis,
        encore=again, bouton=rules.words(acte, one.demande.etat), saisi=typed, demande=one.demande,
        personne=presenters.person(one.dossier),
        bandeau=None if one.closed else bandeau(queries.seen_by(member, one)), vu=queries.seen_by(member, one),
        ici=f"{presenters.HOME}/demandes/{one.demande.id}",
        etat=presenters.states_html(one.demande.module)[one.demande.etat], **_choices(acte.code, one))


def _choices(code: str, one: Recue) -> dict[str, Any]:
    """What an act's form offers to choose from, and what it says of today."""
    demande = one.demande
    motives = machines.of(demande.module).motives("refuser")
    return {
        "motifs": [("", "Choisir…"), *((motif.code, motif.label) for motif in motives)],
        "niveaux": of_demandes.LEVELS.items(), "opinions": of_demandes.OPINIONS.items(),
        "longueur": rules.LONGEST_TEXT, "rang_max": rules.HIGHEST_RANK,
        "propose": presenters.facts(one, medical=False) if code in ("retirer", "admettre") else {},
        "texte_refus": demandes.words(demande, "motif_texte") if code == "reactiver" else "",
        "motif": rules.motive(demande.motif) if code == "reactiver" else "",
        "entree": dates.day(demande.entree) if code == "corriger" and demande.entree else "",
    }


def _asked(request: Request, code: str) -> tuple[Acte, Recue]:
    """The act and the request of the address; raises NotFound for another's request, NotYours without the role."""
    _, one = received(request)
    acte = rules.act(one.demande.module, code)
    acces.receiver(request, *acte.roles)
    return acte, one


def _impossible(acte: Acte, one: Recue) -> str:
    return machines.of(one.demande.module).why_impossible(one.demande.etat, acte.event)


def _meanwhile(request: Request, one: Recue) -> str:
    return presenters.what_happened(one.demande, one.pas[-1], visit(request).actor.subject)
