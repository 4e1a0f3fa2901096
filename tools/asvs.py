"""Write ``docs/dev/asvs.md`` from ``tools/asvs.toml`` and the ``proves`` marks of the tests: ``python -m tools.asvs``.

The table says of each requirement where it stands; the tests say themselves what they prove. ``faults`` tells where
the two disagree; ``tests/test_asvs.py`` lets none through.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE, PAGE, TESTS = ROOT / "tools/asvs.toml", ROOT / "docs/dev/asvs.md", ROOT / "tests"
HELD, PARTLY, WRITTEN, OPEN, BESIDE = "held", "partly", "written", "not held", "not applicable"
STATES = {
    HELD: "a test of this project fails when it is broken",
    PARTLY: "held but for what the last column says",
    WRITTEN: "it asks for documentation, or for a set-up around the portal: written down where the last column says, "
             "and no test can hold it",
    OPEN: "« non tenu »: the last column says why",
    BESIDE: "the portal has no such thing",
}
TO_COME = "to come"  # listed as pending, and no test proves it yet
# States that a test may prove, and those that say why.
PROVABLE, EXPLAINED = frozenset({HELD, PARTLY}), frozenset({PARTLY, WRITTEN, OPEN, BESIDE})
LINK = re.compile(r"\]\(([^)#]+)(?:#([^)]+))?\)")


@dataclass(frozen=True)
class Requirement:
    """One requirement: its level (0 for the house's own), in our words; ``note`` says why or where."""

    id: str
    level: int
    state: str
    what: str
    note: str
    pending: bool

    @property
    def group(self) -> str:
        """The chapter (« V6 »), or the letter of the house's own (« N »)."""
        return re.match(r"V\d+|[A-Z]", self.id)[0]  # type: ignore[index]  # every id matches


@dataclass(frozen=True)
class Matrix:
    """Every requirement in the table's order, and the titles of their groups."""

    requirements: tuple[Requirement, ...]
    titles: Mapping[str, str]
    pending: frozenset[str]


def read(text: str | None = None) -> Matrix:
    """The table, from its file or from a text of the same form."""
    raw: dict[str, Any] = tomllib.loads(SOURCE.read_text("utf-8") if text is None else text)
    pending, titles, found = frozenset(raw.pop("pending")), {}, []
    for group, rows in raw.items():
        titles[group] = rows.pop("title")
        found += [Requirement(name, *row, pending=name in pending) for name, row in rows.items()]
    return Matrix(tuple(found), titles, pending)


# --- The tests' marks


def marks(folder: Path = TESTS) -> dict[str, list[str]]:
    """Each id that a test marks, with the tests that do (« tests/pages/test_otp.py::TestX::test_y »), in order."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*.py")):
        where = path.relative_to(folder.parent).as_posix()
        for name, ids in _marked(ast.parse(path.read_text("utf-8")), where):
            for one in ids:
                if name not in found.setdefault(one, []):
                    found[one].append(name)
    return {one: sorted(tests) for one, tests in found.items()}


def _marked(node: ast.AST, where: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Marks of this node (decorators, ``pytestmark``, ``marks=`` of a parameter) and of what it holds."""
    for child in ast.iter_child_nodes(node):
        inside = isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        name = f"{where}::{child.name}" if inside else where  # type: ignore[attr-defined]
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute) and child.func.attr == "proves":
            yield where, tuple(_text(argument, where) for argument in child.args)
        yield from _marked(child, name)


def _text(argument: ast.expr, where: str) -> str:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    raise ValueError(f"{where}: an id of proves() is written as it is, in quotes")


# --- What does not agree


