"""The platform's side of a path: what it checks, who takes part, what it gives back, how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.annuaire import territoires
from portal.clock import PARIS
from portal.demandes import machines
from portal.demandes import rules as of_demandes
from portal.dossiers import rules as dossiers
from portal.espaces import acces
from portal.espaces.etablissement import porte as etablissement_porte
from portal.espaces.etablissement import presenters as received
from portal.espaces.etablissement import queries as etablissement
from portal.espaces.etablissement.queries import Recue
from portal.espaces.queries import Member
from portal.espaces.rules import ADMISSIONS, MEDICAL
from portal.parcours import commands, forms, presenters, queries, rules
from portal.parcours.forms import BILAN, PROFESSIONNEL, Filled
from portal.parcours.models import Parcours
from portal.parcours.rules import Acte
from portal.tnd import rules as tnd
from portal.volets import queries as volets
from portal.volets.presenters import bandeau
from portal.volets.rules import ADMINISTRATIF
from portal.web import dates, errors, render
from portal.web.forms import Form, saved_form
from portal.web.session import visit

HOME = presenters.HOME
READERS = frozenset({ADMISSIONS, MEDICAL})
ADD = Acte(PROFESSIONNEL, "", "Ajouter un professionnel", READERS, "Le professionnel est ajouté au parcours.")
SAVED = "Le bilan est mis à jour."

COMMANDS: dict[str, Callable[..., object]] = {
    "valider": commands.validate, "commencer": commands.begin, "synthese": commands.conclude,
    "renouveler": commands.renew, "clore": commands.end, "reorienter": commands.end,
}


def show(request: Request) -> Response:
    """The path of a request: where it stands, who takes part, the synthesis, what may be done."""
    member, one = _asked(request)
    demande, path = one.demande, queries.of_demande(one.demande.id)
    if one.closed or demande.etat == of_demandes.ENVOYEE:
        return render.redirect(request, f"{received.HOME}/demandes/{demande.id}")
    return render.page(
        request, "parcours/suivi.html", **_common(member, one), faits=presenters.facts(path, demande) if path else {},
        lignes=presenters.lines(path) if path else [], ouvert=bool(path) and demande.etat in rules.OPEN,
        points=list(rules.CONFORMITE.values()) if path else [],
        synthese=queries.synthesis(path) if path and MEDICAL in member.roles else "",
        reserve=bool(path and path.synthese) and MEDICAL not in member.roles,
        actes=rules.possible(demande.etat, member.roles))


def confirm(request: Request) -> Response:
    """The form of an act; when it can't be done from here, the page says why."""
    member, one, acte = _act(request)
    why = _impossible(one, acte)
    form = _blank(acte.code, one)
    form.values |= {name: words for name, words in saved_form(request).items() if name in form.values}
    return _page(request, member, one, acte, form, avis=why, status=409 if why else 200)


def act(request: Request) -> Response:
    """Do it. Someone who acted before is named, and what was typed stays."""
    member, one, acte = _act(request)
    filled, version = forms.read(request, acte.code), forms.version(request)
    if one.demande.version != version:
        why = received.what_happened(one.demande, one.pas[-1], visit(request).actor.subject)
        return _page(request, member, one, acte, filled.form, avis=why, status=409)
    if why := _impossible(one, acte):
        return _page(request, member, one, acte, filled.form, avis=why, status=409)
    return _done(request, member, one, acte, filled,
                 lambda: COMMANDS[acte.code](visit(request).actor, one.demande.id, version, *filled.args))


def blank(request: Request) -> Response:
    """The form of a professional who is added."""
    member, one = _asked(request)
    _path(one)
    return _page(request, member, one, ADD, _blank(ADD.code, one))


def add(request: Request) -> Response:
    """« Ajouter un professionnel »."""
    member, one = _asked(request)
    _path(one)
    filled = forms.read(request, PROFESSIONNEL)
    return _done(request, member, one, ADD, filled,
                 lambda: commands.add(visit(request).actor, one.demande.id, *filled.args))


def bilan(request: Request) -> Response:
    """Where a professional's bilan stands, to be changed."""
    member, one = _asked(request)
    found = queries.professional(_path(one), request.path_params["professionnel"])
    row = found.row
    form = Form({"etat": row.etat, "bilan_le": dates.day(row.bilan_le) if row.bilan_le else ""})
    return _page(request, member, one, _of(row.id), form, qui=found)


def date_bilan(request: Request) -> Response:
    """« Enregistrer le bilan »."""
    member, one = _asked(request)
    found = queries.professional(_path(one), request.path_params["professionnel"])
    filled = forms.read(request, BILAN)
    seen = forms.number(str(request.state.form.get("vu", "")))
    return _done(request, member, one, _of(found.row.id), filled,
                 lambda: commands.date_bilan(visit(request).actor, one.demande.id, found.row.id, seen, *filled.args),
                 qui=found)


