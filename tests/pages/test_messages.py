"""Messages between the side that asks and an establishment: who reads, who writes, what is kept, until when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.avis.models import Avis
from portal.db import audit, database
from portal.db.audit import Actor
from portal.db.base import rows
from portal.db.crypto import keys
from portal.demandes import commands as of_demandes
from portal.demandes import rules
from portal.demandes.models import Demande
from portal.dossiers import commands
from portal.dossiers.models import Dossier
from portal.espaces.models import Structure
from portal.messages import queries
from portal.messages.models import Message
from portal.messages.rules import LONGEST
from portal.web.session import Access, Session
from tests.support import espaces
from tests.support.client import Client
from tests.support.delegues import ALICE, CHLOE, lent, physician, secretary
from tests.support.delegues import EVERYTHING as ALL_RIGHTS
from tests.support.people import LEROUX

WORDS = "Peut-on venir avec un lit médicalisé ?\n\nElle a besoin d’oxygène."


@dataclass(frozen=True)
class Scene:
    """Mme LEROUX's dossier: opened by one establishment, sent to another, led by Alice."""

    dossier: Dossier
    demande: Demande
    there: Structure
    other: Demande
    elsewhere: Structure

    @property
    def asking(self) -> str:
        return f"/dossiers/grand-age/{self.dossier.numero}/demandes/{self.demande.id}/messages"

    @property
    def receiving(self) -> str:
        return f"/espaces/etablissement/demandes/{self.demande.id}/messages"


@pytest.fixture
def scene(app: Starlette) -> Iterator[Scene]:
    database.connect()
    physician(ALICE)
    with database.writing():
        dossier = commands.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga", LEROUX)
    places = [espaces.etablissement(f"EHPAD {name}") for name in ("Un", "Deux")]
    there, elsewhere = [espaces.structure(nom=place.nom, etablissement_id=place.id) for place in places]
    yield Scene(dossier, espaces.demande(dossier, places[0], rules.LUE), there,
                espaces.demande(dossier, places[1], rules.ENVOYEE), elsewhere)


@pytest.fixture
def alice(client: Client) -> Client:
    return client.login(ALICE)


@pytest.fixture
def claire(app: Starlette, scene: Scene) -> Iterator[Client]:
    with Client(app) as client:
        yield espaces.member(client, scene.there)


def said() -> list[str]:
    return [queries.words(one) for one in Message.select().order_by(Message.id)]


def write(client: Client, path: str, text: str = WORDS, status: int = 303, **more: str) -> str:
    answer = client.post(path, {"texte": text, "cle": "a" * 32} | more, status)
    return answer.location if status == 303 else answer.text


def test_a_message_goes_to_the_other_side_and_its_reading_comes_back(
        alice: Client, claire: Client, scene: Scene) -> None:
    assert write(alice, scene.asking) == scene.asking
    assert "Pas encore lu" in alice.get(scene.asking).text
    shown = claire.get(scene.receiving)
    assert shown.soup.select_one(".mot .texte-libre").get_text() == WORDS
    assert "Nouveau" in shown.text and "Dr Alice MARTIN" in shown.text
    until = shown.soup.select_one("#lecture [name=jusque]")["value"]
    claire.post(f"{scene.receiving}/lire", {"jusque": until})
    assert "Nouveau" not in claire.get(scene.receiving).text
    read = alice.get(scene.asking).text
    assert "Lu le" in read and "par Claire DUBOIS, EHPAD Un" in read


def test_reading_by_script_leaves_nothing_where_the_button_was(alice: Client, claire: Client, scene: Scene) -> None:
    write(alice, scene.asking)
    answer = claire.post(f"{scene.receiving}/lire", {"jusque": "999"}, 200, htmx="lecture")
    assert answer.html == "" and Message.get().lu_par.startswith("Claire DUBOIS")


def test_looking_is_not_reading(alice: Client, claire: Client, scene: Scene) -> None:
    write(alice, scene.asking)
    claire.get(scene.receiving)
    assert Message.get().lu_le is None


