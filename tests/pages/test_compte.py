"""« Mon compte » and the confirmation of the e-mail address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.compte import commands, queries
from portal.compte.commands import Contact, Identity
from portal.compte.models import Compte
from portal.compte.rules import CHARTE
from portal.db import audit, database, outbox
from portal.db.audit import Actor, Trace
from tests.support.client import Client

ALICE, CHLOE = 10100000011, 10100000033
ACTOR = Actor(ALICE, "Dr Alice MARTIN", "cps")
IDENTITY = Identity("MARTIN", "Alice", "Médecin", "SM26", "Spécialiste en Médecine Générale (SM)")
CONTACT = Contact("alice.martin@exemple.fr", "02 31 00 00 00", "1 rue Froide", "14118", "14000", "CAEN")
FORM = {"email": CONTACT.email, "telephone": CONTACT.telephone, "adresse": CONTACT.adresse,
        "ville": "14000 CAEN"}
XSS = '"><script src=/x></script>'


def new(client: Client, actor: Actor = ACTOR, email: str = CONTACT.email) -> int:
    contact = Contact(email, *list(vars(CONTACT).values())[1:])
    with database.writing():
        compte = commands.create(
            actor, f"8{actor.rpps}", IDENTITY, contact, "Bocage-2031-Pommier", client.app.state.settings)
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


def test_the_page_shows_card_contact_charter_and_own_connections(client: Client) -> None:
    compte_id = new(client)
    with database.writing():
        audit.record(ACTOR, "connexion.cps")
        audit.record(Actor(CHLOE, "Dr Chloé PETIT", "ecps"), "connexion.ecps")
        audit.record(ACTOR, "dossier.ouvert", dossier="ga 1")
    answer = client.login(ALICE, compte_id=compte_id).get("/compte")
    for words in ("Mon compte", "MARTIN", "Spécialiste en Médecine Générale (SM)", "à confirmer",
                  "Renvoyer le courriel", "Enregistrer", CHARTE.version, "Carte CPS"):
        assert words in answer.text, words
    assert answer.soup.find(id="telephone")["value"] == "02 31 00 00 00"
    assert answer.soup.find(id="ville")["value"] == "14000 CAEN"
    assert len(answer.soup.select("#connexions tbody tr")) == 1


def test_contact_is_saved_with_one_trace(alice: Client) -> None:
    alice.post("/compte", FORM | {"telephone": "+33 6 12 34 56 78", "ville": "bayeux 14400"})
    database.connect()
    compte = Compte.get()
    assert (queries.telephone(compte), compte.ville) == ("06 12 34 56 78", "BAYEUX")
    last = Trace.select().order_by(Trace.id.desc()).get()
    assert (last.event, last.rpps) == ("compte.modifie", ALICE)
    assert last.detail == "telephone, insee, code_postal, ville"


def test_a_new_address_is_to_be_confirmed_and_the_old_one_is_told(alice: Client) -> None:
    alice.post(link())
    assert unconfirmed() is None
    answer = alice.post("/compte", FORM | {"email": "nouvelle@exemple.fr"})
    assert "nouvelle@exemple.fr" in alice.follow(answer).text
    assert unconfirmed() == "nouvelle@exemple.fr"
    assert {mail.to for mail in outbox.latest(2)} == {"nouvelle@exemple.fr", "alice.martin@exemple.fr"}


@pytest.mark.parametrize(("field", "value"), [
    ("email", "non"), ("telephone", "12"), ("adresse", "x" * 201), ("ville", "99999 Rien"), ("email", XSS),
    ("telephone", XSS), ("ville", XSS),
])
def test_a_bad_value_is_refused_kept_and_escaped(alice: Client, field: str, value: str) -> None:
    answer = alice.post("/compte", FORM | {field: value}, status=422)
    assert len(answer.errors) == 1
    assert answer.soup.find(id=field)["value"] == value
    assert "<script src=/x>" not in answer.html
    database.connect()
    assert Compte.get().email == CONTACT.email


def test_an_address_of_someone_else_is_refused(alice: Client) -> None:
    new(alice, Actor(CHLOE, "Dr Chloé PETIT", "cps"), "chloe.petit@exemple.fr")
    answer = alice.post("/compte", FORM | {"email": "chloe.petit@exemple.fr"}, status=422)
    assert "sert déjà à un autre compte" in answer.errors[0]


def test_an_address_with_markup_stays_text(alice: Client) -> None:
    alice.post("/compte", FORM | {"adresse": XSS})
    answer = alice.get("/compte")
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
