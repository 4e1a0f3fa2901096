"""The door of the patient's side: creating a dossier, asking for a link, opening it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.db import audit, database, outbox
from portal.db.audit import Trace
from portal.db.base import db
from portal.dossiers.models import Dossier
from portal.dossiers.queries import by_id
from portal.espaces import queries as espaces
from portal.espaces.models import Usager
from portal.espaces.usager import commands, echeances, queries, rules
from portal.espaces.usager.models import Creation, Lien
from portal.web.session import Session
from tests.support.client import Answer, Client

DOOR, HOME = "/espaces/usager", "/espaces/usager/dossier"
LINK = re.compile(r"https://portail\.test(/espaces/usager/lien/\S+)")
FORM = {
    "createur": "aidant", "proche_prenom": "Anne", "proche_nom": "MOREAU", "proche_lien": "Fils ou fille",
    "courriel": "anne.moreau@exemple.fr", "civilite": "Mme", "nom_naissance": "LEROUX", "prenoms": "Josette",
    "naissance": "17/04/1931", "sexe": "F", "telephone": "02 31 11 22 33", "adresse": "12 rue des Tilleuls",
    "ville": "14000 Caen", "sejour_0": "oui", "conditions": "oui",
}
BIRTH = "17/04/1931"

pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def client(app: Starlette) -> Iterator[Client]:
    database.connect()
    with Client(app) as client:
        yield client


def mails() -> list[outbox.Courriel]:
    """The mails, the latest first."""
    return list(outbox.latest())


def link() -> str:
    """The address in the latest mail that holds one."""
    found = next(filter(None, (LINK.search(mail.body) for mail in mails())))
    return found[1]


def created(client: Client, **other: str) -> Dossier:
    """A dossier opened on the public side, its address not confirmed."""
    client.post(f"{DOOR}/creer", FORM | other)
    return by_id(Usager.select().order_by(Usager.id.desc()).first().dossier_id)


def entered(client: Client, **other: str) -> Dossier:
    """A dossier whose creator has opened her link."""
    dossier = created(client, **other)
    client.post(link())
    return dossier


def asked(client: Client, numero: int | str, birth: str = BIRTH, status: int = 200) -> Answer:
    return client.post(DOOR, {"numero": str(numero), "naissance": birth}, status)


class TestCreating:
    def test_a_relative_opens_a_dossier_that_the_family_leads(self, client: Client) -> None:
        answer = client.follow(client.post(f"{DOOR}/creer", FORM))
        dossier = Dossier.get()
        assert f"ga {dossier.numero}" in answer.text and dossier.referent_kind == "patient"
        [one] = espaces.usagers(dossier.id)
        assert (one.role, one.lien, one.name, one.confirme_le) == ("aidant", "Fils ou fille", "Anne MOREAU", None)
        assert espaces.email(one) == FORM["courriel"] and not dossier.courriel

    def test_the_mail_recalls_the_number_and_names_nobody(self, client: Client) -> None:
        dossier = created(client)
        [mail] = mails()
        assert mail.to == FORM["courriel"] and f"ga {dossier.numero}" in mail.subject
        for word in ("LEROUX", "Josette", "MOREAU", "Anne", "1931"):
            assert word not in mail.subject + mail.body

    def test_of_the_person_herself_names_and_address_are_kept_once(self, client: Client) -> None:
        dossier = created(client, createur="patient")
        [one] = espaces.usagers(dossier.id)
        assert (one.role, one.prenom, one.nom, one.lien) == ("patient", "Josette", "LEROUX", "")

    def test_two_dossiers_of_the_same_person_are_made_without_a_word(self, client: Client) -> None:
        first = client.follow(client.post(f"{DOOR}/creer", FORM)).text
        second = client.follow(client.post(f"{DOOR}/creer", FORM)).text
        assert re.sub(r"ga \d{8}", "", first) == re.sub(r"ga \d{8}", "", second) and Dossier.select().count() == 2

    @pytest.mark.parametrize(("field", "value"), [
        ("createur", ""), ("createur", "medecin"), ("proche_prenom", ""), ("proche_nom", "<b>"),
        ("proche_lien", "Voisine"), ("courriel", "anne@"), ("courriel", ""), ("naissance", "17 avril 1931"),
        ("naissance", "31/02/1931"), ("naissance", "17/04/9999"), ("naissance", "١٧/٠٤/١٩٣١"), ("conditions", ""),
        ("sejour_0", ""), ("ville", "Nulle part"), ("nom_naissance", "x" * 90), ("telephone", "12"),
        ("nom_naissance", "\u202eXUOREL"), ("nom_naissance", "😀")])
    def test_what_is_wrong_is_said_and_kept(self, client: Client, field: str, value: str) -> None:
        answer = client.post(f"{DOOR}/creer", FORM | {field: value}, 422)
        assert answer.errors and not Dossier.select().exists() and not mails()
        assert answer.soup.find("input", {"name": "adresse"})["value"] == FORM["adresse"]

    def test_a_hundred_kilobytes_and_a_nul_are_words_like_others(self, client: Client) -> None:
        client.post(f"{DOOR}/creer", FORM | {"nom_naissance": "L" * 100_000}, 422)
        client.post(f"{DOOR}/creer", FORM | {"nom_naissance": "LE\0ROUX"})
        assert Dossier.get().nom_naissance == "LEROUX"

    @pytest.mark.proves("V2.3.2", "V2.4.1")
    def test_one_network_opens_no_more_than_a_few_unconfirmed(self, client: Client) -> None:
        for rank in range(rules.MOST_UNCONFIRMED):
            created(client, courriel=f"proche{rank}@exemple.fr")
        answer = client.post(f"{DOOR}/creer", FORM, 429)
        assert "sans que leur adresse soit confirmée" in answer.text
        assert Dossier.select().count() == rules.MOST_UNCONFIRMED

    def test_a_confirmed_one_makes_room(self, client: Client) -> None:
        for rank in range(rules.MOST_UNCONFIRMED):
            created(client, courriel=f"proche{rank}@exemple.fr")
        client.post(link())
        client.post("/connexion/quitter")
        created(client, courriel="encore@exemple.fr")


class TestEntering:
    @pytest.mark.proves("V6.4.2")
    def test_number_birth_date_and_the_mailed_button(self, client: Client) -> None:
        dossier = entered(client)
        client.post("/connexion/quitter")
        asked(client, f"GA {dossier.numero}")
        where = link()
        page = client.get(where)
        assert page.soup.find("button", string="Entrer dans le dossier") and client.http.cookies
        assert client.get(HOME, 303).location.startswith("/connexion")
        assert client.post(where).location == HOME
        assert "LEROUX" in client.get(HOME).text

    def test_the_first_link_confirms_the_address(self, client: Client) -> None:
        dossier = entered(client)
        assert espaces.usagers(dossier.id)[0].confirme_le and not Creation.select().exists()
        assert [one.event for one in Trace.select().where(Trace.event.startswith("usager."))] == [
            "usager.conditions", "usager.confirme", "usager.entre"]

    @pytest.mark.proves("N4", "V6.3.8")
    def test_a_right_and_a_wrong_answer_are_the_same_words_and_statements(
            self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        dossier = entered(client)
        client.post("/connexion/quitter")
        said: list[str] = []
        base = db.obj
        run = base.execute_sql

        def noted(sql: str, *args: object, **more: object) -> object:
            said.append(re.sub(r"\bs[0-9a-f]{32}\b", "point", sql))
            return run(sql, *args, **more)

        monkeypatch.setattr(base, "execute_sql", noted)
        seen = []
        asked(client, 11111111)  # a first time gives the session's cookie
        for numero, birth in ((dossier.numero, BIRTH), (dossier.numero, "18/04/1931"), (99999999, BIRTH)):
            said.clear()
            answer = asked(client, numero, birth)
            seen.append((answer.text, [line for line in said if "SAVEPOINT" not in line.upper()]))
        assert seen[0] == seen[1] == seen[2]
        assert len([mail for mail in mails() if "pour entrer" in mail.subject]) == 1

    @pytest.mark.parametrize("birth", ["17/04/1931", "17-04-1931", "17.4.1931", "17 04 1931", "1931-04-17",
                                       " 17/4/1931 "])
    def test_a_birth_date_in_figures_is_understood(self, client: Client, birth: str) -> None:
        dossier = entered(client)
        client.post("/connexion/quitter")
        asked(client, dossier.numero, birth)
        assert "pour entrer" in mails()[0].subject

    @pytest.mark.parametrize("birth", [
        "", "17 avril 1931", "31/02/1931", "17/04/9999", "17/04/1899", "١٧/٠٤/١٩٣١", "17/04/31", "\u202e1391/40/71",
        "1" * 100_000, "<script>"])
    def test_a_birth_date_that_is_none_is_refused_in_words(self, client: Client, birth: str) -> None:
        answer = asked(client, 43009190, birth, 422)
        assert len(answer.errors) == 1 and ("année" in answer.errors[0])

    @pytest.mark.parametrize("numero", [
        "", "ga", "4300919", "s 2031400", "tnd 100234", "٤٣٠٠٩١٩٠", "9" * 100_000, "43009190 OR 1=1", "00000000"])
    def test_what_is_no_number_of_such_a_dossier_is_refused_in_words(self, client: Client, numero: str) -> None:
        answer = asked(client, numero, status=422)
        assert answer.errors == ["Écrivez le numéro du dossier : « ga » et 8 chiffres, par exemple ga 43009190."]

    def test_a_link_serves_once(self, client: Client, app: Starlette) -> None:
        created(client)
        where = link()
        client.post(where)
        with Client(app) as another:
            assert "déjà servi" in another.get(where, 410).text
            another.post(where, status=410)

    def test_a_link_is_good_for_half_an_hour(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        dossier = entered(client)
        client.post("/connexion/quitter")
        asked(client, dossier.numero)
        where, now = link(), clock.now()
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=29))
        client.get(where)
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=31))
        client.get(where, 410)
        client.post(where, status=410)

    def test_looking_at_a_link_uses_nothing_up(self, client: Client) -> None:
        created(client)
        for _ in range(3):
            client.get(link())
        client.post(link())

    @pytest.mark.parametrize("jeton", ["x", "", "é", "a.b.c", "x" * 5000])
    def test_a_forged_link_opens_nothing(self, client: Client, jeton: str) -> None:
        client.get(f"{DOOR}/lien/{jeton}", 404)
        client.post(f"{DOOR}/lien/{jeton}", status=404)

    def test_too_many_links_for_one_number_wait(self, client: Client) -> None:
        for _ in range(5):
            asked(client, 43009190)
        assert "Trop d’essais" in asked(client, 43009190, status=429).text

    def test_each_who_follows_gets_her_own_link(self, client: Client) -> None:
        dossier = entered(client)
        client.post(f"{DOOR}/proches", {"prenom": "Luc", "nom": "MOREAU", "courriel": "luc@exemple.fr",
                                        "role": "famille", "lien": ""})
        client.post("/connexion/quitter")
        asked(client, dossier.numero)
        sent = [mail for mail in mails() if "pour entrer" in mail.subject]
        assert {mail.to for mail in sent} == {FORM["courriel"], "luc@exemple.fr"}
        assert len({LINK.search(mail.body)[1] for mail in sent if LINK.search(mail.body)}) == 2


class TestUnconfirmed:
    def test_reminded_on_the_third_day_once_then_cancelled_on_the_fourth(
            self, client: Client, app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
        dossier, settings, start = created(client), app.state.settings, clock.now()
        counts = []
        for days in (2.9, 3, 3, 4, 4):
            at = start + timedelta(days=days)
            monkeypatch.setattr(clock, "now", lambda at=at: at)
            counts.append((echeances.remind_unconfirmed(settings), echeances.cancel_unconfirmed(settings)))
        assert counts == [(0, 0), (1, 0), (0, 0), (0, 1), (0, 0)]
        database.connect()
        assert by_id(dossier.id).etat == "annule" and not espaces.usagers(dossier.id)
        annulation = queries.cancelled(dossier.id)
        assert annulation is not None and annulation.motif == rules.UNCONFIRMED
        assert [mail.subject.split()[0] for mail in mails()] == ["Dossier", "Rappel", "Confirmez"]
        assert not Lien.select().exists()

    def test_a_confirmed_address_is_left_alone(
            self, client: Client, app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
        dossier = entered(client)
        at = clock.now() + timedelta(days=5)
        monkeypatch.setattr(clock, "now", lambda: at)
        assert echeances.remind_unconfirmed(app.state.settings) == echeances.cancel_unconfirmed(app.state.settings) == 0
        database.connect()
        assert by_id(dossier.id).etat == "redaction"


def test_a_removed_person_is_out_at_once(client: Client, app: Starlette) -> None:
    dossier = entered(client)
    client.post(f"{DOOR}/proches", {"prenom": "Luc", "nom": "MOREAU", "courriel": "luc@exemple.fr", "role": "aidant",
                                    "lien": ""})
    with Client(app) as luc:
        luc.post(link())
        luc.get(HOME)
        one = next(one for one in espaces.usagers(dossier.id) if one.prenom == "Luc")
        client.post(f"{DOOR}/proches/{one.id}/retirer")
        assert luc.get(HOME, 303).location.startswith("/connexion")
        assert not Session.select().where(Session.subject == one.subject).exists()
    assert "ne suivez plus" in mails()[0].subject


def test_what_the_audit_keeps_names_no_patient(client: Client) -> None:
    entered(client)
    assert audit.broken_link() is None
    for one in Trace.select():
        assert "LEROUX" not in f"{one.name} {one.detail}" and "1931" not in one.detail
    assert commands.NOBODY.courriel is None
