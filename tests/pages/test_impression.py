"""A dossier on paper: who reads what, what is marked, what the letter keeps to itself, and what the audit keeps."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pypdf
import pytest
from starlette.applications import Starlette

from portal import clock
from portal.db import audit, database
from portal.dossiers import commands as dossiers
from portal.dossiers import scelles
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.settings import Settings
from portal.volets import coffre, definitions, reponses
from portal.volets.formulaire import Kind
from portal.web import pdf
from portal.web.session import Access
from tests.support import formulaires, people
from tests.support.client import Client
from tests.support.delegues import physician, secretary
from tests.support.formulaires import ALICE, write
from tests.support.volets import complete, sign

RPPS = 10100000011
HISTORY = "Maladie d’Alzheimer"
# 14:32 in Paris.
AT = datetime(2026, 11, 22, 13, 32, tzinfo=UTC)
STAMP = "Édité par Dr Alice MARTIN le 22/11/2026 à 14:32"
ALL = "?volet=administratif&volet=medical&volet=autonomie"


@pytest.fixture
def seen(opened_app: Starlette) -> Iterator[Visible]:
    """Mme LEROUX's dossier: volet médical begun, autonomie signed, administratif empty; half past two."""
    with clock.freeze(AT):
        physician(RPPS)
        found = formulaires.dossier()
        write(ALICE, found, "medical", {"antecedents": HISTORY})
        sign(found.dossier.numero, "autonomie")
        yield found


@pytest.fixture
def alice(opened_app: Starlette, seen: Visible) -> Iterator[Client]:
    with Client(opened_app) as client:
        client.login(RPPS)
        yield client


@pytest.fixture
def sophie(opened_app: Starlette, settings: Settings, seen: Visible) -> Iterator[Client]:
    """The secretary, acting for Dr Alice MARTIN."""
    found, made = secretary(settings)
    with Client(opened_app) as client:
        client.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject,
                     delegation_id=made.id)
        yield client


def address(seen: Visible, more: str = "") -> str:
    return f"/dossiers/grand-age/{seen.dossier.numero}/imprimer{more}"


def pages_of(client: Client, path: str) -> list[str]:
    """The text of each page of a PDF."""
    response = client.http.get(path)
    assert response.status_code == 200 and response.headers["content-type"] == "application/pdf"
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(response.content)).pages]


def last_act(seen: Visible) -> tuple[str, str]:
    found = audit.timeline(seen.label)[0]
    return found.event, found.detail


# --- choosing

def test_what_may_be_printed_is_offered_with_its_state(alice: Client, seen: Visible) -> None:
    page = alice.get(address(seen))
    boxes = [box["value"] for box in page.soup.select("input[name=volet][checked]")]
    assert boxes == ["administratif", "medical", "autonomie"]
    assert "En cours, imprimé avec la mention « non validé »" in page.text
    assert audit.timeline(seen.label)[0].event != "dossier.imprime"


def test_a_secretary_is_offered_the_administrative_volet_and_told_why_not_the_others(
        sophie: Client, seen: Visible) -> None:
    page = sophie.get(address(seen))
    assert [box["value"] for box in page.soup.select("input[name=volet]")] == ["administratif"]
    assert page.text.count("réservé aux médecins") == 2


def test_nothing_chosen_asks_to_choose(alice: Client, seen: Visible) -> None:
    for name in ("/dossier", "/dossier.pdf"):
        assert "Cochez au moins un volet" in alice.get(address(seen, name), status=422).text
    assert last_act(seen)[0] != "dossier.imprime"


@pytest.mark.parametrize("asked", ["volet=prison", "volet=" + "x" * 5000, "volet=%00", "volet=medical&volet=😀"])
def test_a_volet_that_is_none_is_not_found(alice: Client, seen: Visible, asked: str) -> None:
    alice.get(address(seen, f"/dossier?{asked}"), status=404)


# --- the paper

