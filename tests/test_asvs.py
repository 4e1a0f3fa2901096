"""docs/dev/asvs.md, its table and the marks of the tests agree, both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import asvs

MATRIX, MARKS = asvs.read(), asvs.marks()
SMALL = """
pending = ["X9"]
[X]
title = "A few"
X1 = [1, "held", "one thing", ""]
X9 = [1, "held", "another", ""]
"""


def test_the_page_is_what_the_table_and_the_marks_make_of_it() -> None:
    written = asvs.PAGE.read_text("utf-8")
    assert written == asvs.page(MATRIX, MARKS), "run: python -m tools.asvs"
    assert "no conformity is claimed" in written


def test_table_and_marks_agree() -> None:
    assert asvs.faults(MATRIX, MARKS) == []


def test_no_requirement_of_the_standard_is_left_out() -> None:
    """ASVS 5.0.0 has 70 requirements of level 1 and 183 of level 2, and numbers them without gaps below its last."""
    levels = [one.level for one in MATRIX.requirements]
    assert (levels.count(1), levels.count(2)) == (70, 183)
    assert {one.group for one in MATRIX.requirements} == {*"RCANWDU", *(f"V{chapter}" for chapter in range(1, 18))}
    assert not {name for name in MATRIX.pending if name not in {one.id for one in MATRIX.requirements}}


@pytest.mark.parametrize(("change", "marks", "words"), [
    (("", ""), {}, "X1: held, and no test proves it"),
    (("", ""), {"X1": ["a"], "X2": ["b"]}, "X2: marked by b, not in the table"),
    (('"held", "one thing", ""', '"not held", "one thing", "no"'), {"X1": ["a"]}, "X1: not held, and marked by a"),
    (('"held", "one thing", ""', '"partly", "one thing", ""'), {}, "X1: partly, and no reason given"),
    (('"held", "one thing", ""', '"not applicable", "one thing", ""'), {}, "X1: not applicable, and no reason given"),
    (('"held", "one thing", ""', '"written", "one thing", "somewhere"'), {}, "X1: written, and no page named"),
    (('"held", "one thing", ""', '"written", "one thing", "[x](htmx.md#nowhere)"'), {},
     "X1: htmx.md#nowhere does not exist"),
    (('"held", "one thing"', '"done", "one thing"'), {}, "X1: « done » is no state"),
])
def test_a_disagreement_is_told(change: tuple[str, str], marks: dict[str, list[str]], words: str) -> None:
    assert asvs.faults(asvs.read(SMALL.replace(*change)), marks) == [words]


def test_marks_are_found_wherever_pytest_takes_them(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_x.py").write_text('''
import pytest
pytestmark = [pytest.mark.proves("X1")]
@pytest.mark.proves("X2", "X3")
class TestA:
    @pytest.mark.proves("X2")
    def test_b(self): ...
@pytest.mark.parametrize("a", [pytest.param(1, marks=pytest.mark.proves("X4"))])
def test_c(a): ...
''', "utf-8")
    at = "tests/test_x.py"
    assert asvs.marks(folder) == {
        "X1": [at], "X2": [f"{at}::TestA", f"{at}::TestA::test_b"], "X3": [f"{at}::TestA"], "X4": [f"{at}::test_c"]}
    (folder / "test_y.py").write_text("import pytest\npytestmark = pytest.mark.proves(*IDS)\n", "utf-8")
    with pytest.raises(ValueError, match=r"tests/test_y\.py"):
        asvs.marks(folder)
