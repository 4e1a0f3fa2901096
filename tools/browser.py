"""Find the browser that the end-to-end tests drive, or install one, or say what to install.

Order: ``$PORTAL_BROWSER``, Playwright's own, Chromium-like browsers on PATH and in known places,
``playwright install chromium``, then Debian's package when root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge",
         "microsoft-edge-stable", "brave-browser")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/snap/bin/chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
ADVICE = (
    "Aucun navigateur pour les tests : installez Chromium (Debian : apt-get install chromium) "
    "ou indiquez-en un avec PORTAL_BROWSER=/chemin/du/navigateur."
)


def find() -> str | None:
    """The path of a browser already on this machine, or None."""
    chosen = os.environ.get("PORTAL_BROWSER")
    if chosen:
        return chosen if Path(chosen).exists() else None
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    candidates = [own, *(shutil.which(name) for name in NAMES), *PLACES]
    return next((path for path in candidates if path and Path(path).exists()), None)


def install() -> None:
    """Try Playwright's download, then Debian's package when root."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    print("Aucun navigateur trouvé : installation de Chromium…", flush=True)
    own = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, **quiet)
    if own.returncode == 0:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=False, **quiet)


def main() -> int:
    """Print the browser's path; 1 and one sentence when there is none."""
    path = find()
    if path is None and not os.environ.get("PORTAL_BROWSER"):
        install()
        path = find()
    if path is None:
        print(ADVICE, file=sys.stderr)
        return 1
    print(f"Navigateur des tests : {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
