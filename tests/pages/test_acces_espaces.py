"""Who gets what among the other actors: every route and every kind of them.

A page that opens to a space has a row here; all others send its people back to their own door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from httpx2 import Response
from starlette.applications import Starlette

from portal.annuaire.models import Etablissement
from portal.db import database
from portal.db.audit import Actor
from portal.demandes import commands as demandes
from portal.demandes import rules
from portal.demandes.models import Demande
from portal.dossiers import commands
from portal.dossiers.models import Dossier
from portal.espaces.models import Structure
from portal.web.handlers import Page
from portal.web.session import SPACES, Access
from tests.pages.test_acces import OWNER, ROUTES, SECRETS, path_of
from tests.support import espaces
from tests.support.client import Client
from tests.support.people import LEROUX

STRUCTURES, USAGERS = "303 /espaces", "303 /espaces/usager/dossier"

# An establishment that was asked and has opened the dossier: all roles, the administrative one alone; one that was
# never asked; one whose request was cancelled; the team that leads the request; another team; the person herself; a
# relative who only follows; a person of another dossier.
VISITORS = ("etablissement", "admissions", "autre-etablissement", "annule", "coordination", "autre-coordination",
            "patient", "famille", "autre-usager")
# Route and method -> what each of them gets, in the order of VISITORS.
ROWS: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "dossier"): (
        "303", "303", "404", "404", "303", "404", USAGERS, USAGERS, "404"),
    # The home is a redirect; a member without the role of referent reads, and changes nothing.
    ("GET", "espaces"): ("303",) * 6 + ("", "", ""),
    # The support's page is the support's alone.
    ("GET", "assistance"): (*["404"] * 6, "", "", ""),
    ("GET", "membres"): ("200",) * 6 + ("", "", ""),
    ("POST", "membres"): ("422", "403", "422", "422", "422", "422", "", "", ""),
    **dict.fromkeys((("GET", "membre"), ("POST", "membre")), ("404", "403", "404", "404", "404", "404", "", "", "")),
    # Their second factors, as any account's that logs in by password.
    **dict.fromkeys((("GET", "facteurs"), ("GET", "facteurs-application"), ("GET", "facteurs-secours"),
                     ("GET", "cles"), ("POST", "cles-defi")), ("200",) * 6 + ("", "", "")),
    **dict.fromkeys((("GET", "facteurs-application-retirer"), ("POST", "facteurs-application-retirer"),
                     ("GET", "cle"), ("POST", "cle")), ("404",) * 6 + ("", "", "")),
    ("POST", "facteurs-application"): ("303",) * 6 + ("", "", ""),
    ("POST", "facteurs-secours"): ("409",) * 6 + ("", "", ""),
    ("POST", "cles"): ("403",) * 6 + ("", "", ""),
    ("GET", "cles-renforcer"): ("303",) * 6 + ("", "", ""), ("POST", "cles-renforcer"): ("403",) * 6 + ("", "", ""),
    ("POST", "cles-renforcer-defi"): ("404",) * 6 + ("", "", ""),
    ("GET", "dossier-famille"): (*["404"] * 4, "200 LEROUX", "404", "", "", ""),
    ("POST", "dossier-famille"): (*["404"] * 4, "422 LEROUX", "404", "", "", ""),
    # An establishment has no such space; the team that leads has, and another team sees nothing of the dossier.
    ("GET", "coordination"): (*["404"] * 4, "200 LEROUX", "200", "", "", ""),
    ("GET", "coordination-creer"): (*["404"] * 4, "200", "200", "", "", ""),
    ("POST", "coordination-creer"): (*["404"] * 4, "422", "422", "", "", ""),
    **{(method, f"coordination-{name}"): (*["404"] * 4, f"{status} LEROUX", "404", "", "", "")
       for method, name, status in (
           ("GET", "dossier", 200), ("GET", "medecin", 200), ("POST", "medecin", 422), ("GET", "transfert", 200),
           ("POST", "transfert", 409))},
    ("POST", "coordination-medecin-choisir"): (*["404"] * 6, "", "", ""),
    # Only a sanitaire dossier has these.
    **dict.fromkeys((("GET", "orientation"), ("POST", "orientation")), (*["404"] * 6, *[USAGERS] * 3)),
    **dict.fromkeys((("GET", "vagues"), ("POST", "vagues"), ("POST", "vagues-acte")), (*["404"] * 6, *[USAGERS] * 3)),
    **dict.fromkeys((("GET", "had"), ("POST", "had"), ("GET", "had-evaluation"), ("GET", "imprimer-had"),
                     ("GET", "imprimer-had-pdf")), (*["404"] * 6, *[USAGERS] * 3)),
    # An establishment has its own pages of the requests that it received, and learns of no other.
    **dict.fromkeys((("GET", "demandes"), ("GET", "demande")),
                    ("404", "404", "404", "404", "200 LEROUX", "404", "200 LEROUX", "200 LEROUX", "404")),
    **{(method, name): ("404", "404", "404", "404", f"{status} LEROUX", "404", f"{status} LEROUX", "403", "404")
       for method, name, status in (
           ("GET", "demandes-choisir", 200), ("POST", "demandes-choisir", 422), ("GET", "demandes-envoyer", 200),
           ("POST", "demandes-envoyer", 422), ("GET", "demande-acte", 200), ("POST", "demande-acte", 409))},
    # The volet of this address is the medical one.
    ("GET", "volet"): ("200 LEROUX", "403", "404", "404", "403", "404", "403", "403", "404"),
    ("POST", "volet"): ("403", "403", "404", "404", "403", "404", "403", "403", "404"),
    ("GET", "volet-valider"): ("200 LEROUX", "403", "404", "404", "403", "404", "403", "403", "404"),
    ("POST", "volet-valider"): ("403", "403", "404", "404", "403", "404", "403", "403", "404"),
    **{(method, name): ("403", "403", "404", "404", "403", "404", "403", "403", "404")
       for method in ("GET", "POST") for name in ("volet-rouvrir", "volet-version")},
    # Nothing was announced of this dossier; who only receives or follows it keeps nothing.
    **dict.fromkeys((("GET", "dossier-garder"), ("POST", "dossier-garder")),
                    ("404", "404", "404", "404", "303", "404", "303", "404", "404")),
    ("GET", "pieces"): ("200 LEROUX", "200 LEROUX", "404", "404", "200 LEROUX", "404", "200 LEROUX", "403", "404"),
    ("POST", "pieces"): ("403", "403", "404", "404", "422 LEROUX", "404", "422 LEROUX", "403", "404"),
    **dict.fromkeys((("GET", "piece"), ("GET", "piece-retirer"), ("POST", "piece-retirer")),
                    (*["404"] * 7, "403", "404")),
    # The establishment's space: everything in it is the establishment's own.
    ("GET", "etablissement-accueil"): ("200 LEROUX", "200 LEROUX", "200", "200", "404", "404", *[USAGERS] * 3),
    ("GET", "etablissement-demande"): ("200 LEROUX", "200 LEROUX", *["404"] * 4, *[USAGERS] * 3),
    ("POST", "etablissement-ouvrir"): ("303", "303", *["404"] * 4, *[USAGERS] * 3),
    **{("GET", f"etablissement-{act}"): (f"{said} LEROUX", f"{said} LEROUX", *["404"] * 4, *[USAGERS] * 3)
       for act, said in (("complement", 200), ("liste", 200), ("proposer", 200), ("admettre", 200), ("refuser", 200),
                         ("retirer", 409), ("reactiver", 409), ("corriger", 409), ("etudier", 409))},
    # The version sent is an old one.
    **{("POST", f"etablissement-{act}"): ("409 LEROUX", "409 LEROUX", *["404"] * 4, *[USAGERS] * 3)
       for act in ("complement", "liste", "proposer", "admettre", "refuser", "retirer", "reactiver", "corriger",
                   "etudier")},
    ("GET", "etablissement-avis"): ("200 LEROUX", "403", *["404"] * 4, *[USAGERS] * 3),
    ("POST", "etablissement-avis"): ("409 LEROUX", "403", *["404"] * 4, *[USAGERS] * 3),
    # A platform's pages, and those of a child's dossier; this establishment is none, this dossier no child's.
    **{(method, f"parcours-{name}"): (*["404"] * 6, *[USAGERS] * 3) for method in ("GET", "POST")
       for name in ("professionnel", "bilan", "acte")},
    ("GET", "parcours-pco"): (*["404"] * 6, *[USAGERS] * 3),
    **{(method, "parcours-territoire"): ("404", "403", *["404"] * 4, *[USAGERS] * 3) for method in ("GET", "POST")},
    **{(method, name): ("404",) * 9 for method in ("GET", "POST") for name in ("plateforme", "parcours")},
    ("GET", "etablissement-fiche"): ("200", "403", "200", "200", "404", "404", *[USAGERS] * 3),
    ("POST", "etablissement-fiche"): ("303", "403", "303", "303", "404", "404", *[USAGERS] * 3),
    **dict.fromkeys((("GET", "etablissement-papiers"), ("GET", "etablissement-papier-nouveau")),
                    ("200", "200", "200", "200", "404", "404", *[USAGERS] * 3)),
    ("POST", "etablissement-papier-nouveau"): ("422", "422", "422", "422", "404", "404", *[USAGERS] * 3),
    **dict.fromkeys((("GET", "etablissement-papier"), ("POST", "etablissement-papier")),
                    (*["404"] * 6, *[USAGERS] * 3)),
    # A thread: the establishment comes by its request, the team that leads by the dossier, the patient's side never.
    ("GET", "messages"): (*["404"] * 4, "200 LEROUX", "404", *[USAGERS] * 3),
    ("GET", "message"): (*["404"] * 4, "200 LEROUX", "404", *[USAGERS] * 3),
    ("POST", "message"): (*["404"] * 4, "422 LEROUX", "404", *[USAGERS] * 3),
    ("POST", "message-lire"): (*["404"] * 4, "303", "404", *[USAGERS] * 3),
    ("GET", "etablissement-message"): ("200 LEROUX", "200 LEROUX", *["404"] * 4, *[USAGERS] * 3),
    ("POST", "etablissement-message"): ("422 LEROUX", "422 LEROUX", *["404"] * 4, *[USAGERS] * 3),
    ("POST", "etablissement-message-lire"): ("303", "303", *["404"] * 4, *[USAGERS] * 3),
    # Each one's own notices, and which of them are mailed.
    ("GET", "avis"): ("200",) * 9, ("POST", "avis"): ("400",) * 9, ("GET", "avis-etat"): ("303",) * 9,
    ("POST", "avis-suivre"): ("404",) * 9, ("POST", "avis-courriels"): (*[STRUCTURES] * 6, *["303"] * 3),
    ("GET", "compte-notifications"): (*["200"] * 6, *[USAGERS] * 3),
    ("POST", "compte-notifications"): (*["303"] * 6, *[USAGERS] * 3),
    # The patient's side: here a coordination team leads the request, so that it is not hers to end or to conduct.
    **dict.fromkeys((("GET", "usager-dossier"),), (*[STRUCTURES] * 6, "200 LEROUX", "200 LEROUX", "200 LEROUX")),
    **dict.fromkeys((("GET", "usager-proches"), ("GET", "usager-courriel"), ("GET", "usager-ouvertures"),
                     ("GET", "usager-lettre")), (*[STRUCTURES] * 6, "200", "200", "200")),
    ("POST", "usager-courriel"): (*[STRUCTURES] * 6, "422", "422", "422"),
    ("POST", "usager-proches"): (*[STRUCTURES] * 6, "422", "403", "422"),
    **{(method, "usager-retirer"): (*[STRUCTURES] * 6, "404", "403", "404") for method in ("GET", "POST")},
    **{(method, f"usager-{name}"): (*[STRUCTURES] * 6, "403", "403", "403")
       for method in ("GET", "POST") for name in ("annuler", "medecin")},
    **{("POST", f"usager-{name}"): (*[STRUCTURES] * 6, "403", "403", "403")
       for name in ("rouvrir", "medecin-choisir")},
    ("GET", "imprimer"): ("200 LEROUX", "200 LEROUX", "404", "404", "200 LEROUX", "404", "200 LEROUX", "403", "404"),
    **{("GET", name): ("422 LEROUX", "422 LEROUX", "404", "404", "422 LEROUX", "404", "422 LEROUX", "403", "404")
       for name in ("imprimer-dossier", "imprimer-dossier-pdf")},
}


@dataclass(frozen=True)
class Scene:
    """Mme LEROUX's dossier: led by a coordination team, opened by one establishment, cancelled at another."""

    dossier: Dossier
    demande: Demande
    asked: Structure
    strange: Structure
    cancelled: Structure
    leading: Structure
    other_team: Structure
    other_dossier: Dossier


