"""The guide « Créer un dossier »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.gestes import acts, given_a_session, known_patient, when_i_fill_in_a_dossier, when_i_say_who
from tests.support.running import Running

Photo = Callable[..., None]
CREATE = "/dossiers/grand-age/creer"

pytestmark = pytest.mark.usefixtures("portail")


def field(page: Page, label: str) -> Locator:
    return page.get_by_label(re.compile(f"^{label}"))


def in_sight(page: Page, part: Locator) -> None:
    """Scroll so that a part of the form stands in the middle of the picture."""
    part.evaluate("part => part.scrollIntoView({block: 'center'})")


def test_01_choisir(page: Page, portail: Running, photo: Photo) -> None:
    # given my dashboard
    given_a_session(page, portail)
    page.goto("/accueil")
    # when I choose « Créer un dossier »
    page.get_by_role("navigation", name="Menu principal").get_by_role("link", name="Créer un dossier").click()
    # then I choose one of four modules
    expect(page.get_by_role("heading", level=1)).to_have_text("Créer un dossier")
    expect(page.locator(".tuile")).to_have_count(4)
    photo(page)
    page.locator(".tuile a").first.click()
    expect(page).to_have_url(re.compile(CREATE))


def test_02_personne(page: Page, portail: Running, photo: Photo) -> None:
    # given the form
    given_a_session(page, portail)
    page.goto(CREATE)
    # when I say who the person is, born abroad
    when_i_fill_in_a_dossier(page)
    field(page, "Prénoms de naissance").fill("Odette, Marie")
    place = field(page, "Lieu de naissance")
    place.press_sequentially("alg")
    offered = page.get_by_role("option", name="ALGÉRIE (99352)")
    expect(offered).to_be_visible()
    in_sight(page, place)
    photo(page, from_top=False)
    # then the country is chosen by its name, and kept by its code
    offered.click()
    expect(place).to_have_value("ALGÉRIE (99352)")


def test_03_doublons(page: Page, portail: Running, photo: Photo) -> None:
    # given someone who has a dossier of mine already
    given_a_session(page, portail)
    page.goto(CREATE)
    dossier = known_patient()
    # when I type her name with two letters swapped
    name = dossier.nom_naissance
    when_i_say_who(page, dossier, name[0] + name[2] + name[1] + name[3:])
    # then her dossier is shown, without a click, and is one click away
    found = page.locator("#doublons")
    expect(found).to_contain_text("a peut-être déjà un dossier")
    expect(found.get_by_role("link", name=f"ga {dossier.numero}")).to_be_visible()
    in_sight(page, found)
    photo(page, from_top=False)
    # and creating one all the same must be confirmed
    page.watch.expect("422")
    when_i_fill_in_a_dossier(page)
    when_i_say_who(page, dossier)
    page.get_by_role("button", name="Créer le dossier").click()
    expect(page.get_by_role("alert")).to_contain_text("déjà dans vos dossiers")
    expect(page.get_by_role("button", name="Créer quand même un autre dossier")).to_be_visible()


def test_04_ins(page: Page, portail: Running, photo: Photo) -> None:
    # given a person born in March 1979
    given_a_session(page, portail)
    page.goto(CREATE)
    when_i_fill_in_a_dossier(page)
    # when I open the folded part and type a number that disagrees
    page.get_by_role("heading", name="Identité nationale de santé").click()
    number = field(page, "Numéro de sécurité sociale")
    number.fill("2 79 03 51 215 189 89")
    number.press("Tab")
    # then I am told, and nothing is refused
    expect(page.locator("#doublons")).to_contain_text("ne concorde pas avec l’année de naissance")
    page.get_by_label(re.compile("^Identité validée")).check()
    page.get_by_label("J’ai contrôlé une pièce d’identité").check()
    in_sight(page, number)
    photo(page, from_top=False)
    # and a wrong digit is found
    page.watch.expect("422")
    number.fill("2 79 03 51 215 188 89")
    page.get_by_role("button", name="Créer le dossier").click()
    expect(page.get_by_role("link", name="La clé ne correspond pas")).to_be_visible()


def test_05_proches(page: Page, portail: Running, photo: Photo) -> None:
    # given a form filled in
    given_a_session(page, portail)
    page.goto(CREATE)
    when_i_fill_in_a_dossier(page)
    # when I open the optional parts and name a daughter and a legal protection
    for part in ("Personnes à contacter", "Protection juridique"):
        page.locator("summary", has_text=part).click()
    page.get_by_label("Première personne", exact=True).fill("Anne LEMARCHAND")
    page.get_by_label("Téléphone de la première personne").fill("02 31 00 00 02")
    guardian = page.get_by_label("Nom du représentant légal")
    expect(guardian).to_be_hidden()
    page.get_by_role("group", name="La personne a une protection juridique").get_by_label("Oui").check()
    # then what the answer calls for appears
    expect(guardian).to_be_visible()
    in_sight(page, page.locator("#rubrique-protection > summary"))
    photo(page, from_top=False)


def test_06_creer(page: Page, portail: Running, photo: Photo) -> None:
    # given a form filled in
    given_a_session(page, portail)
    page.goto(CREATE)
    when_i_fill_in_a_dossier(page)
    # when I create the dossier
    page.get_by_role("button", name="Créer le dossier").click()
    # then it is there, with its number, and I am its referent
    page.wait_for_url(re.compile(r"/dossiers/grand-age/\d{8}$"))
    expect(page.locator(".message-texte")).to_contain_text("est créé. Vous en êtes le référent")
    expect(page.get_by_text("LEMARCHAND ODETTE").first).to_be_visible()
    photo(page)
    assert acts("dossier.cree", f"ga {page.url.rsplit('/', 1)[1]}") == 1


def test_07_identite(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier I have just created
    given_a_session(page, portail)
    page.goto(CREATE)
    when_i_fill_in_a_dossier(page)
    page.get_by_role("button", name="Créer le dossier").click()
    page.wait_for_url(re.compile(r"/dossiers/grand-age/\d{8}$"))
    label = f"ga {page.url.rsplit('/', 1)[1]}"
    # when I correct the identity
    page.get_by_role("link", name="Corriger l’identité").click()
    field(page, "Nom de naissance").fill("LEMARCHANT")
    photo(page)
    page.get_by_role("button", name="Enregistrer").click()
    # then the dossier says so, and so does its history
    expect(page.locator(".message-texte")).to_contain_text("L’identité est enregistrée.")
    expect(page.get_by_text("LEMARCHANT ODETTE").first).to_be_visible()
    assert acts("dossier.identite", label) == 1
