"""The guide « Solliciter par vagues »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from portal.db import database
from portal.demandes import commands as demandes
from portal.demandes.commands import Proposition
from portal.demandes.models import Demande
from portal.dossiers import queries as dossiers
from portal.dossiers.models import Dossier
from portal.echeances.travaux import JOBS
from portal.vagues.models import Cible, Plan
from tests.e2e.gestes import given_a_session, then_i_am_told
from tests.support import vagues
from tests.support.espaces import ANSWERS
from tests.support.running import Running

Photo = Callable[..., None]
# Mme LEROUX, whose sanitaire dossier Dr Alice MARTIN leads.
NUMERO = 2034705
DOSSIER = f"/dossiers/sanitaire/{NUMERO}"

pytestmark = pytest.mark.usefixtures("portail")


def leroux() -> Dossier:
    database.connect()
    found = dossiers.by_number("s", NUMERO)
    assert found is not None
    return found


def given_a_whole_dossier() -> None:
    """Its volets are valid and nothing else is missing; whatever was asked for it is forgotten."""
    one = leroux()
    with database.writing():
        Demande.delete().where(Demande.dossier_id == one.id).execute()
        for plan in Plan.select().where(Plan.dossier_id == one.id):
            Cible.delete().where(Cible.plan_id == plan.id).execute()
            plan.delete_instance()
        Dossier.update(adresse="12 rue des Tilleuls").where(Dossier.id == one.id).execute()
    vagues.whole(one)


def when_the_search_begins(page: Page) -> None:
    page.goto(f"{DOSSIER}/vagues")
    page.get_by_role("button", name="Commencer la recherche").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recherche par vagues")


def given_a_search(page: Page, portail: Running) -> None:
    given_a_session(page, portail, confirmed=True)
    given_a_whole_dossier()
    when_the_search_begins(page)


def when_a_day_passes(portail: Running) -> None:
    """The clock of the searches, a day later."""
    with clock.shift(timedelta(hours=24)):
        job = next(job for job in JOBS if job.name == "vagues")
        assert job.run(portail.settings)


def given_an_accord() -> None:
    """The first unit that was asked offers a date."""
    database.connect()
    with database.writing():
        first = Demande.select().where(Demande.dossier_id == leroux().id).order_by(Demande.id).first()
        one = demandes.read(ANSWERS, first.id)
        demandes.propose(ANSWERS, one.id, one.version, Proposition(date(2026, 11, 30), date(2026, 11, 27)))


def test_01_preparer(page: Page, portail: Running, photo: Photo) -> None:
    # given a sanitaire dossier whose volets are valid
    given_a_session(page, portail, confirmed=True)
    given_a_whole_dossier()
    page.goto(DOSSIER)
    # when I ask for the plan of a search
    page.get_by_role("link", name="Solliciter par vagues").click()
    # then I read who would be asked, and when; nothing has left
    expect(page.get_by_role("region", name="Vague 1").get_by_role("checkbox")).to_have_count(3)
    expect(page.get_by_role("region", name="Vague 2")).to_contain_text("sans accord")
    assert not Demande.select().where(Demande.dossier_id == leroux().id).exists()
    photo(page, cible=page.locator("main"))


def test_02_commencer(page: Page, portail: Running, photo: Photo) -> None:
    # given a plan
    given_a_session(page, portail, confirmed=True)
    given_a_whole_dossier()
    # when I begin
    when_the_search_begins(page)
    # then three units are asked, and I read when the next wave leaves
    then_i_am_told(page, "la première vague est partie")
    expect(page.get_by_text("Prochaine vague")).to_contain_text("24/11/2026")
    assert Demande.select().where(Demande.dossier_id == leroux().id).count() == 3
    photo(page)


def test_03_suivre(page: Page, portail: Running, photo: Photo) -> None:
    # given a search that began yesterday, and no accord
    given_a_search(page, portail)
    # when its delay has passed
    when_a_day_passes(portail)
    page.reload()
    # then the second wave has left by itself
    expect(page.get_by_role("region", name="Vague 2")).to_contain_text("Partie")
    photo(page, cible=page.locator("main"))
    page.goto(DOSSIER)
    expect(page.get_by_role("region", name="Historique")).to_contain_text("Système")


def test_04_agir(page: Page, portail: Running, photo: Photo) -> None:
    # given a search
    given_a_search(page, portail)
    # when I suspend it
    page.get_by_role("button", name="Suspendre la recherche").click()
    # then nothing leaves before I resume it
    then_i_am_told(page, "La recherche est suspendue")
    expect(page.get_by_role("button", name="Reprendre la recherche")).to_be_visible()
    photo(page)
    page.get_by_role("button", name="Faire partir la vague suivante").click()
    expect(page.get_by_role("region", name="Vague 2")).to_contain_text("Partie")
    page.get_by_role("button", name="Arrêter la recherche").click()
    expect(page.get_by_role("link", name="Préparer une autre recherche")).to_be_visible()


def test_05_accord(page: Page, portail: Running, photo: Photo) -> None:
    # given a search, and a unit that offers a date
    given_a_search(page, portail)
    given_an_accord()
    # when its delay has passed
    when_a_day_passes(portail)
    page.reload()
    # then the search waits for my answer
    expect(page.get_by_role("region", name="Où en est la recherche")).to_contain_text("Un accord est arrivé")
    expect(page.get_by_role("region", name="Vague 2")).to_contain_text("En attente")
    assert Plan.get(Plan.dossier_id == leroux().id).etat == "accord"
    photo(page)
