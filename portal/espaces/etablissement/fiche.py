"""The establishment's own sheet: what it declares of itself, kept by its « référent »."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from portal.annuaire import declaration, unites
from portal.annuaire.declaration import Declaration
from portal.annuaire.etablissements import units
from portal.annuaire.genres import GENRES, SERVICES
from portal.annuaire.models import Etablissement, Unite
from portal.compte import rules as compte
from portal.espaces import acces
from portal.espaces.etablissement import capacites, rules
from portal.espaces.etablissement.forms import version
from portal.espaces.etablissement.presenters import HOME
from portal.espaces.etablissement.queries import own
from portal.espaces.rules import REFERENT
from portal.web import dates, forms, render
from portal.web.forms import Form, saved_form
from portal.web.session import visit

TEXTS = ("telephone", "courriel", "site", "aide_sociale", "incomplets", "rappel_heures")
SITE, LONGEST_PROMISE = 200, 80
LABELS = {"telephone": "Téléphone", "courriel": "Adresse électronique", "site": "Site internet",
          "rappel_heures": "Délai de rappel, en heures ouvrées"}
T = TypeVar("T")
CHANGED = "La fiche a changé depuis que vous l’avez ouverte."


@dataclass(frozen=True)
class Ligne:
    """A unit in the form: the field of its free places, its words, what was said last."""

    champ: str
    libelle: str
    aide: str


def show(request: Request) -> Response:
    """The sheet, to be changed."""
    place, parts = _place(request)
    values = _declared(place, parts) | {
        name: words for name, words in saved_form(request).items() if name != "services"}
    return _page(request, place, parts, Form(values), place.services.split())


def save(request: Request) -> Response:
    """« Enregistrer la fiche »: the public sheet says it from now on."""
    place, parts = _place(request)
    form = Form(forms.typed(request, *TEXTS, *(_field(unit) for unit in parts), *capacites.fields(parts)))
    sent = request.state.form.getlist("services")
    ticked = [code for code in SERVICES if code in sent]
    said = _read(request, form, parts, ticked)
    if place.version != version(request):
        return _page(request, place, parts, form, ticked, avis=_now(place, form), status=409)
    if said is None:
        return _page(request, place, parts, form, ticked, status=422)
    declaration.declare(visit(request).actor, place.id, place.version, said)
    return render.redirect(request, f"{HOME}/fiche",
                           message="La fiche est enregistrée\u00a0: l’annuaire la montre ainsi.")


def _place(request: Request) -> tuple[Etablissement, list[Unite]]:
    place = own(acces.receiver(request, REFERENT))
    return place, units(place.id)


def _field(unit: Unite) -> str:
    return f"places-{unit.id}"


def _declared(place: Etablissement, parts: list[Unite]) -> dict[str, str]:
    values = {"telephone": place.telephone, "courriel": place.courriel, "site": place.site,
              "aide_sociale": "oui" if place.aide_sociale else "", "incomplets": "oui" if place.incomplets else "",
              "rappel_heures": "" if place.rappel_heures is None else str(place.rappel_heures)}
    values |= capacites.declared(parts, unites.declared([unit.id for unit in parts]))
    return values | {_field(unit): "" if unit.places is None else str(unit.places) for unit in parts}


def _boxes(request: Request, name: str) -> list[str]:
    """What is ticked of a field of boxes in the form that was sent."""
    return [str(code) for code in request.state.form.getlist(name)]


def _read(request: Request, form: Form, parts: list[Unite], ticked: list[str]) -> Declaration | None:
    phone = _valid(form, "telephone", compte.phone) or ""
    address = _valid(form, "courriel", lambda text: compte.email(text) if text else "") or ""
    site = _valid(form, "site", _site) or ""
    hours = _valid(form, "rappel_heures", _hours)
    places = {unit.id: _valid(form, _field(unit), partial(rules.places, capacity=unit.capacite)) for unit in parts}
    known = unites.declared([unit.id for unit in parts])
    taken = capacites.read(form, parts, known, partial(_boxes, request))
    if not form.ok:
        return None
    return Declaration(phone, address, site, " ".join(ticked), form.values["aide_sociale"] == "oui",
                       form.values["incomplets"] == "oui", hours, places, taken)


def _valid(form: Form, name: str, reader: Callable[[str], T]) -> T | None:
    try:
        return reader(form.values[name])
    except (rules.Invalid, compte.Invalid) as error:
        form.errors[name] = str(error)
        return None


def _site(text: str) -> str:
    """An address of the web that a browser opens and nothing else; "" for none."""
    if not text:
        return ""
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    ok = host and parts.scheme in ("http", "https") and re.fullmatch(r"[a-z0-9.-]+\.[a-z]{2,}", host, re.ASCII)
    if not ok or not address.isascii() or not address.isprintable() or " " in address or len(address) > SITE:
        raise rules.Invalid("Écrivez l’adresse du site comme dans un navigateur, par exemple https://www.exemple.fr.")
    return address


def _hours(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or not 1 <= int(text) <= LONGEST_PROMISE:
        raise rules.Invalid(f"Le délai de rappel est un nombre d’heures ouvrées, de 1 à {LONGEST_PROMISE}.")
    return int(text)


def _now(place: Etablissement, form: Form) -> str:
    """What the sheet says today where the form says otherwise."""
    today = _declared(place, [])
    other = [f"{label}\u00a0: {today[name] or 'rien'}" for name, label in LABELS.items()
             if today[name] != form.values[name]]
    return f"{CHANGED} Aujourd’hui elle dit\u00a0: {', '.join(other)}." if other else CHANGED


def _page(request: Request, place: Etablissement, parts: list[Unite], form: Form, ticked: list[str], *,
          avis: str = "", status: int = 200) -> Response:
    ids = [unit.id for unit in parts]
    boxes = partial(_boxes, request) if request.method == "POST" else capacites.stored(unites.declared(ids))
    return render.page(
        request, "espaces/etablissement/fiche.html", status=status, nav="espaces", form=form, avis=avis,
        etablissement=place, coches=ticked, services=SERVICES.items(), promesse=LONGEST_PROMISE,
        roles=acces.member(request).roles, territoire=any(unit.genre == "pco" for unit in parts),
        unites=[_line(unit) for unit in parts], blocs=capacites.blocs(parts, boxes))


def _line(unit: Unite) -> Ligne:
    genre = GENRES[unit.genre].label if unit.genre in GENRES else unit.genre
    capacity = f"{unit.capacite} places en tout. " if unit.capacite else ""
    said = f"Déclaré le {dates.day(unit.places_le)}." if unit.places_le else "Jamais déclaré."
    return Ligne(_field(unit), f"Places libres, {genre}{' ' + unit.nom if unit.nom else ''}", f"{capacity}{said}")
