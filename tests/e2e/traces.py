"""What is kept of a scenario that failed: Playwright's trace of each window, and a film of what was on the screen.

The film is made of the trace's own frames, so that it needs no video encoder beside the browser.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext

FOLDER = Path("var/e2e/traces")
FAILED = pytest.StashKey[bool]()
FRAME = re.compile(r"screencast/.*-(\d+)\.jpeg")
LONGEST_MS, SHORTEST_MS = 1500, 40


def begin(context: BrowserContext) -> None:
    """Record from now on."""
    context.tracing.start(screenshots=True, snapshots=True)


def end(context: BrowserContext, item: pytest.Item, number: int, *, keep: bool = False) -> None:
    """Write ``<scenario>/<number>.zip`` (for « playwright show-trace ») and ``.webp``; nothing if all went well."""
    if not (keep or item.stash.get(FAILED, False)):
        context.tracing.stop()
        return
    path = FOLDER / folder_of(item.nodeid) / f"{number}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    context.tracing.stop(path=path)
    film(path, path.with_suffix(".webp"))


def folder_of(nodeid: str) -> str:
    """A scenario's folder name: ``guide-test_otp-test_01_choisir``."""
    return re.sub(r"[^\w-]+", "-", nodeid.removeprefix("tests/e2e/").replace(".py", "")).strip("-")


def film(trace: Path, target: Path) -> None:
    """The trace's frames as one animated picture, at the pace they were seen; none when the trace has no frame."""
    with zipfile.ZipFile(trace) as archive:
        shots = sorted((int(found[1]), name) for name in archive.namelist() if (found := FRAME.fullmatch(name)))
        frames = [Image.open(io.BytesIO(archive.read(name))).convert("RGB") for _, name in shots]
    if not frames:
        return
    times = [moment for moment, _ in shots]
    lengths = [min(LONGEST_MS, max(SHORTEST_MS, after - before))
               for before, after in zip(times, [*times[1:], times[-1] + LONGEST_MS], strict=True)]
    same = [frame.resize(frames[0].size) for frame in frames]
    same[0].save(target, "WEBP", save_all=True, append_images=same[1:], duration=lengths, quality=60, method=0)
