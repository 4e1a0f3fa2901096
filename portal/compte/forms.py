"""What is typed in the account's forms, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from starlette.requests import Request

from portal.annuaire import queries as annuaire
from portal.annuaire.rules import Commune
from portal.compte import rules
from portal.compte.commands import Contact, Identity
from portal.web import forms
from portal.web.forms import Form

T = TypeVar("T")
CONTACT_FIELDS = ("email", "telephone", "adresse", "ville")
FIELD_ORDER = ("email", "mot_de_passe", "mot_de_passe_2", "telephone", "adresse", "ville")
ADDRESS_TOO_LONG = f"Raccourcissez l’adresse : {rules.MAX_ADDRESS} caractères maximum."


@dataclass
class ContactForm:
    """A form and its outcome: ``contact`` is None while something is wrong; ``communes`` may be meant."""

    form: Form
    contact: Contact | None = None
    password: str = ""
    communes: list[Commune] = field(default_factory=list)


def contact(request: Request) -> ContactForm:
    """All that the first connection asks besides the password."""
    form = Form(forms.typed(request, *CONTACT_FIELDS))
    email, telephone = _reachable(form)
    adresse, town, suggestions = _practice(form)
    if form.errors or town is None:
        return ContactForm(form, communes=suggestions)
    return ContactForm(form, Contact(email, telephone, adresse, town.insee, town.code_postal, town.nom.upper()))


def reachable(request: Request, stored: Contact) -> ContactForm:
    """« Vous joindre »: e-mail and phone; the rest of the contact stays as it is."""
    form = Form(forms.typed(request, "email", "telephone"))
    email, telephone = _reachable(form)
    return ContactForm(form, None if form.errors else replace(stored, email=email, telephone=telephone))


def practice(request: Request, stored: Contact, *more: str) -> ContactForm:
    """« Lieu d’exercice »: address and town, and the texts of ``more`` fields for the caller to read."""
    form = Form(forms.typed(request, "adresse", "ville", *more))
    adresse, town, suggestions = _practice(form)
    if form.errors or town is None:
        return ContactForm(form, communes=suggestions)
    return ContactForm(form, replace(
        stored, adresse=adresse, insee=town.insee, code_postal=town.code_postal, ville=town.nom.upper()))


def _reachable(form: Form) -> tuple[str, str]:
    return read(form, "email", rules.email, ""), read(form, "telephone", rules.phone, "")


def _practice(form: Form) -> tuple[str, Commune | None, list[Commune]]:
    adresse = " ".join(form.values["adresse"].split())
    if len(adresse) > rules.MAX_ADDRESS:
        form.errors["adresse"] = ADDRESS_TOO_LONG
    town = annuaire.check(form.values["ville"])
    if town.commune is None:
        form.errors["ville"] = town.error
    return adresse, town.commune, town.suggestions


def registration(request: Request, identity: Identity, rpps: int | None) -> ContactForm:
    """The first connection's form: as above, and the password twice, never trimmed nor shown again."""
    filled = contact(request)
    form, policy = filled.form, request.app.state.settings.password_policy
    password, again = (str(request.state.form.get(name, "")) for name in ("mot_de_passe", "mot_de_passe_2"))
    words = rules.context_words(
        names=(identity.nom, identity.prenom), rpps=rpps, email=form.values["email"],
        town=filled.contact.ville if filled.contact else "")
    form.errors |= rules.password_errors(password, again, policy, words)
    if form.errors:
        form.errors = {name: form.errors[name] for name in FIELD_ORDER if name in form.errors}
        filled.contact = None
    filled.password = password
    return filled


def read(form: Form, name: str, reader: Callable[[str], T], otherwise: T) -> T:
    """A field through the rule that reads it; what is wrong goes to the form's errors."""
    try:
        return reader(form.values[name])
    except rules.Invalid as error:
        form.errors[name] = str(error)
        return otherwise
