"""The person's own pages: what she reads, whom she names and invites, and what she may not do."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from portal.avis.models import Avis
from portal.compte import commands as comptes
from portal.compte import queries as of_comptes
from portal.compte.rules import CHARTE
from portal.db import audit, database, outbox
from portal.db.audit import Actor, Trace
from portal.demandes import rules as demandes_rules
from portal.demandes.models import Demande
from portal.dossiers import commands
from portal.dossiers.models import Dossier
from portal.dossiers.queries import by_id, physicians
from portal.espaces import queries as espaces
from portal.espaces.models import Usager
from portal.web.session import Access
from tests.support import espaces as people
from tests.support.client import Client
from tests.support.people import account
from tests.support.usagers import LINK, given_a_family

DOOR, HOME = "/espaces/usager", "/espaces/usager/dossier"
ALICE, BOB = 10100000011, 10100000022
INVITED = {"prenom": "Luc", "nom": "MOREAU", "courriel": "luc@exemple.fr", "role": "aidant", "lien": ""}

pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def client(app: Starlette) -> Iterator[Client]:
    database.connect()
    with Client(app) as client:
        yield client


def come(client: Client, role: str = "patient") -> Dossier:
    """The browser of someone of a dossier that its family leads."""
    dossier, one = given_a_family(role)
    client.enter(Access.USAGER, None, one.name, None, level="courriel", subject=one.subject)
    return dossier


def active(rpps: int) -> None:
    """This physician's account, its charter accepted."""
    compte = of_comptes.get(account(rpps))
    assert compte is not None
    with database.writing():
        comptes.accept_charte(Actor(rpps, "Dr", "cps"), compte, CHARTE)


def named(client: Client, rpps: int, before: int | str = "", status: int = 303) -> None:
    client.post(f"{DOOR}/medecin/choisir", {"rpps": str(rpps), "avant": str(before)}, status)


def me() -> Usager:
    return Usager.select().order_by(Usager.id).get()


class TestHome:
    def test_it_says_where_the_dossier_stands_and_what_to_do(self, client: Client) -> None:
        dossier = come(client)
        page = client.get(HOME)
        assert "Votre dossier n’est pas encore envoyé." in page.text and "À faire maintenant." in page.text
        first = page.soup.select_one(".bouton-principal")
        assert first is not None and first["href"] == f"/dossiers/grand-age/{dossier.numero}/volets/administratif"

    def test_of_the_medical_volets_only_when(self, client: Client) -> None:
        come(client)
        assert "Volet médical : à remplir par votre médecin." in client.get(HOME).text

    def test_the_administrative_volet_leads_back(self, client: Client) -> None:
        dossier = come(client)
        page = client.get(f"/dossiers/grand-age/{dossier.numero}/volets/administratif")
        links = [link["href"] for link in page.soup.select(".fil-ariane a")]
        assert links and links[0] == HOME and not [link for link in links if link.startswith("/accueil")]

    @pytest.mark.parametrize("volet", ["medical", "autonomie"])
    def test_the_other_volets_stay_shut(self, client: Client, volet: str) -> None:
        dossier = come(client)
        for path in ("", "/valider"):
            client.get(f"/dossiers/grand-age/{dossier.numero}/volets/{volet}{path}", 403)

    def test_another_dossier_is_not_found(self, client: Client) -> None:
        come(client)
        other, stranger = given_a_family()
        for path in ("", "/volets/administratif", "/demandes", "/pieces", "/imprimer"):
            client.get(f"/dossiers/grand-age/{other.numero}{path}", 404)
        client.get(f"{DOOR}/proches/{stranger.id}/retirer", 404)
        client.post(f"{DOOR}/proches/{stranger.id}/retirer", status=404)

    def test_a_place_offered_is_the_first_thing_to_do(self, client: Client) -> None:
        dossier = come(client)
        offered = people.demande(dossier, people.etablissement(), demandes_rules.PROPOSEE)
        page = client.get(HOME)
        assert "Une place vous est proposée." in page.text and "Répondez avant la date indiquée." in page.text
        one = f"/dossiers/grand-age/{dossier.numero}/demandes/{offered.id}"
        client.get(one)
        client.post(f"{one}/accepter", {"version": str(offered.version)})
        assert Demande.get_by_id(offered.id).etat == demandes_rules.ACCEPTEE


