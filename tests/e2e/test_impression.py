"""What comes out of a browser's printer: the paper alone, marked and stamped on each page."""

from __future__ import annotations

import io

import pypdf
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.gestes import given_a_session
from tests.support.running import Running
from tests.support.volets import ALICE_ACTS, dossier, sign, write

STAMP = "Édité par Dr Alice MARTIN le 23/11/2026 à 12:00"
LONG = "Une ligne parmi d’autres, assez longue pour aller au bout. " * 30
# What is on screen and not on paper.
SCREEN_ONLY = (".entete", ".pied", ".fil-ariane", ".papier-outils", ".bandeau-demo", ".evitement")


@pytest.fixture
def numero(page: Page, portail: Running) -> int:
    """A dossier of Dr Alice MARTIN, its volet autonomie signed, its volet médical begun with long words."""
    given_a_session(page, portail)
    made = int(dossier().numero)
    sign(made, "autonomie")
    write(ALICE_ACTS, made, {"antecedents": LONG, "pathologies": LONG, "traitements": LONG})
    return made


def printed(page: Page) -> list[str]:
    """The text of each page that the browser prints."""
    content = page.pdf(prefer_css_page_size=True)
    return [" ".join(one.extract_text().split()) for one in pypdf.PdfReader(io.BytesIO(content)).pages]


def test_the_browser_prints_the_paper_alone(page: Page, numero: int) -> None:
    # given the paper on screen
    page.goto(f"/dossiers/grand-age/{numero}/imprimer/dossier?volet=medical&volet=autonomie")
    # when it goes to the printer
    page.emulate_media(media="print")
    # then the page's tools stay behind
    for name in SCREEN_ONLY:
        for one in page.locator(name).all():
            expect(one).to_be_hidden()
    pages = printed(page)
    assert len(pages) >= 4
    for rank, text in enumerate(pages, 1):
        assert STAMP in text and f"Page {rank} / {len(pages)}" in text
        assert "Se déconnecter" not in text
    medical = [text for text in pages if "Une ligne parmi" in text]
    assert len(medical) >= 2 and all("NON VALIDÉ" in text for text in medical)
    assert "NON VALIDÉ" not in pages[0] and "NON VALIDÉ" not in pages[-1]


def test_the_stamp_covers_no_line(page: Page, numero: int) -> None:
    page.goto(f"/dossiers/grand-age/{numero}/imprimer/dossier?volet=medical")
    page.emulate_media(media="print")
    # The room that each page of the paper keeps at its foot is higher than the line fixed there.
    room, line = page.evaluate("""() => [parseFloat(getComputedStyle(document.querySelector('.papier')).paddingBottom),
        document.querySelector('.papier-edite').getBoundingClientRect().height]""")
    assert room > line
    assert page.locator(".papier").evaluate("one => getComputedStyle(one).boxDecorationBreak") == "clone"


def test_the_letter_is_one_page(page: Page, numero: int) -> None:
    page.goto(f"/dossiers/grand-age/{numero}/imprimer/lettre")
    text, = printed(page)
    assert STAMP in text and f"ga {numero}" in text


def test_the_paper_prints_without_javascript(page: Page, numero: int, portail: Running,
                                             new_page: object) -> None:
    assert callable(new_page)
    plain = new_page(java_script_enabled=False)
    plain.context.add_cookies(page.context.cookies())
    plain.goto(f"/dossiers/grand-age/{numero}/imprimer")
    plain.get_by_role("button", name="Afficher pour imprimer").click()
    expect(plain.get_by_role("article")).to_contain_text("Une ligne parmi")
    expect(plain.get_by_text("Pour imprimer")).to_be_visible()
    expect(plain.get_by_role("button", name="Imprimer")).to_be_hidden()
