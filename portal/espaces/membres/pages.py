"""The members of a structure: the list, inviting, roles, removing; and what the link of an invitation opens."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from portal.compte import passwords
from portal.compte import rules as compte
from portal.compte.commands import EmailTaken
from portal.connexion import arrivee
from portal.espaces import acces, rules
from portal.espaces import queries as espaces
from portal.espaces.membres import commands, forms, queries
from portal.espaces.membres.models import Invite
from portal.settings import Settings
from portal.web import dates
from portal.web.forms import Form
from portal.web.render import page, redirect
from portal.web.session import Access, visit

HOME = "/espaces/membres"
LAST = "C’est le dernier référent de la structure\u00a0: donnez d’abord ce rôle à quelqu’un d’autre."
LINK_STATUS = {"nouvelle": 200, "autre": 403, "mort": 410, "inconnu": 404}


@dataclass(frozen=True)
class Ready:
    """What was worked out before the write lock: what is wrong with the password, or its hash."""

    form: Form
    hashed: str = ""


def home(request: Request) -> Response:
    """The first page of whoever works for a structure: his own space's."""
    return redirect(request, acces.HOMES[acces.member(request).structure.kind])


def show(request: Request) -> Response:
    """Who works here and what each may do; the referent changes it."""
    return _list(request, Form({"prenom": "", "nom": "", "email": "", "fonction": ""}), ())


def invite(request: Request) -> Response:
    """« Envoyer l’invitation », or « Retirer » one (field ``retirer``)."""
    member = acces.of_structure(request, rules.REFERENT)
    actor, withdrawn = visit(request).actor, str(request.state.form.get("retirer", ""))
    if withdrawn:
        done = commands.withdraw(actor, member.structure, withdrawn)
        said = "L’invitation est retirée\u00a0: son lien ne sert plus." if done else "Cette invitation a déjà servi."
        return redirect(request, HOME, message=said, kind="succes" if done else "info")
    form, roles, person = forms.invitation(request, member.structure.kind)
    if person is None or _settings(request).otp_mode == "off":
        return _list(request, form, roles)
    commands.invite(actor, member.structure, person, _settings(request))
    return redirect(request, HOME, message=f"Une invitation part à {person.email}.")


def _list(request: Request, form: Form, ticked: tuple[str, ...]) -> Response:
    member = acces.member(request)
    here = member.structure
    return page(
        request, "espaces/membres/liste.html", status=200 if form.ok else 422, nav="membres", structure=here,
        genre=rules.KINDS[here.kind], form=form, coches=ticked, roles=rules.roles_of(here.kind),
        membres=[(one, dates.day(one.depuis)) for one in queries.people(here.id)], moi_meme=member.compte_id,
        referent=rules.REFERENT in member.roles, ferme=_settings(request).otp_mode == "off",
        invitations=[(one, dates.day(one.until)) for one in queries.waiting(here.id)],
        jours=max(1, _settings(request).invitation_life.days))


def one(request: Request) -> Response:
    """A member: his roles to change, or removing him."""
    return _one(request, Form())


def _one(request: Request, form: Form, ticked: tuple[str, ...] | None = None) -> Response:
    member = acces.of_structure(request, rules.REFERENT)
    found = queries.person(member.structure.id, request.path_params["membre"])
    return page(
        request, "espaces/membres/membre.html", status=200 if form.ok else 422, nav="membres", form=form,
        membre=found, structure=member.structure, roles=rules.roles_of(member.structure.kind),
        coches=found.roles if ticked is None else ticked)


def change(request: Request) -> Response:
    """« Enregistrer » the roles, or « Retirer l’accès » (field ``retirer``)."""
    member = acces.of_structure(request, rules.REFERENT)
    compte_id, actor, settings = request.path_params["membre"], visit(request).actor, _settings(request)
    found = queries.person(member.structure.id, compte_id)
    roles = forms.ticked(request, member.structure.kind)
    try:
        if request.state.form.get("retirer"):
            commands.remove(actor, member.structure, compte_id, settings)
            return redirect(request, HOME, message=f"L’accès de {found.compte.name} est retiré.")
        if not roles:
            return _one(request, Form(errors={"roles": forms.NO_ROLE}), ())
        commands.change_roles(actor, member.structure, compte_id, roles, settings)
    except commands.LastReferent:
        return _one(request, Form(errors={"roles": LAST}), roles or None)
    return redirect(request, HOME, message=f"Les rôles de {found.compte.name} sont enregistrés.")


# --- the link of an invitation

def show_link(request: Request) -> Response:
    """The invitation: a password to choose."""
    return _link_page(request, Form())


def prepare_link(request: Request) -> Ready | None:
    """Check and hash the password before the write lock; None where the link opens no account."""
    state, invitation = _link(request)
    if invitation is None or state != "nouvelle":
        return None
    words = compte.context_words(names=(invitation.nom, invitation.prenom), email=invitation.email)
    password, again = (str(request.state.form.get(name, "")) for name in ("mot_de_passe", "mot_de_passe_2"))
    form = Form(errors=compte.password_errors(password, again, _settings(request).password_policy, words))
    return Ready(form, passwords.hashed(password) if form.ok else "")


def accept_link(request: Request) -> Response:
    """« Créer mon compte ». The mailed link is worth a mailed code: the charter comes next."""
    state, invitation = _link(request)
    ready: Ready | None = request.state.prepared
    if invitation is None or ready is None or state != "nouvelle" or ready.form.errors:
        return _link_page(request, ready.form if ready else Form())
    try:
        made = commands.open_account(invitation, ready.hashed)
    except EmailTaken:
        return _link_page(request, Form(errors={"mot_de_passe": "Cette adresse a déjà un compte sur le portail\u00a0: "
                                                                "demandez une invitation à une autre adresse."}))
    return arrivee.welcome(request, arrivee.open_for(request, made, "courriel"), "/espaces")


def _link(request: Request) -> tuple[str, Invite | None]:
    try:
        invitation = queries.of_link(request.path_params["jeton"])
    except queries.LinkForged:
        return "inconnu", None
    except queries.LinkDead:
        return "mort", None
    if _settings(request).otp_mode == "off":
        return "mort", None
    return ("autre" if visit(request).state is not Access.PUBLIC else "nouvelle"), invitation


def _link_page(request: Request, form: Form) -> Response:
    state, invitation = _link(request)
    settings = _settings(request)
    structure = espaces.structure(invitation.structure_id) if invitation else None
    return page(
        request, "espaces/membres/invitation.html", status=422 if form.errors else LINK_STATUS[state], etat=state,
        form=form, invitation=invitation, structure=structure.label if structure else "", adresse=request.url.path,
        roles=[rules.ROLES[code].label for code in invitation.roles.split()] if invitation else [],
        politique=compte.POLICIES[settings.password_policy])


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
