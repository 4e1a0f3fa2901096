"""The guides as PDF, and the whole help as one: the words and pictures of the built site, on paper.

Made by ``portal aide --pdf``, or when one is first asked for, and kept beside the site they were made from.
"""

from __future__ import annotations

import json
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment

from portal import __version__, clock
from portal.aide import polices
from portal.settings import Settings
from portal.web import dates, pdf

WHOLE = "aide-complete"
FOLDER = "pdf"
PICTURE = re.compile(r"<p>\s*(?:<picture><source[^>]*>)?(<img [^>]*>)(?:</picture>)?\s*</p>")
STEP = re.compile(r"^\d+\.\s")
# What fits on the two pages of the practical guide: its steps are set smaller, in two columns.
TWO_PAGES = frozenset({"premiere-connexion"})
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Etape:
    """A section on paper: its title, its words without the picture, its picture's tag or ""."""

    anchor: str
    title: str
    words: str
    picture: str
    step: bool


@dataclass(frozen=True)
class Guide:
    """One page of the help on paper."""

    name: str
    title: str
    opening: str
    sections: list[Etape]
    dense: bool = False


def names(site: Path) -> list[str]:
    """The guides (pages with numbered steps) that the built site holds, in its order."""
    return [page for page, sections in _pages(site).items() if any(STEP.match(one["title"]) for one in sections)]


def ready(site: Path, name: str) -> Path | None:
    """Where the PDF of a guide (or WHOLE) is kept once made; None for no such guide."""
    return site / FOLDER / f"{name}.pdf" if name == WHOLE or name in names(site) else None


def make(env: Environment, settings: Settings, name: str) -> Path:
    """The PDF's file, made now unless it is there; one at a time, for a guide takes a processor some seconds.

    ``name`` is one of ``names`` or WHOLE. Raises pdf.SansPdf without WeasyPrint.
    """
    site = settings.help_site
    target = ready(site, name)
    assert target is not None
    with _one_at_a_time:
        if not target.is_file():
            body = pdf.render(_html(env, settings, name), {"/aide/": site, "/polices/": polices.FOLDER})
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = target.with_suffix(f".{os.getpid()}.tmp")  # each process its own
            fresh.write_bytes(body)
            fresh.rename(target)
    return target


def make_all(env: Environment, settings: Settings) -> list[Path]:
    """Every guide and the whole, for an installation or a release."""
    return [make(env, settings, name) for name in [*names(settings.help_site), WHOLE]]


def _html(env: Environment, settings: Settings, name: str) -> str:
    pages = _pages(settings.help_site)
    chosen = [_guide(page, pages[page], dense=False) for page in pages] if name == WHOLE else [
        _guide(name, pages[name], dense=name in TWO_PAGES)]
    return env.get_template("aide/pdf.html").render(
        guides=chosen, tout=name == WHOLE, version=__version__, edite=dates.day(clock.today()),
        titre=f"Aide de {settings.site_name}" if name == WHOLE else chosen[0].title)


def _guide(name: str, sections: list[dict[str, str]], *, dense: bool) -> Guide:
    first, rest = sections[0], sections[1:]
    # On the two pages only the steps stand; what comes after them is for the screen.
    kept = [one for one in rest if STEP.match(one["title"])] if dense else rest
    return Guide(name, first["title"], first["html"], [_section(one) for one in kept], dense)


def _section(one: dict[str, str]) -> Etape:
    found = PICTURE.search(one["html"])
    words = PICTURE.sub("", one["html"])
    return Etape(one["anchor"], one["title"], words, found[1] if found else "", bool(STEP.match(one["title"])))


def _pages(site: Path) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads((site / "fragments.json").read_text("utf-8"))
    return found
