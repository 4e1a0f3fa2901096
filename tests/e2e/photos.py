"""The guide's pictures: taken light and dark, cropped to what matters, compared with those of ``docs/images``.

``PORTAL_GUIDE=1`` rewrites the pictures that changed; without it a picture that is missing or no longer shows the page
fails its scenario, and the new one waits in the report of the run.
"""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import BrowserContext, FloatRect, Locator, Page

from portal.aide import polices

STORED = Path("docs/images")
SCHEMES = {"light": "", "dark": ".sombre"}
SCRIPT = Path(__file__).with_suffix(".js").read_text("utf-8")
POLICE = Path(__file__).with_name("police.js").read_text("utf-8")
FONTS = [{"family": family, "data": base64.b64encode(path.read_bytes()).decode(), "weight": weight, "style": style}
         for family, path, weight, style in (
             ("Guide", polices.REGULAR, "400", "normal"), ("Guide", polices.ITALIC, "400", "italic"),
             ("Guide", polices.SEMIBOLD, "600", "normal"), ("Guide", polices.BOLD, "700", "normal"),
             ("Guide fixe", polices.MONO, "400", "normal"))]
# A screen of the portal has few colours: with this many, a picture weighs half as much and looks the same.
COLOURS = 64
# Two pictures are the same when, seen four times smaller, hardly a point differs: another release of the browser
# smooths letters otherwise, a changed word moves many points.
REDUCTION, NOTICED, TOLERATED, SIZE_SLACK = 4, 40, 24, 4


@dataclass(frozen=True)
class Shot:
    """What a step wants on its picture.

    ``cible``: what the picture is cropped to, with ``marge`` pixels around; when empty, what the window shows of the
    page's content, or the whole window where a dialog stands over it. ``montrer``: what bears a number; ``fixe``: words
    put in the place of what changes from run to run; ``cache``: what is painted over.
    """

    cible: Iterable[Locator] = ()
    montrer: Iterable[Locator] = ()
    marge: int = 16
    fixe: Mapping[Locator, str] | None = None
    cache: Iterable[Locator] = ()


def with_the_font(context: BrowserContext) -> None:
    """Have every page of this browser written in the guide's font."""
    context.add_init_script(script=f"({POLICE})({json.dumps(FONTS)})")


def take(page: Page, shot: Shot) -> dict[str, Image.Image]:
    """The page's pictures by suffix (``""`` light, ``".sombre"`` dark); leaves the page as it was."""
    page.evaluate(SCRIPT, {
        "callouts": [place.element_handle() for place in shot.montrer],
        "fixed": [[place.element_handle(), words] for place, words in (shot.fixe or {}).items()]})
    clip = _clip(page, shot)
    pictures = {}
    for scheme, suffix in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        png = page.screenshot(animations="disabled", caret="hide", clip=clip, full_page=clip is not None,
                              mask=list(shot.cache), mask_color="#808080")
        pictures[suffix] = Image.open(io.BytesIO(png)).convert("RGB")
    page.emulate_media(color_scheme="light")
    page.evaluate("window.photoTaken()")
    return pictures


def _clip(page: Page, shot: Shot) -> FloatRect | None:
    """The box of the picture in the document's pixels, inside the document; None for the window."""
    box: FloatRect | None = page.evaluate("""([targets, margin]) => {
        const root = document.documentElement, main = document.querySelector("main");
        if (!targets.length && (!main || document.querySelector("dialog[open]"))) return null;
        const boxes = (targets.length ? targets : [main]).map((target) => target.getBoundingClientRect());
        const lowest = targets.length ? root.scrollHeight : scrollY + innerHeight;
        const x = Math.round(Math.max(0, Math.min(...boxes.map((box) => box.left)) + scrollX - margin));
        const y = Math.round(Math.max(0, Math.min(...boxes.map((box) => box.top)) + scrollY - margin));
        const right = Math.min(root.scrollWidth, Math.max(...boxes.map((box) => box.right)) + scrollX + margin);
        const bottom = Math.min(lowest, Math.max(...boxes.map((box) => box.bottom)) + scrollY + margin);
        return {x, y, width: Math.round(right) - x, height: Math.round(bottom) - y};
    }""", [[place.element_handle() for place in shot.cible], shot.marge])
    return box


def settle(guide: str, step: str, pictures: Mapping[str, Image.Image]) -> list[str]:
    """Rewrite or compare the step's stored pictures; what is wrong with them, in words for who runs the tests."""
    faults = []
    for suffix, picture in pictures.items():
        path = STORED / guide / f"{step}{suffix}.webp"
        verdict = difference(path, picture)
        if verdict and os.environ.get("PORTAL_GUIDE"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encoded(picture))
        elif verdict:
            faults.append(f"{path}: {verdict}; « make guide » takes it again")
    return faults


def difference(path: Path, picture: Image.Image) -> str:
    """Why the stored picture doesn't show what is on the screen; "" when it does."""
    if not path.is_file():
        return "missing"
    with Image.open(path) as opened:
        stored = opened.convert("RGB")
    if any(abs(old - new) > SIZE_SLACK for old, new in zip(stored.size, picture.size, strict=True)):
        return f"outdated, {stored.size} has become {picture.size}"
    small = [image.crop((0, 0, *map(min, stored.size, picture.size))).convert("L").reduce(REDUCTION)
             for image in (stored, picture)]
    changed = sum(ImageChops.difference(*small).histogram()[NOTICED:])
    return f"outdated, {changed} points differ" if changed > TOLERATED else ""


def encoded(picture: Image.Image) -> bytes:
    """The picture as a small lossless WebP; the same bytes for the same pixels."""
    body = io.BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).convert("RGB").save(body, "WEBP", lossless=True, method=5)
    return body.getvalue()