def test_what_came_after_the_page_was_shown_stays_new(alice: Client, claire: Client, scene: Scene) -> None:
    write(alice, scene.asking, "Un")
    seen = Message.get().id
    write(alice, scene.asking, "Deux", cle="b" * 32)
    write(claire, scene.receiving, "Bien reçu", jusque=str(seen))
    assert [one.lu_le is None for one in Message.select().order_by(Message.id)] == [False, True, True]


def test_the_first_reader_is_the_one_who_is_named(alice: Client, claire: Client, scene: Scene) -> None:
    write(alice, scene.asking)
    claire.post(f"{scene.receiving}/lire", {"jusque": "99"})
    first = Message.get().lu_le
    with clock.shift(timedelta(minutes=5)):
        claire.post(f"{scene.receiving}/lire", {"jusque": "99"})
    assert Message.get().lu_le == first
    assert sum(trace.event == "message.lu" for trace in audit.timeline(f"ga {scene.dossier.numero}")) == 1


@pytest.mark.parametrize("until", ["", "x", "-1", "٣", "9" * 400, "1e3"])
def test_a_forged_read_mark_marks_nothing(until: str, alice: Client, claire: Client, scene: Scene) -> None:
    write(alice, scene.asking)
    claire.post(f"{scene.receiving}/lire", {"jusque": until})
    assert Message.get().lu_le is None


# --- once

@pytest.mark.proves("R8", "R9")
def test_the_same_form_sent_twice_is_one_message(alice: Client, scene: Scene) -> None:
    write(alice, scene.asking)
    write(alice, scene.asking)
    assert said() == [WORDS]
    assert Avis.select().where(Avis.code == "message").count() == 1


def test_other_words_under_the_same_key_are_not_lost(alice: Client, scene: Scene) -> None:
    write(alice, scene.asking, "Un")
    write(alice, scene.asking, "Deux")
    assert said() == ["Un", "Deux"]


def test_two_people_may_hold_the_same_key(alice: Client, claire: Client, scene: Scene) -> None:
    write(alice, scene.asking, "Un")
    write(claire, scene.receiving, "Un")
    assert said() == ["Un", "Un"]


@pytest.mark.parametrize("cle", ["", "x", "A" * 32, "a" * 33, "é" * 32, "a" * 100_000])
def test_a_forged_key_loses_no_message(cle: str, alice: Client, scene: Scene) -> None:
    write(alice, scene.asking, cle=cle)
    assert said() == [WORDS]


# --- bad input

@pytest.mark.parametrize(("text", "reason"), [
    ("", "Écrivez votre message"), ("   \n \t\n", "Écrivez votre message"), ("\x00\x07", "Écrivez votre message"),
    ("é" * (LONGEST + 1), "compte 4\u202f001 caractères"), ("a" * 100_000, "compte 100\u202f000 caractères"),
])
def test_a_message_that_cannot_be_sent_is_kept_and_said(
        text: str, reason: str, alice: Client, scene: Scene) -> None:
    answer = alice.post(scene.asking, {"texte": text, "cle": "a" * 32}, 422)
    assert reason in answer.html and answer.errors
    assert answer.soup.select_one("#texte").get_text().strip() == text.strip("\x00\x07 \n\t")
    assert not Message.select().exists()


@pytest.mark.parametrize("text", [
    "é" * LONGEST, "👩‍⚕️ 🇫🇷", "\u202eRTL\u202c عربى", "<script>alert(1)</script>", "{{ 7 * 7 }}", "l1\r\nl2",
    "e\u0301te\u0301"])
def test_what_people_type_is_kept_as_text(text: str, alice: Client, claire: Client, scene: Scene) -> None:
    write(alice, scene.asking, text)
    shown = claire.get(scene.receiving).soup.select_one(".mot .texte-libre").get_text()
    assert shown == {"l1\r\nl2": "l1\nl2", "e\u0301te\u0301": "été"}.get(text, text)


def test_what_was_typed_survives_the_end_of_the_session(alice: Client, scene: Scene, app: Starlette) -> None:
    with clock.shift(app.state.settings.session_idle + timedelta(minutes=1)):
        sent = alice.post(scene.asking, {"texte": WORDS, "cle": "a" * 32})
        assert sent.location.startswith("/connexion") and not Message.select().exists()
        row = Session.get()
        kept = json.loads(keys().open(row.data, table="session", row=row.key, column="data"))["reprise"]
        page = alice.login(ALICE, reprise=kept).get(scene.asking)
        assert page.soup.select_one("#texte").get_text().strip() == WORDS
        assert "votre message n’est pas parti" in page.text
        write(alice, scene.asking)
        # Once sent, it comes back no more.
        assert not alice.get(scene.asking).soup.select_one("#texte").get_text().strip()
    assert said() == [WORDS]


