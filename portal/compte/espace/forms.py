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


@dataclass(frozen=True)
class Mails:
    """Which mails an account takes and when: ``wanted`` and ``offered`` are codes of ``rules.NOTICES``; ``calme``: the
    first and the last hour without mails, None for none."""

    wanted: frozenset[str]
    offered: frozenset[str]
    silence: int | None
    quotidien: bool
    calme: tuple[int, int] | None


def stored_notices(found: Preference, who: str) -> dict[str, str]:
    """The values of the « Notifications » section's fields as they were kept."""
    declined = str(found.sans_avis).split()
    values = {one.code: "" if one.code in declined else "oui" for one in rules.notices(who)}
    return values | {
        "silence_jours": str(found.silence_jours), "rythme": "quotidien" if found.quotidien else "immediat",
        "calme_debut": "jamais" if found.calme_debut is None else str(found.calme_debut),
        "calme_fin": str(found.calme_fin)}


def notices(request: Request, who: str) -> Mails:
    """What was chosen; an unknown delay, rhythm or hour counts as the usual one."""
    offered = frozenset(one.code for one in rules.notices(who))
    typed = forms.typed(request, "silence_jours", "rythme", "calme_debut", "calme_fin", *offered)
    days, usual = typed["silence_jours"], int(Preference.silence_jours.default)
    silence = int(days) if days in map(str, rules.SILENCES) else usual
    first, last = rules.hour(typed["calme_debut"]), rules.hour(typed["calme_fin"])
    never = typed["calme_debut"] == "jamais"
    if first is None or last is None:
        first, last = int(Preference.calme_debut.default), int(Preference.calme_fin.default)
    return Mails(
        frozenset(code for code in offered if typed[code] == "oui"), offered, silence if who == rules.MEDECIN else None,
        typed["rythme"] == "quotidien", None if never else (first, last))


def before(request: Request) -> int | None:
    """The act that a page of a history goes on before (``?avant=``); anything else is the first page."""
    text = request.query_params.get("avant", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 and int(text) else None
