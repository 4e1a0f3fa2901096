"""The guide « Préparer une demande TND »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from portal import clock
from portal.annuaire.models import Unite
from portal.db import database
from portal.demonstration import tnd
from portal.demonstration.tnd import Enfant
from portal.dossiers.models import Dossier
from tests.e2e.gestes import given_a_session, when_i_fill_in_a_dossier
from tests.support import espaces
from tests.support.running import Running

Photo = Callable[..., None]

pytestmark = pytest.mark.usefixtures("portail")

LEO = Enfant("LEBRUN", "LÉO", "M", 26)


def given_a_child(page: Page, portail: Running, steps: tnd.Steps = ()) -> str:
    """Dr Alice MARTIN and a dossier of hers, a child of 26 months; returns its address."""
    given_a_session(page, portail)
    with database.writing():
        return f"/dossiers/tnd/{tnd.child(LEO, steps).numero}"


def given_a_grid(page: Page, portail: Running) -> None:
    """The volet repérage of such a child, nothing in it yet."""
    page.goto(given_a_child(page, portail) + "/volets/reperage")


def question(page: Page, name: str) -> Locator:
    return page.locator(f"[data-champ='{name}']")


def when_i_answer(page: Page, **answers: str) -> None:
    for name, answer in answers.items():
        question(page, name).locator(f"input[value='{answer}']").check()


def result(page: Page) -> Locator:
    return page.locator(".aggir-resultat")


def in_sight(part: Locator) -> None:
    """Scroll so that a part of the form stands in the middle of the picture."""
    part.evaluate("part => part.scrollIntoView({block: 'center'})")


def days_ago(days: int) -> str:
    return f"{clock.today() - timedelta(days=days):%d/%m/%Y}"


def test_01_age(page: Page, portail: Running, photo: Photo) -> None:
    # given the form of a child's dossier
    given_a_session(page, portail)
    page.goto("/dossiers/tnd/creer")
    page.watch.expect("422")
    # when the birth date is that of a child too old
    when_i_fill_in_a_dossier(page, "Ergothérapie")
    born = page.get_by_label(re.compile("^Date de naissance"))
    born.fill(f"01/01/{clock.today().year - 8}")
    page.get_by_role("button", name="Créer le dossier").click()
    # then the page says the limit, where it comes from and what to do
    refused = page.locator("#naissance-erreur")
    expect(refused).to_contain_text("de 0 à 6 ans")
    expect(refused).to_contain_text("Source")
    photo(page)


def test_02_accord(page: Page, portail: Running, photo: Photo) -> None:
    # given a new dossier
    page.goto(given_a_child(page, portail))
    # when I say in its volet administratif who holds parental authority, and who agrees
    page.get_by_role("region", name="Volets").get_by_role("link", name="Volet administratif").click()
    when_i_answer(page, titulaires="deux")
    page.get_by_label("Premier titulaire\u00a0: nom et prénom").fill("LEBRUN Claire")
    when_i_answer(page, titulaire1_accord="oui")
    page.get_by_label(re.compile("^Premier titulaire\u00a0: date de l’accord")).fill(days_ago(2))
    when_i_answer(page, titulaire2_accord="attente")
    # then it is saved, and the second date is asked only once he agrees
    expect(page.locator("#suivi [data-etat]")).to_contain_text("Enregistré à")
    expect(question(page, "titulaire2_accord_le")).to_be_hidden()
    in_sight(question(page, "titulaire1_accord"))
    photo(page, from_top=False)
    when_i_answer(page, titulaire2_accord="oui")
    expect(question(page, "titulaire2_accord_le")).to_be_visible()


def test_03_grille(page: Page, portail: Running, photo: Photo) -> None:
    # given a child of 26 months
    given_a_grid(page, portail)
    # then his range is proposed and only its indicators are asked; nothing is written yet
    expect(page.get_by_label("24-35 mois", exact=True)).to_be_checked()
    expect(question(page, "m24_mg_court")).to_be_visible()
    expect(question(page, "m18_mg_marche")).to_be_hidden()
    expect(page.locator("#suivi [data-etat]")).to_have_text("Rien n’est encore enregistré")
    photo(page)
    # when I answer, the range is saved with my answer
    when_i_answer(page, m24_mg_court="oui")
    expect(page.locator("#suivi [data-etat]")).to_contain_text("Enregistré à")
    page.reload()
    expect(page.get_by_label("24-35 mois", exact=True)).to_be_checked()
    expect(page.get_by_text("Proposé d’après l’âge")).to_have_count(0)


def test_04_reperes(page: Page, portail: Running, photo: Photo) -> None:
    # given a grid
    given_a_grid(page, portail)
    # when some indicators are not there
    when_i_answer(page, m24_mg_court="oui", m24_mg_escalier="oui", m24_mg_ballon="non_vu", m24_la_dix_mots="non",
                  m24_la_deux_mots="non", m24_so_semblant="non", m24_so_interet="non")
    # then the domains are counted, and what calls for attention is said
    expect(result(page).get_by_role("heading", name="2 points d’attention")).to_be_visible()
    expect(result(page)).to_contain_text("Ceci n’est pas un diagnostic")
    result(page).get_by_text("Âge, comptes et seuils").click()
    expect(result(page).get_by_role("row", name="Langage")).to_contain_text("2")
    page.set_viewport_size({"width": 1280, "height": 1250})
    photo(page)
    # and the counts stay open while I go on
    when_i_answer(page, m24_so_interet="oui")
    expect(result(page).get_by_role("heading", name="Aucun point d’attention")).to_be_visible()
    expect(page.locator("#reperage-comptes")).to_have_attribute("open", "")


def test_05_medical(page: Page, portail: Running, photo: Photo) -> None:
    # given a new dossier's volet médical
    page.goto(given_a_child(page, portail) + "/volets/medical")
    # when I write the letter, and say what was checked
    page.get_by_label("Motif et lettre d’adressage").fill("Retard de langage et peu d’échanges.")
    when_i_answer(page, audition="anormal", vue="prevu")
    # then a result is asked of what is not normal, and of nothing else
    expect(question(page, "audition_precisions")).to_be_visible()
    expect(question(page, "vue_le")).to_be_hidden()
    expect(page.locator("#suivi [data-etat]")).to_contain_text("Enregistré à")
    in_sight(question(page, "audition"))
    photo(page, from_top=False)


def test_06_envoyer(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that lacks a parent's consent, and a platform chosen
    here = given_a_child(page, portail, (("administratif", tnd.administrative("LEBRUN", "attente"), "valider"),))
    database.connect()
    leo = Dossier.get(Dossier.module == "tnd", Dossier.numero == int(here.rsplit("/", 1)[1]))
    platform = Unite.select().where(Unite.genre == "pco").order_by(Unite.id).first().etablissement
    espaces.demande(leo, platform, "non_envoyee")
    # when I come to send it
    page.goto(here + "/demandes/envoyer")
    # then the page says that the request does not leave without him
    expect(page.get_by_role("checkbox", name=re.compile("PCO"))).to_be_disabled()
    expect(page.get_by_role("link", name=re.compile("l’accord daté du second titulaire"))).to_be_visible()
    expect(page.get_by_role("button", name="Envoyer")).to_have_count(0)
    photo(page)