@pytest.fixture
def scene(app: Starlette) -> Iterator[Scene]:
    database.connect()
    alice = Actor(OWNER, "Dr Alice MARTIN", "cps")
    with database.writing():
        dossier = commands.create(alice, "ga", LEROUX)
        other = commands.create(alice, "ga", LEROUX)
    places: list[Etablissement] = [espaces.etablissement(f"EHPAD {name}") for name in ("Un", "Deux", "Trois")]
    people = [espaces.structure(nom=place.nom, etablissement_id=place.id) for place in places]
    leading, other_team = espaces.structure("coordination", "CLIC UN"), espaces.structure("coordination", "CLIC DEUX")
    espaces.follow(leading, dossier)
    opened = espaces.demande(dossier, places[0], rules.LUE)
    espaces.demande(dossier, places[2], rules.ANNULEE)
    yield Scene(dossier, opened, people[0], people[1], people[2], leading, other_team, other)


def come(client: Client, kind: str, scene: Scene) -> Client:
    """The client, standing where this kind of actor stands."""
    ways: dict[str, Callable[[], Client]] = {
        "etablissement": lambda: espaces.member(client, scene.asked),
        "admissions": lambda: espaces.member(client, scene.asked, "admissions"),
        "autre-etablissement": lambda: espaces.member(client, scene.strange),
        "annule": lambda: espaces.member(client, scene.cancelled),
        "coordination": lambda: espaces.member(client, scene.leading),
        "autre-coordination": lambda: espaces.member(client, scene.other_team),
        "patient": lambda: espaces.usager(client, scene.dossier),
        "famille": lambda: espaces.usager(client, scene.dossier, "famille"),
        "autre-usager": lambda: espaces.usager(client, scene.other_dossier),
    }
    return ways[kind]()


