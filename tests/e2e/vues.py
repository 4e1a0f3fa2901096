"""What is looked at: every page, in the states that matter, and how one comes to each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from portal import clock
from portal.avis import commands as avis
from portal.avis.rules import CODES
from portal.db import database
from portal.demonstration import comptes, tnd
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.messages import rules as sides
from portal.volets import aggir
from portal.volets.formulaire import Kind
from portal.web.session import Access
from tests.e2e import gestes
from tests.e2e.gestes import ALICE
from tests.e2e.guide import (
    test_demandes,
    test_had,
    test_hopital,
    test_messages,
    test_parcours,
    test_pco,
    test_sanitaire,
    test_tnd,
    test_vagues,
)
from tests.e2e.guide import test_orientation as of_orientation
from tests.support import annuaire, volets
from tests.support import pieces as joined

LEA, _LED = "lea.martel@clic-bessin.example", "/espaces/coordination/dossiers/grand-age"


@dataclass(frozen=True)
class Sight:
    """A page to look at: its address, who looks, and what is done there before."""

    path: str
    state: Access = Access.MEDECIN
    then: Callable[[Page], object] = lambda page: None
    who: str = gestes.CLAIRE


def _send(name: str) -> Callable[[Page], None]:
    def press(page: Page) -> None:
        page.get_by_role("button", name=name).click()
        expect(page.locator(".resume-erreurs")).to_be_visible()
    return press


def _send_last(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).last.click()
    expect(page.locator(".resume-erreurs")).to_be_visible()


def _click(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=re.compile(name)).click()


def _begin_the_visit(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Commencer la visite")).click()
    expect(page.locator("#titre-visite")).to_be_visible()


def _answer_too_late(page: Page) -> None:
    """Send a decision of a version that is long past."""
    page.locator("input[name=version]").evaluate_all("fields => fields.forEach((field) => { field.value = '999' })")
    page.get_by_role("button", name="Accepter le dossier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Quelqu’un a agi avant vous")


def _refuse_the_distance(page: Page) -> None:
    page.get_by_label("Distance", exact=False).fill("trente")
    _send("Enregistrer")(page)


def _misdial(page: Page) -> None:
    page.get_by_label("Téléphone").fill("douze")
    _send("Enregistrer la fiche")(page)


def _misprice(page: Page) -> None:
    page.get_by_label("Ressources, en euros par mois").fill("mille")
    _send("Estimer")(page)


def _unfold_the_form(page: Page) -> None:
    """Every part of « Créer un dossier » open, with what an answer calls for, and a number that disagrees."""
    gestes.when_i_fill_in_a_dossier(page)
    page.locator("main details").evaluate_all("parts => parts.forEach((part) => { part.open = true; })")
    page.locator("input[name=protection][value=oui]").check()
    page.get_by_label(re.compile("^Numéro de sécurité sociale")).fill("2 79 03 51 215 189 89")
    page.get_by_role("button", name="Chercher parmi vos dossiers").click()
    expect(page.locator("#doublons")).to_contain_text("ne concorde pas")


def _create_someone_known(page: Page) -> None:
    gestes.when_i_fill_in_a_dossier(page)
    gestes.when_i_say_who(page, gestes.known_patient())
    page.get_by_role("button", name="Créer le dossier").click()
    expect(page.get_by_role("button", name="Créer quand même un autre dossier")).to_be_visible()


def _open_help(page: Page) -> None:
    page.get_by_role("link", name="Aide sur cette page").click()
    expect(page.locator("#tiroir-titre")).to_be_focused()


def _give_the_password(page: Page) -> None:
    """The step of the code, for Dr Bob DURAND, whom every demonstration knows."""
    page.get_by_label(re.compile("^Email")).fill(comptes.BOB.contact.email)
    page.get_by_label(re.compile("^Mot de passe")).fill(comptes.PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("button", name="Recevoir un code par courriel")).to_be_visible()


def _rate_everything(page: Page) -> None:
    """The AGGIR grid filled in, one line by its adverbs, with the result explained."""
    for line in aggir.LINES:
        page.locator(f"input[name='{line}'][value='B']").check()
    page.locator("#alerter-adverbes").evaluate("part => { part.open = true; }")
    for adverb, answer in zip(aggir.ADVERBS, ("oui", "non", "oui", "oui"), strict=True):
        page.locator(f"input[name='alerter.{adverb}'][value='{answer}']").check()
    expect(page.get_by_role("heading", name="GIR 4")).to_be_visible()
    page.locator("#aggir-explication summary").click()
    expect(page.locator("#suivi [data-etat]")).to_contain_text("Enregistré à")


def _volet(code: str = "medical", more: str = "", *, signed: bool = False,
           then: Callable[[Page], object] = lambda page: None) -> Sight:
    """A volet of a new dossier, empty or signed."""
    def come(page: Page) -> None:
        numero = volets.dossier().numero
        version = volets.sign(numero, code).version if signed else 0
        page.goto(f"/dossiers/grand-age/{numero}/volets/{code}{more.format(version)}")
        then(page)
    return Sight("/accueil", then=come)


def _grid(*, signed: bool) -> Sight:
    """The repérage grid of a child with points of attention: just answered, or signed."""
    def come(page: Page) -> None:
        with database.writing():
            made = tnd.ready(test_tnd.LEO) if signed else tnd.child(test_tnd.LEO, ())
        page.goto(f"/dossiers/tnd/{made.numero}/volets/reperage")
        if not signed:
            test_tnd.when_i_answer(page, m24_la_dix_mots="non", m24_la_deux_mots="non", m24_so_semblant="non",
                                   m24_so_interet="non", prematurite="oui")
            expect(page.get_by_role("heading", name="2 points d’attention")).to_be_visible()
        page.locator("#reperage-comptes summary").click()
    return Sight("/accueil", then=come)


def _dossier(statut: str = "") -> Sight:
    """A new dossier: empty, or with a volet begun and over since."""
    def come(page: Page) -> None:
        made = volets.dossier()
        if statut:
            volets.write(volets.ALICE_ACTS, made.numero, {"antecedents": "Hypertension."})
            with database.writing():
                dossiers.set_status(volets.ALICE_ACTS, made, statut)
        page.goto(f"/dossiers/grand-age/{made.numero}")
        page.locator("main details").evaluate_all("parts => parts.forEach((part) => { part.open = true; })")
    return Sight("/accueil", then=come)


def _to_keep(statut: str = "") -> Sight:
    """A new dossier whose archiving was announced, or that is archived."""
    def come(page: Page) -> None:
        made = volets.dossier()
        with database.writing():
            Dossier.update(alerte_le=clock.now()).where(Dossier.id == made.id).execute()
            if statut:
                dossiers.set_status(volets.ALICE_ACTS, made, statut)
        page.goto(f"/dossiers/grand-age/{made.numero}/garder")
        expect(page.get_by_role("heading", level=1)).to_contain_text("ce dossier")
    return Sight("/accueil", then=come)


def _printing(more: str, then: Callable[[Page], object] = lambda page: None) -> Sight:
    """What is printed of a new dossier whose volet autonomie is signed and whose volet médical is begun."""
    def come(page: Page) -> None:
        numero = volets.dossier().numero
        volets.sign(numero, "autonomie")
        volets.complete(numero, "medical")
        page.goto(f"/dossiers/grand-age/{numero}/imprimer{more}")
        then(page)
    return Sight("/accueil", then=come)


def _pieces(then: Callable[[Page], object]) -> Sight:
    """The attachments of a new dossier: two there, one removed."""
    def come(page: Page) -> None:
        numero = volets.dossier().numero
        joined.join(numero, "identite", "carte.pdf")
        joined.join(numero, "ordonnance", "a" * 110 + ".pdf")
        joined.join(numero, "mutuelle", "mutuelle.pdf", removed=True)
        page.goto(f"/dossiers/grand-age/{numero}/pieces")
        then(page)
    return Sight("/accueil", then=come)


def _two_versions(page: Page) -> None:
    """A refused number, and words that a colleague has just written."""
    name, number = volets.first(Kind.TEXTE).id, volets.first(Kind.NOMBRE).id
    volets.write(volets.BOB_ACTS, int(page.url.split("/")[5]), {name: "Vu ce jour."})
    page.locator(f"#{name}").fill("Une autre version, assez longue pour tenir sur plusieurs lignes. " * 3)
    page.locator(f"#{number}").fill("beaucoup")
    page.keyboard.press("Control+s")
    expect(page.locator(".desaccord")).to_be_visible()
    expect(page.locator(f"#{number}-erreur")).to_be_visible()
    page.locator("#manques summary").click()


def _taken_over(page: Page) -> None:
    """The page that offers the answers of an earlier dossier of the same person."""
    numero = int(page.url.split("/")[5])
    page.goto(f"/dossiers/grand-age/{volets.twin(numero).numero}/volets/medical/reprendre")


def _place(more: str, then: Callable[[Page], object] = lambda page: None) -> Sight:
    """An establishment of Bayeux with two prices: the search around it ("?…"), its sheet, its calculator."""
    def come(page: Page) -> None:
        there = annuaire.place(
            "EHPAD Notre-Dame-des-Flots et de la Reine-Mathilde", near=annuaire.BAYEUX, insee="14047",
            prices=[{"hebergement": day, "dep12": 2210, "dep34": 1402, "dep56": 595} for day in (6480, 15210)],
            services="alzheimer handicap", incomplets=True, courriel="accueil.notre-dame-des-flots@ehpad.example",
            site="www.notre-dame-des-flots-et-de-la-reine-mathilde.example")
        page.goto(f"/annuaire/etablissements{more if more.startswith('?') else f'/{there.finess}{more}'}")
        then(page)
    return Sight("/", Access.PUBLIC, come)


def _told(page: Page) -> None:
    """Something has happened of every kind, the first of it read."""
    with database.writing():
        for code in CODES:
            avis.tell([f"medecin:{ALICE}"], code, dossier="ga 43009190")
    page.reload()


def _thread(where: str, then: Callable[[Page], object] | None = None) -> Sight:
    """Messages of both sides, long words among them: the dossier's threads, or the one of its request ("…{}…")."""
    def come(page: Page) -> None:
        demande = test_messages.given_a_request()
        test_messages.given_words(demande, sides.DEMANDEUR, "Anticonstitutionnellement" * 8)
        test_messages.given_words(demande, sides.RECEVEUR, test_messages.ANSWER)
        page.goto(f"{test_messages.asking(demande)}{where.format(demande.id) or '/messages'}")
        if then:
            page.locator("textarea").evaluate("field => field.removeAttribute('required')")
            then(page)
    return Sight("/", then=come)


