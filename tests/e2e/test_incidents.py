"""What goes wrong at the card, the session, the network or in a form, as the physician sees it.

Nothing typed is lost, nothing is done twice, and each message says what to do next.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal import agent, clock
from portal.agent.etats import Etat
from portal.agent.pages import LAST_TRY
from portal.compte.rules import DIFFERENT
from portal.connexion.rules import Refusal
from tests.e2e.gestes import (
    acts,
    given_a_card_read,
    given_a_session,
    given_an_account,
    then_i_am_logged_out,
    when_i_choose_the_card,
    when_i_fill_in_a_dossier,
    when_i_log_in,
    when_i_type_the_code,
)
from tests.support.running import Running

TO_ANSWER, LABEL = "/dossiers/grand-age/43084209", "ga 43084209"
CREATE = "/dossiers/grand-age/creer"
WRONG_CODE = "0000"
REFUSED_CARDS = {
    "carte-expiree": Refusal.CERTIFICAT_EXPIRE,
    "carte-revoquee": Refusal.CERTIFICAT_REVOQUE,
    "carte-infirmiere": Refusal.AUTRE_PROFESSION,
    "carte-employe": Refusal.CARTE_EMPLOYE,
    "carte-inconnue": Refusal.AUTORITE_INCONNUE,
    "carte-signature": Refusal.CERTIFICAT_SIGNATURE,
}

pytestmark = pytest.mark.usefixtures("portail")


def expected(page: Page, *complaints: str) -> None:
    """The browser's console will complain of what this scenario does on purpose."""
    for complaint in complaints:
        page.watch.expect(complaint)


# --- the card and its reader


def test_wrong_code_shows_the_tries_left_and_the_last_one_asks_for_a_confirmation(page: Page) -> None:
    # given the card of Dr Alice MARTIN, three tries left
    expected(page, "422")
    page.goto("/connexion")
    window = when_i_choose_the_card(page)
    expect(window.locator(".essais")).to_have_text(re.compile("3"))
    # when the code is wrong twice
    when_i_type_the_code(window, WRONG_CODE)
    expect(window.get_by_role("alert")).to_contain_text("Il vous reste 2 essais")
    when_i_type_the_code(window, WRONG_CODE)
    expect(window.get_by_role("alert")).to_contain_text("un autre code faux bloquera la carte")
    # then the last try is not sent to the card before I say that I know what it costs
    when_i_type_the_code(window, WRONG_CODE)
    expect(window.get_by_role("alert")).to_contain_text("Rien n’a été envoyé à la carte")
    expect(window.locator(".essais")).to_have_text(re.compile("1"))
    # and when I insist, the card locks, and the window says how to unlock it
    window.get_by_label(LAST_TRY).check()
    when_i_type_the_code(window, WRONG_CODE)
    expect(window.get_by_role("heading", name=Etat.CARTE_BLOQUEE.title)).to_be_visible()
    expect(window.get_by_text("code de déblocage")).to_be_visible()
    then_i_am_logged_out(page)


def test_right_code_at_the_last_try_logs_in(page: Page, portail: Running) -> None:
    # given a card with one try left
    given_an_account(portail)
    expected(page, "422")
    page.goto("/connexion")
    window = when_i_choose_the_card(page)
    for words in ("2 essais", "1 essai"):
        when_i_type_the_code(window, WRONG_CODE)
        expect(window.get_by_role("alert")).to_contain_text(words)
    # when I confirm and type the right code
    window.get_by_label(LAST_TRY).check()
    when_i_type_the_code(window)
    # then I am in
    page.wait_for_url("**/accueil")


def test_card_taken_out_in_the_middle_is_asked_again(page: Page, portail: Running) -> None:
    # given the window that asks for the code
    given_an_account(portail)
    expected(page, "422")
    page.goto("/connexion")
    window = when_i_choose_the_card(page)
    # when the card is taken out before « Valider »
    portail.insert("aucune")
    when_i_type_the_code(window)
    # then the window asks for it, and goes on by itself when it is back
    expect(window.get_by_role("heading", name=Etat.CARTE_ABSENTE.title)).to_be_visible()
    portail.insert("alice-martin")
    when_i_type_the_code(window)
    page.wait_for_url("**/accueil")


def test_card_swapped_while_the_code_is_asked_is_noticed_at_once(page: Page, portail: Running) -> None:
    # given the window that asks for the code
    given_an_account(portail)
    expected(page, "422")
    page.goto("/connexion")
    window = when_i_choose_the_card(page)
    # when the card leaves
    portail.insert("aucune")
    # then the window says so by itself
    expect(window.locator("#partie")).to_contain_text(Etat.CARTE_ABSENTE.title)
    # and when another card comes, the code is asked anew, for that card
    portail.insert("bob-durand")
    expect(window.get_by_role("alert")).to_contain_text("La carte a été retirée ou changée")
    expect(window.get_by_label("Code porteur")).to_be_focused()
    when_i_type_the_code(window)
    page.wait_for_url(lambda url: "/connexion" not in url)


