"""« Identité » of a dossier: its referent corrects who the person is and where to reach him."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.dossiers import commands, identite, lignes, porte, presenters, rules, saisie
from portal.dossiers.queries import Visible
from portal.volets.presenters import bandeau
from portal.web import errors, forms, render
from portal.web.forms import Form, saved_form
from portal.web.session import visit

# The hidden copy of what each field showed when the page was made.
SEEN = "avant_"
# A dossier in one of these states is read, not written any more.
ENDED = ("annule", "historise")
LABELS = {
    "civilite": "Civilité", "nom_naissance": "Nom de naissance", "nom_usage": "Nom d’usage",
    "prenoms": "Prénoms de naissance", "prenom": "Prénom utilisé", "naissance": "Date de naissance", "sexe": "Sexe",
    "naissance_lieu": "Lieu de naissance", "nir": "Numéro de sécurité sociale", "ins_statut": "Statut de l’identité",
    "telephone": "Téléphone", "telephone2": "Autre téléphone", "courriel": "Adresse électronique",
    "adresse": "Adresse", "ville": "Code postal et ville",
}


def show(request: Request) -> Response:
    """The form as the dossier is, or as it was typed before the session expired; for others than the referent, why
    it is closed to them."""
    seen = porte.accepted(request)
    reason = closed(request, seen)
    stored = saisie.values_of(seen.dossier)
    kept = {} if reason else saved_form(request)
    form = Form(stored | {name: value for name, value in kept.items() if name in stored})
    return _page(request, seen, form, stored, reason=reason, repris=bool(kept))


def save(request: Request) -> Response:
    """Write what changed; a field that somebody else changed meanwhile is shown both ways (409)."""
    seen = porte.accepted(request)
    reason = closed(request, seen)
    if reason:
        raise errors.Forbidden(reason, "Revenez au dossier.")
    stored = saisie.values_of(seen.dossier)
    form = Form(forms.typed(request, *saisie.FIELDS))
    sent = forms.typed(request, *(SEEN + name for name in saisie.FIELDS))
    shown = {name: sent[SEEN + name] if SEEN + name in request.state.form else stored[name] for name in saisie.FIELDS}
    both = saisie.merge(form, shown, stored)
    if both:
        return _page(request, seen, form, stored, status=409, both=both)
    read = saisie.read(form, seen.module, seen.dossier, ages=request.app.state.settings.tnd_age)
    if read.new is None:
        saisie.in_order(form, saisie.FIELDS)
        return _page(request, seen, form, shown, status=422, communes=read.communes, lieux=read.lieux)
    changed = commands.identify(visit(request).actor, seen.dossier, read.new)
    remarks = saisie.remarques_of(seen.dossier)
    words = "L’identité est enregistrée." if changed else "Rien n’a changé\N{NO-BREAK SPACE}: l’identité reste la même."
    return render.redirect(request, porte.address(seen), kind="attention" if remarks else "succes",
                           message=" ".join((words, *remarks)))


def closed(request: Request, seen: Visible) -> str:
    """Why this physician (or who acts for him) may not correct the identity, "" when he may: he is the referent, and
    the dossier is still alive."""
    dossier, rpps = seen.dossier, porte.physician(request)
    if dossier.etat in ENDED:
        status = rules.STATUTS[dossier.statut].label.lower()
        return f"Ce dossier est {status}\N{NO-BREAK SPACE}: son identité se lit, mais ne change plus."
    if dossier.referent_kind == "medecin" and dossier.referent_rpps == rpps:
        return ""
    referent = lignes.referent_label(dossier, rpps)
    who = "la personne elle-même, ou ses proches" if referent == lignes.PATIENT else referent
    return (f"L’identité est tenue par le référent du dossier\N{NO-BREAK SPACE}: {who}. "
            "Signalez-lui ce qu’il faut corriger.")


def _page(request: Request, seen: Visible, form: Form, shown: dict[str, str], *, status: int = 200,
          both: dict[str, tuple[str, str]] | None = None, **more: Any) -> Response:
    conflicts = [(name, LABELS[name], *map(_words(name), pair)) for name, pair in (both or {}).items()]
    base: dict[str, Any] = {"communes": [], "lieux": [], "reason": "", "repris": False}
    return render.page(
        request, "dossiers/identite.html", status=status, nav="dossiers", vu=seen, adresse=porte.address(seen),
        bandeau=bandeau(seen), form=form, avant={SEEN + name: shown[name] for name in saisie.FIELDS},
        conflits=conflicts, remarques=saisie.remarques_of(seen.dossier), identite=presenters.identity(seen),
        civilites=saisie.CIVILITES.items(), sexes=rules.SEXES.items(),
        statuts_ins=[statut for statut in identite.STATUTS.values() if statut.main],
        sans_matricule=identite.NO_MATRICULE, **(base | more),
    )


def _words(name: str) -> Any:
    """How a conflict prints a value: lists by their words, nothing as a dash."""
    words = {"sexe": rules.SEXES, "civilite": saisie.CIVILITES,
             "ins_statut": {code: statut.label for code, statut in identite.STATUTS.items()}}.get(name, {})
    return lambda value: words.get(value, value) or "(vide)"
