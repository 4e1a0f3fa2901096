"""The tokens keep their promises: contrast of each pair of colours in both themes, and a light style sheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path("static/css")
TOKENS = (CSS / "jetons.css").read_text("utf-8")
DARK = TOKENS.index("@media screen and (prefers-color-scheme: dark)")
HEX = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
DECLARED = re.compile(r"^\s*(texte|trait) : ([a-z-]+) sur ([a-z, -]+)$", re.MULTILINE)
LEAST = {"texte": 4.5, "trait": 3.0}  # WCAG 2.2: 1.4.3 and 1.4.11
THEMES = {"light": dict(HEX.findall(TOKENS[:DARK])), "dark": dict(HEX.findall(TOKENS[DARK:]))}
MAX_BYTES = 25_000  # of the two sheets of every page
# The sheets that some pages add: bytes at most.
MORE = {
    "compte.css": 8_000,
    "volets.css": 12_000,
    "impression.css": 8_000,
    "demandes.css": 12_000,
    "compagnon.css": 6_000,
    "guide-pdf.css": 6_000,
}
EVERYWHERE = ("jetons.css", "portail.css")


def _pairs() -> list[tuple[str, str, str]]:
    """(kind, foreground, background): the naming rule, then the lines of the file's head."""
    by_name = [("texte", f"encre-{name[5:]}", name) for name in THEMES["light"]
               if name.startswith("fond-") and f"encre-{name[5:]}" in THEMES["light"]]
    declared = [(kind, front, back.strip()) for kind, front, backs in DECLARED.findall(TOKENS)
                for back in backs.replace("*/", "").split(",")]
    return by_name + declared


def _luminance(colour: str) -> float:
    channels = [int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(front: str, back: str) -> float:
    lighter, darker = sorted((_luminance(front), _luminance(back)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("kind", "front", "back"), _pairs())
def test_pair_is_readable(theme: str, kind: str, front: str, back: str) -> None:
    colours = THEMES[theme]
    assert _contrast(colours[front], colours[back]) >= LEAST[kind]


def test_each_theme_knows_the_same_colours() -> None:
    assert THEMES["light"].keys() == THEMES["dark"].keys()
    assert len(_pairs()) > 30


def test_every_ink_and_ground_is_in_a_pair() -> None:
    paired = {name for _, front, back in _pairs() for name in (front, back)}
    assert {name for name in THEMES["light"] if name.startswith(("encre-", "fond-", "trait-"))} == paired


def test_colours_are_named_in_the_tokens_alone() -> None:
    for path in CSS.glob("*.css"):
        if path.name != "jetons.css":
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|rgba?\(|hsla?\(", path.read_text("utf-8")), path


def test_every_token_used_is_declared_and_none_is_left_over() -> None:
    declared = set(re.findall(r"^\s+--([a-z0-9-]+):", TOKENS, re.MULTILINE))
    sheets = "\n".join(path.read_text("utf-8") for path in CSS.glob("*.css"))
    used = set(re.findall(r"var\(--([a-z0-9-]+)", sheets))
    assert used <= declared
    assert not {name for name in declared - used if name.startswith(("encre", "fond", "trait"))}


def test_style_sheets_stay_light() -> None:
    assert sum((CSS / name).stat().st_size for name in EVERYWHERE) < MAX_BYTES
    more = {path.name: path.stat().st_size for path in CSS.glob("*.css") if path.name not in EVERYWHERE}
    assert not {name: size for name, size in more.items() if size >= MORE[name]}


def test_a_feature_s_sheet_is_loaded_by_its_own_pages_alone() -> None:
    base = Path("templates/base.html").read_text("utf-8")
    assert not [name for name in MORE if name in base]
