"""« Mon compte » and the confirmation of the e-mail address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.compte import commands, queries
from portal.compte.commands import Contact, Identity
from portal.compte.models import Compte
from portal.compte.rules import CHARTE
from portal.db import database, outbox
from portal.db.audit import Actor, Trace
from portal.web.session import Session
from tests.support.client import Client
from tests.support.sessions import open_session

ALICE, CHLOE = 10100000011, 10100000033
ACTOR = Actor(ALICE, "Dr Alice MARTIN", "cps")
IDENTITY = Identity("MARTIN", "Alice", "Médecin", "SM26", "Spécialiste en Médecine Générale (SM)")
CONTACT = Contact("alice.martin@exemple.fr", "02 31 00 00 00", "1 rue Froide", "14118", "14000", "CAEN")
PASSWORD = "Bocage-2031-Pommier"
FORM = {"email": CONTACT.email, "telephone": CONTACT.telephone}
PRACTICE = {"adresse": CONTACT.adresse, "ville": "14000 CAEN", "rayon": "30"}
XSS = '"><script src=/x></script>'


def new(client: Client, actor: Actor = ACTOR, email: str = CONTACT.email) -> int:
    contact = Contact(email, *list(vars(CONTACT).values())[1:])
    with database.writing():
        compte = commands.create(
            actor, f"8{actor.rpps}", IDENTITY, contact, PASSWORD, client.app.state.settings)
        commands.accept_charte(actor, compte, CHARTE)
    return int(compte.id)


@pytest.fixture
def alice(client: Client) -> Client:
    return client.login(ALICE, compte_id=new(client))


def link() -> str:
    """The path of the confirmation in the latest mail."""
    database.connect()
    mail = next(one for one in outbox.latest() if "/compte/confirmer/" in one.body)
    found = next(word for word in mail.body.split() if "/compte/confirmer/" in word)
    return found.removeprefix("https://portail.test")


def unconfirmed() -> str | None:
    database.connect()
    return queries.email_to_confirm(int(Compte.get().id))


def test_the_page_shows_the_card_and_how_to_reach_him(alice: Client) -> None:
    answer = alice.get("/compte")
    for words in ("Mon compte", "MARTIN", "Spécialiste en Médecine Générale (SM)", "à confirmer",
                  "Renvoyer le courriel", "Enregistrer"):
        assert words in answer.text, words
    assert answer.soup.find(id="telephone")["value"] == "02 31 00 00 00"
    assert alice.get("/compte/exercice").soup.find(id="ville")["value"] == "14000 CAEN"


def test_each_section_is_a_link_and_says_where_one_is(alice: Client) -> None:
    links = [link["href"] for link in alice.get("/compte").soup.select(".compte-sections a")]
    assert len(links) >= 8
    for path in (link for link in links if link.startswith("/compte")):
        here = alice.get(path).soup.select(".compte-sections [aria-current=page]")
        assert [link["href"] for link in here] == [path]


def test_contact_is_saved_with_one_trace(alice: Client) -> None:
    alice.post("/compte", FORM | {"telephone": "+33 6 12 34 56 78"})
    database.connect()
    compte = Compte.get()
    assert (queries.telephone(compte), compte.ville) == ("06 12 34 56 78", "CAEN")
    last = Trace.select().order_by(Trace.id.desc()).get()
    assert (last.event, last.rpps, last.detail) == ("compte.modifie", ALICE, "telephone")


def test_the_practice_is_saved_without_touching_the_rest(alice: Client) -> None:
    alice.post("/compte/exercice", PRACTICE | {"ville": "bayeux 14400"})
    database.connect()
    compte = Compte.get()
    assert (compte.ville, compte.email, queries.telephone(compte)) == ("BAYEUX", CONTACT.email, CONTACT.telephone)
    last = Trace.select().order_by(Trace.id.desc()).get()
    assert (last.event, last.detail) == ("compte.modifie", "insee, code_postal, ville")


@pytest.mark.proves("N9", "V6.3.7")
def test_a_new_address_is_to_be_confirmed_and_the_old_one_is_told(alice: Client) -> None:
    alice.post(link())
    assert unconfirmed() is None
    answer = alice.post("/compte", FORM | {"email": "nouvelle@exemple.fr"})
    assert "nouvelle@exemple.fr" in alice.follow(answer).text
    assert unconfirmed() == "nouvelle@exemple.fr"
    assert {mail.to for mail in outbox.latest(2)} == {"nouvelle@exemple.fr", "alice.martin@exemple.fr"}


@pytest.mark.proves("W6", "V1.2.1")
@pytest.mark.parametrize(("path", "field", "value"), [
    ("/compte", "email", "non"), ("/compte", "telephone", "12"), ("/compte", "email", XSS),
    ("/compte", "telephone", XSS), ("/compte/exercice", "adresse", "x" * 201),
    ("/compte/exercice", "ville", "99999 Rien"), ("/compte/exercice", "ville", XSS),
    ("/compte/exercice", "recherche_ville", "99999 Rien"), ("/compte/exercice", "rayon", "0"),
    ("/compte/exercice", "rayon", XSS), ("/compte/exercice", "mssante", "alice@exemple.fr"),
])
def test_a_bad_value_is_refused_kept_and_escaped(alice: Client, path: str, field: str, value: str) -> None:
    good = FORM if path == "/compte" else PRACTICE
    answer = alice.post(path, good | {field: value}, status=422)
    assert len(answer.errors) == 1
    assert answer.soup.find(id=field)["value"] == value
    assert "<script src=/x>" not in answer.html
    database.connect()
    assert Compte.get().email == CONTACT.email
    assert Trace.select().where(Trace.event.in_(["compte.modifie", "compte.habitudes"])).count() == 0


def test_an_address_of_someone_else_is_refused(alice: Client) -> None:
    new(alice, Actor(CHLOE, "Dr Chloé PETIT", "cps"), "chloe.petit@exemple.fr")
    answer = alice.post("/compte", FORM | {"email": "chloe.petit@exemple.fr"}, status=422)
    assert "sert déjà à un autre compte" in answer.errors[0]


def test_an_address_with_markup_stays_text(alice: Client) -> None:
    alice.post("/compte/exercice", PRACTICE | {"adresse": XSS})
    answer = alice.get("/compte/exercice")
    assert answer.soup.find(id="adresse")["value"] == XSS and "<script src=/x>" not in answer.html


def test_the_link_changes_nothing_and_its_button_confirms(alice: Client, another_client: Client) -> None:
    """Mail scanners open links; and the mail may be read on another machine, without a session."""
    path = link()
    assert "Confirmer mon adresse" in another_client.get(path).text
    assert unconfirmed() == CONTACT.email
    answer = another_client.post(path)
    assert unconfirmed() is None
    assert "est confirmée" in another_client.follow(answer).text
    another_client.post(path, status=200)
    database.connect()
    assert Trace.select().where(Trace.event == "compte.courriel_confirme").count() == 1
    assert "confirmée le" in alice.get("/compte").text


def test_old_changed_and_forged_links_say_what_to_do(alice: Client) -> None:
    path = link()
    with clock.shift(timedelta(days=4, minutes=1)):
        assert "Renvoyer le courriel" in alice.get(path, status=410).text
        alice.post(path, status=410)
    assert "Ce lien n’est pas valable" in alice.get(path[:-3], status=404).text
    alice.post("/compte", FORM | {"email": "nouvelle@exemple.fr"})
    alice.get(path, status=410)
    alice.post(path, status=410)
    assert unconfirmed() == "nouvelle@exemple.fr"


def test_the_mail_can_be_sent_again_but_not_without_end(alice: Client) -> None:
    for _ in range(commands.RESEND_LIMIT):
        answer = alice.post("/compte", {"geste": "renvoyer"})
    assert "Un courriel vient d’être envoyé" in alice.follow(answer).text
    answer = alice.post("/compte", {"geste": "renvoyer"})
    assert "réessayez dans une heure" in alice.follow(answer).text
    database.connect()
    assert len(outbox.latest()) == 1 + commands.RESEND_LIMIT


def test_a_session_without_account_finds_no_page(client: Client) -> None:
    client.login(ALICE).get("/compte", status=404)


# --- A new address, where a code alone opened the session


@pytest.fixture
def by_code(client: Client) -> Client:
    """Alice, who came in with her password and a code."""
    return client.login(ALICE, compte_id=new(client), level="otp")


@pytest.mark.proves("N9", "V7.5.1")
def test_a_code_alone_changes_no_address(by_code: Client) -> None:
    answer = by_code.post("/compte", FORM | {"email": "autre@exemple.fr"}, status=422)
    assert "mot de passe actuel" in answer.errors[0]
    assert answer.soup.find(id="email")["value"] == "autre@exemple.fr"
    guess = {"email": "autre@exemple.fr", "mot_de_passe": "Faux-2031-Pommier"}
    answer = by_code.post("/compte", FORM | guess, status=422)
    assert answer.soup.find(id="mot_de_passe")["value"] == ""
    assert unconfirmed() == CONTACT.email
    assert len(outbox.latest()) == 1


def test_the_present_password_changes_the_address(by_code: Client) -> None:
    by_code.post("/compte", FORM | {"email": "autre@exemple.fr", "mot_de_passe": PASSWORD})
    assert unconfirmed() == "autre@exemple.fr"


def test_the_phone_needs_no_password(by_code: Client) -> None:
    by_code.post("/compte", FORM | {"telephone": "02 31 00 00 99"})
    database.connect()
    assert queries.telephone(Compte.get()) == "02 31 00 00 99"


@pytest.mark.proves("N1", "N9")
def test_guessing_the_present_password_waits(by_code: Client) -> None:
    guess = FORM | {"email": "autre@exemple.fr", "mot_de_passe": "Faux-2031-Pommier"}
    statuses = {429: 0, 422: 0}
    for _ in range(12):
        answer = by_code.http.post("/compte", data=guess | {"_csrf": by_code.token()}, headers={
            "Sec-Fetch-Site": "same-origin", "Origin": by_code.app.state.settings.origin})
        statuses[answer.status_code] += 1
    assert statuses[429] and statuses[422] < 12
    right = guess | {"mot_de_passe": PASSWORD}
    by_code.post("/compte", right, status=429)
    assert unconfirmed() == CONTACT.email


def test_a_card_needs_no_password(alice: Client) -> None:
    assert not alice.get("/compte").soup.find(id="mot_de_passe")
    alice.post("/compte", FORM | {"email": "autre@exemple.fr"})
    assert unconfirmed() == "autre@exemple.fr"


@pytest.mark.parametrize(("others", "words"), [
    (0, ""), (1, "L’autre session ouverte a été fermée."), (2, "Les 2 autres sessions ont été fermées.")])
@pytest.mark.proves("N9", "V7.4.3", "V6.3.7")
def test_a_new_address_ends_the_other_sessions_and_tells_the_former_one(
        alice: Client, app: Starlette, others: int, words: str) -> None:
    database.connect()
    compte_id = int(Compte.get().id)
    for _ in range(others):
        open_session(app.state.settings, ALICE, "Dr Alice MARTIN", compte_id=compte_id)
    open_session(app.state.settings, CHLOE, "Dr Chloé PETIT", compte_id=999)
    answer = alice.follow(alice.post("/compte", FORM | {"email": "neuve@exemple.fr"}))
    assert words in answer.text and ("fermée" in answer.text) is bool(others)
    assert sorted(row.compte_id for row in Session.select()) == [compte_id, 999]
    former = next(mail for mail in outbox.latest(2) if mail.to == CONTACT.email)
    assert "a été modifiée" in former.subject and "neuve@exemple.fr" not in former.body


def test_another_change_ends_no_session(alice: Client, app: Starlette) -> None:
    database.connect()
    open_session(app.state.settings, ALICE, "Dr Alice MARTIN", compte_id=int(Compte.get().id))
    alice.post("/compte", FORM | {"telephone": "02 31 00 00 99"})
    assert Session.select().count() == 2
