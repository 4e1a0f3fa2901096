"""Who gets what from each address: the matrix of every route and every kind of visitor.

A route without a row here fails the test: nobody can add a page and forget who may see it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from portal.db import database
from portal.db.audit import Actor
from portal.dossiers import commands
from portal.dossiers.models import Dossier
from portal.routes import pages
from portal.settings import Settings, load
from portal.web.handlers import Page
from portal.web.session import Access
from tests.support.client import Client
from tests.support.people import IDENTITY, LEROUX, account

OWNER, OTHER, ASKED, REFUSER, REPLACED = 10100000011, 10100000022, 10100000033, 10100000044, 10100000055
SECRETS = ("LEROUX", "1931-04-17", "17/04/1931", "12 rue des Tilleuls", "02 31 11 22 33")

# Visitors: anonymous; card read, no account; account, no charter; then physicians by their link to the dossier.
VISITORS = ("anonyme", "carte", "charte", "accepte", "attente", "refuse", "retire", "autre")
LOGIN, CREATE, CHARTER = "303 /connexion", "303 /compte/creer", "303 /compte/charte"
DOORS = (LOGIN, CREATE, CHARTER)

# Route and method -> what each visitor gets, in the order of VISITORS; one value stands for the rest.
EVERYBODY = ("200",) * 8
PHYSICIANS = (*DOORS, "200", "200", "200", "200", "200")
# A page of another actor's space: everybody is sent back to his own door.
SPACE_ONLY = (*DOORS, *["303 /accueil"] * 5)
THE_DOSSIER = (*DOORS, "200 LEROUX", "200", "200", "404", "404")
ANSWERS = {
    "accepter": (*DOORS, "409", "303", "303", "404", "404"),
    "refuser": (*DOORS, "409", "303", "409", "404", "404"),
    "retablir": (*DOORS, "409", "409", "303", "404", "404"),
    "retirer": (*DOORS, "303", "409", "409", "404", "404"),
}
MATRIX = {
    ("GET", "accueil"): EVERYBODY, ("GET", "en-savoir-plus"): EVERYBODY, ("GET", "contact"): EVERYBODY,
    # What waits names the patient.
    **dict.fromkeys((("GET", "mes-patients"), ("GET", "taches")),
                    (*DOORS, "200 LEROUX", "200 LEROUX", "200", "200", "200")),
    # Nothing was announced of this dossier: there is nothing to keep.
    **dict.fromkeys((("GET", "dossier-garder"), ("POST", "dossier-garder")), (*DOORS, "303", *["404"] * 4)),
    ("GET", "connexion"): ("200", "200", "200", *["303 /accueil"] * 5),
    ("GET", "connexion-cps"): ("200", "200", "200", *["303 /accueil"] * 5),
    ("GET", "connexion-ecps"): EVERYBODY,
    ("GET", "connexion-otp"): ("200", "200", "200", *["303 /accueil"] * 5),
    ("POST", "connexion-otp"): ("422",) * 8,
    ("GET", "connexion-otp-code"): ("303 /connexion/otp",) * 8, ("POST", "connexion-otp-code"): ("410",) * 8,
    **{("GET", name): EVERYBODY for name in ("diagnostic", "diagnostic-poste", "diagnostic-debit")},
    ("GET", "diagnostic-etape"): EVERYBODY,
    # The help is not built here: no section can be judged.
    ("GET", "assistance"): SPACE_ONLY, ("GET", "aide-avis"): ("404",) * 8, ("POST", "aide-avis"): ("404",) * 8,
    ("GET", "aide-pdf"): ("404",) * 8,
    ("GET", "visite"): PHYSICIANS, ("POST", "visite"): (*DOORS, *["400"] * 5),
    ("GET", "facteurs"): PHYSICIANS, ("GET", "facteurs-application"): PHYSICIANS,
    ("POST", "facteurs-application"): (*DOORS, *["303 /facteurs/application"] * 5),
    ("GET", "facteurs-application-retirer"): (*DOORS, *["404"] * 5),
    ("POST", "facteurs-application-retirer"): (*DOORS, *["404"] * 5),
    ("GET", "facteurs-secours"): PHYSICIANS, ("POST", "facteurs-secours"): (*DOORS, *["409"] * 5),
    ("GET", "connexion-quitter"): EVERYBODY,
    ("POST", "connexion-defi"): EVERYBODY,
    ("POST", "connexion-cps"): ("403",) * 8,
    # No e-CPS provider answers here.
    ("POST", "connexion-ecps"): ("503",) * 8,
    ("GET", "connexion-ecps-retour"): ("403", "303 /compte/creer", "303 /compte/charte", *["303 /accueil"] * 5),
    ("POST", "connexion-ecps-retour"): ("403",) * 8,
    ("GET", "connexion-ecps-sortie"): ("303 /",) * 8,
    ("POST", "connexion-quitter"): ("303 /",) * 8,
    ("POST", "connexion-prolonger"): (LOGIN, CREATE, CHARTER, *["303 /accueil"] * 5),
    ("GET", "compte-creer"): (LOGIN, "200", CHARTER, *["303 /accueil"] * 5),
    ("POST", "compte-creer"): (LOGIN, "422", CHARTER, *["303 /accueil"] * 5),
    ("GET", "compte-charte"): (LOGIN, CREATE, *["200"] * 6),
    ("POST", "compte-charte"): (LOGIN, CREATE, "422", *["303 /accueil"] * 5),
    ("GET", "mon-compte"): PHYSICIANS, ("POST", "mon-compte"): (*DOORS, *["422"] * 5),
    ("GET", "compte-exercice"): PHYSICIANS, ("POST", "compte-exercice"): (*DOORS, *["422"] * 5),
    ("GET", "compte-notifications"): PHYSICIANS, ("POST", "compte-notifications"): (*DOORS, *["303"] * 5),
    ("GET", "compte-securite"): PHYSICIANS, ("GET", "compte-chartes"): PHYSICIANS,
    ("GET", "compte-sessions"): PHYSICIANS, ("POST", "compte-sessions"): (*DOORS, *["303"] * 5),
    ("GET", "compte-acces"): PHYSICIANS,
    ("GET", "compte-export"): PHYSICIANS, ("POST", "compte-export"): (*DOORS, *["200"] * 5),
    ("GET", "compte-confirmer"): ("404",) * 8, ("POST", "compte-confirmer"): ("404",) * 8,
    ("GET", "mot-de-passe"): PHYSICIANS, ("POST", "mot-de-passe"): (*DOORS, *["422"] * 5),
    ("GET", "mot-de-passe-oublie"): EVERYBODY, ("POST", "mot-de-passe-oublie"): ("422",) * 8,
    ("GET", "mot-de-passe-nouveau"): ("404",) * 8, ("POST", "mot-de-passe-nouveau"): ("404",) * 8,
    ("GET", "cles"): PHYSICIANS, ("POST", "cles"): (*DOORS, *["403"] * 5),
    ("POST", "cles-defi"): (*DOORS, *["200"] * 5),
    ("GET", "cle"): (*DOORS, *["404"] * 5), ("POST", "cle"): (*DOORS, *["404"] * 5),
    # These physicians came in by card, and have no passkey.
    ("GET", "cles-renforcer"): (*DOORS, *["303 /accueil"] * 5), ("POST", "cles-renforcer"): (*DOORS, *["403"] * 5),
    ("POST", "cles-renforcer-defi"): (*DOORS, *["404"] * 5),
    ("GET", "connexion-cle"): ("303 /connexion/otp",) * 8, ("POST", "connexion-cle"): ("303 /connexion/otp",) * 8,
    ("POST", "connexion-cle-defi"): ("410",) * 8,
    ("GET", "delegations"): PHYSICIANS, ("POST", "delegations-agir"): (*DOORS, *["303 /accueil"] * 5),
    ("GET", "delegations-nouvelle"): PHYSICIANS, ("POST", "delegations-nouvelle"): (*DOORS, *["422"] * 5),
    ("GET", "delegations-secretariat"): PHYSICIANS, ("POST", "delegations-secretariat"): (*DOORS, *["422"] * 5),
    ("GET", "delegations-invitation"): ("404",) * 8, ("POST", "delegations-invitation"): ("404",) * 8,
    **{(method, f"delegations-{name}"): (*DOORS, *["404"] * 5)
       for method in ("GET", "POST") for name in ("revoquer", "fin")},
    ("GET", "annuaire"): EVERYBODY,
    **dict.fromkeys((("GET", "annuaire-fiche"), ("GET", "annuaire-cout"), ("POST", "annuaire-cout")), ("404",) * 8),
    ("GET", "communes"): EVERYBODY, ("GET", "lieux"): EVERYBODY, ("GET", "demonstration-messages"): EVERYBODY,
    ("GET", "demonstration-acteurs"): EVERYBODY, ("POST", "demonstration-acteurs"): ("404",) * 8,
    # No help site is built in this test's data folder.
    ("GET", "aide-recherche"): EVERYBODY, ("GET", "aide"): ("404",) * 8, ("GET", "aide-page"): ("404",) * 8,
    ("GET", "dossiers"): (*DOORS, "200 LEROUX", "200", "200", "200", "200"),
    **{(method, f"etablissement{name}"): SPACE_ONLY for method in ("GET", "POST") for name in (
        "-fiche", "-papier-nouveau", "-papier", "-avis", "-complement", "-liste", "-proposer", "-admettre", "-retirer",
        "-refuser", "-reactiver", "-corriger", "-etudier")},
    # The patient's side: its door is for everybody, the rest for who came by her mailed link.
    ("GET", "usager-entrer"): EVERYBODY, ("POST", "usager-entrer"): ("422",) * 8,
    ("GET", "usager-lien"): ("404",) * 8, ("POST", "usager-lien"): ("404",) * 8,
    ("GET", "usager-creer"): EVERYBODY, ("POST", "usager-creer"): ("422",) * 8,
    ("GET", "usager-cree"): ("303 /espaces/usager",) * 8,
    **{(method, f"usager-{name}"): SPACE_ONLY for method in ("GET", "POST") for name in (
        "annuler", "medecin", "proches", "retirer", "courriel")},
    **dict.fromkeys((("GET", "usager-dossier"), ("POST", "usager-rouvrir"), ("POST", "usager-medecin-choisir"),
                     ("GET", "usager-ouvertures"), ("GET", "usager-lettre")), SPACE_ONLY),
    **dict.fromkeys((("GET", "etablissement-accueil"), ("GET", "etablissement-demande"),
                     ("POST", "etablissement-ouvrir"), ("GET", "etablissement-papiers")), SPACE_ONLY),
    ("GET", "dossiers-recherche"): PHYSICIANS,
    ("GET", "tableau-csv"): (*DOORS, "200 LEROUX", "200", "200", "200", "200"),
    ("GET", "tableau-pdf"): PHYSICIANS,
    ("GET", "dossiers-choisir"): PHYSICIANS, ("GET", "dossiers-creer"): PHYSICIANS,
    ("POST", "dossiers-creer"): (*DOORS, *["422"] * 5),
    ("GET", "dossiers-doublons"): (*DOORS, *["303"] * 5), ("POST", "dossiers-doublons"): PHYSICIANS,
    ("GET", "dossier"): THE_DOSSIER,
    ("GET", "dossier-identite"): (*DOORS, "200 LEROUX", "404", "404", "404", "404"),
    ("POST", "dossier-identite"): (*DOORS, "422 LEROUX", "404", "404", "404", "404"),
    ("GET", "dossier-lier"): (*DOORS, "200 LEROUX", "404", "404", "404", "404"),
    ("POST", "dossier-lier"): (*DOORS, "422 LEROUX", "404", "404", "404", "404"),
    ("GET", "dossier-autre-demande"): (*DOORS, "200 LEROUX", "404", "404", "404", "404"),
    ("POST", "dossier-autre-demande"): (*DOORS, "422 LEROUX", "404", "404", "404", "404"),
    ("POST", "dossier-delier"): (*DOORS, "303", "404", "404", "404", "404"),
    **{("POST", f"dossier-{answer}"): row for answer, row in ANSWERS.items()},
    ("GET", "dossier-retirer"): (*DOORS, "200 LEROUX", "404", "404", "404", "404"),
    **{("GET", name): (*DOORS, owner, *["404"] * 4) for name, owner in {
        "volet": "200 LEROUX", "volet-valider": "200 LEROUX", "volet-reprendre": "200 LEROUX",
        # An empty volet is not to be reopened, and follows the latest form.
        "volet-rouvrir": "303", "volet-version": "303"}.items()},
    # Nothing chosen to print, nothing yet to export.
    **{("GET", name): (*DOORS, owner, *["404"] * 4) for name, owner in {
        "imprimer": "200 LEROUX", "imprimer-dossier": "422 LEROUX", "imprimer-dossier-pdf": "422 LEROUX",
        "imprimer-lettre": "200 LEROUX", "imprimer-lettre-pdf": "200",
        "imprimer-acces": "200", "imprimer-acces-pdf": "200", "fhir-dossier": "409",
        "fhir-volet": "409"}.items()},
    ("GET", "fhir-formulaire"): PHYSICIANS,
    **{("POST", name): (*DOORS, owner, *["404"] * 4) for name, owner in {
        "volet": "400", "volet-valider": "400", "volet-rouvrir": "409 LEROUX", "volet-reprendre": "404",
        "volet-version": "303"}.items()},
    **dict.fromkeys((("GET", "espaces"), ("GET", "membres"), ("POST", "membres"), ("GET", "membre"),
                     ("POST", "membre")), SPACE_ONLY),
    ("GET", "membre-invitation"): ("404",) * 8, ("POST", "membre-invitation"): ("404",) * 8,
    **dict.fromkeys((("GET", "coordination"), ("GET", "coordination-creer"), ("POST", "coordination-creer"),
                     ("GET", "coordination-dossier"), ("GET", "coordination-medecin"),
                     ("POST", "coordination-medecin"), ("POST", "coordination-medecin-choisir"),
                     ("GET", "coordination-transfert"), ("POST", "coordination-transfert")), SPACE_ONLY),
    ("GET", "dossier-famille"): (*DOORS, "200 LEROUX", *["404"] * 4),
    ("POST", "dossier-famille"): (*DOORS, "422 LEROUX", *["404"] * 4),
    # Nobody offers this dossier to its physician.
    **{(method, "dossier-prise-en-charge"): (*DOORS, "409 LEROUX", *["404"] * 4) for method in ("GET", "POST")},
    # No request yet: one that is not there answers as one that is another's.
    **{(method, name): (*DOORS, f"{status} LEROUX", *["404"] * 4) for method, name, status in (
        ("GET", "demandes", 200), ("GET", "demandes-choisir", 200), ("POST", "demandes-choisir", 422),
        ("GET", "demandes-envoyer", 200), ("POST", "demandes-envoyer", 422))},
    **{(method, name): (*DOORS, *["404"] * 5) for method, name in (
        ("GET", "demande"), ("GET", "demande-acte"), ("POST", "demande-acte"))},
    # No request of this number.
    ("GET", "messages"): (*DOORS, "200 LEROUX", *["404"] * 4),
    **dict.fromkeys((("GET", "message"), ("POST", "message"), ("POST", "message-lire")), (*DOORS, *["404"] * 5)),
    **dict.fromkeys((("GET", "etablissement-message"), ("POST", "etablissement-message"),
                     ("POST", "etablissement-message-lire")), SPACE_ONLY),
    ("GET", "avis"): PHYSICIANS, ("POST", "avis"): (*DOORS, *["400"] * 5),
    # Asked for by a page's script alone.
    ("POST", "avis-courriels"): SPACE_ONLY,
    # A platform's own pages; a child's dossier alone has the two others: see tests/pages/test_parcours.py.
    **{(method, f"parcours-{name}"): SPACE_ONLY for method in ("GET", "POST")
       for name in ("professionnel", "bilan", "acte", "territoire")},
    ("GET", "parcours-pco"): SPACE_ONLY,
    **{(method, name): (*DOORS, *["404"] * 5) for method in ("GET", "POST") for name in ("plateforme", "parcours")},
    ("GET", "avis-etat"): (*DOORS, *["303 /avis"] * 5), ("POST", "avis-suivre"): (*DOORS, *["404"] * 5),
    # No piece is joined yet: one that is not there answers as one that is another's.
    ("GET", "pieces"): (*DOORS, "200 LEROUX", *["404"] * 4), ("POST", "pieces"): (*DOORS, "422 LEROUX", *["404"] * 4),
    **{(method, name): (*DOORS, *["404"] * 5) for method, name in (
        ("GET", "piece"), ("GET", "piece-retirer"), ("POST", "piece-retirer"))},
    # Only a handicap dossier has these: see tests/pages/test_handicap.py.
    **dict.fromkeys((("GET", "notification"), ("POST", "notification"), ("POST", "notification-reponse")),
                    (*DOORS, *["404"] * 5)),
    # Only a sanitaire dossier has these: see tests/pages/test_had.py and test_vagues.py.
    **dict.fromkeys((("GET", "orientation"), ("POST", "orientation")), (*DOORS, *["404"] * 5)),
    **dict.fromkeys((("GET", "vagues"), ("POST", "vagues"), ("POST", "vagues-acte")), (*DOORS, *["404"] * 5)),
    **dict.fromkeys((("GET", "had"), ("POST", "had"), ("GET", "had-evaluation"), ("GET", "imprimer-had"),
                     ("GET", "imprimer-had-pdf")), (*DOORS, *["404"] * 5)),
}
ROUTES = [(method, page) for page in pages(load({}, demonstration=True))
          for method, handler in (("GET", page.get), ("POST", page.post)) if handler]


@pytest.fixture
def patient(tables: Settings) -> Iterator[Dossier]:
    """Mme LEROUX's dossier: the owner accepted it; others were asked, refused or were replaced."""
    clic = Actor(None, "CLIC du Bessin", "interne")
    with database.writing():
        dossier = commands.create(Actor(OWNER, "Dr Alice MARTIN", "cps"), "ga", LEROUX)
        for rpps in (ASKED, REFUSER, REPLACED):
            commands.designate(clic, dossier, rpps)
        commands.decide(Actor(REFUSER, "Dr X", "cps"), "ga", dossier.numero, "refuser", 1)
        commands.replace(clic, dossier, REPLACED)
    yield dossier


