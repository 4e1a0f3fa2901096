"""Words of an establishment's sheet."""

from __future__ import annotations

from dataclasses import dataclass

from portal.annuaire import capacites, genres
from portal.annuaire.capacites import Capacites
from portal.annuaire.models import Tarif, Unite
from portal.annuaire.presenters_recherche import PATH, cents_or_dash, hours_words
from portal.annuaire.recherche import MIN_ANSWERS, Fiche
from portal.web import dates

OWNERS = {
    "public": "Public", "prive_non_lucratif": "Privé à but non lucratif", "prive_commercial": "Privé commercial",
}
# Where one lives and pays a month: the calculator knows these.
LODGING = {"ehpad", "usld", "ra"}
POSITIONS = {
    "annuaire": "", "commune": "Placé au centre de sa commune.", "code_postal": "Placé au milieu de son code postal.",
}


@dataclass(frozen=True)
class UniteVue:
    """One part of an establishment, ready to print; ``prend``: what it says it takes, as (title, words)."""

    nom: str
    genre: str
    sejours: str
    capacite: str
    places: str
    prend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TarifVue:
    """One row of prices, ready to print: euros a day, « – » for what is not known."""

    sejour: str
    chambre: str
    hebergement: str
    dep12: str
    dep34: str
    dep56: str
    depuis: str


@dataclass(frozen=True)
class FicheVue:
    """The whole sheet, ready to print; an empty text is not shown."""

    nom: str
    finess: str
    url: str
    genres: str
    identite: dict[str, str]
    adresse: str
    ville: str
    telephone: str
    courriel: str
    site: str
    unites: list[UniteVue]
    tarifs: list[TarifVue]
    services: list[str]
    incomplets: bool
    aide_sociale: bool
    rappel: str
    reponses: str
    mediane: str
    refus: list[tuple[str, int]]
    ferme: bool
    maj: str
    position: str
    estimable: bool


def sheet(one: Fiche) -> FicheVue:
    """An establishment's sheet."""
    place, answers = one.etablissement, one.reponses
    kinds = dict.fromkeys(unit.genre for unit in one.unites if unit.genre in genres.GENRES)
    identity = {
        "Numéro FINESS": place.finess, "Numéro FINESS de l’entité juridique": place.finess_juridique,
        "Statut": OWNERS.get(place.statut_juridique, place.statut_juridique),
    }
    return FicheVue(
        place.nom, place.finess, f"{PATH}/{place.finess}", ", ".join(genres.GENRES[code].name for code in kinds),
        {label: value for label, value in identity.items() if value}, place.adresse,
        f"{place.code_postal} {place.ville}".strip(), place.telephone, place.courriel, web_address(place.site),
        [_unit(unit, one.capacites.get(unit.id)) for unit in one.unites], [_price(row) for row in one.tarifs],
        [genres.SERVICES[code] for code in place.services.split() if code in genres.SERVICES],
        place.incomplets, place.aide_sociale, _promise(place.rappel_heures), _count(answers.n),
        hours_words(answers.mediane) if answers.mediane is not None else "", list(answers.refus), place.ferme,
        dates.day(place.maj), POSITIONS.get(place.position, ""), estimable=bool(LODGING & set(kinds)))


def web_address(text: str) -> str:
    """The site's address if it is one that a link may lead to, else ""."""
    bare = text.strip()
    if not bare or any(char.isspace() for char in bare):
        return ""
    if bare.lower().startswith(("http://", "https://")):
        return bare
    return "" if ":" in bare else f"https://{bare}"


def _unit(unit: Unite, said: Capacites | None) -> UniteVue:
    kind = genres.GENRES.get(unit.genre)
    stays = ", ".join(genres.SEJOURS[code] for code in unit.sejours.split() if code in genres.SEJOURS)
    when = f" au {dates.day(unit.places_le)}" if unit.places is not None and unit.places_le else ""
    return UniteVue(
        unit.nom or (kind.label if kind else ""), kind.label if kind else "", stays or "–",
        "–" if unit.capacite is None else str(unit.capacite),
        "Non déclarées" if unit.places is None else f"{unit.places}{when}",
        tuple(capacites.words(unit.genre, said)) if said else ())


def _price(row: Tarif) -> TarifVue:
    return TarifVue(
        genres.SEJOURS.get(row.sejour, ""), genres.CHAMBRES.get(row.chambre, "–"),
        cents_or_dash(row.hebergement), cents_or_dash(row.dep12), cents_or_dash(row.dep34), cents_or_dash(row.dep56),
        dates.day(row.valable_du) if row.valable_du else "–")


def _promise(hours: int | None) -> str:
    if not hours:
        return ""
    return f"S’engage à rappeler sous {hours} heure{'s' if hours > 1 else ''} ouvrée{'s' if hours > 1 else ''}."


def _count(n: int) -> str:
    if n >= MIN_ANSWERS:
        return f"{n} réponses comptées."
    return f"Moins de {MIN_ANSWERS} réponses\u00a0: pas assez pour donner un délai ou des motifs."
