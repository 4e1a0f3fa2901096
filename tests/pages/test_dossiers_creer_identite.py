"""« Créer un dossier »: the whole identity, look-alikes while typing, and what the volet administratif may hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from portal.db import audit, database
from portal.db.audit import Actor
from portal.dossiers import commands, queries
from portal.dossiers.models import Dossier
from portal.volets import queries as volets
from tests.support.client import Answer, Client
from tests.support.delegues import CHLOE, EVERYTHING, lent, physician

ALICE, BOB = 10100000011, 10100000022
CREATE, ASK = "/dossiers/grand-age/creer", "/dossiers/grand-age/creer/doublons"
LEROUX = {
    "civilite": "Mme", "nom_naissance": "LEROUX", "nom_usage": "", "prenoms": "Josette, Marie", "prenom": "",
    "naissance": "05/03/1941", "sexe": "F", "ville": "14000 Caen", "sejour_0": "oui", "sejour_2": "oui",
    "information": "oui", "ins_statut": "PROV",
}
WHOLE = LEROUX | {
    "prenom": "Josy", "naissance_lieu": "Caen", "nir": "2 41 03 14 118 001 34", "telephone": "0231000001",
    "telephone2": "0612345678", "courriel": "Josette@Exemple.fr", "ins_statut": "VALI", "controle": "oui",
}


@pytest.fixture
def alice(client: Client, midday: datetime) -> Client:
    return client.login(ALICE)


def shown(answer: Answer) -> str:
    """The part that tells of look-alikes."""
    part = answer.soup.find(id="doublons")
    assert part is not None
    return " ".join(part.get_text(" ").split())


def test_the_whole_identity_is_kept_and_its_secrets_sealed(alice: Client) -> None:
    page = alice.follow(alice.post(CREATE, WHOLE))
    made = Dossier.get()
    assert (made.prenoms, made.prenom, made.ins_statut) == ("Josette, Marie", "Josy", "VALI")
    assert (made.naissance_insee, made.naissance_lieu) == ("14118", "Caen")
    clear = {name: queries.sealed(made, name) for name in commands.SEALED}
    assert clear == {"telephone": "02 31 00 00 01", "telephone2": "06 12 34 56 78", "courriel": "josette@exemple.fr",
                     "nir": "241031411800134"}
    for name, text in clear.items():
        assert text.encode() not in bytes(getattr(made, name))
    assert "241031411800134" not in (made.nir_empreinte or "") and "LEROUX JOSY" in page.text


def test_the_first_given_name_is_the_one_in_use_when_no_other_is_said(alice: Client) -> None:
    alice.post(CREATE, LEROUX)
    assert Dossier.get().prenom == "Josette"


@pytest.mark.proves("V2.2.1")
@pytest.mark.parametrize(("field", "value", "message"), [
    ("nir", "2410314118001", "Ajoutez la clé"), ("nir", "241031411800135", "La clé ne correspond pas"),
    ("nir", "241131411800169", "pas un mois"), ("nir", "٢٤١٠٣١٤١١٨٠٠١٦٩", "impossible"),
    ("nir", "9" * 300, "saisi 300"), ("ins_statut", "QUAL", "Ce statut ne se choisit pas"),
    ("ins_statut", "RECUP", "Ce statut ne se choisit pas"), ("ins_statut", "vali", "Choisissez le statut"),
    ("controle", "", "J’ai contrôlé une pièce d’identité"), ("naissance_lieu", "Atlantide-sur-Mer", "introuvable"),
    ("naissance_lieu", "99999", "code de pays"), ("naissance_lieu", "Saint-Denis", "un seul lieu"),
    ("naissance_lieu", "x" * 5000, "introuvable"), ("courriel", "josette", "adresse électronique"),
    ("telephone2", "12", "numéro de téléphone"), ("prenoms", "Josette, 2", "Écrivez les prénoms"),
    ("prenoms", "x" * 100_000, "200 caractères"), ("prenoms", "J" * 201, "200 caractères"),
    ("prenom", "😀", "le prénom utilisé"),
    ("nom_naissance", "LE\u202eROUX", "Écrivez le nom"), ("naissance", "30/02/1941", "Cette date n’existe pas"),
    ("naissance", "05/03/9999", "dans le futur"), ("naissance", "31/12/1899", "antérieure à 1900"),
    ("naissance", "٠٥/٠٣/١٩٤١", "Cette date n’existe pas"),
])
def test_each_bad_input_is_told_and_creates_nothing(alice: Client, field: str, value: str, message: str) -> None:
    answer = alice.post(CREATE, WHOLE | {field: value}, 422)
    assert len(answer.errors) == 1 and message in answer.errors[0]
    target = answer.soup.select_one(".resume-erreurs a")
    assert target is not None and answer.soup.find(id=str(target["href"])[1:])
    assert answer.soup.select_one("#telephone2")["value"] == (value if field == "telephone2" else "0612345678")
    assert not Dossier.select().exists()


def test_a_null_character_is_dropped(alice: Client) -> None:
    alice.post(CREATE, LEROUX | {"nom_naissance": "LE\x00ROUX"})
    assert Dossier.get().nom_naissance == "LEROUX"


def test_a_number_that_disagrees_is_kept_with_a_warning(alice: Client) -> None:
    answer = alice.follow(alice.post(CREATE, WHOLE | {"sexe": "M", "naissance": "05/04/1941"}))
    assert "ne concorde pas avec le sexe et le mois de naissance" in answer.text and Dossier.select().count() == 1


def test_places_that_may_be_meant_are_offered(alice: Client) -> None:
    answer = alice.post(CREATE, LEROUX | {"naissance_lieu": "Saint-Denis"}, 422)
    offered = {str(radio["value"]) for radio in answer.soup.select('input[type="radio"][name="naissance_lieu"]')}
    assert {"SAINT-DENIS (93066)", "SAINT-DENIS (97411)"} <= offered


# --- look-alikes while typing

@pytest.mark.parametrize("change", [
    {}, {"nom_naissance": "lerouxx"}, {"nom_naissance": "DUPONT", "nom_usage": "Le Roux"}, {"naissance": "03/05/1941"},
    {"prenoms": "Jozette"}, {"naissance": "15/03/1941"},
])
def test_who_is_there_already_is_shown_while_one_types(alice: Client, change: dict[str, str]) -> None:
    alice.post(CREATE, LEROUX)
    answer = alice.post(ASK, LEROUX | change, 200, htmx="doublons")
    assert "ga 10000000 LEROUX JOSETTE, né(e) le 05/03/1941" in shown(answer) and "<html" not in answer.html
    assert answer.soup.select_one('a[href="/dossiers/grand-age/10000000"]')
    # Likely enough, it asks before creating another one, from any module.
    again = alice.post("/dossiers/sanitaire/creer", LEROUX | change, 422)
    assert "est déjà dans vos dossiers" in again.text and Dossier.select().count() == 1
    alice.post("/dossiers/sanitaire/creer", LEROUX | change | {"confirme": "oui"})


def test_a_question_is_answered_once(alice: Client) -> None:
    first = alice.post(ASK, LEROUX, 200, htmx="doublons")
    seen = first.soup.select_one('input[name="vu"]')
    assert seen is not None and "Aucun de vos dossiers ne ressemble" in shown(first)
    assert not alice.post(ASK, LEROUX | {"vu": str(seen["value"])}, 204, htmx="doublons").html


def test_a_question_changes_nothing_and_works_without_javascript(alice: Client) -> None:
    page = alice.post(ASK, LEROUX | {"naissance": "31/02/1941", "telephone2": "12"}, 200)
    assert page.soup.select_one("#nom_naissance")["value"] == "LEROUX" and not page.errors
    assert not Dossier.select().exists()
    assert alice.get(ASK, 303).location == CREATE


def test_a_dossier_not_accepted_says_no_more_than_its_preview(alice: Client, another_client: Client) -> None:
    another_client.login(BOB, "Dr Bob DURAND").post(CREATE, WHOLE | {"adresse": "12 rue des Tilleuls"})
    database.connect()
    with database.writing():
        commands.designate(Actor(None, "CLIC du Bessin", "interne"), Dossier.get(), ALICE)
    told = shown(alice.post(ASK, LEROUX, 200, htmx="doublons"))
    assert "ga 10000000 Mme JOSY – 85 ans, 14000 CAEN, Permanent, Jour" in told and "(dossier non accepté)" in told
    for secret in ("LEROUX", "1941", "Tilleuls", "02 31", "241031"):
        assert secret not in told


def test_anothers_patient_answers_like_nobody(alice: Client, another_client: Client) -> None:
    bob = another_client.login(BOB, "Dr Bob DURAND")
    nobody = shown(bob.post(ASK, WHOLE, 200, htmx="doublons"))
    alice.post(CREATE, WHOLE)
    assert shown(bob.post(ASK, WHOLE, 200, htmx="doublons")) == nobody


def test_a_question_asked_after_the_session_leaves_the_page_alone(client: Client) -> None:
    """Redirected while he types, a physician would lose his words; sent, the form itself is kept."""
    client.get("/connexion")
    assert not client.post(ASK, LEROUX, 204, htmx="doublons").html
    assert client.post(CREATE, LEROUX, 303).location.startswith("/connexion")


# --- the optional sections

def test_what_is_said_of_relatives_begins_the_volet(alice: Client) -> None:
    alice.post(CREATE, LEROUX | {
        "contact1_nom": "Mme Anne LEROUX", "contact1_telephone": "0231000002", "protection": "oui",
        "representant_nom": "M. Paul LEROUX", "confiance": "non"})
    seen = queries.visible_dossier(ALICE, "ga", Dossier.get().numero)
    volet = volets.opened(seen, "administratif")
    assert volet.etat == "en_cours" and volet.answers == {
        "sejours": ["permanent", "jour"], "contact1_nom": "Mme Anne LEROUX", "contact1_telephone": "02 31 00 00 02",
        "protection": "oui", "representant_nom": "M. Paul LEROUX", "confiance": "non"}
    assert [trace.event for trace in audit.timeline(seen.label)] == ["volet.modifie", "dossier.cree"]


def test_the_message_leads_to_the_volet(alice: Client) -> None:
    page = alice.follow(alice.post(CREATE, LEROUX))
    link = page.soup.select_one(".message a")
    assert link is not None and "LEROUX" in alice.get(str(link["href"])).text
    page = alice.follow(alice.post("/dossiers/sanitaire/creer", LEROUX | {"confirme": "oui"}))
    link = page.soup.select_one(".message a")
    assert link is not None and "/sanitaire/" in str(link["href"])


def test_enter_creates_and_neither_asks_nor_confirms(alice: Client) -> None:
    """Enter in a field presses the form's first button."""
    alice.post(CREATE, LEROUX)
    for page in (alice.get(CREATE), alice.post(CREATE, LEROUX, 422)):
        first = page.soup.select_one("main form button")
        assert first is not None and not {"name", "formaction"} & first.attrs.keys()


