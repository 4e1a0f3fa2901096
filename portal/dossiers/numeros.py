"""The numbers of dossiers: « ga » and 8 digits, « s » and 7, « tnd » and 6, given once each.

The last one is kept in a table of its own, so that the number of a dossier that is gone never comes back; numbers
that came by another way (an import, the demonstration) are passed over. One statement takes the next number under
the write lock of the caller's transaction: who else asks waits, and a transaction that fails gives it back.
"""

from __future__ import annotations

from portal.db.base import db
from portal.dossiers import rules

_NEXT = """
UPDATE numero SET dernier = past.n + 1
FROM (SELECT MAX(dernier, COALESCE((SELECT MAX(numero) FROM dossier WHERE module = ?), 0)) AS n
      FROM numero WHERE module = ?) AS past
WHERE module = ? AND past.n < ? RETURNING dernier
"""


class Epuises(Exception):
    """Every number of a module is given; its text says so to the user."""

    def __init__(self, module: str) -> None:
        digits = rules.MODULES[module].digits
        super().__init__(
            f"Tous les numéros « {module} » à {digits} chiffres sont attribués\N{NO-BREAK SPACE}: aucun dossier ne "
            "peut être créé. Rien n’est perdu\N{NO-BREAK SPACE}: appelez l’assistance.")


def suivant(module: str) -> int:
    """Take the next number of a module (« ga ») in the caller's transaction; raises Epuises."""
    last = 10 ** rules.MODULES[module].digits - 1
    taken = db.execute_sql(_NEXT, (module, module, module, last)).fetchone()
    if taken is None:
        raise Epuises(module)
    return int(taken[0])
