"""The orientation help on its page: what is ranked, why, what is chosen from it, and who may."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from portal.annuaire import unites
from portal.annuaire.capacites import Capacites
from portal.annuaire.models import Etablissement, Unite
from portal.db import database
from portal.demandes import rules as of_demandes
from portal.demandes.models import Demande
from portal.dossiers.models import Dossier
from portal.settings import Settings
from portal.web.session import Access
from tests.support import annuaire, espaces, vagues
from tests.support.client import Answer, Client
from tests.support.delegues import ALICE, BOB, physician, secretary
from tests.support.volets import dossier as grand_age

ASKED = {"prise_en_charge": "smr", "mention": "geriatrie", "hospitalisation": "complet", "isolement": "contact",
         "lieu_recherche": "14000 CAEN", "rayon": "30"}


@pytest.fixture
def mine(opened_app: Starlette) -> Iterator[Dossier]:
    """A dossier whose volet orientation asks for geriatrics with contact isolation, and three units at 4, 8, 12 km."""
    physician(ALICE)
    vagues.units(3)
    one = vagues.dossier()
    vagues.say(one, **ASKED)
    yield one


@pytest.fixture
def alice(opened_app: Starlette, mine: Dossier) -> Iterator[Client]:
    with Client(opened_app) as client:
        client.login(ALICE)
        yield client


def here(one: Dossier, more: str = "/orientation") -> str:
    return f"/dossiers/sanitaire/{one.numero}{more}"


def unit(name: str) -> Unite:
    place = Etablissement.get(Etablissement.nom == name)
    found: Unite = Unite.get(Unite.etablissement == place.id)
    return found


def declares(name: str, said: Capacites) -> None:
    with database.writing():
        unites.keep(unit(name).id, said)


def names(page: Answer, part: str) -> list[str]:
    return [one.get_text() for one in page.soup.select(f"section[aria-labelledby=titre-{part}] strong[data-brut]")]


def demandes() -> list[tuple[int, int, str, str]]:
    return list(Demande.select(Demande.etablissement_id, Demande.unite_id, Demande.sejour, Demande.etat)
                .order_by(Demande.id).tuples())


def test_what_a_unit_declares_is_worth_more_than_being_near(alice: Client, mine: Dossier) -> None:
    declares("SMR 3", Capacites(mentions=("geriatrie",), isolements=("contact",)))
    declares("SMR 1", Capacites(mentions=("locomoteur",), isolements=("contact",)))
    page = alice.get(here(mine))
    assert names(page, "possibles") == ["SMR 3", "SMR 2"]
    assert names(page, "ecartes") == ["SMR 1"]
    assert "Mention non assurée : Gériatrie" in page.text
    assert "Mention : Gériatrie" in page.text
    assert "elle ne décide pas" in page.text


def test_the_dossier_and_its_requests_lead_there(alice: Client, mine: Dossier) -> None:
    for page in ("", "/demandes"):
        assert alice.get(here(mine, page)).soup.find("a", href=here(mine))


def test_ticked_units_are_chosen_and_nothing_is_sent(alice: Client, mine: Dossier) -> None:
    picked = [unit("SMR 1"), unit("SMR 2")]
    page = alice.follow(alice.post(here(mine), {"unite": [str(one.id) for one in picked]}))
    assert "Les 2 unités sont ajoutées" in page.text
    assert demandes() == [(one.etablissement_id, one.id, "complet", of_demandes.NON_ENVOYEE) for one in picked]
    again = alice.get(here(mine))
    assert "Déjà dans les demandes" in again.text
    assert len(again.soup.select("input[name=unite]")) == 1


@pytest.mark.parametrize(("sent", "status", "said"), [
    ([], 422, "Cochez au moins une unité."),
    (["999999"], 409, "n’est plus dans la liste"),
    (["1", "9" * 400], 409, "n’est plus dans la liste"),
    (["\u0661", "\x00", "😀", "\u202e1"], 409, "n’est plus dans la liste"),
])
def test_what_is_not_in_the_list_is_refused_and_nothing_is_chosen(
        alice: Client, mine: Dossier, sent: list[str], status: int, said: str) -> None:
    page = alice.post(here(mine), {"unite": sent}, status)
    assert said in page.text
    assert demandes() == []


def test_a_unit_that_closed_is_not_in_the_list(alice: Client, mine: Dossier) -> None:
    closed = unit("SMR 1")
    with database.writing():
        Etablissement.update(ferme=True).where(Etablissement.id == closed.etablissement_id).execute()
    assert names(alice.get(here(mine)), "possibles") == ["SMR 2", "SMR 3"]
    alice.post(here(mine), {"unite": [str(closed.id)]}, 409)
    assert demandes() == []


def test_a_home_care_farther_than_its_zone_is_set_apart(alice: Client, mine: Dossier) -> None:
    for name, zone in (("HAD PROCHE", 5), ("HAD LOIN", 25)):
        annuaire.place(name, 10, units=({"genre": "had", "sejours": "domicile"},))
        declares(name, Capacites(modes=("m04",), zone=zone))
    vagues.say(mine, **ASKED | {"prise_en_charge": "had", "mode": "m04", "isolement": "aucun", "hospitalisation": ""})
    page = alice.get(here(mine))
    assert names(page, "possibles") == ["HAD LOIN"]
    assert "N’intervient pas au-delà de 5 km" in page.text


def test_a_place_that_nobody_knows_says_what_to_do(alice: Client, mine: Dossier) -> None:
    vagues.say(mine, **ASKED | {"lieu_recherche": "99999 NULLE PART"})
    assert "Où chercher" in alice.get(here(mine)).text


def test_a_secretary_sees_no_word_of_a_volet_that_is_not_open_to_her(
        opened_app: Starlette, mine: Dossier, settings: Settings) -> None:
    sophie, loan = secretary(settings)
    with Client(opened_app) as client:
        client.enter(Access.SECRETARIAT, None, sophie.name, sophie.id, level="otp", subject=sophie.subject,
                     delegation_id=loan.id)
        page = client.get(here(mine))
        assert "ne vous est pas ouvert" in page.text
        assert "Contact" not in page.soup.select_one("section[aria-labelledby=titre-besoin]").get_text()


def test_only_the_asking_side_of_a_sanitaire_dossier_has_the_page(opened_app: Starlette, mine: Dossier) -> None:
    with Client(opened_app) as client:
        physician(BOB)
        client.login(BOB, "Dr Bob DURAND")
        client.get(here(mine), 404)
        client.post(here(mine), {"unite": ["1"]}, 404)
    with Client(opened_app) as client:
        espaces.member(client, espaces.structure(nom="SMR 1"))
        client.get(here(mine), 404)
    with Client(opened_app) as client:
        client.login(ALICE)
        client.get(f"/dossiers/grand-age/{grand_age().numero}/orientation", 404)
