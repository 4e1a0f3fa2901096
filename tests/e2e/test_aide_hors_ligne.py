"""The help from a disk: pages, style and search without any server, and the same answers as the server's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, expect

from portal.aide import construction, hors_ligne
from portal.aide.queries import Site, load_site
from portal.settings import Settings, load
from tests.e2e.conftest import WIDE, accessible

# What physicians type, whole words, beginnings, synonyms and mistakes: both searches give the same list.
QUERIES = ("carte bloquée", "mot de passe oublié", "refuser un dossier", "lecteur", "delegation remplacant", "mdp",
           "E21", "girage", "patientel", "boitier", "signature", "gir", "xqzv", "zzz dossier")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = load({}, data=tmp_path_factory.mktemp("aide"), demonstration=True)
    construction.build(made, made.help_site)
    return made


@pytest.fixture(scope="module")
def site(settings: Settings) -> Site:
    return load_site(settings.help_site)


@pytest.fixture(scope="module")
def folder(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("cle") / "aide"
    assert hors_ligne.export(settings, target) > 40
    return target


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser without a network."""
    context = browser.new_context(locale="fr-FR", viewport=WIDE, offline=True)
    yield context.new_page()
    context.close()


def test_every_local_link_leads_to_a_file_and_an_anchor(folder: Path) -> None:
    pages = {path: BeautifulSoup(path.read_text("utf-8"), "html.parser") for path in folder.rglob("*.html")}
    ids = {path: {tag["id"] for tag in soup.find_all(id=True)} for path, soup in pages.items()}
    for path, soup in pages.items():
        for tag, name in (("a", "href"), ("img", "src"), ("link", "href"), ("script", "src"), ("source", "srcset")):
            for link in soup.find_all(tag, attrs={name: True}):
                address, anchor = urldefrag(urljoin(path.as_uri(), str(link[name])))
                if address.startswith("file:") and not address.endswith(".pdf"):
                    place = Path(unquote(urlsplit(address).path))
                    assert place.is_file(), f"{link[name]} in {path}"
                    assert not anchor or place not in ids or anchor in ids[place], f"{link[name]} in {path}"


def test_a_page_opens_with_its_style_and_its_pictures(page: Page, folder: Path) -> None:
    page.goto((folder / "premiere-connexion" / "index.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("Première connexion")
    picture = page.locator("article img").first
    picture.scroll_into_view_if_needed()
    page.wait_for_function("picture => picture.complete && picture.naturalWidth > 0", arg=picture.element_handle())
    assert page.evaluate("getComputedStyle(document.querySelector('.aide-article')).maxWidth") != "none"
    # and from one page to another
    page.get_by_role("link", name="programme du lecteur").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ma carte ne passe pas")


def test_the_search_of_any_page_answers_without_a_server(page: Page, folder: Path) -> None:
    page.goto((folder / "dossiers" / "index.html").as_uri())
    page.get_by_label("Chercher dans l’aide").fill("code porteur")
    page.get_by_role("search").get_by_role("button", name="Chercher").click()
    answers = page.locator("#reponses-locales a")
    expect(answers.first).to_contain_text("code porteur")
    accessible(page)
    answers.first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("query", QUERIES)
def test_the_same_answers_as_the_server(page: Page, folder: Path, site: Site, query: str) -> None:
    page.goto((folder / "recherche.html").as_uri())
    page.get_by_label("Votre question, en quelques mots").fill(query)
    given = [link.get_attribute("href") for link in page.locator("#reponses-locales a").all()]
    wanted = [hors_ligne.file_of(one.entry.url) + f"#{one.entry.anchor}" for one in site.search(query).found]
    assert given == wanted


def test_a_folder_that_holds_something_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("à moi", "utf-8")
    with pytest.raises(FileExistsError):
        hors_ligne.export(settings, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
