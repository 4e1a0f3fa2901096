"""One's own table as a file: what goes out, what no spreadsheet runs, who may, and that it is written down."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from starlette.applications import Starlette

from portal.db import database
from portal.db.audit import Actor, Trace
from portal.dossiers import commands, queries
from portal.impression import tableau
from tests.support.client import Client
from tests.support.people import LEROUX

ALICE, BOB = 10100000011, 10100000022
WHO = Actor(ALICE, "Dr Alice MARTIN", "cps")


@pytest.fixture
def furnished_client(opened_app: Starlette, midday: datetime) -> Iterator[Client]:
    """Alice, with three patients (one of them a spreadsheet's trap) and one of Bob's beside."""
    with database.writing():
        for nom in ("LEROUX", "=1+2", "ÉTÉ; \"DUPONT\""):
            commands.create(WHO, "ga", replace(LEROUX, nom_naissance=nom))
        commands.create(Actor(BOB, "Dr Bob DURAND", "cps"), "ga", replace(LEROUX, nom_naissance="DEBOB"))
    with Client(opened_app) as client:
        yield client.login(ALICE)


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


@pytest.mark.proves("A4")
def test_the_rows_of_the_page_go_out_and_no_other(furnished_client: Client) -> None:
    answer = furnished_client.http.get("/dossiers/grand-age/tableau.csv?tri=patient")
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf"), "without its mark a spreadsheet reads the accents wrong"
    header, *rows = read(answer.content)
    assert tuple(header) == tableau.COLUMNS
    assert [row[1] for row in rows] == ["'=1+2 JOSETTE", 'ÉTÉ; "DUPONT" JOSETTE', "LEROUX JOSETTE"]
    assert {(row[2], row[3], row[4], row[6]) for row in rows} == {("14000", "CAEN", "Vous", "Non envoyée")}
    assert answer.headers["content-disposition"] == 'attachment; filename="dossiers-grand-age-2026-11-22.csv"'
    assert answer.headers["cache-control"] == "no-store"


def test_what_narrows_the_page_narrows_the_file(furnished_client: Client) -> None:
    rows = read(furnished_client.http.get("/dossiers/grand-age/tableau.csv?q=leroux").content)
    assert [row[1] for row in rows[1:]] == ["LEROUX JOSETTE"]
    assert read(furnished_client.http.get("/dossiers/grand-age/tableau.csv?onglet=admis").content) == [
        list(tableau.COLUMNS)]


def test_the_page_links_to_its_own_rows(furnished_client: Client) -> None:
    page = furnished_client.get("/dossiers/grand-age?q=leroux&tri=patient")
    links = [link["href"] for link in page.soup.select("a[download]")]
    assert links == ["/dossiers/grand-age/tableau.csv?tri=patient&q=leroux",
                     "/dossiers/grand-age/tableau.pdf?tri=patient&q=leroux"]


def test_an_export_is_written_down(furnished_client: Client) -> None:
    furnished_client.http.get("/dossiers/grand-age/tableau.csv")
    assert [(row.event, row.detail) for row in Trace.select().order_by(Trace.id.desc()).limit(1)] == [
        ("dossiers.exportes", "ga en_cours csv")]


def test_the_pdf_says_who_made_it_and_holds_the_rows(furnished_client: Client) -> None:
    answer = furnished_client.http.get("/dossiers/grand-age/tableau.pdf?q=leroux")
    text = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.content)).pages)
    for word in ("LEROUX JOSETTE", "Dossiers en cours", "« leroux »", "Dr Alice MARTIN", "1 ligne"):
        assert word in text


@pytest.mark.parametrize("kind", ["csv", "pdf"])
def test_more_rows_than_a_file_takes_are_refused_with_what_to_do(
        furnished_client: Client, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tableau.MAX_ROWS, kind, 2)
    answer = furnished_client.http.get(f"/dossiers/grand-age/tableau.{kind}")
    assert answer.status_code == 422
    assert "2 lignes au plus" in answer.text
    assert "choisissez un onglet" in answer.text


@pytest.mark.proves("W7", "V1.2.10")
@given(st.text(max_size=40))
def test_no_cell_is_ever_a_formula(cell: str) -> None:
    safe = tableau.harmless(cell)
    assert not safe.lstrip(" \u00a0").startswith(tableau.FORMULA)
    assert safe.removeprefix("'") == cell or safe == cell


def test_a_file_holds_the_rows_in_the_page_s_order(furnished_client: Client) -> None:
    selection = queries.Selection("ga", tri="-numero")
    wanted = [f"ga {row.numero}" for row in queries.everything(ALICE, selection, 50)]
    rows = read(furnished_client.http.get("/dossiers/grand-age/tableau.csv?tri=-numero").content)
    assert [row[0] for row in rows[1:]] == wanted