class TestFamily:
    @pytest.mark.parametrize("path", [
        "/espaces/usager/medecin", "/espaces/usager/dossier/annuler", "/espaces/usager/proches"])
    def test_who_only_follows_writes_nothing(self, client: Client, path: str) -> None:
        come(client, "famille")
        client.post(path, INVITED | {"motif": "erreur"}, 403)
        assert Usager.select().count() == 1

    def test_she_sees_the_way_and_no_button_to_change_it(self, client: Client) -> None:
        come(client, "famille")
        page = client.get(HOME)
        assert "Vous ne pouvez pas le modifier." in page.text
        assert not page.soup.select('a[href$="/volets/administratif"], a[href$="/medecin"], a[href$="/annuler"]')

    def test_she_may_leave(self, client: Client) -> None:
        dossier = come(client, "famille")
        people.relative(dossier)
        client.get(f"{DOOR}/proches/{me().id}/retirer")
        client.post(f"{DOOR}/proches/{me().id}/retirer")
        assert [one.role for one in espaces.usagers(dossier.id)] == ["patient"]

    def test_a_dossier_led_by_a_physician_is_not_hers_to_conduct(self, client: Client) -> None:
        dossier = come(client)
        with database.writing():
            commands.hand_over(Actor(ALICE, "Dr Alice MARTIN", "cps"), dossier, ALICE, "Dr Alice MARTIN")
        assert "conduit par : Dr Alice MARTIN" in client.get(HOME).text
        assert "Dr Alice MARTIN" in client.get(f"{DOOR}/medecin", 403).text


class TestPhysician:
    @pytest.mark.parametrize(("nom", "ville", "found"), [
        ("martin", "", True), ("MARTIN Alice", "caen", True), ("mart", "14000", True), ("Màrtin", "Caên", True),
        ("martin", "Bayeux", False), ("%", "", False), ("mar_in", "", False), ("\u202enitram", "", False)])
    def test_she_is_found_by_name_and_town(self, client: Client, nom: str, ville: str, found: bool) -> None:
        active(ALICE)
        come(client)
        response = client.http.post(f"{DOOR}/medecin", data={"_csrf": client.token(), "nom": nom, "ville": ville},
                                    headers={"Sec-Fetch-Site": "same-origin"})
        assert response.status_code in (200, 422) and (f'value="{ALICE}"' in response.text) is found

    def test_an_account_without_charter_or_blocked_is_not_offered(self, client: Client) -> None:
        account(ALICE)
        come(client)
        assert "Aucun médecin trouvé" in client.post(f"{DOOR}/medecin", {"nom": "martin", "ville": ""}, 200).text
        named(client, ALICE, status=404)

    @pytest.mark.parametrize("nom", ["", "a", "x" * 100, "😀", "x" * 100_000])
    def test_what_finds_nobody_is_said(self, client: Client, nom: str) -> None:
        come(client)
        assert client.post(f"{DOOR}/medecin", {"nom": nom, "ville": ""}, 422).errors

    def test_she_is_named_told_and_may_be_replaced(self, client: Client) -> None:
        active(ALICE)
        active(BOB)
        dossier = come(client)
        named(client, ALICE)
        assert physicians(dossier) == {ALICE: "attente"}
        assert Avis.get().destinataire == f"medecin:{ALICE}"
        assert "Il n’a pas encore répondu." in client.get(HOME).text
        named(client, BOB, ALICE)
        assert physicians(dossier) == {BOB: "attente"}

    def test_two_relatives_who_choose_at_once(self, client: Client) -> None:
        active(ALICE)
        active(BOB)
        dossier = come(client)
        named(client, ALICE)
        named(client, BOB, "", 409)
        assert physicians(dossier) == {ALICE: "attente"}

    @pytest.mark.parametrize("rpps", ["", "abc", "99999999999", "9" * 400, "١٠١٠٠٠٠٠٠١١"])
    def test_nobody_else_can_be_named(self, client: Client, rpps: str) -> None:
        dossier = come(client)
        client.post(f"{DOOR}/medecin/choisir", {"rpps": rpps, "avant": ""}, 404)
        assert not physicians(dossier)