def test_a_thread_shows_neither_names_nor_words_at_rest(alice: Client, scene: Scene) -> None:
    write(alice, scene.asking, "oxygène à domicile")
    stored = bytes(rows("SELECT texte FROM message")[0][0])
    assert "oxygène".encode() not in stored
    traces = " ".join(f"{trace.event} {trace.detail}" for trace in audit.timeline(f"ga {scene.dossier.numero}"))
    assert "message.envoye" in traces and "oxyg" not in traces


# --- until when

@pytest.mark.parametrize("state", [rules.REFUS, rules.ANNULEE, rules.ADMIS])
def test_a_thread_closes_with_its_request_and_stays_readable(
        state: str, alice: Client, claire: Client, scene: Scene) -> None:
    write(alice, scene.asking)
    end = {rules.REFUS: lambda one: of_demandes.refuse(espaces.ANSWERS, one.id, one.version, "114"),
           rules.ANNULEE: lambda one: of_demandes.cancel(espaces.ASKS, one.id, one.version, "85"),
           rules.ADMIS: lambda one: of_demandes.admit(espaces.ANSWERS, one.id, one.version, date(2026, 11, 20))}[state]
    with database.writing():
        end(Demande.get_by_id(scene.demande.id))
    for client, path in ((alice, scene.asking), (claire, scene.receiving)):
        assert "oxygène" in client.get(path).text
        assert not client.get(path).soup.select("textarea")
        kept = client.post(path, {"texte": "Trop tard", "cle": "c" * 32}, 409)
        assert "Trop tard" in kept.soup.select_one("textarea[readonly]").get_text()
        assert "La demande est close" in kept.text
    assert said() == [WORDS]


def test_a_form_sent_again_after_the_end_says_that_it_had_gone(alice: Client, scene: Scene) -> None:
    write(alice, scene.asking)
    with database.writing():
        of_demandes.cancel(espaces.ASKS, scene.demande.id, Demande.get_by_id(scene.demande.id).version, "85")
    write(alice, scene.asking)
    assert said() == [WORDS]


def test_an_establishment_opens_the_dossier_before_its_messages(alice: Client, scene: Scene, app: Starlette) -> None:
    path = f"/dossiers/grand-age/{scene.dossier.numero}/demandes/{scene.other.id}/messages"
    there = f"/espaces/etablissement/demandes/{scene.other.id}"
    write(alice, path)
    with Client(app) as client:
        espaces.member(client, scene.elsewhere)
        for answer in (client.get(f"{there}/messages", 303), client.post(f"{there}/messages", {"texte": "x"}),
                       client.post(f"{there}/messages/lire", {"jusque": "99"})):
            assert answer.location == there
        client.post(f"{there}/ouvrir")
        assert "oxygène" in client.get(f"{there}/messages").text


# --- who

def test_a_request_that_was_not_sent_has_no_thread(alice: Client, scene: Scene) -> None:
    chosen = espaces.demande(scene.dossier, espaces.etablissement("EHPAD Trois"), rules.NON_ENVOYEE)
    alice.get(f"/dossiers/grand-age/{scene.dossier.numero}/demandes/{chosen.id}/messages", 404)
    assert "EHPAD Trois" not in alice.get(f"/dossiers/grand-age/{scene.dossier.numero}/messages").text


def test_a_thread_is_not_found_from_another_dossier(alice: Client, scene: Scene) -> None:
    with database.writing():
        other = commands.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga", LEROUX)
    alice.get(f"/dossiers/grand-age/{other.numero}/demandes/{scene.demande.id}/messages", 404)
    alice.get(f"/dossiers/grand-age/{scene.dossier.numero}/demandes/{'9' * 18}/messages", 404)


