"""An absent dossier and one that is another's: the same answer, byte for byte, and the same statements run."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest

import pytest
from starlette.applications import Starlette

from portal.db import database
from portal.db.audit import Actor
from portal.dossiers import commands as dossiers
from tests.acces import scene
from tests.acces.adresses import MODULE, ROUTES, body_of, has_dossier, path_of
from tests.acces.navigateur import Navigateur, Reponse
from tests.acces.scene import Place
from tests.acces.visiteurs import everybody
from tests.support import espaces
from tests.support.people import LEROUX

STRANGER = Actor(10100000123, "Dr Zoé BLANC", "cps")
# One of each way to come: by a link, for somebody, for a structure, by a mailed link.
STRANGERS = ("medecin", "referent", "delegue", "delegue-lire", "secretaire", "etablissement",
             "etablissement-admissions", "plateforme", "coordination", "coordination-fiche", "hopital-medecin",
             "assistance", "patient-autre")
# What an answer says of the number that was asked for.
ASKED = re.compile(r"\b\d{6,9}\b")
SAVEPOINT = re.compile(r"SAVEPOINT \S+")
ABSENT = {"ga": 99_999_999, "s": 9_999_999, "tnd": 999_999, "h": 999_999_999}


@pytest.mark.proves("A2", "V8.2.2", "V16.5.1")
def test_absent_and_forbidden_are_the_same(opened_app: Starlette, midday: datetime) -> None:
    made = scene.furnish()
    people = everybody(opened_app, made)
    foreign = {module: _foreign(module, made) for module in ABSENT}
    wrong = []
    with Navigateur(opened_app) as nav:
        for who in (people[name] for name in STRANGERS):
            for method, page in ROUTES:
                if not has_dossier(page):
                    continue
                module = MODULE.get(page.name) or next(iter(who.homes or {}), "ga")
                there = foreign[module]
                nowhere = replace(there, dossier=_absent(module), demandes={"ouverte": 888_888})
                found = []
                for place in (there, nowhere):
                    nav.forget_tries()
                    path = path_of(page, place, who)
                    found.append(nav.get(who, path) if method == "GET" else nav.post(who, path, body_of(page)))
                wrong += [f"{method} {page.name} by {who.nom}: {what}" for what in _differ(*found)]
    assert not wrong, "\n".join(wrong[:30])


def _foreign(module: str, made: scene.Scene) -> Place:
    """A dossier that none of them has anything to do with, its request opened by an establishment of nobody's."""
    with database.writing():
        dossier = dossiers.create(STRANGER, module, replace(LEROUX, sejours=scene.STAYS[module]))
    demandes = {}
    if module in scene.GENRES:
        there = espaces.etablissement("Ailleurs", genre=scene.GENRES[module])
        demandes["ouverte"] = espaces.demande(dossier, there, "lue").id
    return Place("zz", dossier, "actif", "", demandes, made.places["ga m"]["actif"].pieces)


def _absent(module: str) -> object:
    """The number of no dossier, as long as the others."""
    return type("Absent", (), {"module": module, "numero": ABSENT[module]})


def _differ(there: Reponse, nowhere: Reponse) -> list[str]:
    """What tells two answers apart."""
    found = []
    if there.status != nowhere.status or there.status not in (303, 403, 404):
        found.append(f"{there.status} or {nowhere.status}")
    if _headers(there) != _headers(nowhere):
        found.append(f"headers: {set(_headers(there)) ^ set(_headers(nowhere))}")
    if _plain(there.text) != _plain(nowhere.text):
        found.append("body")
    differing = [pair for pair in zip_longest(_statements(there), _statements(nowhere)) if pair[0] != pair[1]]
    if differing:
        found.append(f"statements: {differing[0]}")
    return found


def _headers(answer: Reponse) -> list[str]:
    """The headers, without the number that each answer has for itself."""
    return [_plain(f"{name}: {value}") for name, value in answer.headers.items() if name != "x-request-id"]


def _statements(answer: Reponse) -> list[str]:
    """The statements, whatever their savepoints are called."""
    return [SAVEPOINT.sub("SAVEPOINT", one) for one in answer.statements]


def _plain(text: str) -> str:
    return ASKED.sub("N", text)
