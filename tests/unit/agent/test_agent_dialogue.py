"""A login, as the holder of the card lives it in the agent's window."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from portal import agent
from portal.agent.demandes import LIFE_SECONDS

if TYPE_CHECKING:
    from tests.unit.agent.conftest import Clock, Window

SITE, NONCE = "https://portail.test", bytes(range(32))
Words = Callable[[str], str]


def test_a_right_code_gives_a_token_the_portal_can_check(
        window: Window, certificate: Callable[[str], x509.Certificate]) -> None:
    page = window.dialogue()
    assert page.status == 200
    assert page.page.h1.get_text() == "Connexion par carte CPS"
    assert SITE in page.page.main.get_text()
    done = window.sign(page, "1234")
    assert done.status == 200
    assert done.page.body["data-origine"] == SITE
    assert done.page.body["data-message"] == "token"
    token = json.loads(done.page.body["data-token"])
    assert {key: token[key] for key in ("format", "algorithm", "unverifiedInfo")} == {
        "format": "cps-auth:1", "algorithm": "RS256", "unverifiedInfo": {"specialite": "SM26"}}
    signed = hashlib.sha256(SITE.encode()).digest() + hashlib.sha256(NONCE).digest()
    key = certificate(token["unverifiedCertificate"]).public_key()
    key.verify(base64.b64decode(token["signature"]), signed, PKCS1v15(), hashes.SHA256())


def test_the_code_field_is_a_labelled_secret(window: Window) -> None:
    page = window.dialogue().page
    field = page.select_one("#code")
    assert page.select_one("label[for=code]").get_text() == "Code porteur"
    assert (field["type"], field["inputmode"], field["autocomplete"]) == ("password", "numeric", "off")
    assert [button.get_text() for button in page.select("button")] == ["Valider", "Annuler"]


def test_wrong_codes_count_down_ask_for_a_word_and_lock(window: Window, plain: Words) -> None:
    page = window.sign(window.dialogue(), "0000")
    assert page.status == 422
    assert page.title.startswith("Erreur")
    assert plain(page.alert) == "Code porteur incorrect. Il vous reste 2 essais."
    assert "erreur" in page.page.select_one("#code")["aria-describedby"].split()
    assert "Essais restants : 2" in plain(page.page.main.get_text())
    page = window.sign(page, "0000")
    assert "Il vous reste 1 essai" in page.alert
    assert plain(page.page.select_one("label[for=dernier]").get_text()) == (
        "Je comprends qu’un code faux bloquera ma carte")
    # without the word nothing is sent to the card, not even a right code
    page = window.sign(page, "1234")
    assert "Rien n’a été envoyé à la carte" in page.alert
    page = window.sign(page, "0000", dernier="oui")
    assert page.page.select_one("#etat")["data-etat"] == "carte-bloquee"
    assert "Agence du numérique en santé" in page.page.main.get_text()
    assert page.page.select_one("#code") is None


def test_a_right_code_at_the_last_try_saves_the_card(window: Window) -> None:
    page = window.dialogue()
    for _ in range(2):
        page = window.sign(page, "0000")
    assert window.sign(page, "1234", dernier="oui").page.body["data-message"] == "token"
    assert "Essais restants\u00a0: 3" in window.dialogue().page.main.get_text()


def test_a_locked_card_stays_locked_whatever_is_inserted_between(
        window: Window, server: agent.Server) -> None:
    page = window.dialogue()
    for _ in range(3):
        page = window.sign(page, "0000", dernier="oui")
    server.insert("aucune")
    server.insert("alice-martin")
    assert window.dialogue().page.select_one("#etat")["data-etat"] == "carte-bloquee"
    server.insert("bob-durand")
    assert window.dialogue().page.select_one("#code") is not None


@pytest.mark.parametrize("code", ["", "123", "12345", "abcd"])
def test_a_code_of_another_length_costs_no_try(window: Window, plain: Words, code: str) -> None:
    page = window.sign(window.dialogue(), code)
    assert page.status == 422
    assert "quatre chiffres" in page.alert
    assert "Essais restants : 3" in plain(page.page.main.get_text())
    assert window.sign(page, "1234").page.body["data-message"] == "token"


@pytest.mark.parametrize(("card", "etat"), [
    ("debranche", "lecteur-absent"), ("aucune", "carte-absente"), ("carte-illisible", "carte-illisible"),
    ("carte-bancaire", "carte-illisible"), ("carte-bloquee", "carte-bloquee"),
])
def test_without_a_card_that_can_sign_the_window_says_what_to_do(
        window: Window, server: agent.Server, card: str, etat: str) -> None:
    server.insert(card)
    page = window.dialogue()
    assert page.page.select_one("#etat")["data-etat"] == etat
    assert page.page.select_one("#aide")["href"] == f"{SITE}/aide/connexion/carte/#{etat}"
    assert page.page.select_one("#code") is None
    server.insert("alice-martin")
    again = window.post("/v1/reessayer", {"jeton": page.jeton})
    assert window.sign(again, "1234").page.body["data-message"] == "token"


def test_a_card_taken_out_before_the_code_arrives_is_said_and_can_come_back(
        window: Window, server: agent.Server) -> None:
    page = window.dialogue()
    server.insert("aucune")
    page = window.sign(page, "1234")
    assert page.page.select_one("#etat")["data-etat"] == "carte-absente"
    assert [button.get_text() for button in page.page.select("button")] == ["Réessayer", "Annuler"]
    server.insert("alice-martin")
    assert window.post("/v1/reessayer", {"jeton": page.jeton}).page.select_one("#code") is not None


def test_a_card_taken_out_during_the_exchange_is_said(
        window: Window, server: agent.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    tray, transmit = server.tray, type(server.tray).transmit

    def removed_before_signing(self: object, card: object, move: int, command: bytes) -> bytes:
        if command[1] == 0x88:
            tray.insert("aucune")
        return transmit(self, card, move, command)

    page = window.dialogue()
    monkeypatch.setattr(type(tray), "transmit", removed_before_signing)
    page = window.sign(page, "1234")
    assert page.status == 422
    assert "retirée avant la fin" in page.alert
    assert page.page.select_one("form#reessayer") is not None


def test_giving_up_tells_the_portal_and_ends_the_request(window: Window) -> None:
    page = window.dialogue()
    done = window.post("/v1/annuler", {"jeton": page.jeton, "code": ""})
    assert (done.page.body["data-message"], done.page.body["data-origine"]) == ("annule", SITE)
    assert window.sign(page, "1234").status == 409


def test_a_jeton_serves_once(window: Window) -> None:
    page = window.dialogue()
    assert window.sign(page, "0000").status == 422
    replayed = window.sign(page, "1234")
    assert replayed.status == 409
    assert "déjà servi" in replayed.page.h1.get_text()
    assert "data-token" not in replayed.text


def test_a_second_window_replaces_the_first(window: Window) -> None:
    first, second = window.dialogue(), window.dialogue()
    refused = window.sign(first, "1234")
    assert (refused.status, refused.page.h1.get_text()) == (409, "Cette demande a été remplacée")
    assert window.sign(second, "1234").page.body["data-message"] == "token"


def test_a_request_lives_two_minutes(window: Window, clock: Clock) -> None:
    page = window.dialogue()
    clock.seconds += LIFE_SECONDS
    page = window.sign(page, "0000")
    assert page.status == 422
    clock.seconds += 1
    late = window.sign(page, "1234")
    assert (late.status, late.page.h1.get_text()) == (409, "La demande a expiré")


def test_an_unknown_jeton_opens_nothing(window: Window) -> None:
    window.dialogue()
    for jeton in ("", "x", "é"):
        assert window.post("/v1/signer", {"jeton": jeton, "code": "1234"}).status == 409
