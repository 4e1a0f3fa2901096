"""The guide « Remplir un dossier sanitaire »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from portal.db import database
from portal.demonstration import volets_sanitaire as demonstration
from portal.dossiers import commands as dossiers
from portal.dossiers import queries
from portal.volets import commands
from tests.e2e.gestes import given_a_session
from tests.e2e.guide.test_tnd import in_sight, question, result, when_i_answer
from tests.support.people import LEROUX
from tests.support.running import Running
from tests.support.volets import ALICE, ALICE_ACTS

Photo = Callable[..., None]

pytestmark = pytest.mark.usefixtures("portail")


def given_a_dossier(page: Page, portail: Running, **filled: str) -> str:
    """Dr Alice MARTIN and a sanitaire dossier of hers; ``filled``: a set of the demonstration's answers by volet."""
    given_a_session(page, portail)
    with database.writing():
        made = dossiers.create(ALICE_ACTS, "s", replace(LEROUX, nom_naissance="GUERIN", sejours=("SSR",)))
        seen = queries.visible_dossier(ALICE, "s", made.numero)
        for code, name in filled.items():
            commands.first(ALICE_ACTS, made, code, demonstration.answers(seen, code, name))
    return f"/dossiers/sanitaire/{made.numero}"


def test_01_ouvrir(page: Page, portail: Running, photo: Photo) -> None:
    # given a sanitaire dossier that I have just created
    page.goto(given_a_dossier(page, portail))
    # then its five volets stand there, each with its own step
    volets = page.get_by_role("region", name="Volets")
    for name in ("demandeur", "administratif et social", "orientation", "médical", "soins et projet"):
        expect(volets.get_by_role("heading", name=f"Volet {name}")).to_be_visible()
    photo(page, cible=page.locator("main"))


def test_02_orientation(page: Page, portail: Running, photo: Photo) -> None:
    # given an empty volet orientation
    page.goto(given_a_dossier(page, portail) + "/volets/orientation")
    expect(question(page, "mention")).to_be_hidden()
    # when I ask for a SMR
    when_i_answer(page, prise_en_charge="smr")
    # then its mention and full or day stay are asked, and not what belongs to a care at home
    question(page, "mention").locator("select").select_option(label="Gériatrie")
    when_i_answer(page, hospitalisation="complet")
    expect(question(page, "karnofsky")).to_be_hidden()
    expect(page.locator("#suivi [data-etat]")).to_contain_text("Enregistré à")
    photo(page)


def test_03_palliatif(page: Page, portail: Running, photo: Photo) -> None:
    # given a request for palliative care
    page.goto(given_a_dossier(page, portail, orientation="usp") + "/volets/orientation")
    # then the count of PALLIA-10 stands beside the form, as an information
    expect(result(page).last).to_contain_text("PALLIA-10\u00a0: 7 oui sur 10")
    expect(result(page).last).to_contain_text("le portail ne décide de rien")
    # when I answer otherwise, it follows
    when_i_answer(page, pallia7="oui")
    expect(result(page).last).to_contain_text("8 oui sur 10")
    in_sight(question(page, "pallia5"))
    photo(page, from_top=False)


def test_04_medical(page: Page, portail: Running, photo: Photo) -> None:
    # given a volet médical that is begun
    page.goto(given_a_dossier(page, portail, medical="commence") + "/volets/medical")
    # when I tick « Oxygène » among the devices
    question(page, "dispositifs").get_by_label("Oxygène").check()
    # then the flow is asked
    question(page, "oxygene_debit").locator("input").fill("1,5")
    question(page, "poids").locator("input").fill("60,5")
    page.keyboard.press("Control+s")
    expect(result(page)).to_contain_text("IMC\u00a0: 23,9 kg/m²")
    in_sight(question(page, "dispositifs"))
    photo(page, from_top=False)


def test_05_dependance(page: Page, portail: Running, photo: Photo) -> None:
    # given four of the six lines rated
    page.goto(given_a_dossier(page, portail, soins="commence") + "/volets/soins")
    expect(result(page)).to_contain_text("pas encore de total")
    # when I rate the two others
    when_i_answer(page, avq_comportement="a1", avq_relation="a2")
    # then the total and its two parts stand beside
    expect(result(page)).to_contain_text("AVQ\u00a0: 13 sur 24")
    expect(result(page)).to_contain_text("Dépendance physique\u00a0: 10 sur 16")
    photo(page)


def test_06_hebergement(page: Page, portail: Running, photo: Photo) -> None:
    # given a patient who can't go home
    here = given_a_dossier(page, portail, demandeur="hopital", administratif="complet", medical="smr", soins="smr")
    page.goto(f"{here}/volets/soins")
    # when I ask for a place to live as well
    page.get_by_role("link", name="Demander aussi un hébergement").click()
    expect(page.get_by_role("region", name="Ce que le nouveau dossier reprend")).to_contain_text("Volet médical")
    page.get_by_label("Permanent").check()
    page.get_by_label(re.compile("est informée")).check()
    photo(page)
    page.get_by_role("button", name="Créer le dossier lié").click()
    # then the linked dossier is there
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^Dossier ga \d{8}$"))
    expect(page.get_by_role("region", name="Autres dossiers de cette personne")).to_contain_text("dossier lié")


def test_07_relire(page: Page, portail: Running, photo: Photo) -> None:
    # given the linked dossier
    here = given_a_dossier(page, portail, administratif="complet", medical="smr", soins="smr")
    page.goto(f"{here}/autre-demande")
    page.get_by_label("Permanent").check()
    page.get_by_label(re.compile("est informée")).check()
    page.get_by_role("button", name="Créer le dossier lié").click()
    # when I open its volet médical
    page.get_by_role("region", name="Volets").get_by_role("link", name="Continuer").last.click()
    # then each answer says where it comes from, and nothing is validated
    expect(page.get_by_role("heading", level=1)).to_have_text("Volet médical")
    expect(page.locator(".a-relire")).to_contain_text("relisez, corrigez, puis confirmez")
    expect(question(page, "antecedents")).to_contain_text("Repris de s ")
    photo(page)
