"""« Vos informations personnelles »: the first connection's form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.compte import queries
from portal.compte.models import Compte
from portal.compte.rules import CHARTE
from portal.db import database, outbox
from portal.db.audit import Trace
from portal.db.crypto import keys
from portal.web.session import Access, Session
from tests.support.client import Client

ALICE, CHLOE = 10100000011, 10100000033
CARD = {"nom": "MARTIN", "prenom": "Alice", "profession": "Médecin", "specialite_code": "SM26",
        "specialite": "Spécialiste en Médecine Générale (SM)"}
GOOD = {"email": "Alice.Martin@exemple.fr", "mot_de_passe": "Bocage-2031-Pommier",
        "mot_de_passe_2": "Bocage-2031-Pommier", "telephone": "0231000000", "adresse": "1 rue Froide",
        "ville": "14000 Caen"}
GUIDE = (
    "Vos informations personnelles", "Les champs marqués d’un * sont obligatoires", "MARTIN", "Alice",
    "Médecin", "Spécialiste en Médecine Générale (SM)", "Email *", "Mot de passe *",
    "Répéter le mot de passe *", "Téléphone", "Adresse", "Code Postal / Ville *", "Créer mon compte",
    "(8 caractères minimum, comportant au moins 1 minuscule, 1 majuscule et 1 chiffre)",
    "Vous êtes médecin et vous vous connectez pour la première fois sur ViaTrajectoire à l’aide de votre "
    "carte CPS. Complétez les informations ci-contre avant de continuer, nous ne vous les redemanderons plus "
    "la prochaine fois.",
)
XSS = '"><script src=/x></script><img src=x>'


def with_card(client: Client, rpps: int = ALICE, **identity: str) -> Client:
    card = CARD | identity
    return client.enter(Access.CARTE, rpps, f"Dr {card['prenom']} {card['nom']}", identity=card)


@contextmanager
def reading() -> Iterator[None]:
    database.connect()
    yield
    database.close()


def accounts() -> int:
    with reading():
        return int(Compte.select().count())


def refused(client: Client, **changes: Any) -> Any:
    return client.post("/compte/creer", GOOD | changes, status=422)


def test_identity_comes_from_the_card_and_the_guide_s_words_are_there(client: Client) -> None:
    answer = with_card(client).get("/compte/creer")
    for words in GUIDE:
        assert words in answer.text, words
    names = {field.get("name") for field in answer.soup.select("main input")}
    assert not names & {"nom", "prenom", "profession", "specialite", "rpps"}


def test_the_account_is_made_and_the_charter_is_next(client: Client) -> None:
    answer = with_card(client).post("/compte/creer", GOOD)
    assert answer.location == "/compte/charte"
    with reading():
        compte = queries.by_subject(f"8{ALICE}")
        assert compte is not None
        assert (compte.nom, compte.rpps, compte.email) == ("MARTIN", ALICE, "alice.martin@exemple.fr")
        assert (compte.insee, compte.code_postal, compte.ville) == ("14118", "14000", "CAEN")
        assert queries.telephone(compte) == "02 31 00 00 00"
        assert compte.charte is None and compte.email_confirmed_at is None
        assert [mail.to for mail in outbox.latest()] == ["alice.martin@exemple.fr"]
        assert [(row.event, row.rpps) for row in Trace.select()] == [("compte.cree", ALICE)]
    assert "alice.martin@exemple.fr" in client.follow(answer).text


@pytest.mark.proves("V15.3.3")
def test_a_form_never_changes_who_the_card_says(client: Client) -> None:
    forged = {"nom": "FAUX", "prenom": "X", "rpps": "1", "subject": "1", "specialite_code": "SM01",
              "identity": "{}"}
    with_card(client).post("/compte/creer", GOOD | forged)
    with reading():
        compte = Compte.get()
        assert (compte.nom, compte.prenom, compte.rpps) == ("MARTIN", "Alice", ALICE)
        assert (compte.subject, compte.specialite_code) == (f"8{ALICE}", "SM26")


@pytest.mark.proves("V2.2.1")
@pytest.mark.parametrize(("field", "value", "words"), [
    ("email", "", "Indiquez votre adresse électronique"),
    ("email", "alice.martin", "adresse électronique complète"),
    ("mot_de_passe", "", "Choisissez un mot de passe."),
    ("mot_de_passe", "abc", "8 caractères minimum"),
    ("mot_de_passe", "Azerty123", "trop courant"),
    ("mot_de_passe", "Bocage-Martin-2031", "ce que d’autres savent de vous"),
    ("mot_de_passe", "Bocage-Caen-2031", "ce que d’autres savent de vous"),
    ("mot_de_passe", "Kx7bqmTz" + "é" * 121, "128 caractères maximum"),
    ("mot_de_passe_2", "Bocage-2031-Poirier", "Les deux mots de passe ne sont pas les mêmes"),
    ("telephone", "12", "dix chiffres"),
    ("adresse", "x" * 201, "200 caractères maximum"),
    ("ville", "", "Indiquez le code postal et la ville"),
    ("ville", "99999 Zzzyx", "introuvable"),
])
def test_each_refusal_names_its_field_and_keeps_what_was_typed(
    client: Client, field: str, value: str, words: str,
) -> None:
    answer = refused(with_card(client), **{field: value})
    assert len(answer.errors) == 1 and words in answer.errors[0]
    assert answer.soup.select_one(f'.resume-erreurs a[href="#{field}"]')
    wrong = answer.soup.find(id=field)
    assert wrong["aria-invalid"] == "true" and f"{field}-erreur" in wrong["aria-describedby"].split()
    assert answer.soup.title.get_text().startswith("Erreur")
    for name in set(GOOD) - {"mot_de_passe", "mot_de_passe_2", field}:
        assert answer.soup.find(id=name)["value"] == GOOD[name]
    for name in ("mot_de_passe", "mot_de_passe_2"):
        assert not answer.soup.find(id=name).get("value")
        assert not value or field != name or value not in answer.html
    assert accounts() == 0


@pytest.mark.parametrize(("policy", "words"), [("cnil", "7 mots différents"), ("nist", "15 caractères minimum")])
def test_the_installation_chooses_the_policy(client: Client, policy: str, words: str) -> None:
    client.app.state.settings = replace(client.app.state.settings, password_policy=policy)
    assert words in with_card(client).get("/compte/creer").text
    weak = refused(client, mot_de_passe="Kx7bqmTz", mot_de_passe_2="Kx7bqmTz")
    assert words in weak.errors[0]
    phrase = "sept canards jouent aux cartes dans leur grenier"
    client.post("/compte/creer", GOOD | {"mot_de_passe": phrase, "mot_de_passe_2": phrase})


def test_all_errors_are_said_at_once_in_the_order_of_the_page(client: Client) -> None:
    answer = with_card(client).post("/compte/creer", {"telephone": "x"}, status=422)
    links = [link["href"] for link in answer.soup.select(".resume-erreurs a[href^='#']")]
    assert links == ["#email", "#mot_de_passe", "#telephone", "#ville"]


def test_an_unclear_town_offers_those_it_may_mean(client: Client) -> None:
    answer = refused(with_card(client), ville="99000 Bayeux")
    offered = [radio["value"] for radio in answer.soup.select('input[type=radio][name="ville"]')]
    assert "14400 BAYEUX" in offered
    client.post("/compte/creer", GOOD | {"ville": ["99000 Bayeux", "14400 BAYEUX"]})
    with reading():
        assert Compte.get().ville == "BAYEUX"


def test_an_address_already_used_says_what_to_do_not_whose(client: Client, another_client: Client) -> None:
    with_card(client).post("/compte/creer", GOOD)
    with_card(another_client, CHLOE, nom="PETIT", prenom="Chloé")
    answer = refused(another_client, email="ALICE.martin@exemple.fr")
    assert "sert déjà à un autre compte" in answer.errors[0] and "02 50 53 70 01" in answer.errors[0]
    assert "MARTIN" not in answer.text
    assert accounts() == 1


@pytest.mark.proves("R8")
def test_sending_twice_makes_one_account(client: Client) -> None:
    with_card(client).post("/compte/creer", GOOD)
    assert client.post("/compte/creer", GOOD).location == "/compte/charte"
    assert client.get("/compte/creer", status=303).location == "/compte/charte"
    assert accounts() == 1


def test_the_same_card_in_a_second_browser_goes_on(client: Client, another_client: Client) -> None:
    with_card(client)
    with_card(another_client).post("/compte/creer", GOOD)
    assert client.post("/compte/creer", GOOD | {"email": "autre@exemple.fr"}).location == "/compte/charte"
    assert "Votre compte existe déjà" in client.get("/compte/charte").text
    assert accounts() == 1


def test_a_tab_left_behind_goes_where_the_other_one_stands(client: Client, another_client: Client) -> None:
    with_card(client)
    with_card(another_client).post("/compte/creer", GOOD)
    another_client.post("/compte/charte", {"accepte": "oui", "version": CHARTE.version})
    assert client.post("/compte/creer", GOOD).location == "/accueil"


def test_two_at_the_same_instant_cannot_share_an_address(client: Client, another_client: Client) -> None:
    with_card(client), with_card(another_client, CHLOE, nom="PETIT", prenom="Chloé")
    tokens = client.token(), another_client.token()

    def send(one: Client, token: str) -> int:
        body = GOOD | {"_csrf": token}
        return one.http.post("/compte/creer", data=body, headers={"Origin": "https://portail.test"}).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(send, (client, another_client), tokens))
    assert sorted(statuses) == [303, 422]
    assert accounts() == 1


def test_what_was_typed_survives_an_expired_session_but_no_password(client: Client) -> None:
    with_card(client)
    with clock.shift(timedelta(minutes=31)):
        assert client.post("/compte/creer", GOOD).location.startswith("/connexion?")
    with reading():
        row = Session.get()
        kept = json.loads(keys().open(row.data, table="session", row=row.key, column="data"))["reprise"]
    assert "Bocage" not in json.dumps(kept)
    answer = client.enter(Access.CARTE, ALICE, identity=CARD, reprise=kept).get("/compte/creer")
    assert "Votre session a expiré" in answer.text
    assert answer.soup.find(id="email")["value"] == GOOD["email"]
    assert answer.soup.find(id="ville")["value"] == "14000 Caen"
    client.post("/compte/creer", GOOD)
    assert accounts() == 1


@pytest.mark.proves("W6", "V1.2.1")
@pytest.mark.parametrize("field", list(GOOD))
def test_nothing_typed_becomes_html(client: Client, field: str) -> None:
    answer = refused(with_card(client), **{"email": "non", field: XSS})
    assert "<script src=/x>" not in answer.html and not answer.soup.find("img", src="x")


def test_the_card_s_words_are_escaped_too(client: Client) -> None:
    answer = with_card(client, prenom=XSS, specialite=XSS).get("/compte/creer")
    assert "<script src=/x>" not in answer.html


def test_without_the_card_s_words_nothing_is_asked(client: Client) -> None:
    client.enter(Access.CARTE, ALICE)
    assert "carte CPS" in client.get("/compte/creer", status=403).text


def test_a_visitor_is_sent_to_the_login(client: Client) -> None:
    assert client.get("/compte/creer", status=303).location.startswith("/connexion")
    assert client.get("/compte", status=303).location.startswith("/connexion?suite=")


@pytest.mark.parametrize("path", ["/accueil", "/compte", "/compte/charte", "/dossiers/grand-age"])
def test_nothing_else_opens_before_the_account(client: Client, path: str) -> None:
    assert with_card(client).get(path, status=303).location == "/compte/creer"
