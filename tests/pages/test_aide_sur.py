"""The « ? » beside a status, a state or a motive leads to its own entry of the help."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portal.aide import tables

CALL = re.compile(r'aide_sur\("([a-z/-]+)#([a-z-]+)"( ~)?')
CALLS = sorted({(str(path), *found) for path in Path("templates").rglob("*.html")
                for found in CALL.findall(path.read_text("utf-8"))})


@pytest.mark.parametrize(("template", "page", "anchor", "made"), CALLS)
def test_a_question_mark_has_its_answer(template: str, page: str, anchor: str, made: str) -> None:
    """A whole anchor stands on its page; one that a code completes is the beginning of the generated ones."""
    text = Path("docs", f"{page}.md").read_text("utf-8") + tables.markdown() + tables.rubriques()
    assert re.search(rf"\{{ ?#{anchor}{'' if made else ' ?}'}", text), f"{template}: {page}#{anchor}"