def _of(professional_id: int) -> Acte:
    return Acte(f"professionnels/{professional_id}", "", "Mettre à jour le bilan", READERS, SAVED)


def _done(request: Request, member: Member, one: Recue, acte: Acte, filled: Filled, command: Callable[[], object],
          **more: Any) -> Response:
    if not filled.form.ok:
        return _page(request, member, one, acte, filled.form, status=422, **more)
    try:
        command()
    except commands.Impossible as impossible:
        return _page(request, member, one, acte, filled.form, avis=str(impossible), status=409, **more)
    ended = acte.code == "reorienter"
    place = f"{received.HOME}/demandes/{one.demande.id}" if ended else f"{HOME}/{one.demande.id}"
    return render.redirect(request, place, message=acte.done)


def _page(request: Request, member: Member, one: Recue, acte: Acte, form: Form, *, avis: str = "", status: int = 200,
          qui: queries.Intervenant | None = None) -> Response:
    again = not (acte.event and _impossible(one, acte))
    typed = [] if again else [words for words in form.values.values() if words and words != "oui"]
    return render.page(
        request, "espaces/etablissement/acte.html", status=status, **_common(member, one),
        champs="parcours/_champs.html", acte=acte, form=form, avis=avis, encore=again, saisi=typed, bouton=acte.label,
        qui=qui, motifs=[("", "Choisir…"), *((motif.code, motif.label) for motif in
                                              machines.of(rules.MODULE).motives(acte.event))],
        points=rules.CONFORMITE.items(), modes=[("", "Choisir…"), *rules.mode_words(clock.today())],
        bilans=rules.BILANS.items(), synthese_max=rules.LONGEST_SYNTHESIS, texte_max=rules.LONGEST_TEXT,
        reperes=_hints(member, one) if acte.code == "valider" else {}, reglages=tnd.at(clock.today()))


def _hints(member: Member, one: Recue) -> dict[str, str]:
    """What the portal knows of three points, for who checks them; he decides."""
    demande, dossier = one.demande, one.dossier
    sent = demande.envoyee_le.astimezone(PARIS).date() if demande.envoyee_le else clock.today()
    unit = territoires.unit(demande.etablissement_id)
    zone = territoires.of_unit(unit.id) if unit else None
    home = territoires.commune(dossier.insee, dossier.code_postal)
    why = territoires.why_not(zone, home, dossier.naissance, sent)
    answers = volets.opened(etablissement.seen_by(member, one), ADMINISTRATIF).answers
    return {
        "Âge à l’envoi": dossiers.age_text(dossier.naissance, sent),
        "Votre territoire": f"{territoires.words(zone)}. {why or 'L’enfant en relève.'}" if zone else why,
        "Accord des parents": _consent(answers),
    }


def _blank(code: str, one: Recue) -> Form:
    known = {"debut": dates.day(clock.today())}
    return Form({name: known.get(name, "") for name in forms.FIELDS[code]})


def _common(member: Member, one: Recue) -> dict[str, Any]:
    seen = etablissement.seen_by(member, one)
    return {
        "nav": "espaces", "vu": seen, "demande": one.demande, "personne": received.person(one.dossier),
        "bandeau": None if one.closed else bandeau(seen), "ici": f"{HOME}/{one.demande.id}",
        "etat": received.states_html(one.demande.module)[one.demande.etat],
        "retour": f"{received.HOME}/demandes/{one.demande.id}",
    }


def _asked(request: Request) -> tuple[Member, Recue]:
    """The request of the address; raises NotFound for another's and for another module's, NotYours without a role."""
    member, one = etablissement_porte.received(request, *READERS)
    if one.demande.module != rules.MODULE:
        raise errors.NotFound()
    return member, one


def _act(request: Request) -> tuple[Member, Recue, Acte]:
    member, one = _asked(request)
    acte = rules.ACTS.get(request.path_params["acte"])
    if acte is None:
        raise errors.NotFound()
    acces.receiver(request, *acte.roles)
    return member, one, acte


def _path(one: Recue) -> Parcours:
    found = queries.of_demande(one.demande.id)
    if found is None or one.closed:
        raise errors.NotFound()
    return found


def _impossible(one: Recue, acte: Acte) -> str:
    demande = one.demande
    if acte.code == "renouveler":
        return rules.why_not_renewed(demande.etat, demande.renouvellements, clock.today())
    machine = machines.of(rules.MODULE)
    if machine.transition(demande.etat, acte.event) is None:
        return machine.why_impossible(demande.etat, acte.event)
    return ""


def _consent(answers: Mapping[str, object]) -> str:
    """What the dossier says of the parents' consent, to a platform that can't correct it."""
    why = tnd.why_no_consent(answers)
    if why == tnd.UNKNOWN:
        return "Le dossier ne dit pas qui exerce l’autorité parentale\u00a0: demandez un complément."
    return why or "Donné et daté par chaque titulaire."
