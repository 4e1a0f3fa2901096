"""The built help, and its judges by other hands: skipped with their reason where they can't be had."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from portal.aide import construction
from portal.settings import load

HERE = Path(__file__).parent
INSTALL_SECONDS = 180


@pytest.fixture(scope="session")
def help_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The help as a demonstration serves it."""
    settings = load({}, data=tmp_path_factory.mktemp("aide"), demonstration=True)
    construction.build(settings, settings.help_site)
    return settings.help_site


@pytest.fixture(scope="session")
def hunspell() -> list[str]:
    """The command that lists the words French doesn't know, the trade's own words set apart."""
    command = ["hunspell", "-i", "utf-8", "-d", "fr", "-p", str(HERE / "metier.dic"), "-l"]
    if not shutil.which("hunspell"):
        pytest.skip("hunspell is not installed: the help's spelling is not judged here")
    known = subprocess.run(["hunspell", "-D"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if "/fr\n" not in known.stderr + known.stdout:
        pytest.skip("hunspell has no French dictionary: the help's spelling is not judged here")
    return command


@pytest.fixture(scope="session")
def vnu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The W3C's checker, exactly the one of ``package-lock.json``."""
    if not shutil.which("java") or not shutil.which("npm"):
        pytest.skip("java and npm are not installed: the help's HTML is not judged here")
    folder = tmp_path_factory.mktemp("vnu")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    assert done.returncode == 0, f"npm ci failed: {done.stderr[-2000:]}"
    return folder / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
