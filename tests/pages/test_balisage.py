"""What is typed never becomes markup: pages of strange words have the very elements of pages of plain ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pypdf
import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from portal.db import database
from portal.db.audit import Actor
from portal.dossiers import commands
from portal.volets.formulaire import Kind
from tests.support.client import Client
from tests.support.people import LEROUX, account
from tests.support.volets import form_of, write

pytestmark = pytest.mark.proves("W6", "V1.2.1", "V3.2.2")
FIRST = 10100000110
PLAIN = "ALPHA"
POLYGLOTS = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' autofocus onfocus=alert(1) x='",
    "javascript:/*--></title></style></textarea></script></xmp><svg/onload='+/\"/+/onmouseover=1/+/[*/[]/+alert(1)//'>",
    "</textarea><script>alert(1)</script>", "</title><base href=//evil.example>", "{{7*7}}{% raw %}${7*7}#{7*7}",
    "<!--", "]]>", "&lt;b&gt;&#x3c;b&#62;", "`onmouseover=alert(1)`", "=HYPERLINK(\"http://evil.example\")",
    "<a hx-get=/connexion/quitter hx-trigger=load>", "\u202e<b>\u2066", "<math><mtext></p><table><mglyph><style>",
)
# As the dossier's form takes it: something that one can see, on one line.
TYPED = st.text(st.characters(exclude_categories=("C", "Z")) | st.sampled_from("<>\"'&=`/{}"), min_size=1, max_size=40)


def a_dossier(app: Starlette, rpps: int, words: str) -> Callable[[], Client]:
    """One physician's only dossier, with these words wherever somebody may write; then who opens it."""
    actor = Actor(rpps, words, "cps")
    with database.writing():
        made = commands.create(actor, "ga", replace(
            LEROUX, nom_naissance=words, nom_usage=words, prenom=words, adresse=words, ville=words))
    write(actor, made.numero, rpps=rpps, answers={
        field.id: words[:field.length or None] for field in form_of().fields.values()
        if field.kind is Kind.TEXTE and not field.shown_when})
    compte = account(rpps)

    def opened() -> Client:
        client = Client(app)
        client.login(rpps, words, compte_id=compte)
        client.numero = made.numero  # type: ignore[attr-defined]
        return client

    return opened


def addresses(numero: int, words: str) -> list[str]:
    """Table, search, dossier, its history, its volet to fill in and on paper, what asks a question about it."""
    here = f"/dossiers/grand-age/{numero}"
    return ["/accueil", "/dossiers/grand-age", f"/dossiers/grand-age?q={quote(words)}", here, f"{here}/retirer",
            f"{here}/volets/medical", f"{here}/volets/administratif", f"{here}/imprimer/medical",
            f"/dossiers/recherche?numero={quote(words)}", f"/connexion?suite={quote('/' + words)}"]


def skeleton(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """The elements of a page in their order, each with the names of its attributes."""
    return [(tag.name, tuple(sorted(tag.attrs))) for tag in BeautifulSoup(html, "html5lib").find_all(True)]


def pages_of(client: Client, words: str) -> list[str]:
    return [client.http.get(address).text for address in addresses(client.numero, words)]  # type: ignore[attr-defined]


@pytest.fixture
def plain(opened_app: Starlette) -> list[list[tuple[str, tuple[str, ...]]]]:
    """The skeletons of the pages of plain words."""
    return [skeleton(html) for html in pages_of(a_dossier(opened_app, FIRST, PLAIN)(), PLAIN)]


def compare(app: Starlette, rpps: int, words: str, plain: list[list[tuple[str, tuple[str, ...]]]]) -> None:
    got = pages_of(a_dossier(app, rpps, words)(), words)
    for address, html, expected in zip(addresses(0, "…"), got, plain, strict=True):
        assert skeleton(html) == expected, (address, words)


def test_polyglots_add_no_element_and_no_attribute(
        opened_app: Starlette, plain: list[list[tuple[str, tuple[str, ...]]]]) -> None:
    for rank, words in enumerate(POLYGLOTS, 1):
        compare(opened_app, FIRST + rank, f"A{words}", plain)


def test_any_text_adds_no_element_and_no_attribute(
        opened_app: Starlette, plain: list[list[tuple[str, tuple[str, ...]]]]) -> None:
    ranks = iter(range(100, 10_000))

    @settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
    @given(TYPED)
    def any_text(words: str) -> None:
        compare(opened_app, FIRST + next(ranks), f"A{words}", plain)

    any_text()


@pytest.mark.proves("W7", "V1.2.10")
@pytest.mark.parametrize("words", (*POLYGLOTS[:6], "=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"))
def test_a_spreadsheet_is_given_text_alone(opened_app: Starlette, words: str) -> None:
    answer = a_dossier(opened_app, FIRST, words)().http.get("/dossiers/grand-age/tableau.csv")
    cells = [cell for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
    assert any(words.strip()[:4].lower() in cell.lower() for cell in cells)


def test_paper_shows_the_words_as_they_are(opened_app: Starlette) -> None:
    """The PDF's own reading of HTML: the signs are printed, nothing is fetched, nothing can be clicked."""
    words = "A<b>gras</b><a href=http://evil.example>x</a>"
    client = a_dossier(opened_app, FIRST, words)()
    found = pypdf.PdfReader(io.BytesIO(client.http.get("/dossiers/grand-age/tableau.pdf").content))
    text = "".join("".join(page.extract_text().split()) for page in found.pages)
    assert "<b>gras</b>" in text.lower()
    links = [str(note.get_object().get("/A")) for page in found.pages for note in page.get("/Annots", [])]
    assert not [link for link in links if "evil.example" in link]
