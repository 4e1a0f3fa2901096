"""What a search of the directory asks for, read from an address: whatever is wrong is said, nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from portal.annuaire import genres, queries
from portal.annuaire.rules import Commune
from portal.compte.espace.rules import MAX_RADIUS, radius
from portal.compte.rules import Invalid
from portal.web.forms import clean

DEFAULT_RADIUS = 30
MAX_TEXT = 80
MAX_EUROS = 100_000
MAX_PAGES = 1000
TRIS = {"distance": "La distance", "prix": "Le prix", "reponse": "Le temps de réponse", "nom": "Le nom"}
PAR = {"mois": "par mois", "jour": "par jour"}
FIELDS = ("ville", "rayon", "genre", "sejour", "prix", "par", "nom", "places", "incomplets", "tri", "page")
# Without a town one of these at least is asked: nobody reads a whole directory.
NARROWING = ("genre", "sejour", "prix", "nom", "places", "incomplets")
MONTHS, DAYS = 12, 365

_EUROS = re.compile(r"(\d{1,6})(?:[.,](\d{1,2}))?", re.ASCII)


@dataclass(frozen=True)
class Criteria:
    """A search that can be made. ``prix`` is the most a day may cost, in cents; ``module`` limits the kinds.

    Without ``commune`` the whole directory is searched and nothing has a distance.
    """

    commune: Commune | None = None
    rayon: int = DEFAULT_RADIUS
    genre: str = ""
    sejour: str = ""
    prix: int | None = None
    nom: str = ""
    services: tuple[str, ...] = ()
    places: bool = False
    incomplets: bool = False
    tri: str = "distance"
    page: int = 1
    module: str = ""


@dataclass(frozen=True)
class Defaults:
    """Where a search begins when the address says nothing: a town (« 14000 CAEN ») and a radius in km."""

    ville: str = ""
    rayon: int = DEFAULT_RADIUS
    module: str = ""
    sejour: str = ""


@dataclass(frozen=True)
class Asked:
    """A search as it was typed, and as it can be made: ``criteria`` is None while nothing was asked or all is not well.

    ``errors``: French message by field, in the order of the page; ``communes``: those a refused town may mean.
    """

    values: dict[str, str]
    services: tuple[str, ...]
    defaults: Defaults
    criteria: Criteria | None = None
    errors: dict[str, str] = field(default_factory=dict)
    communes: list[Commune] = field(default_factory=list)

    def url(self, path: str, **changes: str) -> str:
        """The address of this search with some fields changed; any change but the page's goes back to the first."""
        values = self.values | {"page": ""} | changes
        plain = {"rayon": str(self.defaults.rayon), "tri": "distance", "par": "mois", "page": "1"}
        shown = [(name, value) for name in FIELDS if (value := values[name]) and value != plain.get(name)]
        dropped = changes.get("services")
        shown += [("services", code) for code in self.services if dropped is None]
        return f"{path}?{urlencode(shown)}" if shown else path


def criteria(params: Mapping[str, str], defaults: Defaults | None = None) -> Asked:
    """The search that an address (``request.query_params``) asks for.

    With nothing asked, the defaults' town is searched; without a town and anything to narrow the search there is none.
    """
    start = defaults or Defaults()
    values = {name: clean(params.get(name))[:MAX_TEXT] for name in FIELDS}
    services = tuple(dict.fromkeys(clean(code)[:MAX_TEXT] for code in _all(params, "services")))
    asked = any(values.values()) or bool(services)
    if not asked:
        # A town of long ago or of abroad is no reason to begin with an error.
        known = start.ville if queries.parse(start.ville) else ""
        values |= {"ville": known, "sejour": start.sejour if known else ""}
    values["rayon"] = values["rayon"] or str(start.rayon)
    values["tri"], values["par"] = values["tri"] or "distance", values["par"] or "mois"
    form = Asked(values, services, start)
    return _checked(form) if asked or values["ville"] else form


def _all(params: Mapping[str, str], name: str) -> list[str]:
    """Every value of a field that may be repeated."""
    several = getattr(params, "getlist", None)
    if several is not None:
        found: list[str] = several(name)
        return found
    return [params[name]] if name in params else []


def _checked(form: Asked) -> Asked:
    values, errors, communes = form.values, form.errors, list[Commune]()
    commune = None
    if values["ville"]:
        town = queries.check(values["ville"])
        commune, communes = town.commune, town.suggestions
        if commune is None:
            errors["ville"] = town.error
    rayon = _radius(values["rayon"], errors)
    prix = _price(values["prix"], values["par"], errors)
    _known(form)
    if errors:
        return replace(form, communes=communes)
    if commune:
        values["ville"] = commune.label
    elif not form.services and not any(values[name] for name in NARROWING):
        return form
    tri = values["tri"] if commune or values["tri"] != "distance" else "nom"
    return replace(form, criteria=Criteria(
        commune, rayon, values["genre"], values["sejour"], prix, values["nom"], form.services,
        bool(values["places"]), bool(values["incomplets"]), tri, _page(values["page"]), form.defaults.module))


def _radius(text: str, errors: dict[str, str]) -> int:
    try:
        return radius(text)
    except Invalid as wrong:
        errors["rayon"] = str(wrong)
        return MAX_RADIUS


def _price(text: str, per: str, errors: dict[str, str]) -> int | None:
    """The most a day may cost, in cents: a month counts 365/12 days."""
    bare = re.sub(r"[\s€]", "", text)
    if not bare:
        return None
    found = _EUROS.fullmatch(bare)
    euros = int(found[1]) if found else 0
    if not found or not 0 < euros <= MAX_EUROS:
        errors["prix"] = "Indiquez un prix en euros, par exemple\u00a0: 2500."
        return None
    cents = euros * 100 + int((found[2] or "0").ljust(2, "0"))
    return cents if per == "jour" else cents * MONTHS // DAYS


def _known(form: Asked) -> None:
    """A choice that no list of the page offers is refused: a filter left out without a word would mislead."""
    values, errors = form.values, form.errors
    module = form.defaults.module
    offered = {
        "genre": {kind.code for kind in genres.GENRES.values() if module in ("", kind.module)},
        "sejour": set(genres.SEJOURS_OF[module] if module else genres.SEJOURS), "par": set(PAR), "tri": set(TRIS),
    }
    words = {"genre": "ce type d’établissement", "sejour": "ce type d’accueil", "par": "cette façon de compter le prix",
             "tri": "cet ordre"}
    for name, codes in offered.items():
        if values[name] and values[name] not in codes:
            errors[name] = f"Le portail ne connaît pas {words[name]}\u00a0: choisissez dans la liste."
    if any(code not in genres.SERVICES for code in form.services):
        errors["services"] = "Le portail ne connaît pas ce service\u00a0: cochez dans la liste."


def _page(text: str) -> int:
    return min(int(text), MAX_PAGES) if re.fullmatch(r"[1-9]\d{0,5}", text, re.ASCII) else 1
