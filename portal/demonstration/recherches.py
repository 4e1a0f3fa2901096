"""The demonstration's searches in waves, one in each state, and its evaluations for a care at home."""

from __future__ import annotations

from datetime import timedelta

from portal import clock
from portal.db import database
from portal.db.audit import Actor
from portal.db.base import rows
from portal.demandes import attente
from portal.demandes.models import Demande
from portal.demonstration.dossiers import ALICE
from portal.dossiers import queries as dossiers
from portal.dossiers.models import Dossier
from portal.had import commands as had
from portal.had import definitions
from portal.had.models import Evaluation
from portal.vagues import classement, queries, rules
from portal.vagues.candidats import MODULE, Souhait
from portal.vagues.models import Cible, Plan

PHYSICIAN = Actor(ALICE, "Dr Alice MARTIN", "cps")
SIZES, RADIUS, HOURS = (3, 6, 9), 30, 8
# The status of a dossier, and where its search stands.
STORIES = (("attente_reponse", rules.EN_COURS, ""), ("consulte", rules.PAUSE, ""),
           ("complement", rules.PAUSE, rules.VOLETS), ("accord_recu", rules.ACCORD, ""),
           ("refusee", rules.EPUISEE, ""), ("admis", rules.ARRETEE, rules.DOSSIER))
YES = {"accord": "oui", "lieu": "oui", "stabilite": "oui"}
LIGHT = {"soin": "aucun", "passages": "peu", "reevaluation": "mois", "coordination": "peu"}
# One of each advice.
EVALUATIONS = (YES | {"soin": "pansement"}, YES | {"lieu": "a_voir", "soin": "perfusion"},
               YES | LIGHT | {"passages": "plus"}, YES | LIGHT, YES | {"stabilite": "non"})
_OWN = ("SELECT d.id, d.numero FROM dossier d JOIN lien l ON l.dossier_id = d.id WHERE l.rpps = ? AND l.module = ? "
        "AND l.etat = 'accepte' AND ")


def ensure() -> None:
    """Make them for one physician's dossiers; nothing if some are there."""
    with database.writing():
        if not Plan.select().exists():
            for statut, etat, cause in STORIES:
                _search(statut, etat, cause)
        if not Evaluation.select().exists():
            _evaluate()


def _search(statut: str, etat: str, cause: str) -> None:
    """The first dossier of this status whose requests are there: its first wave is what was asked."""
    found = rows(f"{_OWN} d.statut = ? AND EXISTS (SELECT 1 FROM demande q WHERE q.dossier_id = d.id "  # noqa: S608  # our own words
                 "AND q.envoyee_le IS NOT NULL) ORDER BY d.numero LIMIT 1", ALICE, MODULE, statut)
    if not found:
        return
    dossier = dossiers.by_id(found[0][0])
    asked = list(Demande.select().where(
        Demande.dossier_id == dossier.id, Demande.envoyee_le.is_null(False)).order_by(Demande.id))
    now = clock.now()
    plan = Plan.create(
        dossier_id=dossier.id, etat=etat, cause=cause, vague=1, rayon=RADIUS, rayon_large=2 * RADIUS, heures=HOURS,
        suivante_le=attente.promised(HOURS) if etat == rules.EN_COURS else None, par=PHYSICIAN.signature,
        created=min(one.envoyee_le for one in asked), updated=now - timedelta(minutes=5))
    taken = [_target(1, one.etablissement_id, one.unite_id, one.sejour) | {"etat": rules.ENVOYEE, "demande_id": one.id}
             for one in asked]
    later = [] if etat in (rules.EPUISEE, rules.ARRETEE) else _later(dossier)
    Cible.insert_many([{"plan_id": plan.id, "rang": rank, **one}
                       for rank, one in enumerate([*taken, *later], start=1)]).execute()


def _later(dossier: Dossier) -> list[dict[str, object]]:
    """The waves that are still to leave."""
    home = Souhait("smr", "", f"{dossier.code_postal} {dossier.ville}", 2 * RADIUS)
    seen = dossiers.visible_dossier(ALICE, MODULE, dossier.numero)
    found = classement.ranked(seen, (), home, 2 * sum(SIZES))
    waves = rules.waves(found, SIZES[1:], RADIUS, set(queries.asked(dossier.id)))
    return [_target(wave.numero + 1, one.etablissement_id, one.unite_id, one.sejour)
            for wave in waves for one in wave.candidats]


def _target(vague: int, etablissement_id: int, unite_id: int | None, sejour: str) -> dict[str, object]:
    return {"vague": vague, "etablissement_id": etablissement_id, "unite_id": unite_id, "sejour": sejour,
            "etat": rules.ATTENTE, "demande_id": None}


def _evaluate() -> None:
    """One dossier for each advice, among those that ask for a care at home and are going on."""
    found = rows(f"{_OWN} l.onglet = 'en_cours' AND d.sejours LIKE '%HAD%' AND d.etat IN ('redaction', 'actif') "
                 "ORDER BY d.numero LIMIT ?", ALICE, MODULE, len(EVALUATIONS))
    for (_, numero), answers in zip(found, EVALUATIONS, strict=False):
        had.keep(PHYSICIAN, dossiers.visible_dossier(ALICE, MODULE, numero), definitions.latest(), answers)
