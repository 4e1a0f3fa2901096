"""The data that the crash tests work on: dossiers that wait, volets to write, requests to send."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from portal import clock
from portal.annuaire import genres
from portal.compte import commands as comptes
from portal.compte.commands import Identity
from portal.compte.rules import CHARTE
from portal.db import crypto, database
from portal.db.audit import Actor
from portal.delegations import commands as delegations
from portal.demandes import commands as demandes
from portal.dossiers import commands as dossiers
from portal.dossiers import queries
from portal.dossiers.queries import Visible
from portal.settings import Settings, load
from tests.support import espaces
from tests.support.delegues import CONTACT, EVERYTHING, PASSWORD, physician
from tests.support.people import LEROUX

ALICE = 10100000011
ALICE_ACTS = Actor(ALICE, "Dr Alice MARTIN", "cps", None, f"8{ALICE}")
CLIC = Actor(None, "CLIC BESSIN", "interne")
# A text that no page of the portal contains: looked for in what must be sealed.
MARK = "Zwyxwort"


@dataclass(frozen=True)
class Monde:
    """Numbers of the grand âge dossiers that wait for an answer, are hers to write, or hold a request to send (its
    row's id)."""

    waiting: tuple[int, ...]
    written: tuple[int, ...]
    asking: tuple[tuple[int, int], ...]


@contextmanager
def opened(settings: Settings) -> Iterator[None]:
    """This process looks into a database (keys loaded, tables bound) until the end of the block."""
    crypto.load_keys(settings)
    database.open_database(settings)
    database.connect()
    try:
        yield
    finally:
        database.close()


def settings_of(folder: Path, **more: object) -> Settings:
    """A demonstration without clocks of its own, in this folder."""
    return load({}, **({"data": folder, "demonstration": True, "clocks_pause": 0} | more))


def furnish(settings: Settings, waiting: int = 300, written: int = 60, asking: int = 60) -> Monde:
    """Fill an empty database; what was made is also kept in ``monde.json`` of the data folder."""
    with opened(settings):
        database.migrate()
        place = espaces.etablissement(incomplets=True)
        with database.writing():
            made = [dossiers.open_for(CLIC, "ga", _named(rank)) for rank in range(waiting)]
            for one in made:
                dossiers.designate(CLIC, one, ALICE)
            hers = [dossiers.create(ALICE_ACTS, "ga", _named(waiting + rank)) for rank in range(written + asking)]
            asked = [(one.numero, demandes.select(ALICE_ACTS, one, place.id, next(iter(genres.SEJOURS_OF["ga"]))).id)
                     for one in hers[written:]]
    monde = Monde(tuple(one.numero for one in made), tuple(one.numero for one in hers[:written]), tuple(asked))
    (settings.data / "monde.json").write_text(json.dumps(asdict(monde)))
    return monde


def seen(numero: int) -> Visible:
    """One of these dossiers as she sees it."""
    return queries.visible_dossier(ALICE, "ga", numero)


def _named(rank: int) -> dossiers.Nouveau:
    letters = "".join(chr(ord("A") + int(digit)) for digit in f"{rank:04d}")
    return replace(LEROUX, nom_naissance=f"LEROUX{letters}")


def copied(source: Path, target: Path) -> Monde:
    """A world of one's own: the folder's files, none of a running portal."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    return read(target)


def read(folder: Path) -> Monde:
    """What ``furnish`` made there."""
    raw = json.loads((folder / "monde.json").read_text())
    return Monde(tuple(raw["waiting"]), tuple(raw["written"]), tuple((one, row) for one, row in raw["asking"]))


def delegates(settings: Settings, number: int) -> list[dict[str, Any]]:
    """As many colleagues to whom she has lent everything: what ``Browser`` needs to be each of them.

    The database is open.
    """
    today = clock.today()
    lent = replace(EVERYTHING, starts=today, ends=today + timedelta(days=30))
    alice, found = physician(ALICE), []
    for rank in range(number):
        rpps = 10100000100 + rank
        identity = Identity(f"RELAIS{chr(65 + rank)}", "Dominique", "Médecin", "SM26", "Médecine générale (SM)")
        actor = Actor(rpps, f"Dr Dominique {identity.nom}", "cps")
        with database.writing():
            made = comptes.create(actor, f"8{rpps}", identity, replace(CONTACT, email=f"{rpps}@exemple.fr"), PASSWORD,
                                  None)
            comptes.accept_charte(actor, made, CHARTE)
            loan = delegations.lend(ALICE_ACTS, alice, made, lent, settings)
        found.append({"rpps": rpps, "name": actor.name, "compte_id": made.id, "delegation_id": loan.id})
    return found
