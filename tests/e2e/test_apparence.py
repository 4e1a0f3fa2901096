"""Every page in three looks (wide light, wide dark, telephone): axe finds nothing, nothing overflows, one h1.

One portal and one browser context a look serve the whole list, so that the list may be long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from portal import clock
from portal.avis import commands as avis
from portal.avis.rules import CODES
from portal.db import database
from portal.delegations import queries as delegations
from portal.demandes import rules
from portal.demonstration import comptes
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.messages import rules as sides
from portal.volets import aggir
from portal.volets.formulaire import Kind
from portal.web.session import Access
from tests.e2e import gestes
from tests.e2e.conftest import TIMEOUT_MS, Watch, accessible
from tests.e2e.gestes import ALICE, CHLOE, enter, given_a_card_read, given_a_session, when_i_choose_the_card
from tests.e2e.guide import test_demandes, test_messages
from tests.support import annuaire, volets
from tests.support import pieces as joined
from tests.support.delegues import physician
from tests.support.running import Running, demonstration
from tests.support.sessions import open_session

LOOKS = {
    "large-clair": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "large-sombre": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "telephone": {"viewport": {"width": 320, "height": 640}, "color_scheme": "light"},
}
CONSOLE = "Failed to load resource"  # pages with a status of 404, 409 or 422
# WCAG 1.4.12: what a reader may set without losing anything.
SPACING = "* {line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important;} " \
          "p {margin-bottom: 2em !important;}"
# Elements that show less than their text: hidden ones and scrolling frames aside.
CUT = """() => [...document.querySelectorAll('main *, header *')].filter((one) => {
  const style = getComputedStyle(one);
  return one.checkVisibility() && style.overflowX !== 'visible' && !one.closest('.hors-ecran, .invisible')
    && !one.matches('input, select, textarea') && one.scrollWidth > one.clientWidth + 1;
}).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def portail(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One demonstration for the whole list; each page brings its own session."""
    with demonstration(prepared, tmp_path_factory.mktemp("apparence") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def opened(browser: Browser, portail: Running) -> Iterator[Callable[..., Page]]:
    """The page of a look, made at its first use."""
    pages: dict[str, Page] = {}

    def opener(look: str, **more: object) -> Page:
        name = f"{look} {more}"
        if name not in pages:
            options = {"base_url": portail.origin, "locale": "fr-FR", "timezone_id": "Europe/Paris",
                       "reduced_motion": "reduce"} | LOOKS[look] | more
            context = browser.new_context(**options)
            context.set_default_timeout(TIMEOUT_MS)
            page = context.new_page()
            page.watch = Watch(context)
            page.watch.expect(CONSOLE)
            pages[name] = page
        return pages[name]

    yield opener
    for page in pages.values():
        page.watch.settle()
        page.context.close()


@dataclass(frozen=True)
class Sight:
    """A page to look at: its address, who looks, and what is done there before."""

    path: str
    state: Access = Access.MEDECIN
    then: Callable[[Page], object] = lambda page: None


def _send(name: str) -> Callable[[Page], None]:
    def press(page: Page) -> None:
        page.get_by_role("button", name=name).click()
        expect(page.locator(".resume-erreurs")).to_be_visible()
    return press


def _click(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=re.compile(name)).click()


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


def _requests(more: str = "", then: Callable[[Page], object] = lambda page: None) -> Sight:
    """A dossier's requests in many states, one of them a proposal ("…{}…")."""
    def come(page: Page) -> None:
        found = Dossier.get_by_id(volets.dossier().id)
        etats = (rules.PROPOSEE, rules.ENVOYEE, rules.COMPLEMENT, rules.REFUS, rules.NON_ENVOYEE)
        first = test_demandes.given_requests(found, *etats)[0]
        page.goto(test_demandes.here(found, more.format(first.id)))
        then(page)
    return Sight("/", then=come)


SIGHTS = {
    "demandes": _requests(then=lambda page: page.locator("main summary").first.click()),
    "demandes-choisir": _requests("/choisir"),
    "demandes-envoyer": _requests("/envoyer", lambda page: page.locator(".manques summary").first.click()),
    "demande": _requests("/{}"),
    "demande-acte-erreurs": _requests("/{}/decliner", _click("Décliner la proposition")),
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
    "retirer": Sight("/dossiers/grand-age/43009190/retirer"),
    "volet": _volet(),
    "volet-erreurs": _volet(then=_send("Valider le volet")),
    "volet-d-un-autre": Sight("/dossiers/grand-age/43009190/volets/administratif"),
    "volet-conflit": _volet(then=_two_versions),
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
    "etablissement": Sight("/espaces/etablissement", Access.STRUCTURE),
    "etablissement-fiche-erreurs": Sight("/espaces/etablissement/fiche", Access.STRUCTURE, _misdial),
    "usager-entrer-erreurs": Sight("/espaces/usager", Access.PUBLIC, _send("Recevoir mon lien")),
    "usager-creer": Sight("/espaces/usager/creer", Access.PUBLIC),
    "introuvable": Sight("/nulle-part"),
    "messages": Sight("/demonstration/messages"),
    "tiroir-aide": Sight("/dossiers/grand-age", then=_open_help),
    "aide": Sight("/aide/", Access.PUBLIC),
    "aide-guide": Sight("/aide/premiere-connexion/", Access.PUBLIC),
    "aide-tableaux": Sight("/aide/volets/aggir/", Access.PUBLIC),
    "aide-recherche": Sight("/aide/recherche?q=carte", Access.PUBLIC),
    "aide-introuvable": Sight("/aide/nulle-part/", Access.PUBLIC),
}


def given(page: Page, portail: Running, sight: Sight) -> None:
    """Stand before the page as it should be looked at."""
    page.context.clear_cookies()
    if sight.state is Access.CARTE:
        given_a_card_read(page, portail)
    elif sight.state is Access.STRUCTURE:
        gestes.given_a_member(page, portail)
    elif sight.state is not Access.PUBLIC:
        given_a_session(page, portail, state=sight.state)
    page.goto(sight.path)
    sight.then(page)


def looks_right(page: Page) -> None:
    """No axe violation, nothing to scroll sideways for, one h1."""
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("sight", SIGHTS.values(), ids=SIGHTS)
def test_page_looks_right(opened: Callable[..., Page], portail: Running, look: str, sight: Sight) -> None:
    # given a page, in one of the looks
    page = opened(look)
    given(page, portail, sight)
    # then nobody is kept out of it
    looks_right(page)


@pytest.mark.parametrize("look", LOOKS)
def test_pages_under_the_banner_look_right(opened: Callable[..., Page], portail: Running, look: str) -> None:
    # given Dr Chloé PETIT, whom Dr Bob DURAND lent his access to for two modules of three
    page = opened(look)
    page.context.clear_cookies()
    chloe = physician(CHLOE)
    made = delegations.usable(chloe.id)[0].delegation
    enter(page, portail, open_session(
        portail.settings, CHLOE, chloe.name, compte_id=chloe.id, delegation_id=made.id))
    refused = "/dossiers/tnd"
    for path in ("/accueil", "/dossiers/grand-age", "/delegations", f"/delegations/{made.id}/revoquer", refused):
        page.goto(path)
        # then the banner is there, and nobody is kept out of the page
        expect(page.get_by_role("region", name="Délégation")).to_be_visible()
        looks_right(page)


@pytest.mark.parametrize("look", LOOKS)
def test_card_reader_windows_look_right(opened: Callable[..., Page], portail: Running, look: str) -> None:
    # given the agent's windows: the tray, the code, the reader without a card
    page = opened(look)
    page.context.clear_cookies()
    page.goto(f"{portail.settings.agent_url}/plateau")
    looks_right(page)
    page.goto("/connexion")
    window = when_i_choose_the_card(page)
    window.set_viewport_size(page.viewport_size or {"width": 520, "height": 680})
    looks_right(window)
    # when a code is refused and the card taken out
    window.get_by_label("Code porteur").fill("12")
    window.get_by_role("button", name="Valider").click()
    expect(window.get_by_role("alert")).to_be_visible()
    looks_right(window)
    portail.insert("aucune")
    window.get_by_label("Code porteur").fill("1234")
    window.get_by_role("button", name="Valider").click()
    expect(window.locator("#etat")).to_be_visible()
    # then its words stand there as well
    looks_right(window)
    portail.insert("alice-martin")
    window.close()


@pytest.mark.parametrize("path", ["/accueil", "/dossiers/grand-age", "/dossiers/grand-age/creer", "/connexion"])
def test_wider_text_is_not_cut_on_a_telephone(opened: Callable[..., Page], portail: Running, path: str) -> None:
    # given a telephone whose reader spaces letters, words and lines out
    page = opened("telephone", bypass_csp=True)
    given(page, portail, Sight(path, Access.PUBLIC if path == "/connexion" else Access.MEDECIN))
    # when the spacing is set
    page.add_style_tag(content=SPACING)
    # then nothing is cut, and nothing needs scrolling sideways
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("path", ["/accueil", "/dossiers/grand-age", "/dossiers/grand-age/43009190"])
def test_paper_keeps_the_words_and_drops_the_menus(opened: Callable[..., Page], portail: Running, path: str) -> None:
    # given a page in the dark look
    page = opened("large-sombre")
    given(page, portail, Sight(path))
    # when it is printed
    page.emulate_media(media="print")
    # then the heading and the content are black on white, without menu
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("navigation", name="Menu principal")).to_be_hidden()
    ink = page.get_by_role("heading", level=1).evaluate("one => getComputedStyle(one).color")
    assert max(int(part) for part in re.findall(r"\d+", ink)[:3]) < 96, ink
    page.emulate_media(media="screen")


@pytest.mark.parametrize("path", ["/accueil", "/dossiers/grand-age"])
def test_forced_colours_keep_what_is_current_visible(
        opened: Callable[..., Page], portail: Running, path: str) -> None:
    # given the colours that the reader's system imposes
    page = opened("large-clair")
    given(page, portail, Sight(path))
    page.emulate_media(forced_colors="active")
    # then the heading is there, and the present item of the menu keeps its line
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    current = page.locator("#menu [aria-current]").first
    width = "one => parseFloat(getComputedStyle(one).borderBottomWidth)"
    assert current.evaluate(width) >= 2
    page.emulate_media(forced_colors="none")
