"""What the opinions say, and how the service is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from portal import clock
from portal.assistance import rules
from portal.assistance.models import Opinion
from portal.connexion.queries import Trust
from portal.connexion.rules import Freshness
from portal.db import outbox
from portal.echeances import registre
from portal.echeances.travaux import JOBS

# A mail that waits longer than this is worth telling.
LONG = timedelta(minutes=15)


@dataclass(frozen=True)
class Bilan:
    """What readers said of one section: how many were helped, how many were not, and the reasons of these."""

    page: str
    ancre: str
    oui: int
    non: int
    raisons: dict[str, int]


@dataclass(frozen=True)
class Etat:
    """One part of the service: its name, whether it is well, and what there is to know."""

    nom: str
    bien: bool
    mots: str


def opinions() -> list[Bilan]:
    """The sections readers have judged lately, those that helped least first."""
    since = clock.today() - timedelta(days=rules.DAYS)
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for one in Opinion.select().where(Opinion.jour >= since).order_by(Opinion.page, Opinion.ancre, Opinion.raison):
        said = found[one.page, one.ancre]
        said[one.raison] = said.get(one.raison, 0) + one.nombre
    bilans = [_bilan(page, ancre, said) for (page, ancre), said in found.items()]
    return sorted(bilans, key=lambda one: (one.oui - one.non, one.page, one.ancre))


def _bilan(page: str, ancre: str, said: dict[str, int]) -> Bilan:
    no = {rules.REASONS[code]: said[code] for code in rules.REASONS if code in said and code != rules.YES}
    return Bilan(page, ancre, said.get(rules.YES, 0), sum(no.values()), no)


def etats(trust: Trust, pages: int, mails: bool) -> list[Etat]:
    """Each part of the service that the support can tell a caller about.

    ``pages``: how many the built help has; ``mails``: whether a mail server is set.
    """
    late = registre.late(JOBS)
    return [Etat("Base de données", True, "Elle répond."),
            Etat("Aide", pages > 0, f"{pages} pages." if pages else "Elle n’est pas construite."),
            _cards(trust), _mails(mails),
            Etat("Rappels et échéances", not late, "À l’heure." if not late
                 else f"En retard\u00a0: {len(late)}, dont «\u00a0{late[0]}\u00a0».")]


def _cards(trust: Trust) -> Etat:
    if trust.empty:
        return Etat("Cartes CPS", False, "Aucune autorité de confiance n’est installée.")
    words = {Freshness.A_JOUR: "Les listes de cartes révoquées sont à jour.",
             Freshness.TOLEREE: "Une liste de cartes révoquées est en retard, encore tolérée.",
             Freshness.PERIMEE: "Une liste de cartes révoquées manque ou est périmée\u00a0: les cartes sont refusées."}
    fresh = trust.freshness(clock.now())
    return Etat("Cartes CPS", fresh is Freshness.A_JOUR, words[fresh])


def _mails(server: bool) -> Etat:
    if not server:
        return Etat("Courriels", False, "Aucun serveur de courriel n’est réglé\u00a0: rien ne part.")
    waiting = outbox.overdue(LONG)
    said = f"Courriels qui attendent depuis plus d’un quart d’heure\u00a0: {waiting}."
    return Etat("Courriels", not waiting, said if waiting else "Aucun n’attend depuis plus d’un quart d’heure.")
