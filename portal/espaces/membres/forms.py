"""What is typed to invite somebody and to change what he may do."""

from __future__ import annotations

from starlette.requests import Request

from portal.compte import queries as comptes
from portal.compte import rules as compte
from portal.espaces import rules
from portal.espaces.membres.commands import Person
from portal.web import forms
from portal.web.forms import Form

MAX_NAME = 60
NO_ROLE = "Cochez au moins un rôle."


def ticked(request: Request, kind: str) -> tuple[str, ...]:
    """The roles ticked among those of this kind of structure, in their order."""
    sent = request.state.form.getlist("roles")
    return tuple(role.code for role in rules.roles_of(kind) if role.code in sent)


def invitation(request: Request, kind: str) -> tuple[Form, tuple[str, ...], Person | None]:
    """« Inviter »: the roles ticked, and the person once nothing is wrong."""
    form, roles = Form(forms.typed(request, "prenom", "nom", "email", "fonction")), ticked(request, kind)
    for name, words in (("prenom", "le prénom"), ("nom", "le nom")):
        form.values[name] = " ".join(form.values[name].split())[:MAX_NAME]
        if not form.values[name]:
            form.errors[name] = f"Indiquez {words} de la personne."
    form.values["fonction"] = " ".join(form.values["fonction"].split())[:MAX_NAME]
    try:
        email = compte.email(form.values["email"])
    except compte.Invalid as error:
        form.errors["email"], email = str(error), ""
    if email and comptes.by_email(email) is not None:
        form.errors["email"] = ("Cette adresse a déjà un compte sur le portail\u00a0: indiquez une autre adresse de la "
                                "personne.")
    if not roles:
        form.errors["roles"] = NO_ROLE
    values = form.values
    person = Person(values["prenom"], values["nom"].upper(), email, roles, values["fonction"]) if form.ok else None
    return form, roles, person
