"""Standing in another actor's place with one click: a demonstration's own door, which no other portal has."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from portal.compte.models import Compte
from portal.demonstration import pco
from portal.demonstration.espaces import TEAMS
from portal.espaces import queries
from portal.espaces import rules as espaces
from portal.espaces.models import Usager
from portal.web import errors, render, session
from portal.web.session import Access


@dataclass(frozen=True)
class Acteur:
    """Somebody whose place one may take: a key for the form, who he is, what he does, the state of his session."""

    cle: str
    nom: str
    fonction: str
    state: Access
    subject: str
    compte_id: int | None = None
    charte: str | None = None


def acteurs() -> list[Acteur]:
    """The members of the demonstration's structures, then those who follow a dossier on the patient's side."""
    emails = [person.email for people in (*TEAMS.values(), pco.TEAM) for person in people]
    staff = {one.email: one for one in Compte.select().where(Compte.email.in_(emails))}
    found = [Acteur(email, queries.signature(staff[email]), staff[email].profession, Access.STRUCTURE,
                    staff[email].subject, staff[email].id, staff[email].charte) for email in emails if email in staff]
    relatives = Usager.select().where(Usager.retire_le.is_null(), Usager.confirme_le.is_null(False)).order_by(
        Usager.id).limit(5)
    return found + [Acteur(one.subject, one.name, espaces.USAGERS[one.role], Access.USAGER, one.subject)
                    for one in relatives]


def show(request: Request) -> Response:
    """« Les autres acteurs »: who they are, and a button for each."""
    return render.page(request, "demonstration/acteurs.html", acteurs=acteurs())


def enter(request: Request) -> Response:
    """Open the session of the one who was chosen."""
    chosen = next((one for one in acteurs() if one.cle == request.state.form.get("acteur")), None)
    if chosen is None:
        raise errors.NotFound()
    session.login(request, state=chosen.state, subject=chosen.subject, rpps=None, name=chosen.nom,
                  level="otp" if chosen.state is Access.STRUCTURE else "courriel", compte_id=chosen.compte_id,
                  charte=chosen.charte)
    return render.redirect(request, request.app.state.doors[chosen.state])
