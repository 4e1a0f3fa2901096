"""The fiche is covered: each of its statements has its help section, its test, its screen and its words.

The table of ``docs/dev/fiche.md`` is the list; it is read here, so that none of its references can go stale.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.routing import compile_path

from portal.aide import construction
from portal.aide.queries import Site, load_site
from portal.routes import pages
from portal.settings import load

STATEMENTS = 39
PATHS = [compile_path(page.path)[0] for page in pages(load({}, demonstration=True))]


@dataclass(frozen=True)
class Statement:
    """One row of the table."""

    number: int
    says: str
    help: str
    test: str
    screen: str
    words: list[str]


def statements() -> list[Statement]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in Path("docs/dev/fiche.md").read_text("utf-8").splitlines() if re.match(r"\| \d+ \|", line)]
    return [Statement(int(row[0]), *row[1:5], [words.strip() for words in row[5].split(" · ")]) for row in rows]


ROWS = statements()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    settings = load({}, data=tmp_path_factory.mktemp("aide"), demonstration=True)
    construction.build(settings, settings.help_site)
    return load_site(settings.help_site)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("\u202f", " ")).lower()


def test_no_statement_is_lost() -> None:
    assert [row.number for row in ROWS] == list(range(1, STATEMENTS + 1))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.number))
def test_a_statement_has_its_help_and_its_words(site: Site, row: Statement) -> None:
    assert site.has(row.help), row.says
    # Words may stand on any page: the help says each thing where it is looked for.
    everything = plain(" ".join(f"{entry.title} {entry.text}" for entry in site.index.entries))
    assert [words for words in row.words if plain(words) not in everything] == [], row.says


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.number))
def test_a_statement_has_its_test(row: Statement) -> None:
    path, _, name = row.test.partition("::")
    names = [node.name for node in ast.walk(ast.parse(Path("tests", path).read_text("utf-8")))
             if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    assert names
    assert not name or name in names, row.test


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.number))
def test_a_statement_has_its_screen(row: Statement) -> None:
    assert any(path.match(row.screen) for path in PATHS), row.screen