def test_the_volet_begins_with_the_kinds_of_stay(alice: Client) -> None:
    alice.post(CREATE, LEROUX)
    seen = queries.visible_dossier(ALICE, "ga", Dossier.get().numero)
    assert volets.opened(seen, "administratif").answers == {"sejours": ["permanent", "jour"]}


@pytest.mark.parametrize(("field", "value"), [
    ("contact1_telephone", "12"), ("contact1_courriel", "anne"), ("protection", "peut-être"),
    ("contact1_nom", "x" * 5000)])
def test_a_wrong_word_about_relatives_is_told_and_creates_nothing(alice: Client, field: str, value: str) -> None:
    answer = alice.post(CREATE, LEROUX | {field: value}, 422)
    assert len(answer.errors) == 1
    section = answer.soup.select_one(f'[data-champ="{field}"]').find_parent("details")
    assert section is not None and section.has_attr("open")
    assert not Dossier.select().exists()


@pytest.mark.parametrize(("module", "known"), [
    ("sanitaire", {"contact1_nom", "protection", "confiance"}), ("handicap", {"protection"}), ("tnd", set())])
def test_each_module_asks_what_its_own_volet_knows(alice: Client, module: str, known: set[str]) -> None:
    """The optional sections are those of the module's volet; what another's form sends creates the dossier without."""
    born = "05/03/2022" if module == "tnd" else "05/03/1941"
    asked = {str(one["data-champ"]) for one in alice.get(f"/dossiers/{module}/creer").soup.select("[data-champ]")}
    assert asked & {"contact1_nom", "protection", "confiance"} == known
    alice.post(f"/dossiers/{module}/creer", LEROUX | {"naissance": born, "contact1_nom": "Mme Anne LEROUX"})
    assert Dossier.select().count() == 1


def test_a_module_that_is_not_lent_is_not_searched(alice: Client, another_client: Client) -> None:
    alice.post("/dossiers/sanitaire/creer", LEROUX)
    chloe, made = physician(CHLOE), lent(alice.app.state.settings, replace(EVERYTHING, modules=("ga",)))
    acting = another_client.login(CHLOE, chloe.name, chloe.id, delegation_id=made.id)
    assert "Aucun de vos dossiers" in shown(acting.post(ASK, LEROUX, 200, htmx="doublons"))