def test_the_paper_tells_who_what_and_where_it_stands(alice: Client, seen: Visible) -> None:
    paper = alice.get(address(seen, f"/dossier{ALL}")).text
    for word in ("Nom de naissance", "LEROUX", "17/04/1931", "12 rue des Tilleuls", "02 31 11 22 33", HISTORY, STAMP,
                 "Dossier de demande d’admission en EHPAD / EHPAN", "Validé par Dr Alice MARTIN le 22/11/2026"):
        assert word in paper, word
    assert last_act(seen) == ("dossier.imprime", "dossier (administratif, medical, autonomie)")


def test_blocks_stand_in_the_order_of_the_form(alice: Client, seen: Visible) -> None:
    complete(seen.dossier.numero, "administratif")
    paper = alice.get(address(seen, f"/dossier{ALL}"))
    printed = [title.get_text(strip=True) for title in paper.soup.select(".papier h3")]
    forms = [definitions.latest("ga", code) for code in ("administratif", "medical", "autonomie")]
    order = [section.title for form in forms for section in form.sections]
    assert printed == [title for title in order if title in printed] and len(printed) > 10


def test_an_unsigned_volet_is_marked_and_a_signed_one_is_not(alice: Client, seen: Visible) -> None:
    paper = alice.get(address(seen, f"/dossier{ALL}"))
    marked = {one["aria-labelledby"]: one.select_one(".papier-marque") is not None
              for one in paper.soup.select(".papier-volet")}
    assert marked == {"papier-administratif": True, "papier-medical": True, "papier-autonomie": False}


def test_a_needed_answer_that_is_missing_is_said(alice: Client, seen: Visible) -> None:
    paper = alice.get(address(seen, "/dossier?volet=medical"))
    missing = [row.select_one("dt").get_text() for row in paper.soup.select(".papier-lignes > div")
               if row.select_one("dd").get_text() == "Non renseigné"]
    form, answers = definitions.latest("ga", "medical"), {"antecedents": HISTORY}
    assert missing == [field.label for _, field in reponses.completeness(form, answers).missing]
    assert "questions facultatives restées sans réponse ne sont pas imprimées" in paper.text
    assert f"{len(missing)} réponses obligatoires non renseignées" in paper.text


def test_the_gir_is_printed_with_its_caution(alice: Client, seen: Visible) -> None:
    paper = alice.get(address(seen, "/dossier?volet=autonomie")).text
    assert "GIR 6" in paper and "le médecin coordonnateur peut coter autrement" in paper


def test_parts_that_are_not_there_are_named(alice: Client, seen: Visible) -> None:
    paper = alice.get(address(seen, "/dossier?volet=autonomie"))
    absents = paper.soup.select_one("section[aria-labelledby=papier-absents]").get_text(" ", strip=True)
    assert "Volet médical Non choisi" in absents and "Volet autonomie" not in absents
    assert HISTORY not in paper.text


