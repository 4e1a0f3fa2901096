"""Registration, charter, confirmation of the e-mail address, « Mon compte »."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.compte import appareils, commands, forms, presenters, queries
from portal.compte.commands import Identity
from portal.compte.forms import ContactForm
from portal.compte.models import Compte
from portal.compte.rules import CHARTES, POLICIES, Charte
from portal.settings import Settings
from portal.web import dates, errors, session, throttle
from portal.web.forms import Form, saved_form
from portal.web.render import page, redirect
from portal.web.session import Access, visit

MUST_ACCEPT = "Pour utiliser le service, cochez « J’ai lu et accepte les conditions ci-dessus »."
CHARTE_CHANGED = "La charte a changé pendant votre lecture : lisez la nouvelle version avant de l’accepter."


# --- First connection ---------------------------------------------------------------------------


def show_registration(request: Request) -> Response:
    """« Vos informations personnelles », with what an expired session had kept."""
    kept = saved_form(request)
    values = {name: kept.get(name, "") for name in forms.CONTACT_FIELDS}
    return _registration(request, ContactForm(Form(values)), kept=bool(kept))


def register(request: Request) -> Response:
    """« Créer mon compte », then on to the charter."""
    here, settings = visit(request), _settings(request)
    identity = _identity(request)
    filled = forms.registration(request, identity, here.rpps)
    if filled.contact is None:
        return _registration(request, filled)
    subject = here.subject or ""  # never empty: the route asks for a verified card
    throttle.check(throttle.account(subject, commands.TAKEN))
    try:
        compte = commands.create(here.actor, subject, identity, filled.contact, filled.password, settings)
    except commands.EmailTaken:
        throttle.failed(throttle.account(subject, commands.TAKEN))
        filled.form.errors["email"] = presenters.email_taken(settings)
        return _registration(request, filled)
    except commands.AlreadyRegistered:
        return _take_up(request, subject)
    session.put(request, identity=None)
    session.advance(request, state=Access.CHARTE, charte=None, compte_id=compte.id)
    appareils.note_device(request, compte, here.level)
    message = f"Votre compte est créé. {presenters.mail_sent(compte.email)}"
    return appareils.remember(request, redirect(request, "/compte/charte", message=message))


def _take_up(request: Request, subject: str) -> Response:
    """The same card in two tabs: the second one goes on with the account that the first one made."""
    compte = queries.by_subject(subject)
    if compte is None:
        raise errors.Conflict(
            "Un compte existe déjà pour ce numéro RPPS, avec une autre carte.",
            "Appelez l’assistance : elle vérifiera votre identité et rattachera votre carte.")
    state = Access.MEDECIN if compte.charte == request.app.state.charte else Access.CHARTE
    session.advance(request, state=state, charte=compte.charte, compte_id=compte.id)
    return redirect(request, request.app.state.doors[state], message="Votre compte existe déjà.", kind="info")


def _registration(request: Request, filled: ContactForm, *, kept: bool = False) -> Response:
    policy = POLICIES[_settings(request).password_policy]
    return page(
        request, "compte/creer.html", status=200 if filled.form.ok else 422, form=filled.form,
        identite_carte=_identity(request), communes=filled.communes, politique=policy, reprise=kept,
    )


def _identity(request: Request) -> Identity:
    """What the card said at this session's login; never what a form says."""
    found = visit(request).data.get("identity")
    if not found:
        raise errors.Forbidden("Ce que dit votre carte n’est plus disponible.",
                               "Déconnectez-vous, puis reconnectez-vous avec votre carte CPS.")
    return Identity(**{name: str(found[name]) for name in Identity.__dataclass_fields__})


# --- Charter ------------------------------------------------------------------------------------


def show_charte(request: Request) -> Response:
    """The charter to accept; whoever accepted one may read it again (``?version=``)."""
    return _charte(request, Form())


def accept_charte(request: Request) -> Response:
    """« Valider »: the portal opens once the box is ticked under the version in force."""
    if visit(request).state > Access.CHARTE:
        return redirect(request, _door(request))
    compte, charte = _own(request), _charte_in_force(request)
    typed = request.state.form
    if typed.get("version") != charte.version:
        return _charte(request, Form(errors={"accepte": CHARTE_CHANGED}))
    if typed.get("accepte") != "oui":
        return _charte(request, Form(errors={"accepte": MUST_ACCEPT}))
    commands.accept_charte(visit(request).actor, compte, charte)
    session.advance(request, state=queries.access_of(_own(request), charte.version), charte=charte.version)
    return redirect(request, _door(request), message="Merci. Vous pouvez maintenant utiliser le service.")


def _charte(request: Request, form: Form) -> Response:
    compte = _own(request)
    accepted = {one.version: dates.moment(one.at) for one in queries.acceptances(compte)}
    charte = _charte_in_force(request)
    to_accept = visit(request).state is Access.CHARTE
    asked = request.query_params.get("version", charte.version)
    if not to_accept and asked in accepted and asked in CHARTES:
        charte = CHARTES[asked]
    return page(
        request, "compte/charte.html", status=200 if form.ok else 422, form=form, charte=charte,
        publiee_le=dates.day(charte.published),
        a_accepter=to_accept, acceptee_le=accepted.get(charte.version), precedente=bool(accepted),
    )


def _charte_in_force(request: Request) -> Charte:
    return CHARTES[request.app.state.charte]


# --- E-mail address -----------------------------------------------------------------------------


def show_confirmation(request: Request) -> Response:
    """The page of the mail's link; only its button confirms, for mail scanners follow links."""
    state, compte = _link(request)
    return page(request, "compte/confirmer.html", status=LINK_STATUS[state], etat=state,
                courriel=compte.email if compte else "")


def confirm(request: Request) -> Response:
    """« Confirmer mon adresse »."""
    state, compte = _link(request)
    if compte is not None and state == "a-confirmer":
        commands.confirm_email(compte)
        return redirect(request, request.url.path)
    return show_confirmation(request)


LINK_STATUS = {"a-confirmer": 200, "confirmee": 200, "expire": 410, "inconnu": 404}


def _link(request: Request) -> tuple[str, Compte | None]:
    try:
        compte = queries.compte_of_link(_settings(request), request.path_params["jeton"])
    except queries.LinkForged:
        return "inconnu", None
    except queries.LinkExpired:
        return "expire", None
    if compte is None:
        return "expire", None
    return ("confirmee" if compte.email_confirmed_at else "a-confirmer"), compte


def _own(request: Request) -> Compte:
    return queries.own(visit(request).compte_id)


def _door(request: Request) -> str:
    door: str = request.app.state.doors[visit(request).state]
    return door


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
