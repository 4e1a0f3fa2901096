"""The demonstration's filled dossiers: volets in every state, and a patient with an earlier dossier to take from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path

from portal import clock
from portal.db import database
from portal.db.audit import Actor
from portal.db.base import rows
from portal.dossiers import commands as dossiers
from portal.dossiers import queries
from portal.dossiers.commands import Nouveau
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.volets import commands
from portal.volets import queries as volets
from portal.volets.formulaire import Value
from portal.volets.models import Volet

ALICE = Actor(10100000011, "Dr Alice MARTIN", "cps")
BOB = Actor(10100000022, "Dr Bob DURAND", "cps")
ANSWERS = Path(__file__).with_name("volets_reponses.json")
# For each row of the practical guide: what each volet holds, and what was done with it since.
PRINTED: dict[int, tuple[tuple[str, str, str], ...]] = {
    43009190: (("administratif", "complet", "valider"), ("medical", "complet", "valider"),
               ("autonomie", "gir4", "valider")),
    43693205: (("administratif", "commence", ""), ("medical", "commence", "")),
    43914215: (("administratif", "complet", "valider"), ("medical", "complet", "valider"),
               ("autonomie", "gir2", "rouvrir")),
    43349204: (("medical", "commence", ""), ("autonomie", "gir4", "valider")),
    42016195: (("administratif", "complet", "valider"), ("medical", "complet", "rouvrir"),
               ("autonomie", "commence", "")),
}
# Bob's own dossiers, one after the other.
BOBS = (
    (("administratif", "complet", "valider"), ("medical", "complet", ""), ("autonomie", "gir4", "")),
    (("medical", "complet", "valider"), ("autonomie", "gir2", "valider")),
    (("administratif", "commence", ""),),
)
# The first dossiers that a patient of Alice's leads himself: she reads the administrative volet and fills the others.
LED = (
    (("administratif", "complet", "valider"), ("medical", "commence", "")),
    (("administratif", "commence", ""), ("medical", "complet", ""), ("autonomie", "gir2", "valider")),
)
IN_PROGRESS = ("SELECT numero FROM lien WHERE rpps = ? AND module = 'ga' AND onglet = 'en_cours' "
               "AND etat = 'accepte' AND referent = ? ORDER BY numero")
# Written within the minute of the dossier's last change: the table keeps its order.
WITHIN = timedelta(seconds=30)
EARLIER = timedelta(days=700)


def ensure() -> None:
    """Fill the demonstration's dossiers; nothing if some are filled already."""
    database.connect()
    if Volet.select().exists():
        return
    with database.writing():
        for numero, steps in PRINTED.items():
            _fill(ALICE, numero, steps)
        for actor, referent, filled in ((BOB, "Vous", BOBS), (ALICE, "Le patient", LED)):
            for (numero,), steps in zip(rows(IN_PROGRESS, actor.rpps, referent), filled, strict=False):
                _fill(actor, numero, steps)
        _earlier(43693205)


def _fill(actor: Actor, numero: int, steps: tuple[tuple[str, str, str], ...]) -> None:
    """Bring the volets of one dossier where ``steps`` say."""
    assert actor.rpps is not None
    seen = queries.visible_dossier(actor.rpps, "ga", numero)
    with clock.shift(seen.dossier.updated + WITHIN - clock.now()):
        for code, answers, event in steps:
            author = actor if code != "administratif" or seen.dossier.referent_kind == "medecin" else _helper(seen)
            _write(author, seen, code, answers_by_volet()[code][answers], event)


def _write(author: Actor, seen: Visible, code: str, answers: Mapping[str, Value], event: str) -> None:
    commands.first(author, seen.dossier, code, answers)
    if event:
        signed = commands.validate(author, seen, code, volets.opened(seen, code).version)
        if event == "rouvrir":
            commands.reopen(author, seen, code, signed.version)


def _earlier(numero: int) -> None:
    """An earlier dossier of the same patient, over since: « reprendre du dernier dossier » has what to take."""
    assert ALICE.rpps is not None
    now = queries.visible_dossier(ALICE.rpps, "ga", numero).dossier
    with clock.shift(-EARLIER):
        before = dossiers.create(ALICE, "ga", Nouveau(
            civilite=now.civilite, nom_naissance=now.nom_naissance, nom_usage=now.nom_usage, prenom=now.prenom,
            naissance=now.naissance, sexe=now.sexe, telephone="", adresse=now.adresse, insee=now.insee or "",
            code_postal=now.code_postal, ville=now.ville, sejours=("Temporaire",), prenoms=now.prenoms))
        seen = queries.visible_dossier(ALICE.rpps, "ga", before.numero)
        for code, answers in (("administratif", "complet"), ("medical", "complet"), ("autonomie", "gir4")):
            _write(ALICE, seen, code, answers_by_volet()[code][answers], "valider")
        dossiers.set_status(ALICE, Dossier.get_by_id(before.id), "historise")


def _helper(seen: Visible) -> Actor:
    """Who fills the administrative volet of a dossier that the physician does not lead."""
    return Actor(None, seen.referent, "interne")


@cache
def answers_by_volet() -> dict[str, dict[str, dict[str, Value]]]:
    """The fictional answers: for each volet, sets by name, in canonical form."""
    found: dict[str, dict[str, dict[str, Value]]] = json.loads(ANSWERS.read_text("utf-8"))
    return found