def test_unplugged_reader_says_what_to_plug_and_can_be_given_up(page: Page, portail: Running) -> None:
    # given no reader
    portail.insert("debranche")
    page.goto("/connexion")
    # when I choose the card
    window = when_i_choose_the_card(page)
    # then the window says what is missing
    expect(window.get_by_role("heading", name=Etat.LECTEUR_ABSENT.title)).to_be_visible()
    expect(window.get_by_text(Etat.LECTEUR_ABSENT.advice)).to_be_visible()
    expect(window.locator("#aide")).to_have_attribute("href", re.compile("#lecteur-absent$"))
    # and when I give up, the portal knows
    window.get_by_role("button", name="Annuler").click()
    expect(page.get_by_text("Connexion annulée")).to_be_visible()


def test_agent_that_does_not_run_is_noticed_and_retried(page: Page, portail: Running) -> None:
    # given a workstation where the reader's program is not started
    given_an_account(portail)
    expected(page, "ERR_CONNECTION_REFUSED")
    port = portail.tray.port
    portail.tray.stop()
    page.goto("/connexion")
    # when I choose the card
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Se connecter par CPS").click()
    # then its dead window closes, and the page says why and where to read more
    expect(page.get_by_text("Le programme du lecteur de carte ne répond pas.")).to_be_visible()
    if not opened.value.is_closed():
        opened.value.wait_for_event("close")
    help_link = page.get_by_role("link", name="Que faire")
    expect(help_link).to_have_attribute("href", "/aide/connexion/carte/#programme-lecteur")
    # and once the program runs, « Réessayer » logs in
    back = agent.start(port, [portail.origin], portail.settings.data / "demonstration")
    try:
        with page.expect_popup() as again:
            page.get_by_role("button", name="Réessayer").click()
        when_i_type_the_code(again.value)
        page.wait_for_url("**/accueil")
    finally:
        back.stop()


@pytest.mark.parametrize(("card", "reason"), REFUSED_CARDS.items(), ids=REFUSED_CARDS)
def test_refused_card_says_why_and_opens_nothing(page: Page, portail: Running, card: str, reason: Refusal) -> None:
    # given a card that can't log in
    portail.insert(card)
    expected(page, "403")
    page.goto("/connexion")
    # when its holder types the code
    when_i_type_the_code(when_i_choose_the_card(page))
    # then the page says why, with the focus on it, and where to read more
    summary = page.get_by_role("alert")
    expect(summary.get_by_role("heading")).to_have_text(reason.title)
    expect(summary).to_contain_text(reason.explanation)
    expect(summary).to_contain_text(reason.advice)
    expect(summary).to_be_focused()
    name, _, anchor = reason.aide.partition("#")
    expect(summary.get_by_role("link")).to_have_attribute("href", f"/aide/{name}/#{anchor}")
    # and nobody is logged in
    then_i_am_logged_out(page)


# --- the session and the network


def test_what_was_typed_comes_back_after_the_session_ended(page: Page, portail: Running) -> None:
    # given a form half filled
    given_a_session(page, portail)
    page.goto(CREATE)
    page.get_by_label(re.compile("^Nom de naissance")).fill("LEMARCHAND")
    page.get_by_label("Féminin").check()
    with clock.shift(timedelta(minutes=31)):
        # when it is sent after the session ended
        page.get_by_role("button", name="Créer le dossier").click()
        expect(page.get_by_text("Votre session a expiré.")).to_be_visible()
        expect(page.get_by_text("ce que vous aviez saisi est conservé")).to_be_visible()
        # and its author logs in again
        when_i_type_the_code(when_i_choose_the_card(page))
        page.wait_for_url(f"**{CREATE}")
        # then it is all there again, and can be finished
        expect(page.get_by_label(re.compile("^Nom de naissance"))).to_have_value("LEMARCHAND")
        expect(page.get_by_label("Féminin")).to_be_checked()
        when_i_fill_in_a_dossier(page)
        page.get_by_role("button", name="Créer le dossier").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Dossier ga")


def test_what_was_typed_is_not_given_to_another_card(page: Page, portail: Running) -> None:
    # given a form that Dr Alice MARTIN sent after her session ended
    given_a_session(page, portail)
    page.goto(CREATE)
    page.get_by_label(re.compile("^Nom de naissance")).fill("LEMARCHAND")
    with clock.shift(timedelta(minutes=31)):
        page.get_by_role("button", name="Créer le dossier").click()
        expect(page.get_by_text("Votre session a expiré.")).to_be_visible()
        # when Dr Bob DURAND logs in on the same workstation
        portail.insert("bob-durand")
        when_i_type_the_code(when_i_choose_the_card(page))
        page.wait_for_url(lambda url: "/connexion" not in url)
        page.goto(CREATE)
        # then he sees nothing of it
        expect(page.get_by_label(re.compile("^Nom de naissance"))).to_have_value("")