def open_to_spaces(page: Page) -> bool:
    return page.access in SPACES or bool(page.spaces)


def theirs(page: Page, kind: str) -> bool:
    """True for a page that opens to this kind of actor at all."""
    state = _state(kind)
    return page.access is state or state in page.spaces


def _state(kind: str) -> Access:
    return Access.USAGER if VISITORS.index(kind) >= VISITORS.index("patient") else Access.STRUCTURE


def _sent(method: str, page: Page, client: Client, scene: Scene) -> Response:
    path = path_of(page, scene.dossier.numero, scene.demande.id)
    if method == "GET":
        return client.http.get(path)
    return client.http.post(path, data={"_csrf": client.token(), "version": "1"}, headers={
        "Sec-Fetch-Site": "same-origin", "Origin": client.app.state.settings.origin})


def _said(response: Response, expected: str) -> str:
    """The answer in the words of the tables, as far as they go."""
    said = str(response.status_code)
    if said == "303" and " " in expected:
        return f"303 {response.headers['location'].split('?')[0]}"
    shown = [word for word in SECRETS if word in response.text]
    return f"{said} LEROUX" if "LEROUX" in shown else f"{said} {shown}" if shown else said


OPEN = [(method, page, kind) for method, page in ROUTES if page.database
        for kind in VISITORS if theirs(page, kind)]


