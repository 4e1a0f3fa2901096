"""Walking every route as everybody, before a dossier of every state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from portal.web.handlers import Page
from tests.acces.adresses import MODULE, ROUTES, body_of, has_dossier, path_of
from tests.acces.navigateur import Navigateur, Reponse
from tests.acces.scene import Place, Scene
from tests.acces.visiteurs import Visiteur


@dataclass(frozen=True)
class Cas:
    """One request: which route, who asks, about which dossier."""

    method: str
    page: Page
    who: Visiteur
    place: Place
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.page.name}, {self.who.role}, {self.place.etat}"


def cases(scene: Scene, people: Iterable[Visiteur], *, states: Callable[[str, Page, Visiteur], int]) -> Iterator[Cas]:
    """Each route for each of these people, on as many states of the dossier as ``states`` says.

    A PDF takes a second: one state stands for all.
    """
    for who in people:
        for rank, (method, page) in enumerate(ROUTES):
            module = MODULE.get(page.name) or next(iter(who.homes or {}), "ga")
            places = scene.places[who.home(module)]
            usual = "actif" if "actif" in places else "redaction"
            many = states(method, page, who) if has_dossier(page) and "pdf" not in page.name else 1
            turned = [usual, *(list(places)[rank % len(places):] + list(places)[:rank % len(places)])]
            for etat in list(dict.fromkeys(turned))[:many]:
                if who.before(etat):
                    yield Cas(method, page, who, places[etat], path_of(page, places[etat], who))


def sent(nav: Navigateur, cas: Cas) -> Reponse:
    """The request of a case, with a valid token and something plausible to say."""
    if cas.method == "GET":
        return nav.get(cas.who, cas.path)
    return nav.post(cas.who, cas.path, body_of(cas.page))