def test_lost_network_is_said_and_the_table_stays(page: Page, portail: Running) -> None:
    # given the table
    given_a_session(page, portail)
    expected(page, "ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    page.goto("/dossiers/grand-age")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(25)
    # when the network goes while I filter
    page.context.set_offline(True)
    page.get_by_label("Rechercher dans le tableau").fill("rocky")
    # then I am told so, and nothing on the screen is lost
    expect(page.locator("#messages").get_by_text("Le portail ne répond pas.")).to_be_visible()
    expect(rows).to_have_count(25)
    expect(page.get_by_label("Rechercher dans le tableau")).to_have_value("rocky")
    # and once it is back, the same search works
    page.context.set_offline(False)
    page.get_by_role("button", name="Filtrer").click()
    expect(rows).to_have_count(1)


# --- two windows, second thoughts, impatience


def test_second_tab_to_answer_is_told_what_the_first_one_did(page: Page, portail: Running) -> None:
    # given one dossier in two tabs
    given_a_session(page, portail)
    expected(page, "409")
    other = page.context.new_page()
    page.goto(TO_ANSWER)
    other.goto(TO_ANSWER)
    # when it is accepted in one, then refused in the other
    page.get_by_role("button", name="Accepter le dossier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Dossier {LABEL}")
    other.get_by_role("button", name="Refuser le dossier").click()
    # then the second is told, and the first answer holds
    expect(other.get_by_role("heading", level=1)).to_have_text("Quelqu’un a agi avant vous")
    other.get_by_role("link", name=f"Voir le dossier {LABEL}").click()
    expect(other.get_by_role("heading", level=1)).to_have_text(f"Dossier {LABEL}")
    assert (acts("dossier.accepte", LABEL), acts("dossier.refuse", LABEL)) == (1, 0)


def test_refusal_can_be_undone_from_its_message(page: Page, portail: Running) -> None:
    # given a dossier just refused
    given_a_session(page, portail)
    page.goto(TO_ANSWER)
    page.get_by_role("button", name="Refuser le dossier").click()
    message = page.locator("#messages .message")
    expect(message).to_contain_text("Vous avez refusé le dossier")
    # when I click « Annuler » in the message
    message.get_by_role("button", name="Annuler").click()
    # then it waits for my answer again
    expect(page.locator("#messages")).to_contain_text("attend de nouveau votre réponse")
    expect(page.get_by_role("link", name=f"Accepter ou refuser le dossier {LABEL}")).to_be_visible()


def test_double_click_accepts_once(page: Page, portail: Running) -> None:
    # given a dossier that waits for my answer
    given_a_session(page, portail)
    page.goto(TO_ANSWER)
    # when I double-click
    page.get_by_role("button", name="Accepter le dossier").dblclick()
    # then it is accepted, once
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Dossier {LABEL}")
    assert acts("dossier.accepte", LABEL) == 1


def test_login_begun_in_two_tabs_ends_in_the_latest(page: Page, portail: Running) -> None:
    # given a login begun in one tab
    given_an_account(portail)
    page.goto("/connexion")
    when_i_choose_the_card(page)
    # when another tab begins one too, and the code is typed there
    when_i_log_in(page.context.new_page())
    # then the first finds the portal open
    page.goto("/accueil")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes patients")


# --- a form with errors


def test_registration_errors_lead_to_their_fields_and_keep_what_was_typed(page: Page, portail: Running) -> None:
    # given a registration without e-mail, with two passwords and a town that does not exist
    given_a_card_read(page, portail)
    expected(page, "422")
    page.goto("/compte/creer")
    page.get_by_label(re.compile("^Mot de passe")).fill("Coquelicot14")
    page.get_by_label(re.compile("^Répéter le mot de passe")).fill("Coquelicot15")
    page.get_by_label(re.compile("^Téléphone")).fill("02 31 00 00 00")
    page.get_by_label(re.compile("^Code Postal / Ville")).fill("99999 Nulle-Part")
    # when I send it
    page.get_by_role("button", name="Créer mon compte").click()
    # then the summary has the focus and names the three faults in the order of the page
    summary = page.locator(".resume-erreurs")
    expect(summary).to_be_focused()
    faults = summary.locator("a[href^='#']")
    expect(faults).to_have_count(3)
    assert [link.get_attribute("href") for link in faults.all()] == ["#email", "#mot_de_passe_2", "#ville"]
    # and its links lead to the fields
    summary.get_by_role("link", name=DIFFERENT).click()
    expect(page.locator("#mot_de_passe_2")).to_be_focused()
    # and what was typed is there, but not the passwords
    expect(page.get_by_label(re.compile("^Téléphone"))).to_have_value("02 31 00 00 00")
    expect(page.get_by_label(re.compile("^Code Postal / Ville"))).to_have_value("99999 Nulle-Part")
    expect(page.locator("#mot_de_passe")).to_have_value("")
    expect(page.locator("#mot_de_passe_2")).to_have_value("")