@pytest.mark.parametrize(("method", "page", "kind"), OPEN, ids=lambda value: getattr(value, "name", value))
def test_each_actor_gets_what_the_table_says(
        method: str, page: Page, kind: str, scene: Scene, app: Starlette) -> None:
    expected = ROWS[method, page.name][VISITORS.index(kind)]
    with Client(app) as client:
        response = _sent(method, page, come(client, kind, scene), scene)
    assert _said(response, expected) == expected, response.text[:400]


@pytest.mark.parametrize("kind", VISITORS)
def test_every_other_page_sends_them_back_to_their_door(kind: str, scene: Scene, app: Starlette) -> None:
    door = USAGERS if _state(kind) is Access.USAGER else STRUCTURES
    with Client(app) as client:
        come(client, kind, scene)
        wrong = {}
        for method, page in ROUTES:
            if not page.database or theirs(page, kind) or page.access is Access.PUBLIC:
                continue
            said = _said(_sent(method, page, client, scene), door)
            if said != door:
                wrong[method, page.name] = said
    assert not wrong


@pytest.mark.parametrize("kind", VISITORS)
def test_pages_for_everybody_say_nothing_of_the_dossier(kind: str, scene: Scene, app: Starlette) -> None:
    with Client(app) as client:
        come(client, kind, scene)
        for method, page in ROUTES:
            if page.database and page.access is Access.PUBLIC and page.name != "connexion-quitter":
                response = _sent(method, page, client, scene)
                # No e-CPS provider answers here.
                assert response.status_code < 500 or page.name == "connexion-ecps"
                assert not [word for word in SECRETS if word in response.text], page.name


def test_every_page_open_to_a_space_is_in_the_table() -> None:
    assert {(method, page.name) for method, page in ROUTES if page.database and open_to_spaces(page)} == ROWS.keys()


def test_an_admission_elsewhere_shuts_the_dossier_at_once(scene: Scene, app: Starlette) -> None:
    other = espaces.etablissement("EHPAD Quatre")
    admitted = espaces.demande(scene.dossier, other, rules.LUE)
    path = f"/dossiers/grand-age/{scene.dossier.numero}/volets/administratif"
    with Client(app) as client:
        come(client, "etablissement", scene)
        assert client.http.get(path).status_code == 200
        with database.writing():
            demandes.admit(espaces.ANSWERS, admitted.id, admitted.version, date(2026, 11, 20))
        assert client.http.get(path).status_code == 404
