"""Changing a password, and setting a forgotten one anew by a mailed link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from portal.compte import passwords, rules
from portal.compte import queries as comptes
from portal.compte.models import Compte
from portal.compte.motdepasse import commands, courriels, forms, presenters, queries
from portal.settings import Settings
from portal.web import errors, throttle
from portal.web.forms import Form
from portal.web.render import page, redirect
from portal.web.session import STRONG, visit

ADDRESS = "/compte/mot-de-passe"


@dataclass(frozen=True)
class Ready:
    """What was worked out before the write lock: the account as it was then, and the new password's hash."""

    form: Form
    compte: Compte
    hashed: str = ""


# --- Logged in ----------------------------------------------------------------------------------


def show_change(request: Request) -> Response:
    """The present password, and the new one twice."""
    return _change_page(request, Form())


def prepare_change(request: Request) -> Ready:
    """Verify the present password and hash the new one. Raises errors.TooMany."""
    compte = comptes.own(visit(request).compte_id)
    form, password = forms.chosen(request, compte)
    now = forms.raw(request, "mot_de_passe_actuel")
    wrong: dict[str, str] = {}
    if now:
        throttle.check(*_tries(request, compte))
        if not comptes.password_matches(compte, now):
            wrong["mot_de_passe_actuel"] = presenters.NOW_WRONG
        elif rules.normalised(now) == rules.normalised(password):
            form.errors["mot_de_passe"] = presenters.SAME
    elif _must_prove(request):
        wrong["mot_de_passe_actuel"] = presenters.NOW_NEEDED
    form.errors = wrong | form.errors
    return Ready(form, compte, passwords.hashed(password) if form.ok else "")


def change(request: Request) -> Response:
    """« Changer mon mot de passe »."""
    ready: Ready = request.state.prepared
    tries = _tries(request, ready.compte)
    if forms.raw(request, "mot_de_passe_actuel"):
        throttle.attempt(*tries)
        if ready.form.errors.get("mot_de_passe_actuel") is None:
            throttle.succeeded(*tries)
    if ready.form.errors:
        return _change_page(request, ready.form)
    try:
        closed = commands.change(request, visit(request).actor, ready.compte, ready.hashed, _settings(request))
    except commands.ChangedMeanwhile as error:
        raise errors.Conflict(presenters.MEANWHILE, "Rouvrez la page, puis recommencez.") from error
    return redirect(request, "/compte/securite", message=presenters.changed(closed))


def _change_page(request: Request, form: Form) -> Response:
    compte = comptes.own(visit(request).compte_id)
    return page(
        request, "compte/motdepasse/changer.html", status=200 if form.ok else 422, nav="compte", form=form,
        politique=_policy(request), actuel_obligatoire=_must_prove(request), courriel=compte.email,
    )


def _must_prove(request: Request) -> bool:
    """A card, an e-CPS or a passkey says more than the password: whoever showed one may have forgotten it."""
    return visit(request).strength < STRONG


def _tries(request: Request, compte: Compte) -> tuple[str, str]:
    return throttle.account(str(compte.id), "mot de passe actuel"), throttle.network(request)


# --- Forgotten ----------------------------------------------------------------------------------


def show_ask(request: Request) -> Response:
    """Where the link should go."""
    return _ask_page(request, Form())


def ask(request: Request) -> Response:
    """« Recevoir un lien »: the same answer whether anybody has this address or not. Raises errors.TooMany."""
    form, email = forms.address(request)
    if form.errors:
        return _ask_page(request, form)
    throttle.attempt(throttle.account(email, "mot de passe oublié"), throttle.network(request))
    commands.ask_link(email, _settings(request))
    return page(request, "compte/motdepasse/envoye.html", courriel=email, duree=_life(request))


def show_reset(request: Request) -> Response:
    """The form behind the link; only its button sets anything, for mail scanners follow links."""
    return _reset_page(request, Form())


def prepare_reset(request: Request) -> Ready | None:
    """Hash the new password; None for a link that sets none."""
    state, compte = _link(request)
    if compte is None or state != "valable":
        return None
    form, password = forms.chosen(request, compte)
    return Ready(form, compte, passwords.hashed(password) if form.ok else "")


def reset(request: Request) -> Response:
    """« Enregistrer ce mot de passe »: the login is still to be done, with its second step."""
    ready: Ready | None = request.state.prepared
    state, _ = _link(request)
    if ready is None or state != "valable":
        return _reset_page(request, Form())
    if ready.form.errors:
        return _reset_page(request, ready.form)
    try:
        commands.reset(ready.compte, ready.hashed, _settings(request))
    except commands.ChangedMeanwhile:
        return _reset_page(request, Form())
    door = "/connexion" if _settings(request).otp_mode == "off" else "/connexion/otp"
    return redirect(request, door, message=presenters.RESET)


LINK_STATUS = {"valable": 200, "mort": 410, "inconnu": 404}


def _link(request: Request) -> tuple[str, Compte | None]:
    """What the link is worth. Raises errors.Blocked."""
    try:
        compte = queries.compte_of_link(_settings(request), request.path_params["jeton"])
    except queries.LinkForged:
        return "inconnu", None
    except queries.LinkDead:
        return "mort", None
    if compte.blocked_at:
        raise errors.Blocked()
    return "valable", compte


def _reset_page(request: Request, form: Form) -> Response:
    state, compte = _link(request)
    return page(
        request, "compte/motdepasse/nouveau.html", status=422 if form.errors else LINK_STATUS[state], etat=state,
        form=form, politique=_policy(request), adresse=request.url.path, duree=_life(request),
        courriel=compte.email if compte else "",
    )


def _ask_page(request: Request, form: Form) -> Response:
    return page(request, "compte/motdepasse/oublie.html", status=200 if form.ok else 422, form=form,
                duree=_life(request))


def _life(request: Request) -> str:
    life: timedelta = _settings(request).reset_link_life
    return courriels.life(life)


def _policy(request: Request) -> rules.Policy:
    return rules.POLICIES[_settings(request).password_policy]


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
