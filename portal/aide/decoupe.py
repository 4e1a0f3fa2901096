"""Cut a built help page into its sections, one per heading that has an anchor."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin

VOID = frozenset({"br", "hr", "img", "wbr", "input", "source"})
INLINE = frozenset({"a", "code", "em", "strong"})
HEADINGS = {"h1": 1, "h2": 2, "h3": 3}
Attrs = list[tuple[str, str | None]]


@dataclass
class Section:
    """What stands between a heading and the next one; ``html`` is without the heading itself."""

    anchor: str
    level: int
    title: str = ""
    html: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


class _Article(HTMLParser):
    """Reads the page's ``<article>``, and writes it again with absolute links and without ids.

    The fragment is shown inside another page: relative links would point elsewhere, and its ids could
    already be taken there.
    """

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.url = url
        self.sections: list[Section] = []
        self.stack: list[str] = []
        self.heading: Section | None = None

    def handle_starttag(self, tag: str, attrs: Attrs) -> None:
        if tag == "article":
            self.stack = ["article"]
            return
        if not self.stack:
            return
        anchor = dict(attrs).get("id")
        if tag in HEADINGS and anchor and len(self.stack) == 1:
            self.heading = Section(anchor, HEADINGS[tag])
            self.sections.append(self.heading)
        elif self.heading is None:
            self._write(_start(tag, self._kept(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: Attrs) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.stack:
            return
        self.stack.pop()
        if self.heading is not None:
            if tag in HEADINGS:
                self.heading = None
        elif self.stack:
            self._write(f"</{tag}>")
            if tag not in INLINE:
                self._say(" ")

    def handle_data(self, data: str) -> None:
        if self.heading is not None:
            self.heading.title += data
        elif self.stack:
            self._write(escape(data, quote=False))
            self._say(data)

    def _write(self, html: str) -> None:
        if self.sections:
            self.sections[-1].html.append(html)

    def _say(self, text: str) -> None:
        if self.sections:
            self.sections[-1].text.append(text)

    def _kept(self, attrs: Attrs) -> Attrs:
        kept = [(name, value) for name, value in attrs if name != "id"]
        return [(name, urljoin(self.url, value or "") if name in ("href", "src") else value)
                for name, value in kept]


def _start(tag: str, attrs: Attrs) -> str:
    written = "".join(f' {name}="{escape(value or "")}"' for name, value in attrs)
    return f"<{tag}{written}>"


def sections(html: str, url: str) -> list[Section]:
    """The sections of a built page, in order; ``url`` is the page's own address, which links start from."""
    article = _Article(url)
    article.feed(html)
    article.close()
    return article.sections


def fragment(found: list[Section], index: int) -> str:
    """The HTML that the drawer shows for a section: its own, then its sub-sections with their headings.

    A page's title (level 1) comes with its introduction only.
    """
    first = found[index]
    parts = list(first.html)
    for section in found[index + 1:]:
        if first.level == 1 or section.level <= first.level:
            break
        parts += [f"<h{section.level}>{escape(section.title, quote=False)}</h{section.level}>", *section.html]
    return "".join(parts).strip()


def text(section: Section) -> str:
    """The section's own words, with single spaces (the non-breaking ones are kept)."""
    return " ".join(part for part in "".join(section.text).replace("\n", " ").split(" ") if part)
