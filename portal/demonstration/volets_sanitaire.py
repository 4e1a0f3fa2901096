"""The demonstration's sanitaire dossiers: SMR, HAD and palliative requests, their five volets in every state."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from pathlib import Path

from portal import clock
from portal.db import database
from portal.db.audit import Actor
from portal.db.base import rows
from portal.demonstration.volets import ALICE, WITHIN
from portal.dossiers import queries
from portal.dossiers.queries import Visible
from portal.volets import commands, definitions
from portal.volets import queries as volets
from portal.volets.formulaire import Kind, Value
from portal.volets.models import Volet

ANSWERS = Path(__file__).with_name("volets_sanitaire.json")
MODULE = "s"
# What a service writes of a dossier that it leads.
OF_SERVICE = ("demandeur", "administratif", "orientation")
Steps = tuple[tuple[str, str, str], ...]


def _whole(kind: str, origin: str, event: str = "valider") -> Steps:
    return (("demandeur", origin, event), ("administratif", "complet", event), ("orientation", kind, event),
            ("medical", kind, event), ("soins", kind, event))


# Rows of the practical guide, then the first requests for HAD and palliative care that Alice leads.
PRINTED: dict[int, Steps] = {
    2034705: (("demandeur", "hopital", ""), ("administratif", "complet", ""), ("orientation", "smr", ""),
              ("medical", "commence", ""), ("soins", "commence", "")),
    2033969: _whole("smr", "hopital"),
    2034289: (("demandeur", "hopital", "valider"), ("administratif", "complet", ""), ("medical", "commence", "")),
}
LED: tuple[tuple[str, Steps], ...] = (
    ("SSR, HAD", _whole("had", "domicile")),
    ("SSR, Soins palliatifs", (*_whole("usp", "domicile")[:3], ("medical", "usp", "rouvrir"), ("soins", "usp", ""))),
)
_LED = ("SELECT l.numero FROM lien l JOIN dossier d ON d.id = l.dossier_id WHERE l.rpps = ? AND l.module = ? "
        "AND l.onglet = 'en_cours' AND l.etat = 'accepte' AND d.referent_rpps = l.rpps AND d.sejours = ? "
        "ORDER BY l.numero LIMIT 1")


def ensure() -> None:
    """Fill these dossiers; nothing if some of them are filled already."""
    database.connect()
    if Volet.select().where(Volet.code == "soins").exists():
        return
    with database.writing():
        for numero, steps in PRINTED.items():
            _fill(numero, steps)
        for stay, steps in LED:
            for (numero,) in rows(_LED, ALICE.rpps, MODULE, stay):
                _fill(numero, steps)


def _fill(numero: int, steps: Steps) -> None:
    """Bring the volets of one dossier where ``steps`` say, within the minute of its last change."""
    assert ALICE.rpps is not None
    seen = queries.visible_dossier(ALICE.rpps, MODULE, numero)
    with clock.shift(seen.dossier.updated + WITHIN - clock.now()):
        for code, name, event in steps:
            author = _author(seen, code)
            commands.first(author, seen.dossier, code, answers(seen, code, name))
            if event:
                signed = commands.validate(author, seen, code, volets.opened(seen, code).version)
                if event == "rouvrir":
                    commands.reopen(author, seen, code, signed.version)


def _author(seen: Visible, code: str) -> Actor:
    own = seen.dossier.referent_kind == "medecin" or code not in OF_SERVICE
    return ALICE if own else Actor(None, seen.referent, "interne")


def answers(seen: Visible, code: str, name: str) -> dict[str, Value]:
    """A set of answers in canonical form: dates count from today, the search goes round the home."""
    form = definitions.latest(MODULE, code)
    found: dict[str, Value] = {
        field: _day(value) if isinstance(value, str) and form.fields[field].kind is Kind.DATE else value
        for field, value in _answers()[code][name].items()}
    if code == "orientation":
        where = volets.town(f"{seen.dossier.code_postal} {seen.dossier.ville}")
        found["lieu_recherche"] = where or "14000 CAEN"
    return found


def _day(text: str) -> str:
    return (clock.today() + timedelta(days=int(text))).isoformat()


@cache
def _answers() -> dict[str, dict[str, dict[str, Value]]]:
    found: dict[str, dict[str, dict[str, Value]]] = json.loads(ANSWERS.read_text("utf-8"))
    return found