def faults(matrix: Matrix, found: Mapping[str, list[str]]) -> list[str]:
    """One line for each disagreement between the table and the marks; empty when there is none."""
    known = {one.id: one for one in matrix.requirements}
    wrong = [f"{one}: marked by {tests[0]}, not in the table" for one, tests in found.items() if one not in known]
    for one in known.values():
        proved = one.id in found
        if one.state not in STATES:
            wrong.append(f"{one.id}: « {one.state} » is no state")
        if one.state == HELD and not proved and not one.pending:
            wrong.append(f"{one.id}: held, and no test proves it")
        if one.state not in PROVABLE and proved:
            wrong.append(f"{one.id}: {one.state}, and marked by {found[one.id][0]}")
        if one.state in EXPLAINED and not one.note:
            wrong.append(f"{one.id}: {one.state}, and no reason given")
        if one.state == WRITTEN and not LINK.search(one.note):
            wrong.append(f"{one.id}: written, and no page named")
        wrong += [f"{one.id}: {target} does not exist" for target in _broken(one.note)]
    return wrong


def _broken(note: str) -> Iterator[str]:
    """Links of a note (relative to docs/dev) that lead to no file, or to no heading of it."""
    for name, anchor in LINK.findall(note):
        path = PAGE.parent / name
        if not path.is_file() or (anchor and anchor not in anchors(path.read_text("utf-8"))):
            yield f"{name}#{anchor}"


def anchors(text: str) -> set[str]:
    """The addresses of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- The page


def page(matrix: Matrix, found: Mapping[str, list[str]]) -> str:
    """The whole page, in Markdown."""
    lines = [INTRODUCTION, *_counts(matrix, found), ""]
    for group, title in matrix.titles.items():
        rows = [one for one in matrix.requirements if one.group == group]
        lines += [f"## {group} {title}", "", "| id | level | requirement | state | proof, or why |", f"|{'---|' * 5}"]
        lines += [_row(one, _stands(one, found), found.get(one.id, [])) for one in rows]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _stands(one: Requirement, found: Mapping[str, list[str]]) -> str:
    """The state, as long as what it says has come."""
    return TO_COME if one.pending and one.id not in found else one.state


def _row(one: Requirement, state: str, tests: Iterable[str]) -> str:
    proof = "<br>".join(f"`{name.removeprefix('tests/')}`" for name in tests)
    level = f"L{one.level}" if one.level else ""
    return f"| {one.id} | {level} | {one.what} | {state} | {'<br>'.join(filter(None, (one.note, proof)))} |"


def _counts(matrix: Matrix, found: Mapping[str, list[str]]) -> list[str]:
    names = {0: "the house's own", 1: "ASVS L1", 2: "ASVS L2", 3: "ASVS L3 (those named here)"}
    columns = [*STATES, TO_COME]
    lines = [f"| | {' | '.join(columns)} | in all |", f"|---|{'---|' * (len(columns) + 1)}"]
    for level, name in names.items():
        states = Counter(_stands(one, found) for one in matrix.requirements if one.level == level)
        lines.append(f"| {name} | {' | '.join(str(states[state]) for state in columns)} | {states.total()} |")
    return lines


INTRODUCTION = f"""# Security requirements and their tests

Nobody outside the project has assessed this, and **no conformity is claimed**: this page says what the project's own
tests hold, and what they do not. It is written by `python -m tools.asvs` from `tools/asvs.toml` (where each
requirement stands, in our own words) and from the tests' own marks, `@pytest.mark.proves("N5", "V6.5.1")`; change
those, not this page. `tests/test_asvs.py` fails when table, marks and page disagree.

The ids beginning with V are those of OWASP ASVS 5.0.0 (every requirement of levels 1 and 2, and those of level 3 that
the project set itself); read the standard for their exact words. The others are the project's own list.

{chr(10).join(f'- **{state}**: {words}.' for state, words in STATES.items())}

A proof is a test or, where the whole of it is meant, a class or a module; paths begin at `tests/`. What needs a
machine's own parts (`reel…`: card reader, browsers, ClamAV) runs with `make reel`.
"""


def main() -> int:
    """Write the page; exit code 1, with a line for each, when table and marks disagree."""
    matrix, found = read(), marks()
    wrong = faults(matrix, found)
    PAGE.write_text(page(matrix, found), "utf-8")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
