"""A volet filled in by people: saved while they type, offline, in two browsers, after the session, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from portal import clock
from portal.volets.formulaire import Field, Kind
from tests.e2e.conftest import accessible
from tests.e2e.gestes import given_a_session, then_i_am_told, when_i_choose_the_card, when_i_type_the_code
from tests.support.running import Running
from tests.support.volets import BOB_ACTS, complete, dossier, first, form_of, stored, write

WORDS = "Chute en octobre, marche avec une canne"


@pytest.fixture
def text() -> Field:
    """A question answered in several lines, asked at once."""
    return first(Kind.TEXTE)


@pytest.fixture
def volet(page: Page, portail: Running) -> Page:
    """Dr Alice MARTIN before the empty medical volet of a new dossier."""
    given_a_session(page, portail)
    page.goto(f"/dossiers/grand-age/{dossier().numero}/volets/medical")
    return page


def numero(page: Page) -> int:
    """The number of the dossier whose volet the page shows."""
    return int(page.url.split("/")[5])


def field(page: Page, asked: Field) -> Locator:
    """The input of a question, its section open."""
    box = page.locator(f"#{asked.id}")
    box.evaluate("one => one.closest('details.rubrique').open = true")
    return box


def then_it_is_saved(page: Page, asked: Field, words: str) -> None:
    """The bar says so, and the volet holds it."""
    expect(page.locator("#suivi [data-etat]")).to_have_text(re.compile("^Enregistré à"))
    assert stored(numero(page)).answers.get(asked.id) == words


def test_what_is_typed_saves_itself_without_moving_the_caret(volet: Page, text: Field) -> None:
    # when I type, and stop for a second
    place = field(volet, text)
    place.click()
    with volet.expect_response(lambda answer: answer.request.method == "POST"):
        volet.keyboard.type(WORDS)
    # then it is saved, and I can go on where I was
    then_it_is_saved(volet, text, WORDS)
    expect(place).to_be_focused()
    volet.keyboard.type(" et rit")
    with volet.expect_response(lambda answer: answer.request.method == "POST"):
        volet.keyboard.press("Tab")
    then_it_is_saved(volet, text, f"{WORDS} et rit")
    # and leaving asks nothing
    volet.goto("/accueil")
    expect(volet.get_by_role("heading", level=1)).to_have_text("Mes patients")


def test_ctrl_s_saves_at_once(volet: Page, text: Field) -> None:
    field(volet, text).fill(WORDS)
    with volet.expect_response(lambda answer: answer.request.method == "POST"):
        volet.keyboard.press("Control+s")
    then_it_is_saved(volet, text, WORDS)


def test_only_the_fields_that_changed_are_sent(volet: Page, text: Field) -> None:
    with volet.expect_request(lambda sent: sent.method == "POST") as asked:
        field(volet, text).fill(WORDS)
        volet.keyboard.press("Control+s")
    body = asked.value.post_data or ""
    assert text.id in body
    others = [one.id for one in form_of().fields.values() if one.id != text.id and f"{one.id}=" in body]
    assert others == []


def test_lost_line_is_said_nothing_is_lost_and_it_goes_out_when_it_is_back(volet: Page, text: Field) -> None:
    volet.watch.expect("ERR_INTERNET_DISCONNECTED")
    volet.watch.expect("Failed to load")
    # given no line
    volet.context.set_offline(True)
    field(volet, text).fill(WORDS)
    volet.keyboard.press("Control+s")
    # then the page says so and keeps the words; more can be typed
    expect(volet.locator("#suivi-panne")).to_contain_text("Connexion perdue")
    field(volet, text).fill(f"{WORDS}, seule")
    assert stored(numero(volet)).version == 0
    # when it is back, both go out
    volet.context.set_offline(False)
    expect(volet.locator("#suivi-panne")).to_be_empty()
    volet.keyboard.press("Control+s")
    expect(volet.locator("#annonce")).to_have_text("Tout est enregistré.")
    then_it_is_saved(volet, text, f"{WORDS}, seule")


@pytest.mark.proves("R9")
def test_lost_answer_is_sent_again_under_its_key_and_written_once(volet: Page, text: Field) -> None:
    volet.watch.expect("ERR_FAILED")
    volet.watch.expect("Failed to load")
    keys: list[str] = []
    lost: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        keys.append(re.findall(r"cle=(\w+)", route.request.post_data or "")[0])
        if lost:
            return route.continue_()
        lost.append("1")
        route.fetch()  # the server has it
        return route.abort()

    volet.route(volet.url, lambda route: lose_the_first_answer(route) if route.request.method == "POST"
                else route.continue_())
    # when the answer of a saving is lost, and I type on
    field(volet, text).fill(WORDS)
    volet.keyboard.press("Control+s")
    expect(volet.locator("#suivi-panne")).to_contain_text("Connexion perdue")
    field(volet, text).fill(f"{WORDS}, seule")
    volet.keyboard.press("Control+s")
    # then the same saving goes again, the rest after it, and I am in conflict with nobody
    expect(volet.locator("#annonce")).to_have_text("Tout est enregistré.")
    assert keys[0] == keys[1] and keys[2] != keys[0]
    expect(volet.locator(".desaccord")).to_have_count(0)
    then_it_is_saved(volet, text, f"{WORDS}, seule")
    assert stored(numero(volet)).version == 2


@pytest.mark.parametrize(("choice", "kept"), [
    ("Garder la mienne", "Ma version"), ("Garder l’autre", "Sa version"),
    ("Garder les deux", "Sa version\n\nMa version")])
def test_two_people_in_conflict_see_both_texts_and_choose(volet: Page, text: Field, choice: str, kept: str) -> None:
    volet.watch.expect("409")
    # given words of Dr Bob DURAND, written since this page was opened
    write(BOB_ACTS, numero(volet), {text.id: "Sa version"})
    # when I write mine
    field(volet, text).fill("Ma version")
    volet.keyboard.press("Control+s")
    box = volet.locator(f"[data-champ={text.id}] .desaccord")
    expect(box).to_contain_text("Sa version")
    expect(box).to_contain_text("Dr Bob DURAND")
    accessible(volet)
    assert stored(numero(volet)).answers[text.id] == "Sa version"
    # then I choose, and that is what is kept
    box.get_by_role("button", name=choice).click()
    expect(box).to_have_count(0)
    expect(field(volet, text)).to_be_focused()
    volet.keyboard.press("Control+s")
    expect(volet.locator("#annonce")).to_have_text("Tout est enregistré.")
    assert stored(numero(volet)).answers[text.id] == kept
    expect(field(volet, text)).to_have_value(kept)


def test_refused_answer_is_said_under_its_field_and_the_caret_stays(volet: Page) -> None:
    volet.watch.expect("422")
    number = first(Kind.NOMBRE)
    place = field(volet, number)
    place.fill("beaucoup")
    place.press("Tab")
    message = volet.locator(f"#{number.id}-erreur")
    expect(message).to_be_visible()
    expect(place).to_have_value("beaucoup")
    accessible(volet)
    # when it is put right
    place.fill(str(number.minimum or 1))
    place.press("Tab")
    expect(message).to_be_hidden()
    expect(place).not_to_have_attribute("aria-invalid", "true")


def test_session_end_keeps_the_words_for_the_next_login(volet: Page, text: Field) -> None:
    place, before = field(volet, text), volet.url
    with clock.shift(timedelta(minutes=31)):
        # when I type after the session ended
        place.fill(WORDS)
        volet.keyboard.press("Control+s")
        # then I am asked to log in again
        expect(volet.get_by_text("Votre session a expiré.")).to_be_visible()
        when_i_type_the_code(when_i_choose_the_card(volet))
        volet.wait_for_url(before)
        # and my words are there, said to be taken over, and saved
        expect(field(volet, text)).to_have_value(WORDS)
        expect(volet.get_by_text("Votre session avait expiré.")).to_be_visible()
        then_it_is_saved(volet, text, WORDS)
        expect(volet.locator(f"[data-champ={text.id}] [data-note]")).to_have_count(0)


def test_login_in_another_tab_lets_this_page_go_on(volet: Page, portail: Running, text: Field) -> None:
    volet.watch.expect("403")
    # given a session that was closed and opened again in another tab
    given_a_session(volet, portail)
    # when I type here
    field(volet, text).fill(WORDS)
    volet.keyboard.press("Control+s")
    # then it is saved all the same
    expect(volet.locator("#suivi [data-etat]")).to_have_text(re.compile("^Enregistré à"))
    then_it_is_saved(volet, text, WORDS)


def test_leaving_with_unsaved_words_asks_first(volet: Page, text: Field) -> None:
    volet.watch.expect("ERR_INTERNET_DISCONNECTED")
    volet.watch.expect("Failed to load")
    volet.context.set_offline(True)
    field(volet, text).press_sequentially("Chute")
    volet.keyboard.press("Control+s")
    expect(volet.locator("#suivi-panne")).to_contain_text("Connexion perdue")
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    volet.on("dialog", stay)
    volet.get_by_role("link", name="Mes patients").first.click(no_wait_after=True)
    expect(field(volet, text)).to_have_value("Chute")
    assert asked == ["beforeunload"]
    volet.context.set_offline(False)
    expect(volet.locator("#suivi-panne")).to_be_empty()


def test_missing_fields_are_links_that_open_their_section(volet: Page) -> None:
    # given every section closed
    volet.locator("details.rubrique").evaluate_all("parts => parts.forEach((part) => { part.open = false })")
    # when I follow the last missing field
    volet.locator("#manques summary").click()
    link = volet.locator("#manques a").last
    wanted = link.get_attribute("data-vers")
    link.click()
    # then its section is open and it has the focus
    expect(volet.locator(f"[data-champ={wanted}] :focus")).to_have_count(1)


def test_questions_appear_with_the_answer_that_asks_them(volet: Page) -> None:
    # given a question that another one brings up
    hidden = next(one for one in form_of().fields.values() if one.shown_when and not form_of().fields[
        one.shown_when[0].field].shown_when)
    parent = form_of().fields[hidden.shown_when[0].field]
    box = volet.locator(f"[data-champ={hidden.id}]")
    field(volet, hidden)
    expect(box).to_be_hidden()
    # when that answer is given
    code = sorted(hidden.shown_when[0].values)[0]
    name = f"{parent.id}.{code}" if parent.kind is Kind.CHOIX_MULTIPLE else parent.id
    field(volet, parent)
    choice = volet.locator(f"[data-champ={parent.id}] [name='{name}']")
    choice.select_option(code) if volet.locator(f"select#{parent.id}").count() else choice.check()
    # then it shows, and goes with the answer
    expect(box).to_be_visible()
    choice.select_option("") if volet.locator(f"select#{parent.id}").count() else choice.uncheck()
    expect(box).to_be_hidden()


def test_whole_volet_is_validated_by_the_keyboard_alone(volet: Page, text: Field) -> None:
    # given a volet where one answer is still to be typed
    complete(numero(volet))
    volet.reload()
    # when I go through the sections, type, and validate, without a pointer
    volet.keyboard.press("Alt+PageDown")
    assert volet.evaluate("document.activeElement.tagName") == "SUMMARY"
    field(volet, text).focus()
    volet.keyboard.press("Control+a")
    volet.keyboard.type(WORDS)
    validate = volet.get_by_role("button", name="Valider le volet")
    for _ in range(200):
        if validate.evaluate("one => one === document.activeElement"):
            break
        volet.keyboard.press("Tab")
    volet.keyboard.press("Enter")
    # then it is signed, with my last words
    expect(volet.get_by_text(re.compile("Validé par Dr Alice MARTIN")).first).to_be_visible()
    assert stored(numero(volet)).answers[text.id] == WORDS


def test_without_javascript_every_question_is_there_and_the_form_saves(
        new_page: Callable[..., Page], portail: Running, text: Field) -> None:
    page = new_page(java_script_enabled=False)
    given_a_session(page, portail)
    page.goto(f"/dossiers/grand-age/{dossier().numero}/volets/medical")
    hidden = next(one for one in form_of().fields.values() if one.shown_when)
    for part in page.locator("details.rubrique:not([open]) > summary").all():
        part.click()
    expect(page.locator(f"[data-champ={hidden.id}]")).to_be_visible()
    expect(page.locator(f"#{hidden.id}-si")).to_contain_text("À remplir si")
    page.locator(f"#{text.id}").fill(WORDS)
    page.get_by_role("button", name="Enregistrer").last.click()
    then_i_am_told(page, "Vos réponses sont enregistrées.")
    assert stored(numero(page)).answers[text.id] == WORDS
