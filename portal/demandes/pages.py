"""The requests of a dossier for those who ask: the list, one of them, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.delegations.rules import SECRETAIRE
from portal.demandes import acces, actes, commands, envoi, forms, machines, presenters, queries, rules
from portal.demandes.actes import Acte
from portal.demandes.models import Demande
from portal.demandes.queries import Vue
from portal.dossiers import porte
from portal.dossiers.queries import Visible
from portal.volets import acces as volets
from portal.volets.presenters import bandeau
from portal.web import errors, render
from portal.web.forms import Form, saved_form
from portal.web.session import visit


def base(seen: Visible) -> str:
    """The address of a dossier's requests."""
    return f"{porte.address(seen)}/demandes"


def asked_for(request: Request) -> Visible:
    """The dossier of the address, for those who follow its requests; an establishment has its own pages."""
    seen = porte.accepted(request)
    if seen.role.startswith("receveur") or seen.module.code not in machines.MODULES:
        raise errors.NotFound()
    return seen


def common(seen: Visible) -> dict[str, Any]:
    """What each of these pages prints around its own part."""
    nav = "usager" if seen.role in ("patient", "aidant", "famille") else "espaces" if seen.role else "dossiers"
    return {"nav": nav, "vu": seen, "adresse": porte.address(seen), "ici": base(seen),
            "bandeau": bandeau(seen), "mots": actes.MOTS[seen.module.code]}


def summary(request: Request, seen: Visible) -> presenters.Resume:
    """The requests of a dossier as who asks reads them."""
    return presenters.summary(queries.of_dossier(seen.dossier.id), base(seen),
                              lambda event: acces.may(request, seen, event))


def show(request: Request) -> Response:
    """The requests of a dossier."""
    seen = asked_for(request)
    return render.page(
        request, "demandes/liste.html", **common(seen), resume=summary(request, seen),
        refus_choisir=acces.reason(request, seen, "envoyer"))


def one(request: Request) -> Response:
    """One request: where it stands, what was said, what may be done."""
    seen, vue = _asked(request)
    return render.page(request, "demandes/demande.html", **common(seen), **_shown(request, seen, vue))


def _shown(request: Request, seen: Visible, vue: Vue) -> dict[str, Any]:
    may_read = _may_read_words(request, seen)
    one = vue.demande
    possible = actes.possible(one.module, one.etat, one.sejour, one.accord)
    refusals = {acte.title: acces.reason(request, seen, acte.event) or waits(request, seen, one, acte)
                for acte in possible}
    return {
        "vue": vue, "ligne": presenters.line(vue, base(seen), lambda event: acces.may(request, seen, event)),
        "faits": presenters.facts(vue, words=may_read), "pas": presenters.steps(queries.steps(one.id), one.module),
        "question": queries.words(vue.demande, "complement") if may_read else "",
        "reponse": queries.words(vue.demande, "complement_reponse") if may_read else "",
        "actes": [acte for acte in possible if not refusals[acte.title]],
        "impossibles": [(title, why) for title, why in refusals.items() if why],
    }


def waits(request: Request, seen: Visible, one: Demande, acte: Acte) -> str:
    """What an act still waits for, as a French sentence; "" for nothing: at home, the médecin traitant's agreement,
    which a physician gives by confirming."""
    needs = acte.event == "accepter" and one.sejour in machines.of(one.module).at_home and one.accord != "donne"
    if not needs or rules.TRAITANT in acces.who(request, seen):
        return ""
    return ("Le médecin traitant n’a pas donné son accord à une prise en charge à domicile." if one.accord else
            "Le médecin traitant doit d’abord donner son accord à une prise en charge à domicile.")


def _may_read_words(request: Request, seen: Visible) -> bool:
    """What people wrote in a request may be medical: not for a secretary, nor for a relative who only follows, nor for
    a colleague who was not lent to read."""
    mandate = visit(request).mandate
    return seen.role != "famille" and (mandate is None or (mandate.kind != SECRETAIRE and mandate.allows("lire")))


# --- the acts

