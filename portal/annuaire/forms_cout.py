"""« Estimer le reste à charge » as it is typed: amounts in euros, none of them kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from portal.annuaire.cout import HELPED, Situation
from portal.annuaire.models import Tarif
from portal.web.forms import Form, clean

FIELDS = ("tarif", "hebergement", "dependance", "dependance56", "gir", "ressources", "couple", "logement",
          "aide_sociale", "impot", "forfait")
MAX_TEXT = 40
GIRS = range(1, 7)
_EUROS = re.compile(r"(\d{1,6})(?:[.,](\d{1,2}))?", re.ASCII)
WRONG = "Indiquez un montant en euros, par exemple\u00a0: 1250,50, ou laissez ce champ vide."
NEEDED = "Indiquez ce prix en euros par jour, par exemple\u00a0: 65,50."


@dataclass(frozen=True)
class Asked:
    """The form and, when all is well, the situation to estimate."""

    form: Form
    situation: Situation | None = None


def empty(tarifs: list[Tarif]) -> Form:
    """Nothing typed: the first price of the establishment, GIR 4."""
    return Form(dict.fromkeys(FIELDS, "") | {"gir": "4", "tarif": str(tarifs[0].id) if tarifs else ""})


def read(values: Mapping[str, object], tarifs: list[Tarif]) -> Asked:
    """Read and check the form. ``tarifs``: the prices of a permanent stay; without any, prices are typed."""
    form = Form({name: clean(values.get(name))[:MAX_TEXT] for name in FIELDS})
    gir = int(form.values["gir"]) if re.fullmatch(r"[1-6]", form.values["gir"], re.ASCII) else 0
    if tarifs:
        row = next((one for one in tarifs if str(one.id) == form.values["tarif"]), None)
        if row is None:
            form.errors["tarif"] = "Choisissez un prix dans la liste."
        prices = _of_row(row, gir) if row else (0, 0, 0)
    else:
        prices = (_amount(form, "hebergement", needed=True) or 0, _amount(form, "dependance") or 0,
                  _amount(form, "dependance56") or 0)
    if not gir:
        form.errors["gir"] = "Choisissez un groupe, de GIR 1 à GIR 6."
    resources, housing, tax, flat = (_amount(form, name) for name in ("ressources", "logement", "impot", "forfait"))
    if form.values["aide_sociale"] and resources is None and "ressources" not in form.errors:
        form.errors["ressources"] = "Indiquez les ressources\u00a0: l’aide sociale dépend d’elles."
    if form.errors:
        form.errors = {name: form.errors[name] for name in FIELDS if name in form.errors}
        return Asked(form)
    return Asked(form, Situation(
        *prices, gir, resources, bool(form.values["couple"]), housing or 0, bool(form.values["aide_sociale"]), tax,
        flat))


def _of_row(row: Tarif, gir: int) -> tuple[int, int, int]:
    """Lodging, the tariff of the person's group, that of GIR 5 and 6; an unknown tariff counts as the latter."""
    least = row.dep56 or 0
    own = row.dep12 if gir in (1, 2) else row.dep34 if gir <= HELPED else row.dep56
    return row.hebergement or 0, least if own is None else own, least


def _amount(form: Form, name: str, *, needed: bool = False) -> int | None:
    """A field's amount in cents, None when it is empty or wrong (with its message)."""
    bare = re.sub(r"[\s€]", "", form.values[name])
    if not bare and not needed:
        return None
    found = _EUROS.fullmatch(bare)
    if not found:
        form.errors[name] = NEEDED if needed else WRONG
        return None
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