class TestPeople:
    def test_an_invitation_names_nobody_and_lets_in(self, client: Client, app: Starlette) -> None:
        dossier = come(client)
        client.post(f"{DOOR}/proches", INVITED)
        [mail] = outbox.latest()
        assert mail.to == "luc@exemple.fr" and f"ga {dossier.numero}" in mail.body
        assert not re.search("LEROUX|JOSETTE|MOREAU|Luc|Anne", mail.subject + mail.body)
        found = LINK.search(mail.body)
        assert found
        with Client(app) as luc:
            luc.post(found[1])
            assert "LEROUX" in luc.get(HOME).text

    @pytest.mark.parametrize(("field", "value"), [
        ("prenom", ""), ("nom", "x" * 90), ("courriel", "luc"), ("role", "medecin"), ("lien", "Roi"),
        ("prenom", "<i>"), ("nom", "\u202eUAEROM")])
    def test_what_is_wrong_is_said(self, client: Client, field: str, value: str) -> None:
        come(client)
        assert client.post(f"{DOOR}/proches", INVITED | {field: value}, 422).errors
        assert Usager.select().count() == 1 and not outbox.latest()

    def test_the_same_address_is_one_person(self, client: Client) -> None:
        dossier = come(client)
        for _ in range(2):
            client.post(f"{DOOR}/proches", INVITED | {"courriel": "LUC@exemple.fr"})
        assert len(espaces.usagers(dossier.id)) == 2

    def test_a_dossier_is_full_at_six(self, client: Client) -> None:
        dossier = come(client)
        for rank in range(5):
            client.post(f"{DOOR}/proches", INVITED | {"courriel": f"p{rank}@exemple.fr"})
        client.post(f"{DOOR}/proches", INVITED, 409)
        assert len(espaces.usagers(dossier.id)) == 6

    def test_the_last_one_who_acts_stays(self, client: Client) -> None:
        dossier = come(client)
        people.relative(dossier, "famille")
        client.post(f"{DOOR}/proches", INVITED)  # his link is not opened: he does not count yet
        answer = client.post(f"{DOOR}/proches/{me().id}/retirer", status=409)
        assert "au moins une personne" in answer.text and len(espaces.usagers(dossier.id)) == 3

    def test_who_removes_herself_is_out(self, client: Client) -> None:
        dossier = come(client)
        people.relative(dossier, "aidant")
        assert client.post(f"{DOOR}/proches/{me().id}/retirer").location == DOOR
        assert client.get(HOME, 303).location.startswith("/connexion")


class TestAddress:
    @pytest.mark.proves("N9", "V6.3.7")
    def test_both_mailboxes_say_yes(self, client: Client, app: Starlette) -> None:
        come(client)
        before = espaces.email(me())
        client.post(f"{DOOR}/courriel", {"courriel": "neuve@exemple.fr"})
        sent = {mail.to: LINK.search(mail.body) for mail in outbox.latest()}
        assert set(sent) == {before, "neuve@exemple.fr"}
        with Client(app) as anybody:
            for rank, found in enumerate(sent.values()):
                assert found
                anybody.get(found[1])
                client.get(HOME)
                anybody.post(found[1], status=200)
                assert espaces.email(me()) == ("neuve@exemple.fr" if rank else before)
                anybody.get(found[1], 410)
            # Such a link lets nobody in, and whoever came in by the former mailbox is out.
            anybody.get(HOME, 303)
            client.get(HOME, 303)

    def test_one_yes_changes_nothing(self, client: Client) -> None:
        come(client)
        before = espaces.email(me())
        client.post(f"{DOOR}/courriel", {"courriel": "neuve@exemple.fr"})
        found = LINK.search(outbox.latest()[0].body)
        assert found
        client.post(found[1], status=200)
        assert espaces.email(me()) == before and "a dit oui" in client.get(f"{DOOR}/courriel").text

    @pytest.mark.parametrize("address", ["", "x", "a@b", "proche@exemple.fr\nBcc: x@y.fr", "x" * 100_000])
    def test_what_is_no_address_is_refused(self, client: Client, address: str) -> None:
        come(client)
        client.post(f"{DOOR}/courriel", {"courriel": address}, 422)
        assert not outbox.latest()