def _wave(then: Callable[[Page], None] = lambda page: None) -> Sight:
    """The plan of a search in waves, for a dossier that lacks nothing."""
    def come(page: Page) -> None:
        test_vagues.given_a_whole_dossier()
        page.goto(f"{test_vagues.DOSSIER}/vagues")
        then(page)
    return Sight(test_vagues.DOSSIER, then=come)


SIGHTS = {
    "demandes": Sight("/", then=lambda page: test_demandes.given_a_page(page, "", "main summary")),
    "demandes-choisir": Sight("/", then=lambda page: test_demandes.given_a_page(page, "/choisir")),
    "demandes-envoyer": Sight("/", then=lambda page: test_demandes.given_a_page(page, "/envoyer", ".manques summary")),
    "demande": Sight("/", then=lambda page: test_demandes.given_a_page(page, "/{}")),
    "demande-unite-fermee": Sight("/", then=test_sanitaire.given_a_page),
    "demande-acte-erreurs": Sight("/", then=lambda page: test_demandes.given_a_page(
        page, "/{}/decliner", "main form button")),
    "orientation": Sight(f"{test_vagues.DOSSIER}/orientation", then=of_orientation.given_a_page),
    "vagues-plan": _wave(),
    "vagues-incomplet": Sight("/dossiers/sanitaire/2034705/vagues?rayon=12"),
    "vagues-en-cours": _wave(test_vagues.when_the_search_begins),
    "plateforme": Sight("/", then=test_parcours.given_the_platforms),
    "pco-parcours": Sight("/espaces/etablissement", Access.STRUCTURE, who=test_pco.REMI,
                          then=lambda page: page.goto(test_pco.path_of("synthese"))),
    "pco-valider": Sight("/espaces/etablissement", Access.STRUCTURE, who=test_pco.REMI,
                         then=lambda page: page.goto(f"{test_pco.path_of('lue')}/valider")),
    "pco-territoire": Sight("/espaces/etablissement/territoire", Access.STRUCTURE, who=test_pco.NADIA),
    "had-erreurs": Sight("/dossiers/sanitaire/2034705/had", then=_send("Voir le conseil")),
    "notification": Sight("/dossiers/handicap/100000001/notification"),
    "notification-erreurs": Sight("/dossiers/handicap/100000001/notification", then=_send("Ajouter la réponse")),
    "had-conseil": Sight("/dossiers/sanitaire/2034705/had", then=test_had.when_i_am_advised),
    "annuaire": _place("?ville=14400+Bayeux&rayon=5&services=handicap&tri=prix",
                       lambda page: page.get_by_text("Plan de ces établissements").click()),
    "annuaire-vide": _place("?ville=14400+Bayeux&rayon=1&services=animal&genre=usp"),
    "annuaire-erreurs": _place("?ville=saint-denis&rayon=0&prix=-1"),
    "annuaire-fiche": _place(""),
    "annuaire-cout": _place("/cout", _click("Estimer")),
    "annuaire-cout-erreurs": _place("/cout", _misprice),
    "accueil-public": Sight("/", Access.PUBLIC),
    "connexion": Sight("/connexion", Access.PUBLIC),
    "connexion-expiree": Sight("/connexion?expiree=1", Access.PUBLIC),
    "e-cps": Sight("/connexion/ecps", Access.PUBLIC),
    "e-cps-refusee": Sight("/connexion/ecps/retour", Access.PUBLIC),
    "otp-erreurs": Sight("/connexion/otp", Access.PUBLIC, _send("Continuer")),
    "otp-code": Sight("/connexion/otp", Access.PUBLIC, _give_the_password),
    "en-savoir-plus": Sight("/accueil/en-savoir-plus", Access.PUBLIC),
    "contact": Sight("/accueil/contact", Access.PUBLIC),
    "inscription": Sight("/compte/creer", Access.CARTE),
    "inscription-erreurs": Sight("/compte/creer", Access.CARTE, _send("Créer mon compte")),
    "charte": Sight("/compte/charte", Access.CHARTE),
    "mes-patients": Sight("/accueil"),
    "a-faire": Sight("/taches"),
    "a-faire-rien": Sight("/taches?genre=transfert"),
    "avis": Sight("/avis", then=_told),
    "messages-fils": _thread(""),
    "messages-fil": _thread("/demandes/{}/messages"),
    "messages-erreurs": _thread("/demandes/{}/messages", _send("Envoyer")),
    "garder": _to_keep(),
    "reactiver": _to_keep("historise"),
    "grand-age": Sight("/dossiers/grand-age"),
    "sanitaire": Sight("/dossiers/sanitaire"),
    "tnd": Sight("/dossiers/tnd"),
    "tableau-vide": Sight("/dossiers/grand-age?q=introuvable"),
    "recherche-vaine": Sight("/dossiers/recherche?numero=ga+99999999"),
    "apercu": Sight("/dossiers/grand-age/43084209"),
    "dossier": Sight("/dossiers/grand-age/43009190"),
    "dossier-vide": _dossier(),
    "dossier-clos": _dossier("annule"),
    "dossier-lier": Sight("/dossiers/grand-age/43693205/lier"),
    "autre-demande-erreurs": Sight("/dossiers/sanitaire/2034705/autre-demande", then=_send("Créer le dossier lié")),
    "volet-sanitaire": Sight("/dossiers/sanitaire/2034705/volets/soins"),
    "volet-sanitaire-lu": Sight("/dossiers/sanitaire/2033969/volets/orientation"),
    "retirer": Sight("/dossiers/grand-age/43009190/retirer"),
    "volet": _volet(),
    "volet-erreurs": _volet(then=_send("Valider le volet")),
    "volet-d-un-autre": Sight("/dossiers/grand-age/43009190/volets/administratif"),
    "volet-conflit": _volet(then=_two_versions),
    "reperage": _grid(signed=False),
    "reperage-lu": _grid(signed=True),
    "volet-lu": _volet(signed=True),
    "volet-signature": _volet(more="?signature={}", signed=True),
    "volet-rouvrir": _volet(more="/rouvrir", signed=True),
    "volet-reprendre": _volet(signed=True, then=_taken_over),
    "pieces": _pieces(lambda page: page.get_by_text("Pièces retirées").click()),
    "pieces-erreurs": _pieces(_send("Joindre la pièce")),
    "piece-retirer": _pieces(lambda page: page.get_by_role("link", name="Retirer").first.click()),
    "imprimer": _printing(""),
    "imprimer-rien": _printing("/dossier"),
    "imprimer-dossier": _printing("/dossier?volet=administratif&volet=medical&volet=autonomie"),
    "imprimer-lettre": _printing("/lettre"),
    "imprimer-acces": _printing("/acces"),
    "choisir-module": Sight("/dossiers/creer"),
    "creer-erreurs": Sight("/dossiers/grand-age/creer", then=_send("Créer le dossier")),
    "creer-deplie": Sight("/dossiers/grand-age/creer", then=_unfold_the_form),
    "creer-doublon": Sight("/dossiers/grand-age/creer", then=_create_someone_known),
    "identite": Sight("/dossiers/grand-age/43693205/identite"),
    "identite-fermee": Sight("/dossiers/grand-age/43009190/identite"),
    "conflit": Sight("/dossiers/grand-age/43836205", then=_answer_too_late),
    "aggir": _volet("autonomie", then=_rate_everything),
    "aggir-lu": _volet("autonomie", signed=True),
    "mon-compte": Sight("/compte"),
    "mon-compte-exercice-erreurs": Sight("/compte/exercice", then=_refuse_the_distance),
    "mon-compte-notifications": Sight("/compte/notifications"),
    "mon-compte-securite": Sight("/compte/securite"),
    "mon-compte-sessions": Sight("/compte/sessions"),
    "mon-compte-acces": Sight("/compte/acces"),
    "mon-compte-chartes": Sight("/compte/chartes"),
    "mon-compte-export": Sight("/compte/export"),
    "facteurs": Sight("/facteurs"),
    "facteurs-application": Sight("/facteurs/application", then=_click("afficher le code QR")),
    "facteurs-secours": Sight("/facteurs/secours"),
    "mot-de-passe-erreurs": Sight("/compte/mot-de-passe", then=_send("Changer mon mot de passe")),
    "mot-de-passe-oublie": Sight("/compte/mot-de-passe/oublie", Access.PUBLIC, _send("Recevoir un lien")),
    "mot-de-passe-lien-mort": Sight("/compte/mot-de-passe/nouveau/x", Access.PUBLIC),
    "cles": Sight("/facteurs/cles"),
    "delegations": Sight("/delegations"),
    "delegation-erreurs": Sight("/delegations/nouvelle", then=_send("Vérifier")),
    "secretariat-erreurs": Sight("/delegations/secretariat", then=_send("Envoyer l’invitation")),
    "invitation-morte": Sight("/delegations/invitation/x", Access.PUBLIC),
    "membres": Sight("/espaces/membres", Access.STRUCTURE),
    "membres-erreurs": Sight("/espaces/membres", Access.STRUCTURE, _send("Envoyer l’invitation")),
    "coordination": Sight("/espaces/coordination", Access.STRUCTURE, who=LEA),
    "coordination-vide": Sight("/espaces/coordination?q=zzzz", Access.STRUCTURE, who=LEA),
    "coordination-creer-erreurs": Sight("/espaces/coordination/creer/grand-age", Access.STRUCTURE,
                                        lambda page: _send_last(page, "Créer le dossier"), LEA),
    "coordination-dossier": Sight(f"{_LED}/43009190", Access.STRUCTURE, who=LEA),
    "coordination-medecin-erreurs": Sight(f"{_LED}/43009190/medecin", Access.STRUCTURE, _send("Chercher"), LEA),
    "coordination-transfert": Sight(f"{_LED}/43009190/transfert", Access.STRUCTURE, who=LEA),
    "coordination-sanitaire": Sight(test_hopital.HERE, Access.STRUCTURE, who=test_hopital.ELISE),
    "etablissement-changement": Sight("/espaces", Access.STRUCTURE, test_hopital.when_i_open_what_changed,
                                      test_hopital.HUGO),
    "prise-en-charge-absente": Sight("/dossiers/grand-age/43009190/prise-en-charge"),
    "famille-erreurs": Sight("/dossiers/grand-age/43693205/famille", then=_send("Envoyer l’invitation")),
    "acteurs": Sight("/demonstration/acteurs", Access.PUBLIC),
    "etablissement": Sight("/espaces/etablissement", Access.STRUCTURE),
    "etablissement-unite": Sight("/espaces/etablissement?onglet=propositions", Access.STRUCTURE,
                                 who=test_sanitaire.ADMISSIONS[test_sanitaire.SMR]),
    "etablissement-fiche-erreurs": Sight("/espaces/etablissement/fiche", Access.STRUCTURE, _misdial),
    "usager-entrer-erreurs": Sight("/espaces/usager", Access.PUBLIC, _send("Recevoir mon lien")),
    "usager-creer": Sight("/espaces/usager/creer", Access.PUBLIC),
    "introuvable": Sight("/nulle-part"),
    "messages": Sight("/demonstration/messages"),
    "diagnostic": Sight("/diagnostic", Access.PUBLIC), "diagnostic-carte": Sight("/diagnostic/carte", Access.PUBLIC),
    "diagnostic-fin": Sight("/diagnostic/carte-absente", Access.PUBLIC),
    "diagnostic-poste": Sight("/diagnostic/poste", Access.PUBLIC, then=_click("^Vérifier")),
    "assistance": Sight("/assistance?q=carte", Access.STRUCTURE, who="sam.leroy@assistance.example"),
    "aide-avis": Sight("/assistance/avis?page=dossiers&ancre=onglets", then=_send("Envoyer")),
    "visite": Sight("/visite"), "visite-etape": Sight("/accueil", then=_begin_the_visit),
    "tiroir-aide": Sight("/dossiers/grand-age", then=_open_help),
    "aide": Sight("/aide/", Access.PUBLIC),
    "aide-guide": Sight("/aide/premiere-connexion/", Access.PUBLIC),
    "aide-tableaux": Sight("/aide/volets/aggir/", Access.PUBLIC),
    "aide-recherche": Sight("/aide/recherche?q=carte", Access.PUBLIC),
    "aide-introuvable": Sight("/aide/nulle-part/", Access.PUBLIC),
}
