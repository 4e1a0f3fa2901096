"""Changing a password, and setting a forgotten one anew by a mailed link."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.compte import commands as comptes
from portal.compte import queries
from portal.compte.motdepasse import queries as links
from portal.compte.rules import CHARTE
from portal.db import database, outbox
from portal.db.audit import Actor, Trace
from portal.db.crypto import keys
from portal.db.outbox import Courriel
from portal.settings import Settings
from portal.web import opened
from portal.web.session import Session
from tests.support.client import Answer, Client
from tests.support.codes import given_an_application, shown
from tests.support.people import account

BOB, EMAIL = 10100000022, "10100000022@exemple.fr"
OLD, NEW = "Bocage-2031", "Peuplier-Lune-88"
CHANGE, ASK, LOGIN = "/compte/mot-de-passe", "/compte/mot-de-passe/oublie", "/connexion/otp"
LINK = re.compile(r"https://portail\.test(/compte/mot-de-passe/nouveau/\S+)")


pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def app(trusting_app: Starlette) -> Starlette:
    return trusting_app


@pytest.fixture
def compte_id(app: Starlette) -> int:
    compte = queries.get(account(BOB))
    assert compte is not None
    with database.writing():
        comptes.accept_charte(Actor(BOB, "Dr Bob DURAND", "cps"), compte, CHARTE)
        comptes.confirm_email(compte)
    return int(compte.id)


def now_is(password: str) -> bool:
    return queries.password_matches(queries.by_email(EMAIL), password)


def events(prefix: str = "compte.mot_de_passe") -> list[str]:
    return [trace.event for trace in Trace.select().order_by(Trace.id) if trace.event.startswith(prefix)]


def mails() -> list[Courriel]:
    return [mail for mail in outbox.latest() if "mot de passe" in mail.subject]


def send(client: Client, status: int = 303, *, now: str = OLD, new: str = NEW, again: str | None = None) -> Answer:
    return client.post(CHANGE, {"mot_de_passe_actuel": now, "mot_de_passe": new,
                                "mot_de_passe_2": new if again is None else again}, status)


def link_asked(client: Client, email: str = EMAIL) -> str:
    """Ask for a link; returns the address that the mail holds."""
    client.post(ASK, {"email": email}, 200)
    found = LINK.search(mails()[0].body)
    assert found
    return found.group(1)


def choose(client: Client, link: str, status: int = 303, new: str = NEW) -> Answer:
    return client.post(link, {"mot_de_passe": new, "mot_de_passe_2": new}, status)


class TestChange:
    @pytest.mark.proves("N9", "V6.2.2", "V6.3.7", "V7.4.3")
    def test_it_closes_the_other_sessions_and_says_so(
            self, client: Client, another_client: Client, compte_id: int) -> None:
        client.login(BOB, compte_id=compte_id)
        another_client.login(BOB, compte_id=compte_id)
        page = client.follow(send(client))
        assert "Votre mot de passe est changé. L’autre session ouverte a été fermée." in page.text
        assert now_is(NEW) and not now_is(OLD)
        assert another_client.get("/accueil", 303).location.startswith("/connexion")
        assert events() == ["compte.mot_de_passe_change"] and [mail.to for mail in mails()] == [EMAIL]
        assert NEW not in mails()[0].body

    @pytest.mark.proves("N9", "V6.2.3")
    @pytest.mark.parametrize(("level", "proof"), [("cps", False), ("ecps", False), ("cle", False), ("otp", True),
                                                  ("courriel", True)])
    def test_only_a_strong_login_may_have_forgotten_it(
            self, client: Client, compte_id: int, level: str, proof: bool) -> None:
        client.login(BOB, compte_id=compte_id, level=level)
        field = client.get(CHANGE).soup.find(id="mot_de_passe_actuel")
        assert field.has_attr("required") is proof
        answer = send(client, 422 if proof else 303, now="")
        assert now_is(OLD) is proof
        if proof:
            assert answer.errors == ["Saisissez votre mot de passe actuel."]

    @pytest.mark.proves("N9", "V6.2.3")
    @pytest.mark.parametrize("level", ["cps", "otp"])
    def test_a_wrong_present_one_changes_nothing(self, client: Client, compte_id: int, level: str) -> None:
        client.login(BOB, compte_id=compte_id, level=level)
        answer = send(client, 422, now="Bocage-2032")
        assert "Ce n’est pas votre mot de passe actuel" in answer.errors[0]
        assert now_is(OLD) and not events() and not mails()
        assert not [one for one in (OLD, NEW, "Bocage-2032") if one in answer.html]

    @pytest.mark.parametrize(("new", "again", "field", "words"), [
        ("", "", "mot_de_passe", "Choisissez un mot de passe"),
        ("court1A", "court1A", "mot_de_passe", "8 caractères minimum"),
        ("Soleil2026!", "Soleil2026!", "mot_de_passe", "trop courant"),
        ("Martin-Bleu-88", "Martin-Bleu-88", "mot_de_passe", "ce que d’autres savent de vous"),
        (NEW, NEW + "x", "mot_de_passe_2", "deux fois le même"),
        (NEW, NEW + " ", "mot_de_passe_2", "deux fois le même"),
        (OLD, OLD, "mot_de_passe", "déjà votre mot de passe"),
    ])
    def test_the_policy_and_the_repetition_hold(
            self, client: Client, compte_id: int, new: str, again: str, field: str, words: str) -> None:
        answer = send(client.login(BOB, compte_id=compte_id), 422, new=new, again=again)
        assert words in answer.errors[0]
        assert answer.soup.select_one(".resume-erreurs a")["href"] == f"#{field}"
        assert now_is(OLD) and not mails()

    @pytest.mark.proves("N1", "N9")
    def test_guessing_the_present_one_waits(self, client: Client, compte_id: int) -> None:
        client.login(BOB, compte_id=compte_id, level="otp")
        for _ in range(5):
            send(client, 422, now="faux")
        assert "Trop d’essais" in send(client, 429, now=OLD).text
        assert now_is(OLD)

    def test_a_login_that_waits_for_its_code_ends(
            self, client: Client, another_client: Client, compte_id: int, settings: Settings) -> None:
        given_an_application(compte_id, settings)
        another_client.post(LOGIN, {"email": EMAIL, "mot_de_passe": OLD})
        send(client.login(BOB, compte_id=compte_id))
        another_client.post(f"{LOGIN}/code", {"moyen": "application", "code_application": shown()}, 410)

    def test_nothing_typed_is_kept_when_the_session_ends(self, client: Client, compte_id: int) -> None:
        client.login(BOB, compte_id=compte_id)
        token = client.token()
        with clock.shift(timedelta(minutes=31)):
            answer = client.post(CHANGE, {"mot_de_passe_actuel": OLD, "mot_de_passe": NEW}, token=token)
            assert answer.location.startswith("/connexion?")
            database.connect()
            (row,) = Session.select()
            kept = keys().open(row.data, table="session", row=row.key, column="data")
            assert "reprise" in kept and OLD not in kept and NEW not in kept


class TestAsking:
    @pytest.mark.proves("N4", "V6.3.8")
    def test_known_and_unknown_addresses_get_the_same_answer(self, client: Client, compte_id: int) -> None:
        known = client.post(ASK, {"email": EMAIL}, 200)
        nobody = "inconnue@exemple.fr"
        unknown = client.post(ASK, {"email": nobody}, 200)
        assert known.html.replace(EMAIL, "X") == unknown.html.replace(nobody, "X")
        assert sorted(known.headers) == sorted(unknown.headers)
        assert [mail.to for mail in mails()] == [EMAIL]
        assert events() == ["compte.mot_de_passe_oublie"] * 2

    @pytest.mark.proves("N4")
    def test_both_do_the_same_work(self, client: Client, compte_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
        told: list[str] = []
        real = outbox.send
        monkeypatch.setattr(outbox, "send", lambda to, *rest: (told.append(to), real(to, *rest)))
        for email in (EMAIL, "inconnue@exemple.fr"):
            client.post(ASK, {"email": email}, 200)
        assert told == [EMAIL, ""] and [mail.to for mail in mails()] == [EMAIL]

    @pytest.mark.parametrize("email", ["", "bob", "bob@", "a b@exemple.fr"])
    def test_what_is_no_address_is_refused_and_kept(self, client: Client, email: str) -> None:
        answer = client.post(ASK, {"email": email}, 422)
        assert len(answer.errors) == 1 and answer.soup.find(id="email")["value"] == email

    def test_letter_case_does_not_matter(self, client: Client, compte_id: int) -> None:
        assert link_asked(client, EMAIL.upper())

    @pytest.mark.parametrize("state", ["email_confirmed_at", "blocked_at"])
    def test_no_link_for_an_unproven_address_nor_a_blocked_account(
            self, client: Client, compte_id: int, state: str) -> None:
        compte = queries.get(compte_id)
        assert compte is not None
        with database.writing():
            setattr(compte, state, None if state == "email_confirmed_at" else clock.now())
            compte.save()
        client.post(ASK, {"email": EMAIL}, 200)
        assert not mails()

    @pytest.mark.proves("N1", "N4")
    @pytest.mark.parametrize("email", [EMAIL, "inconnue@exemple.fr"])
    def test_asking_on_and_on_waits_for_known_and_unknown_alike(
            self, client: Client, compte_id: int, email: str) -> None:
        for _ in range(5):
            client.post(ASK, {"email": email}, 200)
        assert client.post(ASK, {"email": email}, 429).headers["retry-after"] == "30"


class TestLink:
    @pytest.mark.proves("N9", "V6.4.3")
    def test_it_sets_the_password_and_logs_nobody_in(
            self, client: Client, another_client: Client, compte_id: int) -> None:
        another_client.login(BOB, compte_id=compte_id)
        link = link_asked(client)
        page = client.get(link)
        assert EMAIL in page.text and page.headers["referrer-policy"] == "same-origin"
        assert client.follow(choose(client, link)).text.count("une seconde preuve reste demandée") == 1
        assert now_is(NEW)
        assert client.get("/accueil", 303).location.startswith("/connexion")
        assert another_client.get("/accueil", 303).location.startswith("/connexion")
        assert events()[-1] == "compte.mot_de_passe_reinitialise" and "a été changé" in mails()[0].subject
        with database.reading():
            assert not Session.select().where(Session.compte_id == compte_id).exists()

    def test_looking_at_it_changes_nothing(self, client: Client, compte_id: int) -> None:
        link = link_asked(client)
        for _ in range(3):
            client.get(link)
        choose(client, link)
        assert now_is(NEW)

    def test_a_bad_choice_keeps_it_alive(self, client: Client, compte_id: int) -> None:
        link = link_asked(client)
        assert "8 caractères" in choose(client, link, 422, new="Ab1").errors[0]
        choose(client, link)

    def test_it_serves_once(self, client: Client, compte_id: int) -> None:
        link = link_asked(client)
        choose(client, link)
        assert "Ce lien ne sert plus" in client.get(link, 410).text
        choose(client, link, 410, new="Autre-Saule-99")
        assert now_is(NEW)

    def test_a_newer_one_replaces_it(self, client: Client, compte_id: int) -> None:
        first, second = link_asked(client), link_asked(client)
        choose(client, first, 410)
        choose(client, second)

    @pytest.mark.proves("V9.2.1")
    @pytest.mark.parametrize(("minutes", "status"), [(24 * 60, 200), (24 * 60 + 1, 410)])
    def test_it_lasts_a_day(self, client: Client, compte_id: int, minutes: int, status: int) -> None:
        link = link_asked(client)
        with clock.shift(timedelta(minutes=minutes)):
            client.get(link, status)

    def test_a_new_password_or_address_kills_it(self, client: Client, compte_id: int, settings: Settings) -> None:
        first = link_asked(client)
        send(client.login(BOB, compte_id=compte_id))
        client.get(first, 410)
        second = link_asked(client)
        compte = queries.get(compte_id)
        assert compte is not None
        with database.writing():
            contact = replace(comptes.contact_of(compte), email="neuve@exemple.fr")
            comptes.update_contact(Actor(BOB, "Dr", "cps"), compte, contact, settings)
        client.get(second, 410)
        assert any(mail.to == EMAIL and "a été modifiée" in mail.subject for mail in outbox.latest())

    @pytest.mark.proves("V9.1.1")
    @pytest.mark.parametrize("change", [lambda jeton: jeton[:-1], lambda jeton: "x" + jeton, lambda _: "x.y.z"])
    def test_an_altered_one_opens_nothing(self, client: Client, compte_id: int, change: Callable[[str], str]) -> None:
        base, _, jeton = link_asked(client).rpartition("/")
        altered = f"{base}/{change(jeton)}"
        assert "incomplète ou a été modifiée" in client.get(altered, 404).text
        choose(client, altered, 404)
        assert now_is(OLD)

    @pytest.mark.proves("V9.2.2", "V9.2.4")
    def test_a_confirmation_link_is_no_reset_link(self, client: Client, compte_id: int) -> None:
        compte = queries.get(compte_id)
        assert compte is not None
        client.get(f"/compte/mot-de-passe/nouveau/{queries.link_for(compte)}", 404)

    def test_an_account_blocked_since_is_said_to_be(self, client: Client, compte_id: int) -> None:
        link = link_asked(client)
        compte = queries.get(compte_id)
        assert compte is not None
        with database.writing():
            compte.blocked_at = clock.now()
            compte.save()
        assert "bloqué" in choose(client, link, 403).text
        assert now_is(OLD)

    def test_its_secret_is_not_in_the_database_nor_in_the_log(
            self, client: Client, compte_id: int, settings: Settings, caplog: pytest.LogCaptureFixture,
            monkeypatch: pytest.MonkeyPatch) -> None:
        link = link_asked(client)
        Courriel.delete().execute()
        jeton = link.rpartition("/")[2]
        database.connect()
        for text in [str(row) for row in links.Lien.select().dicts()]:
            assert jeton not in text and jeton[:20] not in text

        def broken(*_: object) -> None:
            raise RuntimeError()
        monkeypatch.setattr(links, "compte_of_link", broken)
        client.get(link, 500)
        assert "/nouveau/{jeton}" in caplog.text and jeton not in caplog.text


@pytest.mark.proves("V6.4.3")
class TestOneMailbox:
    """Who reads the mailbox alone must not come in: the link and a mailed code both go there."""

    def code_page(self, client: Client) -> Answer:
        return client.follow(client.post(LOGIN, {"email": EMAIL, "mot_de_passe": NEW}))

    def test_no_mailed_code_after_a_mailed_link(self, client: Client, compte_id: int) -> None:
        choose(client, link_asked(client))
        page = self.code_page(client)
        assert "un code envoyé à la même adresse ne prouverait rien de plus" in page.text
        assert "Recevoir un code" not in page.text
        client.post(f"{LOGIN}/code", {"geste": "envoyer"}, 404)
        assert not [mail for mail in outbox.latest() if "code de connexion" in mail.subject]

    def test_the_application_opens_and_gives_the_mailed_code_back(
            self, client: Client, compte_id: int, settings: Settings) -> None:
        given_an_application(compte_id, settings)
        choose(client, link_asked(client))
        self.code_page(client)
        with clock.shift(timedelta(seconds=1)):
            client.post(f"{LOGIN}/code", {"moyen": "application", "code_application": shown()})
            client.post("/connexion/quitter")
            assert "Recevoir un code" in self.code_page(client).text

    def test_opened_sessions_are_those_of_the_account_only(
            self, client: Client, another_client: Client, compte_id: int) -> None:
        other = account(10100000033)
        another_client.login(10100000033, "Dr Chloé PETIT", other)
        choose(client, link_asked(client))
        another_client.get("/compte")
        with database.writing():
            assert opened.close_all(other) == 1
