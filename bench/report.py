"""From the sections to the whole report."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from bench import proc
from bench.peers import fastify_app
from bench.sections import Run, Section, table

PACKAGES = ("starlette", "uvicorn", "uvloop", "httptools", "Jinja2", "peewee", "apsw", "Django", "gunicorn", "Flask",
            "FastAPI", "SQLAlchemy", "datasette")


def markdown(run: Run, sections: Sequence[Section], plot: str) -> str:
    """The whole report; ``plot`` is the address of its picture, or empty."""
    goals = [(goal.text, goal.measured, goal.verdict) for part in sections for goal in part.goals]
    picture = [f"![Requests per second of each row, on a logarithmic scale]({plot})"] if plot else []
    return "\n\n".join((
        "# Speed of the portal beside its peers",
        _circumstances(run),
        "## Goals\n\n" + table(("goal", "measured", "met"), goals),
        *picture,
        *(f"## {part.title}\n\n{part.text}" for part in sections),
    )) + "\n"


def command(options: Sequence[str]) -> str:
    """What to type for the same run."""
    return f'make bench ARGS="{" ".join(options)}"' if options else "make bench"


def _circumstances(run: Run) -> str:
    pace = run.pace
    sizes = "; ".join(
        f"{base.size:,} dossiers of {facts['physicians']:,} physicians, {facts['shown']} in the measured tab"
        for base in run.bases for facts in [base.facts()])
    return "\n".join((
        f"- date: {datetime.now(UTC):%Y-%m-%d}; command: `{command(sys.argv[1:])}`",
        f"- machine: {proc.machine()}; servers on one core, load on {'another' if len(proc.CORES) > 1 else 'the same'}",
        f"- versions: Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in PACKAGES) + _node(),
        f"- data: {sizes}",
        f"- load: {pace.connections} keep-alive connections, {pace.rounds} interleaved rounds of {pace.seconds:g} s "
        f"after {pace.warmup:g} s, no compression, each answer checked",
    ))


def _node() -> str:
    """Node, npm and the packages of the Node peer."""
    if fastify_app.missing():
        return ""
    found = {}
    for name in ("node", "npm"):
        if program := shutil.which(name):
            found[name] = subprocess.run([program, "--version"], check=True, capture_output=True,
                                         text=True).stdout.strip().removeprefix("v")
    for name in json.loads((fastify_app.HERE / "package.json").read_text("utf-8"))["dependencies"]:
        installed = fastify_app.FOLDER / "node_modules" / name / "package.json"
        found[name] = json.loads(installed.read_text("utf-8"))["version"]
    return "".join(f", {name} {number}" for name, number in found.items())
