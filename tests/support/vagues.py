"""Searches in waves: a sanitaire dossier that lacks nothing, and units around the person's home."""

from __future__ import annotations

from dataclasses import replace

from portal import clock
from portal.annuaire.models import Etablissement
from portal.db import database
from portal.dossiers import commands as dossiers
from portal.dossiers import rules as dossier_rules
from portal.dossiers.models import Dossier
from portal.volets import coffre, definitions, rules
from portal.volets.models import Volet
from tests.support import annuaire
from tests.support.people import LEROUX
from tests.support.volets import ALICE_ACTS


def dossier(*stays: str) -> Dossier:
    """A sanitaire dossier of Mme LEROUX, of Caen, which Dr Alice MARTIN leads; its volets are valid."""
    with database.writing():
        made = dossiers.create(ALICE_ACTS, "s", replace(LEROUX, sejours=stays or ("SSR",)))
    whole(made)
    return made


def whole(one: Dossier) -> None:
    """Let every volet of a dossier be valid, whatever is in it."""
    label = dossier_rules.format_numero(one.module, one.numero)
    with database.writing():
        Volet.delete().where(Volet.dossier_id == one.id).execute()
        for form in definitions.volets(one.module):
            Volet.create(
                dossier_id=one.id, code=form.volet, etat=rules.VALIDE, definition=form.id,
                definition_version=form.version, contenu=coffre.seal(label, form.volet, coffre.Contenu()),
                modifie_par=ALICE_ACTS.name, modifie_le=clock.now(), valide_par=ALICE_ACTS.name,
                valide_le=clock.now())


def units(n: int, *, genre: str = "smr", step: float = 4, sejours: str = "complet") -> list[Etablissement]:
    """Units of a kind north of Caen, ``step`` km apart."""
    return [annuaire.place(f"{genre.upper()} {rank}", rank * step, units=({"genre": genre, "sejours": sejours},))
            for rank in range(1, n + 1)]


def say(one: Dossier, **answers: str) -> None:
    """Let a dossier's volet orientation hold these answers."""
    label = dossier_rules.format_numero(one.module, one.numero)
    with database.writing():
        Volet.update(contenu=coffre.seal(label, rules.ORIENTATION, coffre.Contenu(dict(answers)))).where(
            Volet.dossier_id == one.id, Volet.code == rules.ORIENTATION).execute()
