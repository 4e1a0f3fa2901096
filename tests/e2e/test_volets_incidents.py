"""A volet that others act upon while it is being filled in, a slow portal, a small window."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from portal.db import database
from portal.volets import commands
from portal.volets.formulaire import Kind
from tests.e2e.gestes import CHLOE, enter, given_a_session
from tests.support.delegues import lent, physician
from tests.support.running import Running
from tests.support.sessions import open_session
from tests.support.volets import BOB_ACTS, complete, dossier, first, form_of, seen, stored, twin, write

WORDS = "Chute en octobre, marche avec une canne"


def address(numero: int) -> str:
    return f"/dossiers/grand-age/{numero}/volets/medical"


@pytest.fixture
def numero(page: Page, portail: Running) -> int:
    """Dr Alice MARTIN is logged in; the number of a new dossier of hers."""
    given_a_session(page, portail)
    return int(dossier().numero)


def when_i_type(page: Page, words: str = WORDS) -> None:
    page.locator(f"#{first(Kind.TEXTE).id}").fill(words)
    page.keyboard.press("Control+s")


def then_my_words_stay(page: Page, words: str = WORDS) -> None:
    expect(page.locator(f"#{first(Kind.TEXTE).id}")).to_have_value(words)


def test_page_of_another_role_saves_nothing_says_so_and_keeps_the_words(
        page: Page, portail: Running, numero: int) -> None:
    # given Dr Chloé PETIT, who acts for Dr Alice MARTIN in one tab
    made, chloe = lent(portail.settings), physician(CHLOE)
    enter(page, portail, open_session(
        portail.settings, CHLOE, chloe.name, compte_id=chloe.id, delegation_id=made.id))
    page.watch.expect("409")
    page.goto(address(numero))
    # when she comes back to her own name in another
    other = page.context.new_page()
    other.goto("/accueil")
    other.get_by_role("button", name="Revenir à mes dossiers").click()
    expect(other.get_by_role("region", name="Délégation")).to_have_count(0)
    when_i_type(page)
    # then the first says why nothing is saved, and the words stay
    expect(page.locator("#suivi-panne")).to_contain_text("avant que vous ne changiez de rôle")
    then_my_words_stay(page)
    assert stored(numero).version == 0


def test_volet_signed_meanwhile_says_by_whom_and_keeps_the_words(page: Page, numero: int) -> None:
    # given a volet that Dr Bob DURAND validates while I read it
    page.watch.expect("409")
    complete(numero)
    page.goto(address(numero))
    with database.writing():
        commands.validate(BOB_ACTS, seen(numero), "medical", stored(numero).version)
    # when I write
    when_i_type(page)
    # then I am told, and may copy my words
    expect(page.locator("#suivi")).to_contain_text("a été validé par Dr Bob DURAND")
    then_my_words_stay(page)
    assert stored(numero).answers[first(Kind.TEXTE).id] != WORDS


def test_volet_changed_by_another_is_read_again_before_it_is_validated(page: Page, numero: int) -> None:
    # given words that Dr Bob DURAND wrote since the page was opened
    page.watch.expect("409")
    complete(numero)
    page.goto(address(numero))
    write(BOB_ACTS, numero, {first(Kind.TEXTE).id: "Écrit par un confrère"})
    # when I validate
    page.get_by_role("button", name="Valider le volet").click()
    # then they are shown first, and the second time counts
    expect(page.get_by_text("Dr Bob DURAND a modifié ce volet")).to_be_visible()
    then_my_words_stay(page, "Écrit par un confrère")
    page.get_by_role("button", name="Valider le volet").click()
    expect(page.get_by_text(re.compile("Validé par Dr Alice MARTIN")).first).to_be_visible()


def test_slow_portal_is_said_and_one_saving_is_made_of_what_follows(page: Page, numero: int) -> None:
    page.goto(address(numero))
    waiting: list[Route] = []

    def hold_the_first(route: Route) -> None:
        waiting.append(route)
        if len(waiting) > 1:
            route.continue_()

    page.route(page.url, hold_the_first)
    # when a saving takes its time
    when_i_type(page, "Chute")
    expect(page.locator("#suivi [data-etat]")).to_have_text("Enregistrement…")
    # and I go on typing
    when_i_type(page, WORDS)
    when_i_type(page, f"{WORDS}, seule")
    assert len(waiting) == 1
    waiting[0].continue_()
    # then all of it is saved by one more
    expect(page.locator("#annonce")).to_have_text("Tout est enregistré.")
    assert stored(numero).answers[first(Kind.TEXTE).id] == f"{WORDS}, seule"
    assert stored(numero).version == 2


def test_portal_that_can_t_write_is_tried_again(page: Page, numero: int) -> None:
    page.watch.expect("503")
    page.goto(address(numero))
    tries: list[int] = []

    def fail_once(route: Route) -> None:
        if route.request.method != "POST" or tries:
            return route.continue_()
        tries.append(1)
        return route.fulfill(status=503, content_type="text/html", body="<html><main data-erreur>"
                             "<p data-dire>Le portail n’a pas pu enregistrer.</p></main></html>")

    page.route(page.url, fail_once)
    when_i_type(page)
    expect(page.locator("#suivi-panne")).to_contain_text("Le portail n’a pas pu enregistrer.")
    then_my_words_stay(page)
    expect(page.locator("#suivi-panne")).to_be_empty()
    assert stored(numero).answers[first(Kind.TEXTE).id] == WORDS


def test_copied_answers_are_confirmed_one_by_one_where_they_stand(page: Page, numero: int) -> None:
    # given two answers taken over from an earlier dossier
    texts = [one.id for one in form_of().fields.values() if one.kind is Kind.TEXTE and not one.shown_when][:2]
    write(BOB_ACTS, numero, dict.fromkeys(texts, WORDS))
    new = int(twin(numero).numero)
    page.goto(f"{address(new)}/reprendre")
    page.get_by_role("button", name=re.compile("^Reprendre")).click()
    notes = page.locator("[data-note]")
    expect(notes).to_have_count(2)
    # when I confirm one and correct the other
    page.locator(f"[data-champ={texts[0]}]").get_by_role("button", name=re.compile("^Confirmer")).click()
    expect(notes).to_have_count(1)
    page.locator(f"#{texts[1]}").fill("Autre chose")
    page.keyboard.press("Control+s")
    # then nothing is left to read again
    expect(notes).to_have_count(0)
    assert stored(new).copies == {}
    assert stored(new).answers == {texts[0]: WORDS, texts[1]: "Autre chose"}


@pytest.mark.parametrize("window", [{"width": 320, "height": 256}, {"width": 320, "height": 640},
                                    {"width": 1280, "height": 800}])
def test_no_field_hides_under_a_bar(
        new_page: Callable[..., Page], portail: Running, window: dict[str, int]) -> None:
    """WCAG 2.4.11, at 400 % too: whatever has the focus can be seen."""
    page = new_page(viewport=window)
    given_a_session(page, portail)
    page.goto(address(dossier().numero))
    page.evaluate("document.querySelector('#volet summary').focus()")
    hidden = []
    for _ in range(40):
        page.keyboard.press("Tab")
        hidden += page.evaluate("""() => {
          const one = document.activeElement, box = one.getBoundingClientRect();
          const at = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
          const over = at && (at === one || one.contains(at) || at.contains(one)
            || [...(one.labels ?? [])].some((label) => label.contains(at)));
          return over ? [] : [`${one.tagName} ${one.id} sous ${at?.className}`];
        }""")
    assert hidden == []


def test_half_rated_line_waits_while_another_is_saved(page: Page, numero: int) -> None:
    # given the grid, with a line rated and another begun by its adverbs while that saving is under way
    page.goto(f"/dossiers/grand-age/{numero}/volets/autonomie")
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            route.continue_()

    page.route(page.url, hold_the_first)
    page.locator("#transferts").check()
    line = page.locator("[data-champ=alerter]")
    line.locator("summary").click()
    adverbs = [line.locator(f"input[name='alerter.{adverb}'][value=oui]") for adverb in "sthc"]
    for adverb in adverbs[:2]:
        adverb.check()
    held[0].continue_()
    expect(page.locator("#suivi [data-etat]")).to_have_text(re.compile("^Enregistré à"))
    # then nothing is refused, and the four together say the letter
    expect(page.locator("#alerter-erreur")).to_be_hidden()
    for adverb in adverbs[2:]:
        adverb.check()
    page.keyboard.press("Control+s")
    expect(page.locator("#annonce")).to_have_text("Tout est enregistré.")
    assert stored(numero, "autonomie").answers == {"transferts": "A", "alerter": "A:oooo"}
