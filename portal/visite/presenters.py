"""A step in the help's own words, as the page's region shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.aide.queries import Section, Site
from portal.visite.rules import ETAPES, Etape

PICTURE = re.compile(r"<p>\s*<(?:picture|img)\b.*", re.DOTALL)
NUMBER = re.compile(r"^\d+\.\s+")


@dataclass(frozen=True)
class Vue:
    """What the region says. ``ici``: the page shown is the step's own; ``mots``: HTML of ours, from the help."""

    etape: Etape
    titre: str
    mots: str
    lien: str
    ici: bool
    total: int = len(ETAPES)

    @property
    def derniere(self) -> bool:
        return self.etape.numero == self.total


def words(section: Section) -> tuple[str, str]:
    """A section's title without its number, and what it says before its picture."""
    return NUMBER.sub("", section.title), PICTURE.sub("", section.html).strip()


def vue(site: Site, etape: Etape, path: str) -> Vue | None:
    """The region for a step on the page of this path; None when the help was not built."""
    page, _, anchor = etape.aide.partition("#")
    section = site.section(page, anchor)
    if section is None:
        return None
    title, text = words(section)
    return Vue(etape, title, text, section.href, etape.adresse.partition("?")[0] == path)
