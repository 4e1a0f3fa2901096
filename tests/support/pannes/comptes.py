"""After the crash: is all that was acknowledged there, is the chain whole, do the counters say what the rows say?"""

from __future__ import annotations

from collections import Counter

from portal.db import audit
from portal.db.base import rows
from portal.demandes import rules as demandes
from portal.demandes.models import Demande
from portal.dossiers import queries
from portal.dossiers.models import Compteur, Dossier, Lien
from portal.volets.queries import opened
from tests.support.pannes.clients import Ecrits
from tests.support.pannes.monde import ALICE


def missing(done: Ecrits, field_name: str, mark: str) -> list[str]:
    """Each acknowledged write that is not in the open database."""
    accepted = {row.numero for row in Lien.select(Lien.numero).where(Lien.rpps == ALICE, Lien.etat == "accepte")}
    named = {row.numero: row.nom_naissance for row in Dossier.select(Dossier.numero, Dossier.nom_naissance)}
    gone = {row.id for row in Demande.select(Demande.id).where(Demande.etat != demandes.NON_ENVOYEE)}
    lost = [f"accepted {numero}" for numero in done.accepted - accepted]
    lost += [f"created {numero}" for numero, name in done.created.items() if named.get(numero) != name]
    lost += [f"sent {row}" for row in done.sent - gone]
    for numero, (acknowledged, last) in done.typed.items():
        answers = opened(queries.visible_dossier(ALICE, "ga", numero), "medical").answers
        found = answers.get(field_name)
        rank = int(str(found).removeprefix(f"{mark} ")) if found else -1
        if not acknowledged <= rank <= last:
            lost.append(f"typed {numero}: {acknowledged} was acknowledged, {rank} is there")
    return lost


def unsound(sqlite: bool = True) -> list[str]:
    """What is wrong with the open database as a whole: structure, references, audit chain, counters."""
    wrong = []
    if sqlite:
        wrong += [str(row) for row in rows("PRAGMA integrity_check") if row != ("ok",)]
        wrong += [f"reference {row}" for row in rows("PRAGMA foreign_key_check")]
    broken = audit.broken_link()
    wrong += [f"audit broken at {broken}"] if broken is not None else []
    return wrong + miscounted()


def miscounted() -> list[str]:
    """The tabs whose counter is not the number of their rows."""
    counted: Counter[tuple[int, str, str]] = Counter()
    for lien in Lien.select(Lien.rpps, Lien.module, Lien.onglet, Lien.etat).where(Lien.onglet.is_null(False)):
        counted[lien.rpps, lien.module, lien.onglet] += 1
        if lien.etat == "attente" and lien.onglet == "en_cours":
            counted[lien.rpps, lien.module, "a_accepter"] += 1
    kept = {(one.rpps, one.module, one.onglet): one.n for one in Compteur.select() if one.n}
    return [f"counter {key}: {kept.get(key, 0)} for {counted[key]} rows"
            for key in kept.keys() | counted.keys() if kept.get(key, 0) != counted[key]]
