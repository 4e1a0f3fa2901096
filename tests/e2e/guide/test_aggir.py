"""The guide « Évaluer l'autonomie (AGGIR) »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.volets import aggir
from tests.e2e.gestes import given_a_session
from tests.support import volets
from tests.support.running import Running

Photo = Callable[..., None]

pytestmark = pytest.mark.usefixtures("portail")

# A person who needs help for her body, not for her mind: GIR 4.
MRS = dict.fromkeys(aggir.LINES, "A") | {
    "toilette_bas": "B", "habillage_bas": "C", "habillage_moyen": "B", "alimentation_servir": "B", "transferts": "B",
    "deplacements_exterieurs": "C", "alerter": "B",
}  # fmt: skip


def given_a_dossier(page: Page, portail: Running) -> str:
    """Dr Alice MARTIN and a new dossier of hers, Mme LEROUX's; returns its address."""
    given_a_session(page, portail)
    return f"/dossiers/grand-age/{volets.dossier().numero}"


def line(page: Page, name: str) -> Locator:
    return page.locator(f"[data-champ='{name}']")


def when_i_rate(page: Page, letters: Mapping[str, str]) -> None:
    for name, letter in letters.items():
        line(page, name).locator(f"input[name='{name}'][value='{letter}']").check()


def result(page: Page) -> Locator:
    return page.locator(".aggir-resultat")


def test_01_ouvrir(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that I accepted
    page.goto(given_a_dossier(page, portail))
    # when I open its volet autonomie
    page.get_by_role("region", name="Volets").get_by_role("link", name="Volet autonomie").click()
    # then seventeen lines wait for me
    expect(page.get_by_role("heading", level=1)).to_contain_text("autonomie")
    expect(result(page)).to_contain_text("Il reste 17 lignes à coter sur 17")
    photo(page)


def test_02_lettre(page: Page, portail: Running, photo: Photo) -> None:
    page.goto(given_a_dossier(page, portail) + "/volets/autonomie")
    # when I choose a letter, with the keyboard alone
    transfers = line(page, "transferts")
    transfers.locator("input[value='A']").first.focus()
    page.keyboard.press("ArrowRight")
    # then it is B, saved, and one line less is left
    expect(transfers.locator("input[name='transferts'][value='B']")).to_be_checked()
    expect(result(page)).to_contain_text("Il reste 16 lignes à coter sur 17")
    transfers.scroll_into_view_if_needed()
    photo(page, from_top=False)
    # and a line rated by mistake can be emptied
    transfers.get_by_role("button", name="Effacer").click()
    expect(result(page)).to_contain_text("Il reste 17 lignes à coter sur 17")


def test_03_adverbes(page: Page, portail: Running, photo: Photo) -> None:
    page.goto(given_a_dossier(page, portail) + "/volets/autonomie")
    transfers = line(page, "transferts")
    # when I answer the four adverbs
    transfers.get_by_text("Détailler par les quatre adverbes").click()
    for key, answer in zip("sthc", ("oui", "oui", "non", "oui"), strict=True):
        transfers.locator(f"input[name='transferts.{key}'][value='{answer}']").check()
    # then the letter follows, and is saved
    expect(transfers.locator("input[name='transferts'][value='B']")).to_be_checked()
    expect(result(page)).to_contain_text("Il reste 16 lignes à coter sur 17")
    transfers.scroll_into_view_if_needed()
    photo(page, from_top=False)
    # and choosing another letter takes the adverbs away
    transfers.locator("input[name='transferts'][value='A']").check()
    expect(transfers.locator("input[name='transferts.s'][value='']")).to_be_checked()


def test_04_gir(page: Page, portail: Running, photo: Photo) -> None:
    page.goto(given_a_dossier(page, portail) + "/volets/autonomie")
    # when every line is rated
    when_i_rate(page, MRS)
    # then the GIR stands beside the grid, and says where it comes from
    expect(result(page).get_by_role("heading", name="GIR 4")).to_be_visible()
    expect(result(page)).to_contain_text("ouvre droit à l’APA")
    result(page).get_by_text("Ce qu’il signifie, d’où il vient").click()
    expect(result(page).get_by_role("row").last).to_contain_text("→ rang")
    page.set_viewport_size({"width": 1280, "height": 1700})
    photo(page)
    # and the explanation stays open while I go on rating
    when_i_rate(page, {"transferts": "C"})
    expect(result(page).get_by_role("heading", name="GIR 3")).to_be_visible()
    expect(page.locator("#aggir-explication")).to_have_attribute("open", "")


def test_05_evaluations(page: Page, portail: Running, photo: Photo) -> None:
    # given an evaluation kept
    address = given_a_dossier(page, portail) + "/volets/autonomie"
    page.goto(address)
    when_i_rate(page, MRS)
    expect(result(page).get_by_role("heading", name="GIR 4")).to_be_visible()
    page.get_by_role("button", name="Valider le volet").click()
    expect(page.get_by_role("region", name="Évaluations AGGIR")).to_contain_text("GIR 4")
    # when I reopen the volet, rate otherwise and validate
    page.get_by_role("link", name="Rouvrir").click()
    page.get_by_role("button", name="Rouvrir").click()
    when_i_rate(page, {"transferts": "C"})
    expect(result(page).get_by_role("heading", name="GIR 3")).to_be_visible()
    page.get_by_role("button", name="Valider le volet").click()
    # then both are kept, and what changed is said
    kept = page.get_by_role("region", name="Évaluations AGGIR")
    expect(kept).to_contain_text("GIR 3 (avant : GIR 4)")
    expect(kept).to_contain_text("Transferts : B → C")
    kept.scroll_into_view_if_needed()
    photo(page, from_top=False)