def visitor(client: Client, kind: str) -> Client:
    """The client, standing where this kind of visitor stands."""
    links = {"accepte": OWNER, "attente": ASKED, "refuse": REFUSER, "retire": REPLACED}
    rpps = links.get(kind, OTHER)
    match kind:
        case "anonyme":
            return client
        case "carte":
            return client.enter(Access.CARTE, rpps, identity=vars(IDENTITY))
        case "charte":
            return client.enter(Access.CHARTE, rpps, compte_id=account(rpps))
        case _:
            return client.enter(Access.MEDECIN, rpps, compte_id=account(rpps))


def path_of(page: Page, numero: int, demande: int = 999_999) -> str:
    return (page.path.replace("{module}", "grand-age").replace("{numero:int}", str(numero)).replace("{jeton}", "x")
            .replace("{application}", "x").replace("{cle}", "x").replace("{page:path}", "dossiers/")
            .replace("{guide:path}", "dossiers").replace("{noeud}", "carte")
            .replace("{volet}", "medical").replace("{identifiant}", "ga-medical").replace("{version:int}", "1")
            .replace("{piece}", "0" * 32).replace("{demande:int}", str(demande)).replace("{finess}", "149900000")
            .replace("{acte}", "annuler").replace("{evaluation}", "0" * 32)
            .replace("{membre:int}", "999999").replace("{usager:int}", "999999").replace("{papier:int}", "999999")
            .replace("{avis:int}", "999999").replace("{professionnel:int}", "999999"))