COMMANDS: dict[str, Callable[[Any, int, int, forms.Rempli], object]] = {
    "completer": lambda actor, row, seen, sent: commands.complete(actor, row, seen, sent.texte),
    "accepter": lambda actor, row, seen, sent: commands.accept(actor, row, seen),
    "decliner": lambda actor, row, seen, sent: commands.decline(
        actor, row, seen, stay=sent.rester, motif=sent.motif, text=sent.texte),
    "accord": lambda actor, row, seen, sent: commands.agree(actor, row, seen, yes=True),
    "desaccord": lambda actor, row, seen, sent: commands.agree(actor, row, seen, yes=False),
    "relancer": lambda actor, row, seen, sent: commands.remind(actor, row, seen),
    "annuler": lambda actor, row, seen, sent: commands.cancel(actor, row, seen, sent.motif, sent.texte),
    "retirer": lambda actor, row, seen, sent: commands.remove(actor, row, seen),
}


def confirm(request: Request) -> Response:
    """The form of an act, or why it can't be done from here."""
    seen, vue, acte = _act(request)
    why = actes.why_not(vue.demande.module, vue.demande.etat, acte)
    if why:
        return _acte(request, seen, vue, acte, forms.blank({}), status=409, avis=why, encore=False)
    return _acte(request, seen, vue, acte, forms.blank(saved_form(request)))


def act(request: Request) -> Response:
    """Do it. Someone who acted before is named, and what was typed stays."""
    seen, vue, acte = _act(request)
    filled = forms.filled(acte, vue.demande.module, request.state.form)
    why = actes.why_not(vue.demande.module, vue.demande.etat, acte)
    version = forms.version(request)
    actor = visit(request).actor
    try:
        if vue.demande.version != version:
            raise commands.Stale(vue.demande)
        if why:
            raise commands.Impossible(why)
        if not filled.form.ok:
            return _acte(request, seen, vue, acte, filled.form, status=422)
        if acte.code == "rouvrir":
            if refused := envoi.refusal(seen):
                raise commands.Impossible(refused)
            missing = [one.quoi for one in envoi.missing(seen, volets.readable(request, seen))]
            commands.reopen(actor, vue.demande.id, version, missing)
        else:
            COMMANDS[acte.code](actor, vue.demande.id, version, filled)
    except commands.Stale as stale:
        avis = presenters.conflict(stale, actor.signature)
        return _acte(request, seen, vue, acte, filled.form, status=409, avis=avis, encore=not why)
    except commands.Impossible as impossible:
        return _acte(request, seen, vue, acte, filled.form, status=409, avis=str(impossible), encore=False)
    back = base(seen) if acte.code == "retirer" else f"{base(seen)}/{vue.demande.id}"
    return render.redirect(request, back, message=acte.done)


def _acte(request: Request, seen: Visible, vue: Vue, acte: Acte, form: Form, *, status: int = 200, avis: str = "",
          encore: bool = True) -> Response:
    return render.page(
        request, "demandes/acte.html", status=status, **common(seen), **_shown(request, seen, vue), acte=acte,
        form=form, avis=avis, encore=encore, motifs=presenters.choices(acte, vue.demande.module),
        longueur=actes.LONGEST_TEXT, saisi="" if encore else form.values["texte"])


def _asked(request: Request) -> tuple[Visible, Vue]:
    """The dossier and the request of the address; another dossier's request is not found."""
    seen = asked_for(request)
    return seen, queries.of(seen.dossier.id, request.path_params["demande"])


def _act(request: Request) -> tuple[Visible, Vue, Acte]:
    """Likewise with the act; raises NotFound for an unknown one, Interdit for who may not do it."""
    seen, vue = _asked(request)
    acte = actes.ACTES[seen.module.code].get(request.path_params["acte"])
    if acte is None:
        raise errors.NotFound()
    must(request, seen, "envoyer" if acte.code == "retirer" else acte.event)
    return seen, vue, acte


def must(request: Request, seen: Visible, event: str) -> None:
    """Go on only if who asks may do this; raises NotLent for a mandate that does not hold it, else Interdit."""
    why = acces.reason(request, seen, event)
    if why:
        raise errors.NotLent(why) if visit(request).mandate else Interdit(why)


class Interdit(errors.PageError):
    """It is another's to do."""

    code = "E22"
    status = 403
    title = "Cette demande n’est pas la vôtre à conduire"
    explanation = "Vous ne pouvez pas faire cela avec cette demande."
    advice = "Revenez au dossier\u00a0: il montre ce que vous pouvez y faire, et qui conduit les demandes."
    aide = "erreurs#demande-refusee"
