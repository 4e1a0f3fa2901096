"""Taking over another dossier's answers, a new version of the form, and what an expired session kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.db.crypto import keys
from portal.settings import Settings
from portal.volets import definitions
from portal.volets.formulaire import Definition, Kind
from portal.web import session
from tests.support.client import Client
from tests.support.delegues import ALICE, CHLOE, lent, physician
from tests.support.volets import (
    ALICE_ACTS,
    BOB_ACTS,
    EMPTY,
    dossier,
    first,
    form_of,
    inputs_of,
    sending,
    sign,
    stored,
    twin,
    write,
)

WORDS = "Chute en octobre, marche avec une canne"


@pytest.fixture
def numero(opened_app: Starlette, midday: datetime) -> int:
    """The number of Mme LEROUX's dossier."""
    return int(dossier().numero)


@pytest.fixture
def alice(opened_app: Starlette, numero: int) -> Iterator[Client]:
    """Dr Alice MARTIN's browser."""
    with Client(opened_app) as client:
        yield client.login(ALICE)


def address(numero: int, more: str = "") -> str:
    return f"/dossiers/grand-age/{numero}/volets/medical{more}"


def text_field() -> str:
    return first(Kind.TEXTE).id


# --- from the last dossier


def test_without_another_dossier_there_is_nothing_to_take_over(alice: Client, numero: int) -> None:
    assert alice.get(address(numero)).soup.select_one("a[href$='/reprendre']") is None
    page = alice.get(address(numero, "/reprendre"))
    assert "Rien à reprendre" in page.text and page.soup.select_one("main form") is None


def test_answers_are_shown_then_copied_marked_and_confirmed(alice: Client, numero: int) -> None:
    write(ALICE_ACTS, numero, {text_field(): WORDS})
    new = int(twin(numero).numero)
    assert alice.get(address(new)).soup.select_one("a[href$='/reprendre']") is not None
    preview = alice.get(address(new, "/reprendre"))
    assert WORDS in preview.text and stored(new).version == 0
    page = alice.follow(alice.post(address(new, "/reprendre"), {"source": f"ga {numero}"}))
    assert f"1 réponse reprise de ga {numero}" in page.text
    assert f"Repris de ga {numero}, à relire" in page.text
    done = alice.follow(alice.post(address(new), inputs_of(page) | {"confirmer_tout": "oui"}))
    assert "Les réponses reprises sont confirmées." in done.text
    assert "à relire" not in done.text and stored(new).answers == {text_field(): WORDS}


def test_a_copied_answer_that_is_written_again_loses_its_mark(alice: Client, numero: int) -> None:
    write(ALICE_ACTS, numero, {text_field(): WORDS})
    new = int(twin(numero).numero)
    page = alice.follow(alice.post(address(new, "/reprendre"), {"source": f"ga {numero}"}))
    alice.post(address(new), inputs_of(page) | {text_field(): "Autre chose"}, 303)
    assert stored(new).copies == {}


@pytest.mark.parametrize("source", ["ga 99999999", "", "x" * 5000, "ga 1\x00", "s 1234567"])
def test_a_source_that_is_none_is_not_found_and_writes_nothing(alice: Client, numero: int, source: str) -> None:
    alice.post(address(numero, "/reprendre"), {"source": source}, 404)
    if source.startswith("ga 9"):
        alice.get(address(numero, f"/reprendre?source={source}"), 404)
    assert stored(numero).version == 0


def test_another_person_s_dossier_is_no_source(alice: Client, numero: int) -> None:
    write(ALICE_ACTS, numero, {text_field(): WORDS})
    other = twin(numero)
    type(other).update(nom_naissance="DURAND").where(type(other).id == other.id).execute()
    page = alice.get(address(int(other.numero), "/reprendre"))
    assert WORDS not in page.html


@pytest.mark.parametrize("more", ["/reprendre", "/nouvelle-version"])
def test_a_signed_volet_takes_nothing_over(alice: Client, numero: int, more: str) -> None:
    sign(numero)
    alice.get(address(numero, more), 409)
    alice.post(address(numero, more), {"source": f"ga {numero}"}, 409)
    assert stored(numero).etat == "valide"


# --- a new version of the form


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> Definition:
    """A second version of the medical form: one text reworded, one dropped, one new."""
    old = form_of()
    section = old.sections[1]
    texts = [field for field in section.fields if field.kind is Kind.TEXTE][:2]
    fields = (
        *(replace(field, label="Nouveau libellé") if field is texts[0] else field
          for field in section.fields if field is not texts[1]),
        replace(texts[1], id="tout_nouveau", label="Question toute nouvelle"))
    new = replace(old, version=2, sections=(old.sections[0], replace(section, fields=fields), *old.sections[2:]))
    registry = definitions.registry() | {(old.id, 2): new}
    monkeypatch.setattr(definitions, "registry", lambda: registry)
    return new


