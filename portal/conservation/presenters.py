"""The rules and what they would do, in French, for the terminal and for docs/dev/conservation.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from portal.conservation import rules
from portal.conservation.queries import Constat
from portal.conservation.rules import REGLES, Regle
from portal.settings import Settings


def table() -> str:
    """The rules as a Markdown table: what a portal with the default settings does."""
    lines = ["| données | tables | durée | réglage | devenir | fondement |", "|---|---|---|---|---|---|"]
    for regle in REGLES:
        names = ", ".join(f"`{name}`" for name in regle.tables)
        setting = f"`{regle.setting}`" if regle.setting else "—"
        lines.append(f"| {regle.what} | {names} | {_how_long(regle)} | {setting} | {regle.does} | {regle.ground} |")
    return "\n".join(lines) + "\n"


def report(found: Iterable[Constat]) -> str:
    """What the next run would erase, one line a rule."""
    return "\n".join(f"{one.regle.what}\u00a0: {one.nombre} (durée\u00a0: {one.delai})" for one in found)


def _how_long(regle: Regle) -> str:
    if not regle.setting and regle.fixed is None:
        return regle.since or "sans limite"
    value = int(getattr(Settings, regle.setting)) if regle.setting else 0
    return f"{rules.delay(regle, value)} après {regle.since}"


TITLES = {
    "dossier": "Identité et coordonnées", "usager": "Personnes qui suivent le dossier", "demande": "Demandes",
    "pas": "Ce qui est arrivé aux demandes", "message": "Messages", "piece": "Pièces jointes",
    "volet": "Volets, tels qu’ils sont gardés", "volet_signature": "Volets, tels qu’ils ont été signés",
    "aggir_evaluation": "Évaluations AGGIR", "had_evaluation": "Évaluations pour l’hospitalisation à domicile",
    "notification": "Notification de la CDAPH", "notification_reponse": "Réponses à la notification",
    "parcours": "Parcours", "parcours_professionnel": "Professionnels du parcours", "suivi": "Équipes qui suivent",
    "transfert": "Transfert proposé", "vague_plan": "Recherches par vagues", "vague_cible": "Unités d’une recherche",
    "annulation": "Annulation", "avis": "Avis", "changement_courriel": "Changement d’adresse demandé",
}
"""The tables of a copy, as a person reads them."""


def lines(tables: Mapping[str, list[dict[str, object]]]) -> list[tuple[str, list[list[tuple[str, str]]]]]:
    """Each table with its title and its rows, names and values in words; what is empty left out."""
    return [(TITLES.get(name, name), [[(column.replace("_", " "), _said(value)) for column, value in row.items()
                                       if value not in (None, "", b"")] for row in rows])
            for name, rows in tables.items()]


def _said(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
