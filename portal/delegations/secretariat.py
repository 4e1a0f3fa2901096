"""Inviting a secretary, and what the link of her mail opens."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from portal.compte import passwords
from portal.compte import queries as comptes
from portal.compte import rules as compte
from portal.compte.queries import Compte
from portal.connexion import arrivee
from portal.connexion.otp import commands as otp
from portal.delegations import commands, forms, presenters, queries
from portal.delegations.models import Invitation
from portal.delegations.pages import HOME
from portal.dossiers.rules import MODULES
from portal.facteurs import queries as facteurs
from portal.settings import Settings
from portal.web import throttle
from portal.web.forms import Form
from portal.web.render import page, redirect
from portal.web.session import Access, visit

LINK_STATUS = {
    "nouvelle": 200, "a-accepter": 200, "a-connecter": 200, "a-prouver": 200, "autre": 403, "mort": 410, "inconnu": 404,
}


@dataclass(frozen=True)
class Ready:
    """What was worked out before the write lock: for which state of the link, and what is wrong.

    Else the hash of a new account's password, or the account whose password was right.
    """

    state: str
    form: Form
    hashed: str = ""
    compte: Compte | None = None


def blank(request: Request) -> Response:
    """« Inviter mon secrétariat »; closed where logins by password are."""
    return _page(request, Form({"prenom": "", "nom": "", "email": ""}), ())


def invite(request: Request) -> Response:
    """« Envoyer l’invitation », or « Retirer » one (field ``retirer``)."""
    own, settings = comptes.own(visit(request).compte_id), _settings(request)
    withdrawn = str(request.state.form.get("retirer", ""))
    if withdrawn:
        done = commands.withdraw(visit(request).actor, own, withdrawn)
        message = "L’invitation est retirée : son lien ne sert plus." if done else presenters.ALREADY_OVER
        return redirect(request, HOME, message=message, kind="succes" if done else "info")
    form, modules, person = forms.invitation(request)
    if person is None or settings.otp_mode == "off":
        return _page(request, form, modules)
    commands.invite(visit(request).actor, own, person, modules, settings)
    return redirect(request, HOME, message=f"Une invitation part à {person.email}.")


def show_link(request: Request) -> Response:
    """The invitation: a password to choose, or one button for whoever has an account."""
    return _link_page(request, Form())


def prepare_link(request: Request) -> Ready | None:
    """Check and hash the password of a new account; None where the link opens none."""
    state, invitation = _link(request)
    if invitation is not None and state == "a-prouver":
        return _prove(request, invitation)
    if invitation is None or state != "nouvelle":
        return None
    words = compte.context_words(names=(invitation.nom, invitation.prenom), email=invitation.email)
    sent = request.state.form
    password, again = (str(sent.get(name, "")) for name in ("mot_de_passe", "mot_de_passe_2"))
    form = Form(errors=compte.password_errors(password, again, _settings(request).password_policy, words))
    return Ready(state, form, passwords.hashed(password) if form.ok else "")


def _prove(request: Request, invitation: Invitation) -> Ready:
    """The password of an account that has no second factor yet: the mailed link stands in for it this once."""
    throttle.check(*_tries(request, invitation))
    compte = comptes.by_email(invitation.email)
    good = comptes.password_matches(compte, str(request.state.form.get("mot_de_passe", "")))
    return Ready("a-prouver", Form(errors={} if good else {"mot_de_passe": presenters.NOT_HERS}), compte=compte)


def _tries(request: Request, invitation: Invitation) -> tuple[str, str]:
    return throttle.account(invitation.email), throttle.network(request)


def accept_link(request: Request) -> Response:
    """« Créer mon compte », or « Accepter » with the account she has. Raises errors.TooMany."""
    state, invitation = _link(request)
    ready: Ready | None = request.state.prepared
    if invitation is not None and state == "a-accepter":
        return _join(request, invitation)
    # What was worked out before the lock counts only while the link is worth the same.
    if invitation is None or ready is None or ready.state != state:
        return _link_page(request, Form())
    if state == "a-prouver":
        throttle.attempt(*_tries(request, invitation))
    if ready.form.errors:
        if state == "a-prouver":
            otp.refuse_password()
        return _link_page(request, ready.form)
    # The mailed link is worth a mailed code: enough to accept the charter and to add a second factor.
    secretary = _entering(request, invitation, ready)
    return arrivee.welcome(request, arrivee.open_for(request, secretary, "courriel"), HOME)


def _join(request: Request, invitation: Invitation) -> Response:
    principal = _principal(invitation)
    commands.join(invitation, principal, comptes.own(visit(request).compte_id), _settings(request))
    return redirect(request, HOME, message=f"Vous pouvez maintenant agir pour le {principal.name}.")


def _entering(request: Request, invitation: Invitation, ready: Ready) -> Compte:
    """The secretary whom the invitation lets in: her account as it is, or a new one."""
    principal = _principal(invitation)
    if ready.compte is None:
        return commands.open_account(invitation, principal, ready.hashed, _settings(request))
    throttle.succeeded(*_tries(request, invitation))
    commands.join(invitation, principal, ready.compte, _settings(request))
    return ready.compte


def _link(request: Request) -> tuple[str, Invitation | None]:
    """What the link is worth to this visitor."""
    try:
        invitation = queries.invitation_of_link(request.path_params["jeton"])
    except queries.LinkForged:
        return "inconnu", None
    except queries.LinkDead:
        return "mort", None
    if _settings(request).otp_mode == "off" or _principal(invitation).blocked_at:
        return "mort", None
    holder, here = comptes.by_email(invitation.email), visit(request)
    if here.state is not Access.PUBLIC:
        mine = holder is not None and holder.id == here.compte_id and here.state is Access.SECRETARIAT
        return ("a-accepter" if mine else "autre"), invitation
    if holder is None:
        return "nouvelle", invitation
    return ("a-connecter" if facteurs.can_log_in(holder.id) else "a-prouver"), invitation


def _link_page(request: Request, form: Form) -> Response:
    state, invitation = _link(request)
    settings = _settings(request)
    return page(
        request, "delegations/invitation.html", status=422 if form.errors else LINK_STATUS[state], etat=state,
        form=form, invitation=invitation, adresse=request.url.path,
        invitant=_principal(invitation).name if invitation else "",
        modules=presenters.modules(frozenset(invitation.modules.split())) if invitation else "",
        politique=compte.POLICIES[settings.password_policy],
    )


def _principal(invitation: Invitation) -> Compte:
    return comptes.own(invitation.principal)


def _page(request: Request, form: Form, ticked: tuple[str, ...]) -> Response:
    settings = _settings(request)
    return page(
        request, "delegations/secretariat.html", status=200 if form.ok else 422, nav="compte", form=form,
        coches=ticked, modules=MODULES, ferme=settings.otp_mode == "off", jours=max(1, settings.invitation_life.days),
    )


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
