"""The report of the last run: each step of each guide with its picture, its axe result and what went wrong.

Left in ``var/e2e/rapport/index.html``. Workers write one file a step; the process that started them gathers.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
import pytest
from PIL import Image

from tests.e2e import photos, traces

FOLDER = Path("var/e2e/rapport")
STEPS = FOLDER / "etapes"
TEMPLATE = Path(__file__).with_suffix(".html")
HEADING = re.compile(r"^(#{1,2}) (.+?) *\{ ?#([a-z0-9-]+) ?\}", re.MULTILINE)
GUIDE_TEST = re.compile(r"tests/e2e/guide/test_(\w+)\.py::test_(\d\d)_(\w+)")
_outcomes: dict[str, pytest.TestReport] = {}


@dataclass
class Etape:
    """One step as the run has seen it."""

    guide: str
    slug: str
    title: str
    outcome: str
    seconds: float
    passed: int = 0
    faults: list[str] = field(default_factory=list)
    error: str = ""
    pictures: list[str] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)


def start(session: pytest.Session) -> None:
    """Forget the run before."""
    if not _is_worker(session.config):
        for folder in (FOLDER, traces.FOLDER):
            shutil.rmtree(folder, ignore_errors=True)


def step(guide: str, slug: str, pictures: Mapping[str, Image.Image], passed: int, faults: list[str]) -> None:
    """Leave a step's pictures, how many axe rules it passed, and what is wrong with its pictures."""
    folder = STEPS / guide
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, picture in pictures.items():
        picture.save(folder / f"{slug}{suffix}.png", compress_level=1)
    (folder / f"{slug}.json").write_text(json.dumps({"passed": passed, "faults": faults}), "utf-8")


def note(report: pytest.TestReport) -> None:
    """Keep the outcome of a scenario: its call, or what broke around it."""
    if report.when == "call" or report.failed:
        _outcomes[report.nodeid] = report


def finish(session: pytest.Session) -> None:
    """Write the page."""
    if _is_worker(session.config) or not _outcomes:
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    steps = [_step(report, found) for nodeid, report in sorted(_outcomes.items())
             if (found := GUIDE_TEST.match(nodeid))]
    guides: dict[str, list[Etape]] = {}
    for one in steps:
        guides.setdefault(one.guide, []).append(one)
    others = [(nodeid, report) for nodeid, report in sorted(_outcomes.items())
              if report.failed and not GUIDE_TEST.match(nodeid)]
    page = jinja2.Template(TEMPLATE.read_text("utf-8"), autoescape=True, undefined=jinja2.StrictUndefined).render(
        guides=[(_titles(stem).get("", stem), stem, found) for stem, found in guides.items()],
        others=[(nodeid, _error(report), _traces(nodeid)) for nodeid, report in others],
        count=len(_outcomes), failed=sum(report.failed for report in _outcomes.values()))
    (FOLDER / "index.html").write_text(page, "utf-8")


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _step(report: pytest.TestReport, found: re.Match[str]) -> Etape:
    guide, number, name = found[1].replace("_", "-"), found[2], found[3].split("[")[0].replace("_", "-")
    slug = f"{number}-{name}"
    left = STEPS / guide / f"{slug}.json"
    seen = json.loads(left.read_text("utf-8")) if left.is_file() else {}
    return Etape(
        guide, slug, _titles(guide).get(name, name), report.outcome, report.duration, **seen, error=_error(report),
        pictures=[f"etapes/{guide}/{slug}{suffix}.png" for suffix in photos.SCHEMES.values()
                  if (STEPS / guide / f"{slug}{suffix}.png").is_file()],
        traces=_traces(report.nodeid))


def _titles(stem: str) -> dict[str, str]:
    """The guide's own titles by anchor, its page's under ""."""
    page = next(Path("docs").rglob(f"{stem}.md"), None)
    found = HEADING.findall(page.read_text("utf-8")) if page else []
    return {anchor if level == "##" else "": title for level, title, anchor in found}


def _error(report: pytest.TestReport) -> str:
    return report.longreprtext[-4000:] if report.failed else ""


def _traces(nodeid: str) -> list[str]:
    folder = traces.FOLDER / traces.folder_of(nodeid)
    return [os.path.relpath(path, FOLDER) for path in sorted(folder.glob("*"))] if folder.is_dir() else []
