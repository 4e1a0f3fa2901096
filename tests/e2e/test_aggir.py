"""The AGGIR grid in a browser: without JavaScript, by the keyboard alone, and what the script must not do."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from portal.volets import aggir
from tests.e2e.gestes import given_a_session
from tests.support import volets
from tests.support.running import Running


def given_the_grid(page: Page, portail: Running) -> None:
    """Dr Alice MARTIN before the empty grid of a new dossier."""
    given_a_session(page, portail)
    page.goto(f"/dossiers/grand-age/{volets.dossier().numero}/volets/autonomie")


def radio(name: str, value: str) -> str:
    return f"input[name='{name}'][value='{value}']"


def test_without_javascript_saving_computes(new_page: Callable[..., Page], portail: Running) -> None:
    page = new_page(java_script_enabled=False)
    given_the_grid(page, portail)
    # when I rate sixteen lines by a letter and the last by its adverbs, then save
    for line in aggir.LINES[:-1]:
        page.locator(radio(line, "B")).check()
    page.locator("#alerter-adverbes summary").click()
    for adverb in aggir.ADVERBS:
        page.locator(radio(f"alerter.{adverb}", "non")).check()
    page.get_by_role("button", name="Enregistrer").last.click()
    # then the GIR is there, and the adverbs have given their letter
    expect(page.get_by_role("heading", name="GIR 4")).to_be_visible()
    expect(page.locator(radio("alerter", "C"))).to_be_checked()
    # and a line rated by mistake can be emptied
    page.locator(radio("transferts", "")).check()
    page.get_by_role("button", name="Enregistrer").last.click()
    expect(page.get_by_role("heading", name="GIR : pas encore calculé")).to_be_visible()


def test_the_whole_grid_by_the_keyboard(page: Page, portail: Running) -> None:
    given_the_grid(page, portail)
    # when I go from line to line with Tab, and choose with the arrows
    page.locator("#coherence_communication").focus()
    for line in aggir.LINES:
        for _ in range(8):
            if page.evaluate("document.activeElement.name") == line:
                break
            page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.locator(radio(line, "C"))).to_be_checked()
    # then every line is C
    expect(page.get_by_role("heading", name="GIR 1")).to_be_visible()
    expect(page.locator(".aggir-resultat")).to_contain_text("Rang 1, groupe A, somme 4 440.")
    # and it was said
    expect(page.locator("#annonce")).to_have_text("GIR 1")


def test_half_answered_adverbs_wait_for_the_fourth(page: Page, portail: Running) -> None:
    given_the_grid(page, portail)
    # when three adverbs of a line are answered, and another line is rated
    page.locator("#transferts-adverbes summary").click()
    for adverb, answer in zip("sth", ("oui", "non", "oui"), strict=True):
        page.locator(radio(f"transferts.{adverb}", answer)).check()
    with page.expect_request(lambda request: request.method == "POST") as saving:
        page.locator(radio("alerter", "A")).check()
    # then the other is saved, alone
    assert "alerter=A" in (saving.value.post_data or "") and "transferts" not in (saving.value.post_data or "")
    expect(page.locator("#suivi")).to_contain_text("Enregistré à")
    # when the fourth is, then the line is saved whole
    with page.expect_request(lambda request: request.method == "POST") as saving:
        page.locator(radio("transferts.c", "oui")).check()
    assert "transferts=B" in (saving.value.post_data or "")
    expect(page.locator(".aggir-resultat")).to_contain_text("Il reste 15 lignes")
    expect(page.locator("#transferts-erreur")).to_be_hidden()


def test_another_letter_takes_the_adverbs_away_and_the_same_keeps_them(page: Page, portail: Running) -> None:
    given_the_grid(page, portail)
    page.locator("#transferts-adverbes summary").click()
    for adverb in aggir.ADVERBS:
        page.locator(radio(f"transferts.{adverb}", "oui")).check()
    expect(page.locator(radio("transferts", "A"))).to_be_checked()
    page.locator(radio("transferts", "A")).check()
    expect(page.locator(radio("transferts.s", "oui"))).to_be_checked()
    page.locator(radio("transferts", "C")).check()
    for adverb in aggir.ADVERBS:
        expect(page.locator(radio(f"transferts.{adverb}", ""))).to_be_checked()
    expect(page.locator("#suivi")).to_contain_text("Enregistré à")
    page.reload()
    expect(page.locator(radio("transferts", "C"))).to_be_checked()


def test_a_letter_takes_half_answered_adverbs_away(page: Page, portail: Running) -> None:
    given_the_grid(page, portail)
    page.locator("#transferts-adverbes summary").click()
    page.locator(radio("transferts.s", "oui")).check()
    page.locator(radio("transferts", "B")).check()
    expect(page.locator(radio("transferts.s", ""))).to_be_checked()
    expect(page.locator(".aggir-resultat")).to_contain_text("Il reste 16 lignes")
