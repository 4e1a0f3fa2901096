"""Questions about searches in waves. The caller authorises."""

from __future__ import annotations

from datetime import datetime

from portal.db.base import rows, to_millis
from portal.demandes import queries as demandes
from portal.demandes import rules as demandes_rules
from portal.demandes.queries import Vue
from portal.dossiers import queries as dossiers
from portal.dossiers import rules as dossier_rules
from portal.dossiers.queries import Visible
from portal.vagues import rules
from portal.vagues.models import Cible, Plan
from portal.volets import queries as volets
from portal.volets.rules import ORIENTATION

# What a request comes to when an establishment said yes: nobody else is asked while one stands.
YES = frozenset({demandes_rules.PROPOSEE, demandes_rules.ACCEPTEE, demandes_rules.ADMIS})


def latest(dossier_id: int) -> Plan | None:
    """The latest search of a dossier, the open one if there is one; None before the first."""
    found: Plan | None = Plan.select().where(Plan.dossier_id == dossier_id).order_by(Plan.id.desc()).first()
    return found


def one(plan_id: int) -> Plan:
    """A search by its row."""
    found: Plan = Plan.get_by_id(plan_id)
    return found


def targets(plan_id: int) -> list[Cible]:
    """Whom a search asks, in the order in which it does."""
    return list(Cible.select().where(Cible.plan_id == plan_id).order_by(Cible.vague, Cible.rang))


def waiting(plan: Plan) -> list[Cible]:
    """Those not asked yet, in their order."""
    return [one for one in targets(plan.id) if one.etat == rules.ATTENTE]


def asked(dossier_id: int) -> dict[int, Vue]:
    """The requests of a dossier that were ever sent, the latest by establishment."""
    return {vue.demande.etablissement_id: vue for vue in demandes.of_dossier(dossier_id)
            if vue.demande.etat != demandes_rules.NON_ENVOYEE}


def agreed(dossier_id: int) -> bool:
    """True while an establishment's yes stands, whoever asked it."""
    return not YES.isdisjoint(demandes.states(dossier_id))


def reoriented(plan: Plan, since: datetime) -> bool:
    """True when what is looked for was signed again after this moment: the plan was made for something else."""
    dossier = dossiers.by_id(plan.dossier_id)
    seen = Visible(dossier, None, dossier_rules.MODULES[dossier.module], "service")
    return any(one.code == ORIENTATION and one.valide_le is not None and one.valide_le > since
               for one in volets.situations(seen))


def silent(plan: Plan) -> bool:
    """True when nobody whom this search asked may still say yes: there is nothing to wait for."""
    pending = ", ".join(f"'{etat}'" for etat in sorted(demandes_rules.PENDING))
    return not rows(f"SELECT 1 FROM vague_cible c JOIN demande d ON d.id = c.demande_id WHERE c.plan_id = ? "  # noqa: S608  # our own words
                    f"AND d.etat IN ({pending}) LIMIT 1", plan.id)


def due(now: datetime, limit: int) -> list[int]:
    """The searches at which the clock has to look: their time has come, a yes has arrived, their dossier is closed, or
    nobody whom they asked may still say yes."""
    pending = ", ".join(f"'{etat}'" for etat in sorted(demandes_rules.PENDING))
    yes = ", ".join(f"'{etat}'" for etat in sorted(YES))
    sql = (f"SELECT p.id FROM vague_plan p JOIN dossier o ON o.id = p.dossier_id WHERE p.etat = ? AND ("  # noqa: S608  # our own words
           "p.suivante_le <= ? OR o.etat IN ('annule', 'historise') "
           f"OR EXISTS (SELECT 1 FROM demande d WHERE d.dossier_id = p.dossier_id AND d.etat IN ({yes})) "
           "OR NOT EXISTS (SELECT 1 FROM vague_cible c JOIN demande d ON d.id = c.demande_id "
           f"WHERE c.plan_id = p.id AND d.etat IN ({pending}))) ORDER BY p.suivante_le, p.id LIMIT ?")
    return [row[0] for row in rows(sql, rules.EN_COURS, to_millis(now), limit)]
