"""What a template may not hold; read from the files, so that no page has to be rendered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = sorted(Path("templates").rglob("*.html"))
FORBIDDEN = {
    "inline style": re.compile(r"\sstyle\s*="),
    "inline handler": re.compile(r"\son[a-z]+\s*="),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)"),
    "style element": re.compile(r"<style\b"),
    "htmx code in attributes": re.compile(r"hx-on[:=-]|=\s*[\"']js:|hx-vars"),
    "trigger filter": re.compile(r"hx-trigger=\"[^\"]*\["),
    "boost": re.compile(r"hx-boost"),
    "attributes of htmx 2 only": re.compile(
        r"\bhx-(disabled-elt|history-elt|ext|params|disinherit|inherit|prompt|request)\b|hx-history="),
    "unescaped output without a reason": re.compile(r"\|\s*safe\b(?!.*\{#)"),
    "another host": re.compile(r"(?:src|href)=\"(?:https?:)?//"),
}


@pytest.mark.proves("V1.2.3")
@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_template_holds_nothing_the_policy_refuses(path: Path) -> None:
    text = path.read_text("utf-8")
    for what, pattern in FORBIDDEN.items():
        found = pattern.search(text)
        assert not found, f"{what}: {found.group()!r}"


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_template_is_one_screen_or_two(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 150


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_htmx_sits_on_real_links_and_forms(path: Path) -> None:
    """``hx-get`` on a link or GET form, ``hx-post`` on a POST form: the page works without JavaScript."""
    for tag in re.findall(r"<[a-z]+\b[^<>]*\bhx-(?:get|post)=[^<>]*>", path.read_text("utf-8")):
        name = re.match(r"<([a-z]+)", tag)
        assert name
        if "hx-post=" in tag and name.group(1) == "button":
            # A form's second button, for a question about what is typed: pressed without JavaScript it goes there too.
            address = re.search(r'hx-post="([^"]+)"', tag)
            assert address and 'type="submit"' in tag and f'formaction="{address.group(1)}"' in tag, tag
        elif "hx-post=" in tag:
            assert name.group(1) == "form" and 'method="post"' in tag and "action=" in tag, tag
        elif name.group(1) == "form":
            assert 'method="get"' in tag and "action=" in tag, tag
        elif name.group(1) == "a":
            assert " href=" in tag, tag
        else:
            # Completion while typing: a help for the one field whose text the server checks anyway.
            assert name.group(1) == "input" and re.search(r"/annuaire/(communes|lieux)\b", tag), tag


def test_every_template_is_used() -> None:
    """A template is named by a handler or by another template."""
    sources = "\n".join(
        path.read_text("utf-8") for folder in ("portal", "templates") for path in Path(folder).rglob("*")
        if path.suffix in (".py", ".html"))
    theme = Path("templates/aide/theme")
    unused = [str(path) for path in TEMPLATES
              if theme not in path.parents and str(path.relative_to("templates")) not in sources]
    assert not unused


def test_every_static_file_is_used() -> None:
    sources = "\n".join(
        path.read_text("utf-8") for folder in ("portal", "templates", "static") for path in Path(folder).rglob("*")
        if path.suffix in (".py", ".html", ".css", ".js", ".svg"))
    unused = [str(path) for path in Path("static").rglob("*")
              if path.is_file() and path.suffix not in (".txt", ".md") and path.name not in sources]
    assert not unused


def test_every_class_has_its_style() -> None:
    """A class that no sheet knows is a leftover, or a style lost by a renaming."""
    sheets = "\n".join(path.read_text("utf-8") for path in [
        *Path("static/css").glob("*.css"), Path("templates/aide/theme/aide.css")])
    known = set(re.findall(r"\.([a-z][a-z0-9-]*)", sheets))
    used: dict[str, str] = {}
    for path in TEMPLATES:
        text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "§", path.read_text("utf-8"), flags=re.DOTALL)
        for names in re.findall(r'class="([^"]*)"', text):
            used.update((name, str(path)) for name in names.split() if "§" not in name)
    for path in Path("static/js").glob("*.js"):
        for names in re.findall(r'className = "([^"]+)"', path.read_text("utf-8")):
            used.update((name, str(path)) for name in names.split())
    assert not {name: path for name, path in used.items() if name not in known}