def version_for(kind: str) -> str:
    """The version of the link that this visitor would have seen on the page."""
    return {"refuse": "2", "retire": "2"}.get(kind, "1")


@pytest.mark.parametrize("kind", VISITORS)
@pytest.mark.parametrize(("method", "page"), ROUTES, ids=lambda value: getattr(value, "name", value))
def test_each_visitor_gets_what_the_matrix_says(
        method: str, page: Page, kind: str, patient: Dossier, app: Starlette) -> None:
    expected = MATRIX[method, page.name][VISITORS.index(kind)]
    with Client(app) as client:
        visitor(client, kind)
        path = path_of(page, patient.numero)
        if method == "GET":
            response = client.http.get(path)
        else:
            response = client.http.post(path, data={"_csrf": client.token(), "version": version_for(kind)}, headers={
                "Sec-Fetch-Site": "same-origin", "Origin": app.state.settings.origin})
    status, _, place = expected.partition(" ")
    assert str(response.status_code) == status, response.text[:400]
    if status == "303" and place:
        assert response.headers["location"].split("?")[0] == place
    shown = [word for word in SECRETS if word in response.text]
    if place != "LEROUX":
        allowed = ["LEROUX"] if page.name in ("dossiers", "tableau-csv") and kind in ("attente", "refuse") else []
        assert shown == [word for word in allowed if word in shown]
    else:
        assert "LEROUX" in shown


def test_absent_and_forbidden_look_the_same(patient: Dossier, client: Client) -> None:
    """Nobody learns from an answer whether a number exists."""
    client.login(OTHER)
    forbidden = client.get(f"/dossiers/grand-age/{patient.numero}", 404)
    absent = client.get("/dossiers/grand-age/99999999", 404)
    assert forbidden.html.replace(str(patient.numero), "N") == absent.html.replace("99999999", "N")
    found = client.get(f"/dossiers/recherche?numero={patient.numero}")
    missing = client.get("/dossiers/recherche?numero=99999999")
    assert found.html.replace(str(patient.numero), "N") == missing.html.replace("99999999", "N")


def test_the_preview_holds_what_the_guide_prints_and_nothing_else(patient: Dossier, client: Client) -> None:
    client.login(ASKED)
    preview = client.get(f"/dossiers/grand-age/{patient.numero}")
    for shown in ("MME JOSETTE", "95 ans", "14000 CAEN", "Permanent", "Non envoyée"):
        assert shown.casefold() in preview.text.casefold()
    assert not [word for word in SECRETS if word in preview.html]
