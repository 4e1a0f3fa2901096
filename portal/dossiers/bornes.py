"""What a filter looks at in a very large table: the latest dossiers of each tab, and no more.

No index finds a beginning of any word, so each row is looked at. A tab of more than ``LOOKED_AT`` dossiers would make
whoever types wait, and everybody else with him; the page says how far it looked, a number finds any dossier, and an
export looks at all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from portal.dossiers import rules

LOOKED_AT = 2_000


def applies(counts: Mapping[str, int]) -> bool:
    """True when one of the tabs holds more dossiers than a filter looks at; ``counts`` by tab, without filter."""
    return any(counts[onglet] > LOOKED_AT for onglet in rules.TABS)


def latest(attente: bool) -> str:
    """The rows that a filter looks at, in place of the table; placeholders: RPPS number, module, tab.

    Those that wait for an answer are found among themselves: an old one is not hidden by those that were answered.
    """
    own = "WHERE rpps = ? AND module = ? AND onglet = ?"
    if attente:
        return (f"(SELECT * FROM lien INDEXED BY lien_taches {own} AND onglet = 'en_cours' AND etat = 'attente' "
                f"ORDER BY decide_le DESC, dossier_id DESC LIMIT {LOOKED_AT}) looked_at")
    return (f"(SELECT * FROM lien INDEXED BY lien_rpps_module_onglet_maj_numero {own} "
            f"ORDER BY maj DESC, numero DESC LIMIT {LOOKED_AT}) looked_at")


@lru_cache(maxsize=64)
def counts_sql(statut: bool, attente: bool, terms: int) -> str:
    """How many of them each tab and « a_accepter » hold; for each the placeholders of ``latest``, then the filter's."""
    parts = [f"SELECT '{onglet}' AS vu, statut, etat, mots FROM {latest(attente and onglet == 'en_cours')}"
             for onglet in rules.TABS]
    parts.append(f"SELECT 'a_accepter' AS vu, statut, etat, mots FROM {latest(True)}")
    where = ["statut = ?"] * statut + ["etat = 'attente'"] * attente + ["instr(mots, ?) > 0"] * terms
    return f"SELECT vu, COUNT(*) FROM ({' UNION ALL '.join(parts)}) found WHERE {' AND '.join(where)} GROUP BY vu"
