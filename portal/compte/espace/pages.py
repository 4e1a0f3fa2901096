"""« Mon compte »: information, practice, notifications, means of login, charters."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.compte import commands, presenters, queries
from portal.compte import forms as contact_forms
from portal.compte.espace import commands as habits
from portal.compte.espace import forms, rules
from portal.compte.espace import presenters as words
from portal.compte.espace import queries as chosen
from portal.compte.models import STRUCTURE, Compte
from portal.espaces import queries as espaces
from portal.espaces.rules import ETABLISSEMENT
from portal.facteurs import queries as facteurs
from portal.facteurs.cles import queries as cles
from portal.settings import Settings
from portal.web import dates, opened, throttle
from portal.web.forms import Form, clean, saved_form
from portal.web.render import page, redirect
from portal.web.session import STRONG, visit

TOO_MANY_MAILS = ("Plusieurs courriels viennent déjà de partir\u00a0: regardez dans les indésirables, "
                  "ou réessayez dans une heure.")
PROOF_NEEDED = "Pour changer d’adresse électronique, saisissez votre mot de passe actuel."
PROOF_WRONG = "Ce n’est pas votre mot de passe actuel\u00a0: l’adresse n’a pas été changée. Saisissez-le de nouveau."
UNCHANGED = "Rien n’a changé dans vos informations."


# --- Information --------------------------------------------------------------------------------


def show_information(request: Request) -> Response:
    """« Mes informations »: identity, e-mail, phone."""
    compte = queries.own(visit(request).compte_id)
    kept = saved_form(request)
    stored = {"email": compte.email, "telephone": queries.telephone(compte)}
    values = {name: kept.get(name, value) for name, value in stored.items()}
    return _information(request, compte, Form(values), kept=bool(kept))


def check_password(request: Request) -> str | None:
    """Before the lock: the hash that the typed password matches, where one is needed. Raises errors.TooMany."""
    compte = queries.own(visit(request).compte_id)
    password = _password(request)
    if not password or not _must_prove(request, compte):
        return None
    throttle.check(*_tries(request, compte))
    return str(compte.password) if queries.password_matches(compte, password) else None


def change_information(request: Request) -> Response:
    """« Enregistrer », or « Renvoyer le courriel » (field ``geste``)."""
    compte = queries.own(visit(request).compte_id)
    if request.state.form.get("geste") == "renvoyer":
        return _resend(request, compte)
    filled = contact_forms.reachable(request, commands.contact_of(compte))
    if filled.contact and _must_prove(request, compte):
        _prove(request, compte, filled.form)
    if filled.contact is None or filled.form.errors:
        return _information(request, compte, filled.form)
    taken = throttle.account(str(compte.id), commands.TAKEN)
    throttle.check(taken)
    try:
        changed = commands.update_contact(visit(request).actor, compte, filled.contact, _settings(request))
    except commands.EmailTaken:
        throttle.failed(taken)
        filled.form.errors["email"] = presenters.email_taken(_settings(request))
        return _information(request, compte, filled.form)
    if not changed:
        return redirect(request, "/compte", message=UNCHANGED, kind="info")
    message = "Vos informations sont enregistrées."
    if "email" in changed:
        # Whoever else is in would go on under an account whose mails he no longer gets.
        message += f" {presenters.mail_sent(filled.contact.email)}"
        message += presenters.closed(opened.close_others(request))
    return redirect(request, "/compte", message=message)


def _must_prove(request: Request, compte: Compte) -> bool:
    """A new address takes the mails that open the account: a code alone is not enough to set it."""
    typed = clean(request.state.form.get("email")).lower()
    return visit(request).strength < STRONG and typed != compte.email


def _prove(request: Request, compte: Compte, form: Form) -> None:
    if not _password(request):
        form.errors["mot_de_passe"] = PROOF_NEEDED
        return
    tries = _tries(request, compte)
    throttle.attempt(*tries)
    if request.state.prepared != compte.password:
        form.errors["mot_de_passe"] = PROOF_WRONG
    else:
        throttle.succeeded(*tries)


def _password(request: Request) -> str:
    return str(request.state.form.get("mot_de_passe", ""))


def _tries(request: Request, compte: Compte) -> tuple[str, str]:
    return throttle.account(str(compte.id), "mot de passe actuel"), throttle.network(request)


def _resend(request: Request, compte: Compte) -> Response:
    if compte.email_confirmed_at:
        return redirect(request, "/compte", message="Votre adresse est déjà confirmée.", kind="info")
    try:
        commands.resend_confirmation(visit(request).actor, compte, _settings(request))
    except commands.TooManyMails:
        return redirect(request, "/compte", message=TOO_MANY_MAILS, kind="erreur")
    return redirect(request, "/compte", message=presenters.mail_sent(compte.email))


def _information(request: Request, compte: Compte, form: Form, *, kept: bool = False) -> Response:
    confirmed = compte.email_confirmed_at
    return page(
        request, "compte/mon_compte.html", status=200 if form.ok else 422, nav="compte", compte=compte, form=form,
        reprise=kept, confirmee_le=dates.day(confirmed) if confirmed else None,
        mot_de_passe_demande=visit(request).strength < STRONG,
    )


# --- Practice and searches ----------------------------------------------------------------------


def show_practice(request: Request) -> Response:
    """« Exercice et recherches »."""
    compte = queries.own(visit(request).compte_id)
    kept = saved_form(request)
    values = forms.stored_practice(commands.contact_of(compte), chosen.preferences(compte.id))
    filled = forms.PracticeForm(Form({name: kept.get(name, value) for name, value in values.items()}))
    return _practice(request, filled, kept=bool(kept))


def change_practice(request: Request) -> Response:
    """Keep where he practises, how he searches and what his letters carry."""
    compte = queries.own(visit(request).compte_id)
    filled = forms.practice(request, commands.contact_of(compte))
    if filled.contact is None or filled.habits is None:
        return _practice(request, filled)
    actor = visit(request).actor
    changed = commands.update_contact(actor, compte, filled.contact, _settings(request))
    changed += habits.set_habits(actor, compte.id, filled.habits)
    if not changed:
        return redirect(request, request.url.path, message=UNCHANGED, kind="info")
    return redirect(request, request.url.path, message="Vos informations sont enregistrées.")


def _practice(request: Request, filled: forms.PracticeForm, *, kept: bool = False) -> Response:
    return page(
        request, "compte/exercice.html", status=200 if filled.form.ok else 422, nav="compte", form=filled.form,
        communes=filled.communes, reprise=kept, rayon_min=rules.MIN_RADIUS, rayon_max=rules.MAX_RADIUS,
        signature_max=rules.MAX_SIGNATURE,
    )


# --- Notifications ------------------------------------------------------------------------------


def show_notices(request: Request) -> Response:
    """« Notifications »: all on until he says otherwise."""
    compte, kept = queries.own(visit(request).compte_id), saved_form(request)
    found, who = chosen.preferences(compte.id), _told_as(compte)
    values = forms.stored_notices(found, who)
    if kept:
        values = {name: kept.get(name, "") for name in values}
    return page(
        request, "compte/notifications.html", nav="compte", form=Form(values), avis=rules.notices(who),
        toujours=rules.always(who), delais=[(str(days), f"{days} jours") for days in rules.SILENCES],
        courriel=compte.email, confirmee=compte.email_confirmed_at is not None, reprise=bool(kept),
        medecin_ici=who == rules.MEDECIN, rythmes=rules.RHYTHMS, heures=rules.HOURS,
    )


def change_notices(request: Request) -> Response:
    """Keep which mails he takes, and when."""
    compte, actor = queries.own(visit(request).compte_id), visit(request).actor
    sent = forms.notices(request, _told_as(compte))
    changed = habits.set_notices(actor, compte.id, sent.wanted, sent.silence, sent.offered)
    changed += habits.set_mail_hours(actor, compte.id, sent.quotidien, sent.calme)
    if changed:
        return redirect(request, request.url.path, message="Vos choix sont enregistrés.")
    return redirect(request, request.url.path, message="Rien n’a changé dans vos choix.", kind="info")


def _told_as(compte: Compte) -> str:
    """What this account is told of: a code of ``rules.Notice.who``."""
    if compte.kind != STRUCTURE:
        return rules.MEDECIN
    member = espaces.member(compte.id)
    receives = member is not None and member.structure.kind == ETABLISSEMENT
    return rules.ETABLISSEMENT if receives else rules.DEMANDEUR


# --- Means of login, charters -------------------------------------------------------------------


def show_security(request: Request) -> Response:
    """« Mot de passe et codes »: what is set up, and where it is changed."""
    compte = queries.own(visit(request).compte_id)
    return page(
        request, "compte/securite.html", nav="compte", secretaire=compte.rpps is None,
        applications=len(facteurs.applications(compte.id)), cles=cles.count(compte.id),
        secours=facteurs.recovery_codes_left(compte.id),
    )


def show_charters(request: Request) -> Response:
    """The charters he accepted, each with its date and text."""
    compte = queries.own(visit(request).compte_id)
    accepted = [words.Accepted(one.version, dates.moment(one.at), one.sha256) for one in queries.acceptances(compte)]
    return page(request, "compte/chartes.html", nav="compte", chartes=accepted)


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