@pytest.mark.parametrize("role", ["patient", "aidant", "famille"])
def test_the_patients_side_never_comes_to_a_message(role: str, alice: Client, scene: Scene, app: Starlette) -> None:
    write(alice, scene.asking)
    with Client(app) as client:
        espaces.usager(client, scene.dossier, role)
        for path in (scene.asking, scene.receiving, f"/dossiers/grand-age/{scene.dossier.numero}/messages"):
            answer = client.get(path, 303)
            assert answer.location == "/espaces/usager/dossier" and not answer.html
        client.post(scene.asking, {"texte": "x", "cle": "d" * 32})
    assert said() == [WORDS]


def test_the_patients_side_is_told_of_no_message(claire: Client, scene: Scene) -> None:
    espaces.relative(scene.dossier)
    write(claire, scene.receiving)
    assert {one.destinataire for one in Avis.select().where(Avis.code == "message")} == {f"medecin:{ALICE}"}


def test_another_establishment_sees_only_its_own_thread(alice: Client, scene: Scene, app: Starlette) -> None:
    write(alice, scene.asking)
    with Client(app) as client:
        espaces.member(client, scene.elsewhere)
        client.get(scene.receiving, 404)
        client.post(scene.receiving, {"texte": "x"}, 404)
        # The dossier's own door is not an establishment's either.
        with database.writing():
            of_demandes.read(espaces.ANSWERS, scene.other.id)
        client.get(scene.asking, 404)
        client.get(f"/dossiers/grand-age/{scene.dossier.numero}/messages", 404)


def test_the_team_that_leads_the_request_writes_too(claire: Client, scene: Scene, app: Starlette) -> None:
    team = espaces.structure("coordination", "CLIC UN")
    espaces.follow(team, scene.dossier)
    with Client(app) as client:
        espaces.member(client, team)
        write(client, scene.asking, "De la part du CLIC")
    assert "De la part du CLIC" in claire.get(scene.receiving).text


def test_a_secretary_is_told_why_she_reads_no_message(client: Client, scene: Scene, app: Starlette) -> None:
    found, made = secretary(app.state.settings)
    client.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject,
                 delegation_id=made.id)
    assert "pas par le secrétariat" in client.get(scene.asking, 403).text
    client.post(scene.asking, {"texte": "x", "cle": "e" * 32}, 403)
    assert not Message.select().exists()


@pytest.mark.parametrize(("rights", "reads", "writes"), [
    (ALL_RIGHTS.rights, 200, 303), (("lire",), 200, 403), (("accepter",), 403, 403)])
def test_a_delegate_reads_and_answers_as_far_as_he_was_lent(
        rights: tuple[str, ...], reads: int, writes: int, client: Client, scene: Scene, app: Starlette) -> None:
    made = lent(app.state.settings, replace(ALL_RIGHTS, rights=rights))
    chloe = physician(CHLOE)
    client.login(CHLOE, chloe.name, chloe.id, delegation_id=made.id)
    client.get(scene.asking, reads)
    client.post(scene.asking, {"texte": WORDS, "cle": "f" * 32}, writes)
    assert Message.select().exists() == (writes == 303)


def test_the_list_of_threads_says_what_is_new(alice: Client, claire: Client, scene: Scene) -> None:
    write(claire, scene.receiving)
    shown = alice.get(f"/dossiers/grand-age/{scene.dossier.numero}/messages")
    first, second = shown.soup.select(".tache")
    assert "EHPAD Un" in first.text and "1 à lire" in first.text
    assert "EHPAD Deux" in second.text and "Aucun message" in second.text


def test_each_side_finds_whom_to_call(alice: Client, claire: Client, scene: Scene) -> None:
    assert alice.get(scene.asking).soup.select_one("main a[href='tel:0261914400']")
    assert "Dr Alice MARTIN" in claire.get(scene.receiving).text


def test_the_request_leads_to_its_messages_on_both_sides(alice: Client, claire: Client, scene: Scene) -> None:
    for client, path in ((alice, scene.asking), (claire, scene.receiving)):
        page = client.get(path.removesuffix("/messages"))
        assert page.soup.select_one(f"a[href='{path}']") is not None
    assert alice.get(f"/dossiers/grand-age/{scene.dossier.numero}").soup.select_one("main a[href$='/messages']")
