"""What comes from the establishment's addresses and forms, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.requests import Request

from portal import clock
from portal.annuaire.genres import SEJOURS_OF
from portal.clock import PARIS
from portal.demandes import machines
from portal.demandes import rules as demandes
from portal.demandes.commands import Proposition
from portal.demandes.models import Demande
from portal.espaces.etablissement import rules
from portal.espaces.etablissement.queries import Selection
from portal.web import dates, forms
from portal.web.forms import Form

STAYS = SEJOURS_OF["ga"]
"""The kinds of stay of a dossier on paper."""
DAYS = {"entree_prevue": "Date d’entrée proposée", "reponse_avant": "Réponse attendue", "entree": "Date d’entrée",
        "recu_le": "Reçu le"}
ROOM = 60
ACCORD = "admissible"
"""The level of who waits for a place in a unit that has agreed to take him."""
_ID = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_VERSION = re.compile(r"\d{1,9}", re.ASCII)


def selection(query: Mapping[str, str], stays: Collection[str] = STAYS) -> Selection:
    """The worklist that an address asks for; whatever is unknown, forged or not of these ``stays`` becomes the
    default."""
    onglet, sejour, gir, niveau = (query.get(name, "") for name in ("onglet", "sejour", "gir", "niveau"))
    return Selection(
        onglet if onglet in rules.TABS else rules.A_TRAITER, sejour if sejour in stays else "",
        gir if gir in (*rules.GIRS, rules.NOT_RATED) else "", niveau if niveau in demandes.LEVELS else "",
        _cursor(query.get("apres")), _cursor(query.get("avant")))


def _cursor(text: str | None) -> int | None:
    return int(text) if text and _ID.fullmatch(text) else None


def version(request: Request) -> int:
    """The version that a form was made from; 0 (never true) if unreadable."""
    text = str(request.state.form.get("version", ""))
    return int(text) if _VERSION.fullmatch(text) else 0


@dataclass
class Filled:
    """A form and its outcome: what the command takes, once nothing is wrong."""

    form: Form
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)


FIELDS = {
    "avis": ("avis", "texte"), "complement": ("texte",), "liste": ("niveau", "rang"),
    "proposer": ("entree_prevue", "chambre", "tarif", "reponse_avant"), "refuser": ("motif", "texte"),
    "admettre": ("entree",), "retirer": (), "reactiver": (), "corriger": (), "etudier": (),
}
"""The fields of each act's form, by its code."""


def fields(code: str, demande: Demande) -> tuple[str, ...]:
    """Those of them that mean something for this request: a price and the levels of a waiting list are for Grand Âge,
    a room is for who does not stay at home."""
    without = set() if demande.module == "ga" else {"niveau", "tarif"}
    if demande.sejour in machines.of(demande.module).at_home:
        without.add("chambre")
    return tuple(name for name in FIELDS[code] if name not in without)


def blank(code: str, demande: Demande) -> Form:
    """An act's form before anything is typed: what is known already stands in it."""
    known = {
        "niveau": demande.niveau, "rang": str(demande.rang or ""), "avis": demande.avis, "chambre": demande.chambre,
        "entree": dates.day(demande.entree_prevue) if demande.entree_prevue else "",
    }
    return Form({name: known.get(name, "") for name in fields(code, demande)})


def read(request: Request, code: str, demande: Demande) -> Filled:
    """What was typed in an act's form."""
    filled = Filled(Form(forms.typed(request, *fields(code, demande))))
    reader = _READERS.get(code)
    if reader:
        reader(filled, demande)
    return filled


def _opinion(filled: Filled, _demande: Demande) -> None:
    form = filled.form
    if form.values["avis"] not in demandes.OPINIONS:
        form.errors["avis"] = "Choisissez un avis dans la liste."
    filled.args = form.values["avis"], _text(form)


def _asked(filled: Filled, _demande: Demande) -> None:
    filled.args = (_text(filled.form, needed="Dites ce qui vous manque pour répondre."),)


def _listed(filled: Filled, _demande: Demande) -> None:
    form = filled.form
    level = form.values.get("niveau", ACCORD)
    if level not in demandes.LEVELS:
        form.errors["niveau"] = "Choisissez un des trois niveaux."
    filled.args = level, _valid(form, "rang", rules.rank)


def _refused(filled: Filled, demande: Demande) -> None:
    form = filled.form
    if not machines.of(demande.module).is_motive(form.values["motif"], "refuser"):
        form.errors["motif"] = "Choisissez un motif dans la liste\u00a0: le demandeur le lira."
    filled.args = form.values["motif"], _text(form)


def _entered(filled: Filled, demande: Demande) -> None:
    form, day = filled.form, _day(filled.form, "entree")
    assert demande.envoyee_le is not None  # what was received was sent
    if day:
        _refuse(form, "entree", rules.why_not_entered(day, demande.envoyee_le.astimezone(PARIS).date(),
                                                      clock.today()))
    filled.args = (day,)


def _offered(filled: Filled, _demande: Demande) -> None:
    form, today = filled.form, clock.today()
    planned, deadline = _day(form, "entree_prevue"), _day(form, "reponse_avant")
    if planned:
        _refuse(form, "entree_prevue", rules.why_not_planned(planned, today))
    if deadline:
        _refuse(form, "reponse_avant", rules.why_not_deadline(deadline, planned, today))
    room = form.values.get("chambre", "")
    if len(room) > ROOM:
        form.errors["chambre"] = f"{ROOM} caractères au plus\u00a0: par exemple «\u00a0Chambre 12\u00a0»."
    cents = _valid(form, "tarif", rules.price) if "tarif" in form.values else None
    if form.ok and planned and deadline:
        filled.args = (Proposition(planned, deadline, " ".join(room.split()), cents),)


_READERS: dict[str, Callable[[Filled, Demande], None]] = {
    "avis": _opinion, "complement": _asked, "liste": _listed, "proposer": _offered, "refuser": _refused,
    "admettre": _entered,
}


def _text(form: Form, needed: str = "") -> str:
    text = form.values["texte"]
    if needed and not text:
        form.errors["texte"] = needed
    elif len(text) > rules.LONGEST_TEXT:
        form.errors["texte"] = (f"Ce texte a {len(text)} caractères\u00a0: raccourcissez-le à {rules.LONGEST_TEXT} au "
                                "plus.")
    return text


def _day(form: Form, name: str) -> date | None:
    found = dates.read(form.values[name])
    if found is None:
        form.errors[name] = no_date(name)
    return found


def no_date(name: str) -> str:
    """What is wrong with a day that is none, in a field of ``DAYS``."""
    return f"{DAYS[name]}\u00a0: donnez une date qui existe, par exemple 24/12/2026."


def _valid(form: Form, name: str, reader: Callable[[str], int | None]) -> int | None:
    try:
        return reader(form.values[name])
    except rules.Invalid as error:
        form.errors[name] = str(error)
        return None


def _refuse(form: Form, name: str, why: str) -> None:
    if why:
        form.errors[name] = why
