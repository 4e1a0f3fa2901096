"""The rules and what they would do, in French, for the terminal and for docs/dev/conservation.md."""

from __future__ import annotations

from collections.abc import Iterable

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