def test_a_secretary_prints_the_administrative_volet_alone(
        sophie: Client, seen: Visible, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    unseal = coffre.unseal
    monkeypatch.setattr(coffre, "unseal", lambda label, code, blob: opened.append(code) or unseal(label, code, blob))
    paper = sophie.get(address(seen, "/dossier?volet=administratif"))
    absents = paper.soup.select_one("section[aria-labelledby=papier-absents]").get_text(" ", strip=True)
    assert "Volet médical" in absents and "réservé aux médecins" in absents
    assert "Édité par Sophie LEGRAND, par délégation du Dr Alice MARTIN" in paper.text
    for name in ("/dossier", "/dossier.pdf"):
        sophie.get(address(seen, f"{name}{ALL}"), status=403)
    assert opened == [] and HISTORY not in paper.text


def test_the_number_of_the_securite_sociale_is_for_who_may_change_the_identity(
        opened_app: Starlette, seen: Visible, alice: Client) -> None:
    numero = seen.dossier.numero
    Dossier.update(nir=scelles.seal("ga", numero, "nir", "279035121518989")).where(
        Dossier.numero == numero).execute()
    assert "2 79 03 51 215 189 89" in alice.get(address(seen, "/dossier?volet=medical")).text
    assert "2 79 03" not in alice.get(address(seen, "/lettre")).text


def test_what_people_typed_stays_text(alice: Client, seen: Visible) -> None:
    write(ALICE, seen, "medical", {"antecedents": "<script>alert(1)</script> <img src='https://ailleurs.exemple/x'>"})
    paper = alice.get(address(seen, "/dossier?volet=medical"))
    assert not paper.soup.select(".papier script, .papier img")
    assert "<script>alert(1)</script>" in paper.soup.select_one(".papier").get_text()


@pytest.mark.parametrize(("module", "slug", "query"), [
    ("s", "sanitaire", "?volet=demandeur"), ("tnd", "tnd", "?volet=administratif")])
def test_a_dossier_of_another_module_prints_its_identity_and_a_letter_without_a_medical_word(
        opened_app: Starlette, midday: datetime, module: str, slug: str, query: str) -> None:
    with database.writing():
        made = dossiers.create(ALICE, module, people.LEROUX)
    with Client(opened_app) as client:
        client.login(RPPS)
        here = f"/dossiers/{slug}/{made.numero}/imprimer"
        client.get(here)
        assert "LEROUX" in client.get(f"{here}/dossier{query}").text
        letter = client.get(f"{here}/lettre").soup.select_one(".papier").get_text().lower()
    assert not [word for word in ("palliatif", "neuro", "ssr", "had ", "trouble", "soins") if word in letter]


def test_a_small_child_s_age_is_printed_in_months(opened_app: Starlette, midday: datetime) -> None:
    with database.writing():
        made = dossiers.create(ALICE, "tnd", replace(people.LEROUX, naissance=date(2025, 8, 22)))
    with Client(opened_app) as client:
        paper = client.login(RPPS).get(f"/dossiers/tnd/{made.numero}/imprimer/dossier?volet=medical").text
        assert "22/08/2025 (15 mois)" in paper


# --- the letter

def test_the_letter_tells_the_number_and_whom_to_call(alice: Client, seen: Visible) -> None:
    letter = alice.get(address(seen, "/lettre")).soup.select_one(".papier").get_text(" ", strip=True)
    for word in (f"ga {seen.dossier.numero}", "Madame JOSETTE LEROUX", "Dr Alice MARTIN", "02 50 53 70 01",
                 "support@normand-esante.fr", "n’est pas une admission", "RPPS 10100000011"):
        assert word in letter, word
    assert last_act(seen) == ("dossier.imprime", "lettre")


def test_the_letter_holds_no_word_of_the_volets(alice: Client, seen: Visible) -> None:
    complete(seen.dossier.numero, "medical")
    letter = alice.get(address(seen, "/lettre")).soup.select_one(".papier").get_text().lower()
    form = definitions.latest("ga", "medical")
    words = [HISTORY, "GIR", "médical", "dépendance", "autonomie", *(section.title for section in form.sections)]
    assert not [word for word in words if word.lower() in letter]


# --- PDF

def test_the_pdf_says_the_same_on_numbered_pages(alice: Client, seen: Visible) -> None:
    pages = pages_of(alice, address(seen, f"/dossier.pdf{ALL}"))
    assert len(pages) >= 4
    for rank, text in enumerate(pages, 1):
        assert STAMP in text and f"Page {rank} / {len(pages)}" in text
    whole = " ".join(pages)
    assert HISTORY in whole and "GIR 6" in whole and "LEROUX" in pages[0]
    assert last_act(seen) == ("dossier.imprime", "dossier (administratif, medical, autonomie) PDF")


def test_each_page_of_an_unsigned_volet_is_marked(alice: Client, seen: Visible) -> None:
    texts = [field for field in definitions.latest("ga", "medical").fields.values()
             if field.kind is Kind.TEXTE and not field.shown_when]
    write(ALICE, seen, "medical", dict.fromkeys([field.id for field in texts], "Une ligne parmi d’autres. " * 70))
    pages = pages_of(alice, address(seen, "/dossier.pdf?volet=medical&volet=autonomie"))
    medical = [text for text in pages if "Une ligne parmi" in text]
    assert len(medical) >= 2 and all(text.count("NON VALIDÉ") >= 1 for text in medical)
    assert "NON VALIDÉ" not in pages[0] and "NON VALIDÉ" not in pages[-1]


@pytest.mark.parametrize("words", ["mot court ", "x", "مرحبا ", "😀"])
def test_the_longest_answers_make_a_pdf_at_once(alice: Client, seen: Visible, words: str) -> None:
    """Laid out by its words, each of these took minutes; a whole volet is now a matter of seconds."""
    texts = {field.id: (words * 4000)[:reponses.limit_of(field)].strip()
             for field in definitions.latest("ga", "medical").fields.values() if field.kind is Kind.TEXTE}
    assert not write(ALICE, seen, "medical", texts).errors
    pages = pages_of(alice, address(seen, "/dossier.pdf?volet=medical"))
    assert len(pages) >= 3 and all(STAMP in text for text in pages)
    assert all("NON VALIDÉ" in text for text in pages[1:])


def test_the_pdf_is_tagged_french_and_named_without_the_patient(alice: Client, seen: Visible) -> None:
    response = alice.http.get(address(seen, "/dossier.pdf?volet=autonomie"))
    name = f"dossier-ga-{seen.dossier.numero}.pdf"
    assert response.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert response.headers["cache-control"] == "no-store"
    found = pypdf.PdfReader(io.BytesIO(response.content))
    root = found.trailer["/Root"]
    assert root["/Lang"] == "fr" and root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    assert found.metadata["/Title"] == f"Dossier ga {seen.dossier.numero}"


def test_the_letter_s_pdf_holds_one_page_and_no_medical_word(alice: Client, seen: Visible) -> None:
    text, = pages_of(alice, address(seen, "/lettre.pdf"))
    assert STAMP in text and f"ga {seen.dossier.numero}" in text
    assert HISTORY not in text and "GIR" not in text
    assert last_act(seen) == ("dossier.imprime", "lettre PDF")


@pytest.mark.proves("A4")
def test_a_secretary_s_pdf_has_no_medical_volet(sophie: Client, seen: Visible) -> None:
    whole = " ".join(pages_of(sophie, address(seen, "/dossier.pdf?volet=administratif")))
    assert HISTORY not in whole and "GIR" not in whole and "réservé aux médecins" in whole


def test_without_weasyprint_the_page_says_so_and_the_paper_stays(
        alice: Client, seen: Visible, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_weasyprint", lambda: None)
    page = alice.get(address(seen))
    assert "Ce portail ne fabrique pas de PDF" in page.text and ".pdf" not in page.text
    assert ".pdf" not in alice.get(address(seen, "/lettre")).text
    before = len(audit.timeline(seen.label))
    assert pdf.SansPdf.title in alice.get(address(seen, "/lettre.pdf"), status=503).text
    assert len(audit.timeline(seen.label)) == before


@pytest.mark.proves("V1.3.6")
@pytest.mark.parametrize("url", [
    "https://portail.invalid/static/css/../../portal/app.py", "https://portail.invalid/static/%2e%2e/pyproject.toml",
    "https://portail.invalid/etc/passwd", "https://ailleurs.exemple/static/css/jetons.css", "file:///etc/passwd",
    "http://portail.invalid/static/css/jetons.css", "https://portail.invalid/static/js/app.js", "data:text/css,p{}",
    "https://portail.invalid:8000/static/css/jetons.css", "https://portail.invalid/static/css/rien.css",
])
def test_the_pdf_reads_no_address_but_our_sheets(url: str) -> None:
    with pytest.raises(ValueError, match="not one of our files"):
        pdf.own_file(url)


def test_the_pdf_reads_our_sheets() -> None:
    assert pdf.own_file("https://portail.invalid/static/css/impression.css?v=1").name == "impression.css"


def test_a_page_beyond_all_sense_is_refused() -> None:
    with pytest.raises(pdf.TooLarge):
        pdf.render("x" * (pdf.MAX_HTML + 1))


@pytest.mark.proves("V2.4.1", "V15.2.2")
def test_too_many_at_once_wait_then_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "WAIT_SECONDS", 0.01)
    taken = [pdf.PLACES.acquire(blocking=False) for _ in range(2)]
    try:
        with pytest.raises(pdf.Occupe):
            pdf.render("<p>Bonjour</p>")
    finally:
        pdf.PLACES.release(len(taken))
