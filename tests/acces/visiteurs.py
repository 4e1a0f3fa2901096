"""Everybody who may stand before a dossier: what he is to it, and the cookie of his session."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from starlette.applications import Starlette

from portal.db import database
from portal.db.audit import Actor
from portal.db.crypto import keys
from portal.delegations import commands as delegations
from portal.delegations import queries as of_delegations
from portal.delegations.commands import Terms
from portal.espaces import queries as espaces_queries
from portal.espaces.models import Membre, Usager
from portal.settings import Settings
from portal.web.session import Access, Visit
from tests.acces.scene import ALICE, ASKED, LEFT, OTHER, REFUSER, REPLACED, Scene
from tests.support import espaces
from tests.support.delegues import CHLOE, EVERYTHING, physician, secretary
from tests.support.people import IDENTITY, account
from tests.support.sessions import open_session

MINE = {"ga": "ga m", "s": "s m", "tnd": "tnd m", "h": "h m"}
LED_BY_OTHERS = MINE | {"ga": "ga c", "s": "s h"}
RIGHTS = ("lire", "rediger", "valider", "envoyer", "repondre", "accepter")


@dataclass(frozen=True)
class Visiteur:
    """Somebody: his name in the tables, his cookie ("" for none), for whom he acts, and the dossier of each module that
    he is tried on (« ga c »: see ``scene.PLACES``)."""

    nom: str
    cookie: str
    acting: int | None = None
    homes: dict[str, str] | None = None
    state: Access = Access.PUBLIC

    @property
    def role(self) -> str:
        """His name in the table: one person of the patient's side stands for each state of the dossier."""
        return self.nom.partition(" ")[0]

    def before(self, etat: str) -> bool:
        """False for somebody whose one dossier is in another state."""
        return self.nom.partition(" ")[2] in ("", etat)

    def home(self, module: str) -> str:
        """Which of a module's dossiers he is tried on."""
        return (self.homes or {}).get(module) or MINE[module]

    @property
    def token(self) -> str:
        """The form token of his session, as the portal makes it."""
        if not self.cookie:
            return ""
        return Visit(keys().signer("session").unsign(self.cookie).decode(), delegation_id=self.acting).csrf


def everybody(app: Starlette, scene: Scene) -> dict[str, Visiteur]:
    """One session for each of them, by name."""
    settings: Settings = app.state.settings
    # A visitor's cookie is only a signed number: no row stands behind it, and his forms carry its token.
    found = [Visiteur("anonyme", keys().signer("session").sign(secrets.token_urlsafe(32)).decode())]
    found += _physicians(settings)
    found += _delegates(settings)
    found += _structures(settings, scene)
    found += _patients(settings, scene)
    return {one.nom: one for one in found}


def _physicians(settings: Settings) -> list[Visiteur]:
    alice = physician(ALICE)
    found = [Visiteur("carte", open_session(settings, 10100000099, "Dr X", state=Access.CARTE,
                                            identity=vars(IDENTITY)), state=Access.CARTE),
             Visiteur("charte", open_session(settings, 10100000098, "Dr X", state=Access.CHARTE,
                                             compte_id=account(10100000098)), state=Access.CHARTE)]
    people = {"referent": (ALICE, alice.id, MINE), "traitant": (ALICE, alice.id, LED_BY_OTHERS)}
    for name, rpps in (("designe", ASKED), ("refuse", REFUSER), ("sorti", LEFT), ("remplace", REPLACED),
                       ("medecin", OTHER)):
        people[name] = (rpps, account(rpps), MINE)
    for name, (rpps, compte_id, homes) in people.items():
        cookie = open_session(settings, rpps, f"Dr {name}", compte_id=compte_id)
        found.append(Visiteur(name, cookie, homes=homes, state=Access.MEDECIN))
    return found