def test_a_begun_volet_keeps_its_form_until_someone_passes_it_on(
        alice: Client, numero: int, request: pytest.FixtureRequest) -> None:
    kept, lost = [field.id for field in form_of().sections[1].fields if field.kind is Kind.TEXTE][:2]
    write(ALICE_ACTS, numero, {kept: WORDS, lost: "Mis de côté"})
    request.getfixturevalue("newer")
    assert "Nouveau libellé" not in alice.get(address(numero)).text
    page = alice.get(address(numero, "/nouvelle-version"))
    for words in ("Question toute nouvelle", "Nouveau libellé", "Réponses mises de côté", "Mis de côté"):
        assert words in page.text
    assert stored(numero).definition.version == 1
    now = alice.follow(alice.post(address(numero, "/nouvelle-version")))
    assert "Nouveau libellé" in now.text and "Question toute nouvelle" in now.text
    assert "Réponses mises de côté, version 1" in now.text and "Mis de côté" in now.text
    assert stored(numero).definition.version == 2 and stored(numero).answers == {kept: WORDS}


def test_words_typed_on_the_old_page_are_given_back_when_their_question_is_gone(
        alice: Client, numero: int, request: pytest.FixtureRequest) -> None:
    lost = [field.id for field in form_of().sections[1].fields if field.kind is Kind.TEXTE][1]
    write(ALICE_ACTS, numero, {text_field(): WORDS})
    request.getfixturevalue("newer")
    alice.post(address(numero, "/nouvelle-version"))
    bar = alice.post(address(numero), sending({lost: EMPTY}, {lost: "Tapé trop tard"}), 422, htmx="suivi")
    assert "Tapé trop tard" in bar.text


# --- an expired session, a changed role


def test_a_form_sent_after_the_session_is_shown_again_after_the_login(
        opened_app: Starlette, numero: int) -> None:
    with Client(opened_app) as client:
        client.login(ALICE)
        sent = inputs_of(client.get(address(numero))) | {text_field(): WORDS, "poids": "beaucoup"}
        with clock.freeze(clock.now() + timedelta(minutes=31)):
            away = client.post(address(numero), sent, htmx="suivi", status=200)
            assert away.location.startswith("/connexion?") and "expiree=1" in away.location
            write(BOB_ACTS, numero, {"pathologies": "Écrit entre-temps"})
            kept = _session_of(client)
            client.login(ALICE, reprise=kept)
            page = client.get(address(numero))
    assert "Votre session avait expiré" in page.text
    assert inputs_of(page)[text_field()].strip() == WORDS and inputs_of(page)["poids"] == "beaucoup"
    assert inputs_of(page)["pathologies"].strip() == "Écrit entre-temps"  # he had not touched it
    assert {box["data-champ"] for box in page.soup.select("[data-repris]")} == {text_field(), "poids"}
    assert stored(numero).answers == {"pathologies": "Écrit entre-temps"}


def test_the_largest_form_is_kept_whole_when_the_session_ends(opened_app: Starlette, numero: int) -> None:
    texts = [field.id for field in form_of().fields.values() if field.kind is Kind.TEXTE][:5]
    with Client(opened_app) as client:
        client.login(ALICE)
        sent = inputs_of(client.get(address(numero))) | dict.fromkeys(texts, "é\"😀" * 2400)
        with clock.freeze(clock.now() + timedelta(minutes=31)):
            assert "expiree=1" in client.post(address(numero), sent, 303).location
            kept = _session_of(client)
    assert kept["fields"]["base"] == sent["base"] and all(kept["fields"][name] == sent[name] for name in texts)


def test_a_form_too_large_to_be_kept_is_told_so(opened_app: Starlette, numero: int) -> None:
    """As multipart a quote is one byte on the way and two once kept: no error page without words."""
    with Client(opened_app) as client:
        client.login(ALICE)
        token = client.token()
        with clock.freeze(clock.now() + timedelta(minutes=31)):
            answer = client.http.post(
                address(numero), files={"_csrf": (None, token), text_field(): (None, '"' * 240_000)},
                headers={"Sec-Fetch-Site": "same-origin", "Origin": opened_app.state.settings.origin})
    assert answer.status_code == 413 and "dépasse la taille acceptée" in answer.text


def _session_of(client: Client) -> dict[str, Any]:
    """What the browser's session keeps of a form."""
    assert client.cookie is not None
    key = session.Visit(keys().signer("session").unsign(client.cookie).decode()).key
    row = session.Session.get(session.Session.key == key)
    data = json.loads(keys().open(row.data, table="session", row=key, column="data"))
    kept: dict[str, Any] = data["reprise"]
    return kept


def test_a_page_opened_in_another_role_saves_nothing_and_says_so(
        opened_app: Starlette, numero: int, settings: Settings) -> None:
    made = lent(settings)
    chloe = physician(CHLOE)
    with Client(opened_app) as client:
        client.login(CHLOE, chloe.name, chloe.id, delegation_id=made.id)
        sent = inputs_of(client.get(address(numero))) | {text_field(): WORDS}
        token = client.token()
        # when she comes back to her own name in another tab, then types on here
        client.post("/delegations/agir", {}, 303)
        stale = client.post(address(numero), sent, 409, token=token, headers={"HX-Request": "true"})
    assert "Vous n’agissez plus au nom de la même personne" in stale.text
    assert stored(numero).version == 0
