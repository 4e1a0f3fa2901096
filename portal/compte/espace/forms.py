"""What is typed in the sections of « Mon compte »."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request

from portal.annuaire import queries as annuaire
from portal.annuaire.rules import Commune
from portal.compte import forms as contact
from portal.compte.commands import Contact
from portal.compte.espace import rules
from portal.compte.espace.commands import Habits
from portal.compte.models import Preference
from portal.web import forms
from portal.web.forms import Form

PRACTICE_FIELDS = ("adresse", "ville", "mssante", "signature", "recherche_ville", "rayon")


@dataclass
class PracticeForm:
    """« Exercice et recherches »: ``contact`` and ``habits`` are None while something is wrong."""

    form: Form
    contact: Contact | None = None
    habits: Habits | None = None
    communes: dict[str, list[Commune]] = field(default_factory=dict)


def stored_practice(stored: Contact, chosen: Preference) -> dict[str, str]:
    """The values of the section's fields as they were kept."""
    return {
        "adresse": stored.adresse, "ville": f"{stored.code_postal} {stored.ville}".strip(),
        "mssante": chosen.mssante, "signature": chosen.signature,
        "recherche_ville": f"{chosen.code_postal} {chosen.ville}".strip(), "rayon": str(chosen.rayon),
    }


def practice(request: Request, stored: Contact) -> PracticeForm:
    """Place of practice, letters, searches."""
    filled = contact.practice(request, stored, *PRACTICE_FIELDS[2:])
    form = filled.form
    mssante = contact.read(form, "mssante", rules.secure_address, "")
    signature = contact.read(form, "signature", rules.signature, "")
    town = annuaire.check(form.values["recherche_ville"]) if form.values["recherche_ville"] else None
    if town and town.commune is None:
        form.errors["recherche_ville"] = town.error
    rayon = contact.read(form, "rayon", rules.radius, 0)
    form.errors = {name: form.errors[name] for name in PRACTICE_FIELDS if name in form.errors}
    communes = {"ville": filled.communes, "recherche_ville": town.suggestions if town else []}
    if form.errors:
        return PracticeForm(form, communes=communes)
    habits = Habits(town.commune if town else None, rayon, mssante, signature)
    return PracticeForm(form, filled.contact, habits, communes)


def notices(request: Request) -> tuple[set[str], int]:
    """The codes of the ticked mails and the days of silence; an unknown delay counts as the usual one."""
    typed = forms.typed(request, "silence_jours", *rules.CODES)
    days = typed["silence_jours"]
    usual = int(Preference.silence_jours.default)
    silence = int(days) if days in map(str, rules.SILENCES) else usual
    return {code for code in rules.CODES if typed[code] == "oui"}, silence


def before(request: Request) -> int | None:
    """The act that a page of a history goes on before (``?avant=``); anything else is the first page."""
    text = request.query_params.get("avant", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 and int(text) else None
