"""Pages of the help that are made from what the portal itself holds: what is new, and every charter."""

from __future__ import annotations

import re
from pathlib import Path

from portal.accueil.presenters import QUESTIONS
from portal.compte.rules import CHARTES, Charte
from portal.settings import resource

VERSION = re.compile(r"^## (?P<name>.+)$", re.MULTILINE)
FOR_USERS = re.compile(r"^### Pour les utilisateurs\n+(?P<lines>(?:- .+\n|  .+\n|\n)+)", re.MULTILINE)
UNRELEASED = "Unreleased"


def changelog() -> Path:
    """The project's CHANGELOG.md; beside the help's sources, in a checkout as in an installed package."""
    return resource("docs").parent / "CHANGELOG.md"


def nouveautes(text: str) -> str:
    """« Quoi de neuf » as Markdown: of each version of a changelog, the French lines kept for users, latest first.

    Versions without such lines are left out.
    """
    parts = VERSION.split(text)
    found = [(name.strip(), FOR_USERS.search(body + "\n")) for name, body in zip(parts[1::2], parts[2::2], strict=True)]
    return "\n\n".join(f"{_heading(name)}\n\n{lines['lines'].strip()}" for name, lines in found if lines)


def _heading(name: str) -> str:
    """« 1.2.0 (2026-11-23) » -> « ## Version 1.2.0, du 23/11/2026 » and its anchor."""
    if name == UNRELEASED:
        return "## Cette version { #version-presente }"
    number, _, day = name.partition(" ")
    when = "/".join(reversed(day.strip("()[] ").split("-")))
    return f"## Version {number}{f', du {when}' if when else ''} {{ #version-{number.replace('.', '-')} }}"


def questions() -> str:
    """The frequent questions as Markdown, each with the page that says more."""
    return "\n\n".join(f"## {one.question} {{ #{one.code} }}\n\n{one.answer} [En savoir plus]({_source(one.aide)})"
                       for one in QUESTIONS)


def _source(address: str) -> str:
    """The source behind an address of the help: « dossiers/#recherche » -> « dossiers.md#recherche »."""
    page, _, anchor = address.partition("#")
    return f"{page.rstrip('/')}.md{f'#{anchor}' if anchor else ''}"


def chartes() -> str:
    """Every published charter as Markdown, the present one first; their words are those that were accepted."""
    return "\n\n".join(_charte(CHARTES[version], at == 0) for at, version in enumerate(sorted(CHARTES, reverse=True)))


def _charte(charte: Charte, present: bool) -> str:
    state = "en vigueur" if present else "remplacée"
    lines = [f"## Version {charte.version}, du {charte.published:%d/%m/%Y} ({state}) {{ #charte-{charte.version} }}"]
    for number, section in enumerate(charte.sections, 1):
        lines.append(f"### {section.title} {{ #charte-{charte.version}-{number} }}")
        lines += section.paragraphs
        if section.points:
            lines.append("\n".join(f"- {point}" for point in section.points))
    return "\n\n".join(lines)
