"""Who follows the dossier on the patient's side: inviting, removing, and one's own mail address."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.espaces import queries as espaces
from portal.espaces.models import Usager
from portal.espaces.usager import commands, forms, moi, presenters, queries, rules
from portal.settings import Settings
from portal.web import errors, render, throttle
from portal.web.forms import Form
from portal.web.session import visit

HERE = "/espaces/usager/proches"
FULL = f"Ce dossier est déjà suivi par {rules.MOST} personnes. Retirez-en une, puis recommencez."
LAST = ("Il faut garder au moins une personne qui s’occupe du dossier. Invitez d’abord quelqu’un d’autre, et attendez "
        "qu’il ait ouvert son lien.")


def show(request: Request) -> Response:
    """Who follows the dossier, and the invitation."""
    return _page(request, moi.of(request), Form(dict.fromkeys(forms.INVITATION, "")))


def invite(request: Request) -> Response:
    """« Envoyer l’invitation ». Raises errors.TooMany."""
    me = moi.acting(request)
    form, who = forms.invitation(request)
    if not form.ok:
        return _page(request, me, form, status=422)
    throttle.attempt(throttle.account(who.courriel, "invitation par un usager"), throttle.network(request))
    try:
        commands.invite(visit(request).actor, me.dossier, who, _settings(request))
    except commands.TooManyPeople:
        form.errors["courriel"] = FULL
        return _page(request, me, form, status=409)
    return render.redirect(request, HERE, message="L’invitation est envoyée.")


def confirm_removal(request: Request) -> Response:
    """« Retirer cette personne ? »."""
    me, one = _asked(request)
    return render.page(request, "espaces/usager/retirer.html", **me.page, qui=one,
                       soi=me.usager.id == request.path_params["usager"], refus="")


def remove(request: Request) -> Response:
    """« Retirer »: her session ends at once; who removes herself is let out."""
    me, one = _asked(request)
    try:
        commands.remove(visit(request).actor, me.dossier, one, _settings(request))
    except commands.LastOne:
        return render.page(request, "espaces/usager/retirer.html", status=409, **me.page, qui=one,
                           soi=me.usager.id == one.id, refus=LAST)
    if one.id == me.usager.id:
        return render.redirect(request, "/espaces/usager", message="Vous ne suivez plus ce dossier.")
    return render.redirect(request, HERE, message="Cette personne ne suit plus le dossier.")


def _asked(request: Request) -> tuple[moi.Moi, Usager]:
    """Who asks and the person of the address; raises NotFound for one of another dossier, Suit when a relative who
    only follows asks for anybody but herself."""
    me, wanted = moi.of(request), request.path_params["usager"]
    if not me.agit and wanted != me.usager.id:
        raise moi.Suit()
    found = next((one for one in espaces.usagers(me.dossier.id) if one.id == wanted), None)
    if found is None:
        raise errors.NotFound()
    return me, found


def _page(request: Request, me: moi.Moi, form: Form, *, status: int = 200) -> Response:
    return render.page(
        request, "espaces/usager/proches.html", status=status, **me.page, form=form,
        personnes=presenters.people(espaces.usagers(me.dossier.id), me.usager.id), roles=rules.INVITED.items(),
        liens=[("", "Choisir…"), *((tie, tie) for tie in rules.TIES)])


# --- one's own address

def show_address(request: Request) -> Response:
    """The present address, and another one."""
    return _address(request, moi.of(request), Form({"courriel": ""}))


def change_address(request: Request) -> Response:
    """« Changer mon adresse »: a mail to each of the two. Raises errors.TooMany."""
    me = moi.of(request)
    form, address = forms.address(request)
    if form.ok and me.usager.courriel_empreinte in espaces.fingerprints(address):
        form.errors["courriel"] = "C’est déjà votre adresse."
    if not form.ok:
        return _address(request, me, form)
    throttle.attempt(throttle.account(address, "adresse d’un usager"), throttle.network(request))
    commands.ask_change(visit(request).actor, me.usager, address, _settings(request))
    return render.redirect(request, "/espaces/usager/courriel",
                           message="Deux courriels partent, un à chaque adresse. Ouvrez les deux liens.")


def _address(request: Request, me: moi.Moi, form: Form) -> Response:
    asked = queries.change_of(me.usager.id)
    return render.page(
        request, "espaces/usager/courriel.html", status=200 if form.ok else 422, **me.page, form=form,
        present=espaces.email(me.usager), attend=queries.new_address(asked, me.usager) if asked else "",
        ancien=asked.ancien if asked else False, nouveau=asked.nouveau if asked else False)


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
