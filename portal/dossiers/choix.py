"""What a table shows is what its address says: read from it, written into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from portal.dossiers import rules
from portal.dossiers.models import ORDERS
from portal.dossiers.queries import Selection
from portal.dossiers.rules import Module
from portal.web import forms

MAX_SEARCH = 60
TRIS = frozenset({"recent", *(sign + name for name in ORDERS if name != "recent" for sign in ("", "-"))})


def selection(module: Module, query: Mapping[str, str]) -> Selection:
    """The table that an address asks for; whatever is unknown or forged becomes the default."""
    onglet = query.get("onglet", "")
    statut = query.get("statut", "")
    known = {status.code for status in rules.statuses(module.code)}
    tab = onglet if onglet in rules.TABS else "en_cours"
    return Selection(
        module.code, tab, query["tri"] if query.get("tri") in TRIS else "recent",
        statut if statut in known else "", query.get("attente") == "1" and tab == "en_cours",
        forms.clean(query.get("q", ""))[:MAX_SEARCH], _cursor(module, query.get("apres")),
        _cursor(module, query.get("avant")),
    )


def url(chosen: Selection, **changes: Any) -> str:
    """The address of a table; a change of anything but the page itself goes back to the first page."""
    new = replace(chosen, **({"apres": None, "avant": None} | changes))
    start = Selection(new.module)
    shown = {
        name: int(value) if isinstance(value, bool) else value
        for name in ("onglet", "tri", "statut", "attente", "q", "apres", "avant")
        if (value := getattr(new, name)) != getattr(start, name)
    }
    path = f"/dossiers/{rules.MODULES[new.module].slug}"
    return f"{path}?{urlencode(shown)}" if shown else path


def here(chosen: Selection) -> str:
    """The address of this very page of a table."""
    return url(chosen, apres=chosen.apres, avant=chosen.avant)


def _cursor(module: Module, text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(rf"[1-9]\d{{{module.digits - 1}}}", text, re.ASCII) else None
