"""The help as a visitor gets it: pages, drawer, search, caching; and what its pages promise."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import brotli
import pytest
from bs4 import BeautifulSoup
from starlette.applications import Starlette

from portal.aide import construction, pdf
from portal.aide.queries import Site, load_site
from portal.aide.rules import SYNONYMS, stem
from portal.dossiers.rules import TABS
from portal.settings import load
from tests.support.client import Client

PROMISED = {
    "premiere-connexion": "accueil carte code-porteur compte courriel charte tableau-de-bord tableaux "
                          "rechercher accepter hors-patientele deconnexion",
    "connexion": "moyens carte ecps otp session agent-absent",
    "connexion/carte": "comment-faire lecteur-absent carte-absente carte-illisible carte-bloquee carte-prete "
                       "code-porteur certificat-refuse programme-lecteur",
    "compte": "informations mot-de-passe courriel charte mon-compte",
    "accueil": "espaces prerequis mes-patients dossiers-refuses contact",
    "dossiers": "onglets colonnes statuts recherche accepter refuser hors-patientele dossier creer sanitaire "
                "tnd",
    "erreurs": "formulaire-expire demande-incomplete page-introuvable conflit trop-grand panne",
    "demonstration": "cartes messages",
}
EXTERNAL = re.compile(r"(?:src|srcset|action)=\"(?:https?:)?//|<link[^>]+href=\"(?:https?:)?//|@import|url\(")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = load({}, data=tmp_path_factory.mktemp("aide"), demonstration=True)
    construction.build(settings, settings.help_site)
    return settings.help_site


@pytest.fixture(scope="module")
def site(built: Path) -> Site:
    return load_site(built)


@pytest.fixture
def visitor(app: Starlette, site: Site, client: Client) -> Client:
    """A visitor of a portal whose help is built."""
    app.state.help_site = site
    return client


def test_every_promised_section_exists(site: Site) -> None:
    missing = [f"{page}#{anchor}" for page, anchors in PROMISED.items() for anchor in anchors.split()
               if not site.has(f"{page}#{anchor}")]
    assert not missing


def test_every_section_has_an_address_of_its_own(built: Path) -> None:
    """Anchors are written, not derived from titles: a reworded title must not break a « ? »."""
    for page in sorted(Path("docs").rglob("*.md")):
        if "dev" not in page.relative_to("docs").parts:
            headings = re.findall(r"^#+ .*$", page.read_text("utf-8"), re.MULTILINE)
            assert not [line for line in headings if not re.search(r"\{ ?#[a-z-]+ ?\}$", line)], page


def test_every_page_passes_the_house_rules(visitor: Client, site: Site) -> None:
    for address, title in site.chapters():
        answer = visitor.get(address)
        assert answer.soup.h1 is not None and answer.soup.h1.get_text() == title
        assert "set-cookie" not in answer.headers


def test_links_lead_somewhere(site: Site, built: Path) -> None:
    known = {f"/aide/{path.removesuffix('index.html')}" for path in site.files} | {"/aide/recherche"}
    known |= {f"/aide/pdf/{name}.pdf" for name in [*pdf.names(built), pdf.WHOLE]}
    # The bytes of a picture may look like broken markup.
    written = {path: file for path, file in site.files.items() if not path.endswith((".png", ".webp"))}
    ids = {path: {tag["id"] for tag in BeautifulSoup(file.bodies[""], "html.parser").find_all(id=True)}
           for path, file in written.items()}
    for path, file in written.items():
        here = f"/aide/{path.removesuffix('index.html')}"
        for link in BeautifulSoup(file.bodies[""], "html.parser").find_all("a", href=True):
            address, anchor = urldefrag(urljoin(here, str(link["href"])))
            if address.startswith("/aide/"):
                assert address in known, f"{link['href']} in {path}"
                target = address.removeprefix("/aide/") + ("index.html" if address.endswith("/") else "")
                assert not anchor or anchor in ids[target], f"{link['href']} in {path}"


@pytest.mark.proves("V3.6.1", "V14.2.3")
def test_nothing_comes_from_elsewhere_nor_runs(site: Site) -> None:
    for path, file in site.files.items():
        if not path.endswith((".png", ".webp")):
            text = file.bodies[""].decode()
            assert not EXTERNAL.search(text), path
            assert "<script" not in text and "<style" not in text and " style=" not in text, path


def test_fragments_are_well_formed(site: Site) -> None:
    for page, sections in site.sections.items():
        for anchor, section in sections.items():
            stack: list[str] = []
            for slash, tag, void in re.findall(r"<(/?)([a-z0-9]+)[^>]*?(/?)>", section.html):
                if slash:
                    assert stack and stack.pop() == tag, f"{page}#{anchor}"
                elif not void and tag not in ("br", "hr", "img", "source"):
                    stack.append(tag)
            assert not stack, f"{page}#{anchor}"


def test_drawer_gets_the_section(visitor: Client) -> None:
    answer = visitor.get("/aide/connexion/carte/?ancre=carte-bloquee", htmx=True)
    assert "Carte bloquée" in answer.text and "code de déblocage" in answer.text
    assert "Aucune carte" not in answer.text
    assert answer.soup.find("a", href="/aide/connexion/carte/#carte-bloquee")
    assert "<html" not in answer.html


def test_drawer_falls_back_to_the_first_section(visitor: Client) -> None:
    answer = visitor.get("/aide/connexion/carte/?ancre=nulle-part", htmx=True)
    assert "Ma carte ne passe pas" in answer.text


def test_drawer_for_an_unknown_page_is_the_help_s_home(visitor: Client) -> None:
    answer = visitor.get("/aide/nulle-part/?ancre=x", htmx=True)
    assert answer.soup.find("a", href="/aide/#aide")


def test_drawer_address_without_htmx_leads_to_the_page(visitor: Client) -> None:
    assert visitor.get("/aide/connexion/?ancre=carte", 303).location == "/aide/connexion/#carte"


def test_every_section_opens_in_the_drawer(visitor: Client, site: Site) -> None:
    for page, sections in site.sections.items():
        for anchor, section in sections.items():
            answer = visitor.get(f"/aide/{'' if page == 'index' else page + '/'}?ancre={anchor}", htmx=True)
            assert section.title in answer.soup.get_text()


def test_a_page_seen_already_is_not_sent_again(visitor: Client) -> None:
    first = visitor.get("/aide/dossiers/")
    again = visitor.get("/aide/dossiers/", 304, **{"If-None-Match": first.headers["etag"]})
    assert again.html == "" and again.headers["etag"] == first.headers["etag"]
    visitor.get("/aide/dossiers/", 200, **{"If-None-Match": '"autre"'})


def test_compressed_for_who_can_read_it(visitor: Client) -> None:
    small = visitor.get("/aide/dossiers/", **{"Accept-Encoding": "gzip"})
    plain = visitor.get("/aide/dossiers/", **{"Accept-Encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert small.html == plain.html
    assert "accept-encoding" in small.headers["vary"].lower()


def test_packed_at_the_build_for_who_takes_the_smallest(visitor: Client) -> None:
    sizes = {coding: int(visitor.http.head("/aide/dossiers/", headers={"Accept-Encoding": coding})
                         .headers["content-length"]) for coding in ("br", "gzip", "identity")}
    assert sizes["br"] < sizes["gzip"] < sizes["identity"]
    with visitor.http.stream("GET", "/aide/dossiers/", headers={"Accept-Encoding": "gzip, br"}) as answer:
        packed = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "br"
    assert brotli.decompress(packed).decode() == visitor.get("/aide/dossiers/").html


def test_pages_from_memory_carry_the_guards_of_the_others(visitor: Client) -> None:
    given, refused = visitor.get("/aide/dossiers/").headers, visitor.get("/aide/nulle-part/", 404).headers
    own = ("content-length", "content-type", "content-encoding", "etag", "vary", "x-request-id")
    assert {name: given.get(name) for name in refused if name not in own} == {
        name: text for name, text in refused.items() if name not in own}


def test_a_new_help_is_shown_at_once_to_who_holds_the_old_one(app: Starlette, visitor: Client, site: Site) -> None:
    old = visitor.get("/aide/dossiers/")
    changed = replace(site.files["dossiers/index.html"], etag="autre", bodies={"": b"<p>Autre</p>"})
    app.state.help_site = replace(site, files=site.files | {"dossiers/index.html": changed})
    answer = visitor.http.get("/aide/dossiers/", headers={"If-None-Match": old.headers["etag"]})
    assert (answer.status_code, answer.text) == (200, "<p>Autre</p>")


@pytest.mark.parametrize("path", [
    "/aide/nulle-part/", "/aide/fragments.json", "/aide/recherche.json", "/aide/empreinte.txt",
    "/aide/index.html.gz", "/aide/..%2f..%2fportail.sqlite", "/aide/%2e%2e/portail.sqlite",
    "/aide//etc/passwd", "/aide/dev/architecture/",
])
def test_only_pages_and_pictures_are_served(visitor: Client, path: str) -> None:
    answer = visitor.get(path, 404)
    assert "introuvable" in answer.text
    assert answer.soup.find("input", attrs={"name": "q"})


def test_an_address_without_its_slash_is_forgiven(visitor: Client) -> None:
    assert visitor.get("/aide/connexion", 308).location == "/aide/connexion/"


@pytest.mark.parametrize(("query", "href"), [
    ("carte bloquée", "/aide/connexion/carte/#carte-bloquee"),
    ("cartes bloquees", "/aide/connexion/carte/#carte-bloquee"),
    ("mot de passe", "/aide/compte/#mot-de-passe"),
    ("refuser un dossier", "/aide/dossiers/#refuser"),
    ("hors patientèle", "/aide/dossiers/#hors-patientele"),
    ("code pin", "/aide/connexion/carte/#code-porteur"),
    ("ssr", "/aide/dossiers/#sanitaire"),
    ("charte", "/aide/charte/#charte"),
    ("conflit", "/aide/erreurs/#conflit"),
])
def test_search_finds(visitor: Client, query: str, href: str) -> None:
    found = visitor.get(f"/aide/recherche?q={query}").soup.select("#resultats-aide a")
    assert href in [str(link["href"]) for link in found[:3]]


def test_words_of_the_phone_lead_to_words_of_this_help(site: Site) -> None:
    """A synonym whose word the help no longer uses would find nothing."""
    assert [word for word in SYNONYMS.values() if stem(word) not in site.index.weights] == []


@pytest.mark.parametrize(("said", "anchor"), [
    ("boitier", "lecteur-absent"), ("mdp", "mot-de-passe"),
    ("code porteure", "code-porteur"), ("delegassion", "delegations"), ("E21", "codes"),
])
def test_what_a_caller_says_finds_its_section(site: Site, said: str, anchor: str) -> None:
    assert anchor in [one.entry.anchor for one in site.search(said).found]


def test_search_as_you_type_gives_the_same_list(visitor: Client) -> None:
    page = visitor.get("/aide/recherche?q=carte")
    fragment = visitor.get("/aide/recherche?q=carte", htmx="resultats-aide")
    assert fragment.html.startswith('<div id="resultats-aide"')
    assert fragment.html.strip() in page.html


def test_search_without_answer_says_what_to_try(visitor: Client) -> None:
    answer = visitor.get("/aide/recherche?q=zzzzzz")
    assert "Aucune réponse" in answer.text and "02 50 53 70 01" in answer.text


@pytest.mark.parametrize("query", ["", "%20", "%3Cscript%3Ealert(1)%3C/script%3E", "%00", "a" * 2000])
def test_search_takes_anything(visitor: Client, query: str) -> None:
    assert "alert(1)" not in str(visitor.get(f"/aide/recherche?q={query}").soup.find_all("script"))


def test_help_is_served_while_the_database_is_away(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> None:
        raise AssertionError("the help opened the database")

    monkeypatch.setattr("portal.db.database.connect", down)
    for path in ("/aide/", "/aide/erreurs/", "/aide/recherche?q=panne"):
        visitor.get(path)
    visitor.get("/aide/erreurs/?ancre=panne", htmx=True)


def test_help_not_built_yet_is_a_404(app: Starlette, client: Client) -> None:
    app.state.help_site = Site()
    client.get("/aide/", 404)


def test_every_tab_is_explained() -> None:
    text = Path("docs/dossiers.md").read_text("utf-8")
    assert not [word for word in TABS.values() if word not in text]
