"""Which tests are about one database alone: few, and said."""

from __future__ import annotations

from pathlib import Path

from tests.support.bases import OF_SQLITE

TESTS = Path(__file__).parents[1]
MARKER = "mark.sqlite"


def test_what_is_left_out_on_postgresql_is_listed() -> None:
    marked = {path.name for path in TESTS.rglob("test_*.py") if MARKER in path.read_text("utf-8") and path.name !=
              Path(__file__).name}
    assert marked == set(OF_SQLITE)
