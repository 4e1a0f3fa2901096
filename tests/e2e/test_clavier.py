"""The portal by the keyboard alone: shortcuts, focus after each change, the session's dialog."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.gestes import given_a_session
from tests.support.running import Running

TABLE = "/dossiers/grand-age"
SEARCH = "Rechercher dans le tableau"


@pytest.fixture
def table(page: Page, portail: Running) -> Page:
    """Dr Alice MARTIN before her grand âge table."""
    given_a_session(page, portail)
    page.goto(TABLE)
    return page


def focus_is_shown(element: Locator) -> bool:
    """True when the focused element has an outline that can be seen."""
    return bool(element.evaluate("""one => {
      const style = getComputedStyle(one);
      return one.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    }"""))


def somewhere(page: Page) -> bool:
    """True when the focus is on something, not lost on the page's body."""
    return bool(page.evaluate("document.activeElement !== document.body"))


def test_first_stop_skips_to_the_content(table: Page) -> None:
    # when I press Tab once
    table.keyboard.press("Tab")
    # then the link to the content shows itself
    skip = table.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)
    # and leads there: the next stop is the content's first link
    table.keyboard.press("Enter")
    table.keyboard.press("Tab")
    expect(table.locator("main a").first).to_be_focused()


def test_slash_goes_to_the_search_and_is_not_typed(table: Page) -> None:
    # when I press « / »
    table.keyboard.press("/")
    # then the table's search takes what I type, « / » included from now on
    field = table.get_by_label(SEARCH)
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    table.keyboard.type("a/b")
    expect(field).to_have_value("a/b")


def test_question_mark_opens_the_help_and_escape_gives_the_focus_back(table: Page) -> None:
    # given the focus on a link
    link = table.locator("main").get_by_role("link", name="Créer un dossier")
    link.focus()
    # when I press « ? »
    table.keyboard.press("?")
    # then the drawer opens on the section of this page, with the focus in it
    drawer = table.locator("#tiroir-aide")
    expect(drawer.get_by_role("heading", level=2)).to_be_focused()
    # and Escape closes it, and the focus goes back to where the help was asked
    table.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(link).to_be_focused()


def test_help_link_opens_the_drawer_and_gets_the_focus_back(table: Page) -> None:
    # given the help's link
    link = table.get_by_role("link", name="Aide sur cette page")
    link.focus()
    # when I follow it, then close the drawer by its button
    table.keyboard.press("Enter")
    drawer = table.locator("#tiroir-aide")
    expect(drawer.get_by_role("heading", level=2)).to_be_focused()
    table.keyboard.press("Tab")
    expect(drawer.get_by_role("button", name="Fermer l’aide")).to_be_focused()
    table.keyboard.press("Enter")
    # then I am back on the link
    expect(link).to_be_focused()


def test_g_then_d_goes_to_the_dossiers(page: Page, portail: Running) -> None:
    # given the dashboard
    given_a_session(page, portail)
    page.goto("/accueil")
    # when I press « g », then « d »
    page.keyboard.press("g")
    page.keyboard.press("d")
    # then the dossiers are there
    expect(page).to_have_url(re.compile(f"{TABLE}$"))


def test_shortcuts_switched_off_stay_off(table: Page) -> None:
    # given the shortcuts switched off by the keyboard
    toggle = table.get_by_role("button", name=re.compile("^Raccourcis clavier"))
    toggle.focus()
    table.keyboard.press("Enter")
    expect(toggle).to_have_text(re.compile("désactivés"))
    # when another page opens
    table.goto(TABLE)
    # then their keys do nothing there
    expect(toggle).to_have_text(re.compile("désactivés"))
    table.keyboard.press("/")
    expect(table.get_by_label(SEARCH)).not_to_be_focused()
    # and come back when switched on
    toggle.focus()
    table.keyboard.press("Enter")
    table.locator("body").press("/")
    expect(table.get_by_label(SEARCH)).to_be_focused()


def test_filter_keeps_the_focus_and_tells_the_count(table: Page) -> None:
    # given the search
    table.keyboard.press("/")
    # when I type
    table.keyboard.type("rocky")
    # then the count is told, and I can go on typing
    expect(table.locator("#annonce")).to_have_text(re.compile("1 dossier$"))
    expect(table.get_by_label(SEARCH)).to_be_focused()