def _delegates(settings: Settings) -> list[Visiteur]:
    """Dr Chloé PETIT under one delegation after the other, then the secretary."""
    terms = {"delegue": EVERYTHING} | {f"delegue-{right}": replace(EVERYTHING, rights=(right,)) for right in RIGHTS}
    terms["delegue-tnd"] = replace(EVERYTHING, modules=("tnd",))
    terms["delegue-expire"] = replace(EVERYTHING, starts=date(2026, 11, 1), ends=date(2026, 11, 21))
    terms["delegue-a-venir"] = replace(EVERYTHING, starts=date(2026, 11, 23))
    terms["delegue-revoque"] = EVERYTHING
    alice, chloe = physician(ALICE), physician(CHLOE)
    found = []
    for name, lent in terms.items():
        with database.writing():
            made = delegations.lend(Actor(ALICE, alice.name, "cps"), alice, chloe, _all_modules(lent), settings)
            if name == "delegue-revoque":
                held = of_delegations.of(made.id)
                assert held is not None
                delegations.revoke(Actor(ALICE, alice.name, "cps"), held, settings)
        cookie = open_session(settings, CHLOE, chloe.name, compte_id=chloe.id, delegation_id=made.id)
        found.append(Visiteur(name, cookie, made.id, MINE, Access.MEDECIN))
    her, mandate = secretary(settings, ("ga", "s", "tnd", "h"))
    for name, acting in (("secretaire", mandate.id), ("secretaire-seule", None)):
        cookie = open_session(settings, None, her.name, state=Access.SECRETARIAT, compte_id=her.id, level="otp",
                              subject=her.subject, delegation_id=acting)
        found.append(Visiteur(name, cookie, acting, MINE, Access.SECRETARIAT))
    return found


def _all_modules(terms: Terms) -> Terms:
    return replace(terms, modules=(*terms.modules, "h")) if len(terms.modules) > 1 else terms


def _structures(settings: Settings, scene: Scene) -> list[Visiteur]:
    ga, s, tnd = {"ga": "ga m"}, {"s": "s m"}, {"tnd": "tnd m"}
    team, ward, gone = {"ga": "ga c"}, {"s": "s h"}, {"s": "s t"}
    places: dict[str, tuple[str, str | None, dict[str, str]]] = {
        "etablissement": ("ga ouverte", None, ga), "etablissement-admissions": ("ga ouverte", "admissions", ga),
        "etablissement-medical": ("ga ouverte", "medical", ga), "etablissement-fiche": ("ga ouverte", "referent", ga),
        "etablissement-attente": ("ga attente", None, ga), "etablissement-clos": ("ga close", None, ga),
        "etablissement-jamais": ("jamais", None, ga), "etablissement-parti": ("ga ouverte", None, ga),
        "unite": ("s ouverte", None, s), "plateforme": ("tnd ouverte", None, tnd),
        "coordination": ("mene", None, team), "coordination-fiche": ("mene", "referent", team),
        "coordination-suit": ("suit", None, team), "coordination-cede": ("transfere", None, team),
        "coordination-autre": ("autre", None, team),
        "hopital-soins": ("service", "dossiers", ward), "hopital-medecin": ("service", "medical", ward),
        "hopital-cede": ("cédé", "dossiers medical referent", gone), "assistance": ("assistance", None, ga),
    }
    found = []
    for name, (which, roles, homes) in places.items():
        compte = espaces.account(scene.structures[which], roles)
        if name == "etablissement-parti":
            with database.writing():
                Membre.update(retire_le=compte.created).where(Membre.compte_id == compte.id).execute()
        cookie = open_session(settings, None, espaces_queries.signature(compte), state=Access.STRUCTURE,
                              compte_id=compte.id, level="otp", subject=compte.subject)
        found.append(Visiteur(name, cookie, homes=homes, state=Access.STRUCTURE))
    return found


def _patients(settings: Settings, scene: Scene) -> list[Visiteur]:
    """They have one dossier each: the one whose state is tried is chosen by ``par_etat``."""
    found = []
    for etat, place in scene.places["ga u"].items():
        for role in ("patient", "aidant", "famille"):
            found.append(_patient(settings, f"{role} {etat}", espaces.relative(place.dossier, role)))
        gone = espaces.relative(place.dossier)
        with database.writing():
            Usager.update(retire_le=gone.created).where(Usager.id == gone.id).execute()
        found.append(_patient(settings, f"patient-parti {etat}", gone))
    found.append(_patient(settings, "patient-autre", espaces.relative(scene.places["ga m"]["actif"].dossier)))
    return found


def _patient(settings: Settings, name: str, one: Usager) -> Visiteur:
    cookie = open_session(settings, None, one.name, state=Access.USAGER, level="lien", subject=one.subject)
    return Visiteur(name, cookie, homes={"ga": "ga u"}, state=Access.USAGER)


# Everybody in four parts, so that a long test can be shared out among processes.
PARTS: dict[str, Callable[[Visiteur], bool]] = {
    "medecins": lambda who: not who.nom.startswith("delegue") and who.state.name not in ("STRUCTURE", "USAGER"),
    "delegues": lambda who: who.nom.startswith("delegue"),
    "structures": lambda who: who.state.name == "STRUCTURE",
    "usagers": lambda who: who.state.name == "USAGER",
}
