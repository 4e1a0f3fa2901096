"""Each error has a code of its own, shown on its page and found in the help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import portal.app  # noqa: F401 every feature brings its errors
from portal.web import errors
from tests.support.client import Client


def kinds(base: type[errors.PageError] = errors.PageError) -> Iterator[type[errors.PageError]]:
    for one in base.__subclasses__():
        yield one
        yield from kinds(one)


KINDS = [errors.PageError, *(one for one in kinds() if one.__module__.startswith("portal."))]
TABLE = dict(re.findall(r"^\| (E\d\d) \| (.+?) \| \[lire\]", Path("docs/erreurs.md").read_text("utf-8"), re.MULTILINE))


def test_no_two_errors_share_a_code() -> None:
    codes = [one.code for one in KINDS if "code" in vars(one)]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_an_error_has_its_line_and_its_section(kind: type[errors.PageError]) -> None:
    assert "code" in vars(kind) or kind is errors.ServerError
    assert TABLE[kind.code] == kind.title
    page, _, anchor = kind.aide.partition("#")
    found = re.search(rf"\{{ ?#{anchor} ?\}}\n\n(.*)", Path("docs", f"{page}.md").read_text("utf-8"))
    assert found
    # Of the page of errors, each section names its codes: the search leads to it.
    assert page != "erreurs" or kind.code in found[1]


def test_the_table_holds_no_other() -> None:
    assert TABLE.keys() == {one.code for one in KINDS}


def test_the_page_of_an_error_shows_its_code_and_leads_to_its_help(client: Client) -> None:
    page = client.get("/nulle-part", 404)
    assert "Code du message : E07" in page.text
    assert page.soup.select_one("main a[href='/aide/erreurs/#page-introuvable']") is not None
