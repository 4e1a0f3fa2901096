"""docs/dev/acces.md tells the table that is tested."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.acces.attendus import TABLE, in_words, table

DOCUMENT = Path(__file__).parents[2] / "docs" / "dev" / "acces.md"


def test_the_document_prints_the_table() -> None:
    """After a change: python -c 'from tests.acces.attendus import in_words; print(in_words())'."""
    assert in_words() in DOCUMENT.read_text("utf-8")


def test_the_document_names_each_visitor_and_each_kind_of_word() -> None:
    text = DOCUMENT.read_text("utf-8")
    data = tomllib.loads(TABLE.read_text("utf-8"))
    missing = [who for who in table().groups["chacun"] if f"`{who}`" not in text]
    for kind, members in data["mots"].items():
        if f"| {kind} | {members} |" not in text:
            missing.append(kind)
    for group, members in data["groupes"].items():
        if f"| @{group} | {members} |" not in text:
            missing.append(group)
    assert not missing