class TestEnd:
    def test_cancelling_ends_the_requests_and_reopening_sends_none(self, client: Client) -> None:
        dossier = come(client)
        sent = people.demande(dossier, people.etablissement(), demandes_rules.ENVOYEE)
        assert "Une demande est en cours" in client.get(f"{HOME}/annuler").text
        client.post(f"{HOME}/annuler", {"motif": "domicile"})
        assert by_id(dossier.id).etat == "annule"
        assert Demande.get_by_id(sent.id).etat == demandes_rules.ANNULEE
        assert "La personne reste chez elle" in client.get(HOME).text
        client.post(f"{HOME}/rouvrir")
        assert by_id(dossier.id).etat == "redaction"
        assert Demande.get_by_id(sent.id).etat == demandes_rules.ANNULEE

    @pytest.mark.parametrize("motif", ["", "courriel", "inconnu", "x" * 100_000])
    def test_a_motive_of_the_list_is_needed(self, client: Client, motif: str) -> None:
        dossier = come(client)
        client.post(f"{HOME}/annuler", {"motif": motif}, 422)
        assert by_id(dossier.id).etat == "redaction"

    def test_twice_is_told(self, client: Client) -> None:
        come(client)
        client.post(f"{HOME}/rouvrir", status=409)
        client.post(f"{HOME}/annuler", {"motif": "erreur"})
        client.post(f"{HOME}/annuler", {"motif": "erreur"}, 409)


class TestOpenings:
    def test_names_and_no_word_of_health(self, client: Client) -> None:
        dossier = come(client)
        with database.writing():
            audit.record(Actor(ALICE, "Dr Alice MARTIN", "cps"), "volet.ouvert", dossier=f"ga {dossier.numero}",
                         detail="medical")
        text = client.get(f"{DOOR}/ouvertures").text
        assert "Dr Alice MARTIN a lu une partie du dossier" in text and "médical" not in text.partition("Aide")[2]

    def test_older_ones_follow(self, client: Client) -> None:
        dossier = come(client)
        with database.writing():
            for rank in range(35):
                audit.record(Actor(ALICE, f"Dr Numéro {rank}", "cps"), "dossier.ouvert", dossier=f"ga {dossier.numero}")
        page = client.get(f"{DOOR}/ouvertures")
        assert "Dr Numéro 34" in page.text and "Dr Numéro 4 " not in page.text
        older = page.soup.select_one('a[href*="avant="]')
        assert older is not None and "Dr Numéro 4 " in client.get(str(older["href"])).text

    @pytest.mark.parametrize("avant", ["x", "-1", "9" * 30, "٣"])
    def test_an_unreadable_rank_shows_the_latest(self, client: Client, avant: str) -> None:
        come(client)
        client.get(f"{DOOR}/ouvertures?avant={avant}")


def test_the_letter_holds_the_number_and_no_name(client: Client) -> None:
    dossier = come(client)
    paper = client.get(f"{DOOR}/lettre").soup.select_one(".papier")
    assert paper is not None and f"ga {dossier.numero}" in paper.get_text() and "LEROUX" not in paper.get_text()
    assert not Trace.select().where(Trace.event == "dossier.imprime").exists()
