"""The guide « Éligibilité à l’HAD »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.gestes import given_a_session, then_i_am_told
from tests.support.running import Running

Photo = Callable[..., None]
# Mme LEROUX, whose sanitaire dossier Dr Alice MARTIN leads.
DOSSIER = "/dossiers/sanitaire/2034705"
SUFFICIENT = ("Oui", "Oui, avec une aide ou un aménagement", "Oui", "Pansement long ou par pression négative")
NEEDS = ("Oui", "Oui", "Oui", "Aucun de ceux-ci", "Trois par jour ou plus, ou la nuit", "Une fois par semaine",
         "Un ou deux")

pytestmark = pytest.mark.usefixtures("portail")


def when_i_answer(page: Page, answers: tuple[str, ...]) -> None:
    for question, answer in zip(page.locator("main fieldset").all(), answers, strict=False):
        question.get_by_label(answer, exact=True).check()


def when_i_am_advised(page: Page) -> None:
    when_i_answer(page, SUFFICIENT)
    page.get_by_role("button", name="Voir le conseil").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("une fois les préalables réglés")


def given_an_advice(page: Page, portail: Running) -> None:
    given_a_session(page, portail, confirmed=True)
    page.goto(f"{DOSSIER}/had")
    when_i_am_advised(page)


def test_01_evaluer(page: Page, portail: Running, photo: Photo) -> None:
    # given a sanitaire dossier of mine
    given_a_session(page, portail, confirmed=True)
    page.goto(DOSSIER)
    # when I answer what the helper asks, seven answers and one button: eight clicks
    page.get_by_role("link", name="Évaluer l’éligibilité à l’HAD").click()
    when_i_answer(page, NEEDS)
    photo(page, cible=page.locator("main"))
    page.get_by_role("button", name="Voir le conseil").click()
    # then it advises, and the advice is kept
    expect(page.get_by_role("heading", level=1)).to_contain_text("à discuter")
    then_i_am_told(page, "L’évaluation est gardée avec le dossier.")


def test_02_lire(page: Page, portail: Running, photo: Photo) -> None:
    # given an advice
    given_an_advice(page, portail)
    # then each kind of criterion stands there with my answers and what they mean
    expect(page.get_by_role("region", name="1. Préalables")).to_contain_text("À vérifier")
    expect(page.get_by_role("region", name="2. Soins qui suffisent à la proposer")).to_contain_text("Suffit")
    expect(page.get_by_text("ne décide rien")).to_be_visible()
    photo(page, cible=page.locator("main"))


def test_03_imprimer(page: Page, portail: Running, photo: Photo) -> None:
    # given an advice
    given_an_advice(page, portail)
    # when I ask for its paper
    page.get_by_role("link", name="Imprimer la synthèse").click()
    # then it holds the advice, the criteria, my name and the hour
    expect(page.get_by_role("heading", level=1)).to_have_text("Éligibilité à l’hospitalisation à domicile")
    expect(page.locator(".papier-edite")).to_contain_text("Dr Alice MARTIN")
    expect(page.locator(".papier")).to_contain_text("Pansement long ou par pression négative")
    photo(page, cible=page.locator("main"))


def test_04_refaire(page: Page, portail: Running, photo: Photo) -> None:
    # given an advice of before
    given_an_advice(page, portail)
    # when I make another evaluation
    page.get_by_role("link", name="Refaire l’évaluation").click()
    when_i_answer(page, NEEDS)
    page.get_by_role("button", name="Voir le conseil").click()
    # then the first one is still there to be read
    expect(page.get_by_role("heading", level=1)).to_contain_text("à discuter")
    page.get_by_role("region", name="Évaluations déjà faites").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("une fois les préalables réglés"))
    photo(page)
