"""The guides on paper: two pages for the practical guide, the whole with its cover, made once and kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pypdf
import pytest
from starlette.applications import Starlette

from portal.aide import construction, queries
from portal.aide import pdf as guides
from portal.settings import Settings, load
from portal.web import pdf, render
from tests.support.client import Client


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = load({}, data=tmp_path_factory.mktemp("aide"), demonstration=True)
    construction.build(settings, settings.help_site)
    return settings


@pytest.fixture
def reader(app: Starlette, built: Settings, midday: datetime) -> Iterator[Client]:
    app.state.settings = replace(app.state.settings, data=built.data)
    app.state.help_site = queries.load_site(built.help_site)
    with Client(app) as client:
        yield client


def read(path: Path) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(path.read_bytes()))


def words(reader: pypdf.PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_the_practical_guide_stands_on_two_pages(built: Settings, midday: datetime) -> None:
    made = read(guides.make(render.environment(built), built, "premiere-connexion"))
    assert len(made.pages) == 2
    text = words(made)
    for expected in ("12. Prolonger sa session", built.support_phone, built.support_email, "version 0.1.0",
                     "22/11/2026", "viatrajectoire-normandie.fr", "Si ça ne va pas"):
        assert expected in text, expected
    assert len({image.data for page in made.pages for image in page.images}) == 12


def test_a_guide_is_tagged_french_and_titled(built: Settings) -> None:
    made = read(guides.make(render.environment(built), built, "delegations"))
    assert made.metadata is not None and made.metadata.title == "Confier ses dossiers"
    assert made.root_object["/Lang"] == "fr"
    assert made.root_object["/MarkInfo"]["/Marked"]
    assert [one.title for one in made.outline if not isinstance(one, list)]


def test_only_guides_have_a_pdf_of_their_own(built: Settings) -> None:
    named = guides.names(built.help_site)
    assert "premiere-connexion" in named and "espaces/usager" in named
    assert "glossaire" not in named
    assert guides.ready(built.help_site, "glossaire") is None
    assert guides.ready(built.help_site, "../../cles") is None


def test_it_is_made_once_and_kept(built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def once(html: str, folders: object) -> bytes:
        made.append(html)
        return b"%PDF-1.7"

    monkeypatch.setattr(guides.pdf, "render", once)
    for _ in range(3):
        guides.make(render.environment(built), built, "pieces")
    assert len(made) == 1


def test_the_whole_help_has_a_cover_and_every_page(built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(guides.pdf, "render", lambda html, folders: seen.append(html) or b"%PDF-1.7")
    guides.make(render.environment(built), built, guides.WHOLE)
    assert 'class="couverture"' in seen[0]
    pages = queries.load_site(built.help_site).sections
    assert all(f'<a href="#{page.replace("/", "-")}">' in seen[0] for page in pages)


def test_a_reader_gets_the_file(reader: Client) -> None:
    answer = reader.http.get("/aide/pdf/pieces.pdf")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["glossaire.pdf", "inconnu.pdf", "../../portail.sqlite", "%2e%2e/cles.json", ""])
def test_nothing_else_is_made_nor_read(reader: Client, name: str) -> None:
    assert reader.http.get(f"/aide/pdf/{name}").status_code == 404


def test_without_weasyprint_it_says_what_to_do(
        reader: Client, built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_weasyprint", lambda: None)
    page = reader.get("/aide/pdf/messages.pdf", 503)
    assert "imprimez depuis le navigateur" in page.text
