"""The guide is the test: each step has a scenario and a picture, both ways; each guide says what a reader needs.

A guide is any help page with numbered steps. Its form: title, what it brings, « Durée », « Ce qu’il vous faut », steps.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

DOCS, IMAGES, SCENARIOS = Path("docs"), Path("docs/images"), Path("tests/e2e/guide")
STEP = re.compile(r"^## (\d+)\. (.+?) \{ ?#([a-z0-9-]+) ?\}$", re.MULTILINE)
SCENARIO = re.compile(r"test_(\d\d)_(\w+)")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
GUIDES = sorted(page for page in DOCS.rglob("*.md") if "dev" not in page.parts and STEP.search(page.read_text("utf-8")))
SIDES = ("", ".sombre")
MOST_STEPS = 12
# A page of a guide with its light (or its dark) pictures, in bytes: what a surgery's line takes in a second or so.
MOST_BYTES = 280_000


def steps(guide: Path) -> list[tuple[int, str, str, str]]:
    """Each step's number, title, anchor and text."""
    parts = STEP.split(guide.read_text("utf-8"))
    cut = [parts[at:at + 4] for at in range(1, len(parts), 4)]
    return [(int(number), title, anchor, re.split(r"^## ", text, flags=re.MULTILINE)[0])
            for number, title, anchor, text in cut]


def scenarios(module: Path) -> list[tuple[int, str]]:
    return sorted((int(found[1]), found[2].replace("_", "-"))
                  for node in ast.walk(ast.parse(module.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)
                  if (found := SCENARIO.fullmatch(node.name)))


def test_each_guide_has_its_scenarios_and_each_scenario_its_guide() -> None:
    modules = {module.stem.removeprefix("test_").replace("_", "-") for module in SCENARIOS.glob("test_*.py")}
    assert {guide.stem for guide in GUIDES} == modules
    assert len(GUIDES) == len(modules), "two guides of the same name"


@pytest.mark.parametrize("guide", GUIDES, ids=str)
def test_steps_and_scenarios_are_the_same_list(guide: Path) -> None:
    module = SCENARIOS / f"test_{guide.stem.replace('-', '_')}.py"
    assert [(number, anchor) for number, _, anchor, _ in steps(guide)] == scenarios(module)


@pytest.mark.parametrize("guide", GUIDES, ids=str)
def test_steps_are_numbered_from_one_and_few(guide: Path) -> None:
    numbers = [number for number, *_ in steps(guide)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) <= MOST_STEPS


@pytest.mark.parametrize("guide", GUIDES, ids=str)
def test_a_guide_says_how_long_and_what_is_needed(guide: Path) -> None:
    opening = STEP.split(guide.read_text("utf-8"))[0]
    assert re.search(r"^\*\*Durée\*\*\u00a0: \S", opening, re.MULTILINE)
    assert re.search(r"^\*\*Ce qu’il vous faut\*\*\u00a0:", opening, re.MULTILINE)


@pytest.mark.parametrize("guide", GUIDES, ids=str)
def test_each_step_shows_its_picture_and_says_what_can_go_wrong(guide: Path) -> None:
    for number, title, anchor, text in steps(guide):
        shown = [(alt, (guide.parent / target).resolve()) for alt, target in PICTURE.findall(text)]
        assert [path for _, path in shown] == [(IMAGES / guide.stem / f"{number:02}-{anchor}.webp").resolve()], title
        assert len(shown[0][0].split()) >= 3, f"{title}: the alternative says too little"
        assert "**Si ça ne va pas**\u00a0:" in text, title


@pytest.mark.parametrize("guide", GUIDES, ids=str)
def test_each_step_has_both_sides_of_its_picture(guide: Path) -> None:
    missing = [f"{number:02}-{anchor}{side}.webp" for number, _, anchor, _ in steps(guide) for side in SIDES
               if not (IMAGES / guide.stem / f"{number:02}-{anchor}{side}.webp").is_file()]
    assert not missing, "run « make guide »"


@pytest.mark.parametrize("guide", GUIDES, ids=str)
@pytest.mark.parametrize("side", SIDES, ids=("light", "dark"))
def test_the_pictures_of_a_page_are_light(guide: Path, side: str) -> None:
    weight = sum((IMAGES / guide.stem / f"{number:02}-{anchor}{side}.webp").stat().st_size
                 for number, _, anchor, _ in steps(guide))
    assert weight <= MOST_BYTES


@pytest.mark.parametrize("guide", GUIDES, ids=str)
def test_callouts_are_named_by_the_text(guide: Path) -> None:
    """A number on a picture that the step never mentions says nothing; the scenarios' source tells how many it has."""
    source = (SCENARIOS / f"test_{guide.stem.replace('-', '_')}.py").read_text("utf-8")
    numbered = {node.name: _callouts(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
    for number, title, anchor, text in steps(guide):
        for at in range(numbered.get(f"test_{number:02}_{anchor.replace('-', '_')}", 0)):
            assert chr(ord("①") + at) in text, f"{title}: {chr(ord('①') + at)} is on the picture only"


def _callouts(scenario: ast.FunctionDef) -> int:
    """How many callouts the scenario's ``photo(…, montrer=[…])`` draws, when it lists them there."""
    lists = [word.value for call in ast.walk(scenario) if isinstance(call, ast.Call)
             for word in call.keywords if word.arg == "montrer"]
    return max((len(found.elts) for found in lists if isinstance(found, ast.List | ast.Tuple)), default=0)


def test_every_picture_is_shown() -> None:
    text = "\n".join(page.read_text("utf-8") for page in DOCS.rglob("*.md"))
    unused = [str(path) for path in IMAGES.rglob("*.*")
              if f"{path.parent.name}/{path.name.replace('.sombre', '')}" not in text]
    assert not unused