@pytest.mark.parametrize("name", ["Admis", "Patient", "À accepter", "Suivants"])
def test_link_of_the_table_leaves_the_focus_usable(table: Page, name: str) -> None:
    # given a tab, a sort, a filter or the next page, reached by the keyboard
    link = table.locator("#resultats").get_by_role("link", name=re.compile(f"^{name}"))
    link.focus()
    # when I follow it, and the table is swapped
    table.evaluate("window.unchanged = true")
    table.keyboard.press("Enter")
    expect(table).to_have_url(re.compile(r"\?"))
    # then the count is told, and the next Tab goes on from there
    expect(table.locator("#annonce")).to_have_text(re.compile("dossier"))
    assert table.evaluate("window.unchanged") is True
    assert somewhere(table)
    table.keyboard.press("Tab")
    assert table.evaluate("document.activeElement.closest('#resultats') !== null")


def test_sort_is_within_reach_on_a_telephone(new_page: Callable[..., Page], portail: Running) -> None:
    # given the table on a telephone, or at a zoom of 400 %
    narrow = new_page(viewport={"width": 320, "height": 640})
    given_a_session(narrow, portail)
    narrow.goto(TABLE)
    # when the keyboard comes to a sort
    link = narrow.get_by_role("columnheader", name=re.compile("^Patient")).get_by_role("link")
    link.focus()
    # then it can be seen, and pressed
    expect(link).to_be_in_viewport(ratio=1)
    assert (link.bounding_box() or {"height": 0})["height"] >= 24
    narrow.keyboard.press("Enter")
    expect(narrow).to_have_url(re.compile("tri=patient"))


def test_submenu_opens_and_escape_closes_it(table: Page) -> None:
    # given the submenu of the dossiers
    summary = table.locator("#menu summary")
    summary.focus()
    # when I open it
    table.keyboard.press("Enter")
    expect(table.get_by_role("link", name="Plateformes TND")).to_be_visible()
    table.keyboard.press("Tab")
    # then Escape closes it and gives the focus back
    table.keyboard.press("Escape")
    expect(table.get_by_role("link", name="Plateformes TND")).to_be_hidden()
    expect(summary).to_be_focused()


def test_session_dialog_holds_the_focus_and_is_answered_by_the_keyboard(page: Page, portail: Running) -> None:
    # given a session about to end, and the focus in the search
    given_a_session(page, portail)
    page.clock.install()
    page.goto(TABLE)
    page.keyboard.press("/")
    page.clock.fast_forward("28:30")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    # when I go round with Tab, the page behind is never reached
    inside = "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate(inside)
    # and « Rester connecté » closes it, and the focus goes back to where I was
    dialog.get_by_role("button", name="Rester connecté").focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.get_by_label(SEARCH)).to_be_focused()


def test_escape_in_the_session_dialog_stays_connected(page: Page, portail: Running) -> None:
    # given a session about to end
    given_a_session(page, portail)
    page.clock.install()
    page.goto(TABLE)
    page.clock.fast_forward("28:30")
    expect(page.get_by_role("dialog")).to_be_visible()
    # when I press Escape
    with page.expect_response("**/connexion/prolonger") as answer:
        page.keyboard.press("Escape")
    # then the session goes on
    assert answer.value.ok
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_every_stop_of_a_page_shows_its_focus(table: Page) -> None:
    # when I walk through the page by Tab
    stops: set[str] = set()
    for _ in range(30):
        table.keyboard.press("Tab")
        focused = table.locator(":focus")
        # then each stop is outlined
        assert focus_is_shown(focused), focused.evaluate("one => one.outerHTML.slice(0, 120)")
        stops.add(str(focused.evaluate("one => one.tagName")))
    assert stops >= {"A", "BUTTON", "INPUT", "SELECT", "SUMMARY"}


def test_radios_and_boxes_show_their_focus(page: Page, portail: Running) -> None:
    # given a form with every kind of field
    given_a_session(page, portail)
    page.goto(f"{TABLE}/creer")
    # then each shows its focus, by the keyboard
    for field in ("#civilite", "#naissance", "#sexe", "#sejour_0", "#information"):
        page.locator(field).focus()
        page.keyboard.press("Shift")
        assert focus_is_shown(page.locator(field)), field
