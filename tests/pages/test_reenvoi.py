"""One form, one effect: a double click, or the same sending again after an answer that was lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from starlette.applications import Starlette

from portal import clock
from portal.db import audit
from portal.db.base import rows
from portal.demandes import rules as demandes
from portal.demandes.models import Demande
from portal.dossiers.models import Dossier, Lien
from portal.web.reenvoi import AGAIN, Envoi
from tests.pages.test_dossiers_creer import LEROUX
from tests.support import espaces
from tests.support.client import Answer, Client
from tests.support.delegues import ALICE, BOB
from tests.support.volets import dossier

FORM = "/dossiers/grand-age/creer"
SAID = AGAIN.replace("\u00a0", " ")
pytestmark = pytest.mark.proves("R8", "R9")


@pytest.fixture
def alice(opened_app: Starlette) -> Iterator[Client]:
    with Client(opened_app) as client:
        yield client.login(ALICE)


def key(page: Answer) -> str:
    """The key of the page's one form that has one."""
    fields = page.soup.select('form[method="post"] input[name="envoi"]')
    assert len(fields) == 1
    return str(fields[0]["value"])


def test_a_double_click_opens_one_dossier(alice: Client) -> None:
    sent = LEROUX | {"envoi": key(alice.get(FORM)), "confirme": "oui"}
    first, second = alice.post(FORM, sent), alice.post(FORM, sent)
    assert first.location == second.location and Dossier.select().count() == Lien.select().count() == 1
    assert SAID in alice.follow(second).text
    assert [one.event for one in audit.timeline(f"ga {Dossier.get().numero}")].count("dossier.cree") == 1


def test_it_is_said_to_the_script_too(alice: Client) -> None:
    sent = LEROUX | {"envoi": key(alice.get(FORM))}
    first = alice.post(FORM, sent, 200, htmx=True)
    assert alice.post(FORM, sent, 200, htmx=True).location == first.location
    assert Dossier.select().count() == 1


def test_each_page_has_a_key_of_its_own(alice: Client) -> None:
    assert key(alice.get(FORM)) != key(alice.get(FORM))


@pytest.mark.parametrize("change", [{"prenoms": "Odette"}, {"envoi": "une-autre-cle-0000"}])
def test_other_words_or_another_page_are_another_sending(alice: Client, change: dict[str, str]) -> None:
    sent = LEROUX | {"envoi": key(alice.get(FORM)), "confirme": "oui"}
    alice.post(FORM, sent)
    alice.post(FORM, sent | change)
    assert Dossier.select().count() == 2


def test_somebody_else_s_sending_is_his_own(alice: Client, opened_app: Starlette) -> None:
    sent = LEROUX | {"envoi": "une-cle-vue-ailleurs"}
    alice.post(FORM, sent)
    with Client(opened_app) as bob:
        bob.login(BOB, "Dr Bob DURAND").post(FORM, sent)
    assert sorted(row.rpps for row in Lien.select()) == [ALICE, BOB]


def test_what_was_refused_may_be_sent_again(alice: Client) -> None:
    sent = LEROUX | {"envoi": key(alice.get(FORM))}
    alice.post(FORM, sent | {"sexe": ""}, 422)
    alice.post(FORM, sent)
    assert Dossier.select().count() == 1


def test_a_new_session_gets_the_first_one_s_answer(alice: Client) -> None:
    sent = LEROUX | {"envoi": key(alice.get(FORM))}
    first = alice.post(FORM, sent)
    assert alice.login(ALICE).post(FORM, sent).location == first.location


def test_a_key_is_kept_for_a_day_and_nothing_of_what_was_typed(alice: Client) -> None:
    alice.post(FORM, LEROUX | {"envoi": key(alice.get(FORM))})
    assert "LEROUX" not in str(rows("SELECT * FROM envoi"))
    with clock.shift(timedelta(hours=25)):
        alice.login(ALICE).post(FORM, LEROUX | {"envoi": "la-suivante-000000", "confirme": "oui"})
        assert Envoi.select().count() == 1


def test_a_request_sent_twice_leaves_once_and_says_so(alice: Client) -> None:
    one = dossier()
    asked = espaces.demande(one, espaces.etablissement(incomplets=True), demandes.NON_ENVOYEE)
    here = f"/dossiers/grand-age/{one.numero}/demandes/envoyer"
    sent = {"demande": f"{asked.id}.{asked.version}", "envoi": key(alice.get(here))}
    first, second = alice.post(here, sent), alice.post(here, sent)
    assert first.location == second.location
    assert Demande.get_by_id(asked.id).etat != demandes.NON_ENVOYEE
    assert [one.event for one in audit.timeline(f"ga {one.numero}")].count("demande.envoyer") == 1


def test_an_answer_that_was_lost_is_given_again_to_who_accepts(alice: Client) -> None:
    one = dossier()
    Lien.update(etat="attente", onglet="en_cours", decide_par=None).execute()
    here = f"/dossiers/grand-age/{one.numero}"
    first, second = (alice.post(f"{here}/accepter", {"version": "1"}) for _ in range(2))
    assert first.location == second.location == here
    assert [one.event for one in audit.timeline(f"ga {one.numero}")].count("dossier.accepte") == 1


@pytest.mark.parametrize("path", ["/espaces/usager/creer", "/dossiers/tnd/creer"])
def test_other_forms_that_open_a_dossier_carry_a_key(client: Client, path: str) -> None:
    if path.startswith("/dossiers"):
        client.login(ALICE)
    assert len(key(client.get(path))) > 20


def test_the_keys_are_not_in_pages_that_only_read(alice: Client) -> None:
    assert not BeautifulSoup(alice.get("/dossiers/grand-age").html, "html5lib").select('input[name="envoi"]')
