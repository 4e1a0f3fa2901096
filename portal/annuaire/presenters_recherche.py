"""Words of the directory's pages: rows of a search, the sheet of an establishment, numbers as French writes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from portal.annuaire import genres, recherche
from portal.annuaire.criteres import DAYS, MONTHS, PAR, TRIS, Asked
from portal.annuaire.presenters_carte import Carte, carte
from portal.annuaire.recherche import MIN_ANSWERS, Fiche, Page, Reponses, Wider
from portal.web import dates

PATH = "/annuaire/etablissements"
NBSP, THIN = "\u00a0", "\u202f"
LOOSEN = {
    "prix": "sans prix maximum", "nom": "sans le nom", "services": "sans les services cochés",
    "places": "avec ou sans place libre", "incomplets": "même s’ils n’acceptent que les dossiers complets",
    "sejour": "pour tous les types d’accueil", "genre": "pour tous les types d’établissement",
}


@dataclass(frozen=True)
class Ligne:
    """One establishment of a list, ready to print; ``id`` and ``sejours`` are for who lets it be chosen."""

    id: int
    numero: int
    finess: str
    nom: str
    url: str
    genres: str
    lieu: str
    distance: str
    telephone: str
    accueil: list[str]
    prix: str
    prix_detail: str
    reponse: str
    incomplets: bool
    sejours: tuple[str, ...]


@dataclass(frozen=True)
class Piste:
    """A way out of a vain search: its words and its address."""

    label: str
    url: str


@dataclass(frozen=True)
class Vue:
    """All that the templates of a search need. ``suite`` is kept in the addresses of sheets (« ?dossier=… »)."""

    path: str
    asked: Asked
    lignes: list[Ligne]
    total: int
    annonce: str
    pistes: list[Piste]
    previous: str
    next: str
    url: str
    reset: str
    genres: list[tuple[str, str]]
    sejours: list[tuple[str, str]]
    plus: bool
    page: Page

    @property
    def carte(self) -> Carte | None:
        return carte(self.page)

    @property
    def erreurs(self) -> dict[str, str]:
        return self.asked.errors

    @property
    def tris(self) -> list[tuple[str, str]]:
        return list(TRIS.items())

    @property
    def pars(self) -> list[tuple[str, str]]:
        return list(PAR.items())

    @property
    def services(self) -> list[tuple[str, str]]:
        return list(genres.SERVICES.items())


def view(asked: Asked, *, path: str = PATH, suite: str = "") -> Vue:
    """A search made and ready to print. ``path``: the page that shows it; ``suite``: see ``Vue``."""
    wanted = asked.criteria
    page = recherche.search(wanted) if wanted else Page([], 0, 1, 1)
    ways = recherche.wider(wanted) if wanted and not page.total else []
    module = asked.defaults.module
    values, plain = asked.values, _town_alone(asked)
    return Vue(
        path=path, asked=asked, lignes=rows(page, sejour=values["sejour"], suite=suite), total=page.total,
        annonce=_announced(asked, page) if wanted else "",
        pistes=[Piste(_loosened(way), (plain if way.what == "tout" else asked).url(path, **way.fields))
                for way in ways],
        previous=asked.url(path, page=str(page.page - 1)) if page.page > 1 else "",
        next=asked.url(path, page=str(page.page + 1)) if page.page < page.pages else "",
        url=asked.url(path, page=values["page"]), reset=plain.url(path),
        genres=[(kind.code, kind.label) for kind in genres.GENRES.values() if module in ("", kind.module)],
        sejours=[(code, genres.SEJOURS[code])
                 for code in (genres.SEJOURS_OF[module] if module else genres.SEJOURS)],
        plus=bool(asked.services) or any(values[name] for name in ("prix", "nom", "places", "incomplets")),
        page=page,
    )


def rows(page: Page, *, sejour: str = "", suite: str = "") -> list[Ligne]:
    """The rows of a page. ``sejour``: the kind of stay whose price is shown (by default the first that has one)."""
    first = (page.page - 1) * recherche.PAGE_SIZE + 1
    return [_row(one, rank, sejour, suite) for rank, one in enumerate(page.lignes, first)]


def _row(one: Fiche, rank: int, sejour: str, suite: str) -> Ligne:
    place = one.etablissement
    kinds = dict.fromkeys(genres.GENRES[unit.genre].label for unit in one.unites if unit.genre in genres.GENRES)
    stays = dict.fromkeys(code for unit in one.unites for code in unit.sejours.split())
    price, detail = price_words(one, sejour)
    query = {"dossier": suite} if suite else {}
    return Ligne(
        place.id, rank, place.finess, place.nom, f"{PATH}/{place.finess}{'?' + urlencode(query) if query else ''}",
        ", ".join(kinds), f"{place.code_postal} {place.ville}".strip(), distance_words(one.distance, one.wind),
        place.telephone, [places_words(one)] if places_words(one) else [], price, detail, answer_words(one.reponses),
        place.incomplets, tuple(code for code in stays if code in genres.SEJOURS))


def distance_words(km: float | None, wind: str = "") -> str:
    """« 3,4 km au nord », « 27 km à l’est », « sur place » below a hundred metres, "" when unknown."""
    if km is None:
        return ""
    if km < 0.1:
        return "sur place"
    text = f"{km:.1f}".replace(".", ",") if km < 10 else str(round(km))
    where = f" {'à l’' if wind[0] in 'eo' else 'au '}{wind}" if wind else ""
    return f"{text}{NBSP}km{where}"


def euros(cents: int, *, round_up: bool = False) -> str:
    """« 2 345,60 € »; without the cents when there are none or ``round_up`` asks for whole euros."""
    if round_up:
        cents = -(-cents // 100) * 100
    whole, rest = divmod(cents, 100)
    text = f"{whole:,}".replace(",", THIN)
    return f"{text},{rest:02d}{NBSP}€" if rest else f"{text}{NBSP}€"


def a_month(cents: int) -> int:
    """What a price of a day makes in a month of 365/12 days, in cents."""
    return round(cents * DAYS / MONTHS)


def price_words(one: Fiche, sejour: str) -> tuple[str, str]:
    """« 2 345 € par mois » for a permanent stay, « 35 € par jour » for the others, and what it is the price of."""
    found = [(row.hebergement + (row.dep56 or 0), row) for row in one.tarifs
             if row.hebergement is not None and (not sejour or row.sejour == sejour)]
    if not found:
        return "", ""
    first = sejour or ("permanent" if any(row.sejour == "permanent" for _, row in found) else found[0][1].sejour)
    cents, row = min(((cents, row) for cents, row in found if row.sejour == first), key=lambda pair: pair[0])
    several = sum(1 for _, other in found if other.sejour == first) > 1
    start = "dès " if several else ""
    detail = genres.SEJOURS.get(row.sejour, "")
    if first == "permanent":
        return f"{start}{euros(a_month(cents), round_up=True)} par mois", detail
    return f"{start}{euros(cents)} par jour", detail


def places_words(one: Fiche) -> str:
    """« 3 places libres déclarées le 12/11/2026 », "" when nothing is declared."""
    known = [unit for unit in one.unites if unit.places is not None]
    if not known:
        return ""
    total = sum(unit.places or 0 for unit in known)
    days = [unit.places_le for unit in known if unit.places_le]
    when = f" au {dates.day(min(days))}" if days else ""
    return f"{total or 'Aucune'} place{'s' if total > 1 else ''} libre{'s' if total > 1 else ''}{when}"


def answer_words(answers: Reponses) -> str:
    """« Répond en 2 jours »: half of the answers came sooner; « moins de 5 réponses » says nothing more."""
    if answers.mediane is None:
        return f"Moins de {MIN_ANSWERS} réponses"
    return f"Répond en {hours_words(answers.mediane)}"


def hours_words(hours: int) -> str:
    """« moins d’une heure », « 5 heures », « 2 jours » (from 48 hours on, rounded)."""
    if hours < 1:
        return "moins d’une heure"
    if hours < 48:
        return f"{hours}{NBSP}heure{'s' if hours > 1 else ''}"
    return f"{round(hours / 24)}{NBSP}jours"


def cents_or_dash(cents: int | None) -> str:
    """A price, « – » when it is not known."""
    return "–" if cents is None else euros(cents)


def _announced(asked: Asked, page: Page) -> str:
    wanted = asked.criteria
    assert wanted is not None
    n = page.total
    found = f"{n:,}".replace(",", THIN) if n else "Aucun"
    words = f"{found} établissement{'s' if n > 1 else ''}"
    town = wanted.commune
    where = f" à moins de {wanted.rayon}{NBSP}km de {town.nice}" if town else " dans tout l’annuaire"
    rank = f", page {page.page} sur {page.pages}" if page.pages > 1 else ""
    return words + where + rank


def _loosened(way: Wider) -> str:
    found = f"{way.total} établissement{'s' if way.total > 1 else ''}"
    if way.what == "rayon":
        return f"Chercher jusqu’à {way.value}{NBSP}km{NBSP}: {found}"
    if way.what == "tout":
        return f"Chercher sans aucun filtre, jusqu’à {way.value}{NBSP}km{NBSP}: {found}"
    return f"Chercher {LOOSEN[way.what]}{NBSP}: {found}"


def _town_alone(asked: Asked) -> Asked:
    """The same search without any filter."""
    empty = dict.fromkeys(asked.values, "")
    kept = {name: asked.values[name] for name in ("ville", "rayon")}
    return replace(asked, values=empty | kept | {"tri": "distance", "par": "mois"}, services=())
