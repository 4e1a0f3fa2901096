"""The wheel, installed in an empty environment and started from an empty folder: nothing of the checkout is needed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from portal.aide import construction
from portal.settings import load
from tests.support import processus
from tests.support.processus import ROOT, free_port, tool

PACKAGES = Path(sysconfig.get_path("purelib"))
# What the checkout's own environment has more than an installation: the checkout itself, and what builds the help.
NOT_THERE = re.compile(r"__editable__|_?viatrajectoire|mkdocs|portal", re.IGNORECASE)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as « make dist » makes it."""
    folder = tmp_path_factory.mktemp("dist")
    construction.build(load({}, data=folder), folder / "aide")
    environ = os.environ | {"PORTAL_WHEEL_AIDE": str(folder / "aide")}
    subprocess.run([tool("hatchling"), "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, env=environ, check=True,
                   capture_output=True)
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``portal`` command of a new environment: the wheel, and links to the packages it asks for."""
    folder = tmp_path_factory.mktemp("environnement")
    venv.create(folder, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    for package in PACKAGES.iterdir():
        if not NOT_THERE.match(package.name) and package.suffix != ".pth":
            (site / package.name).symlink_to(package)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    command = folder / "bin" / "portal"
    command.write_text(f"#!{folder}/bin/python\nfrom portal.cli import main\nraise SystemExit(main())\n", "utf-8")
    command.chmod(0o755)
    return command


@pytest.fixture(scope="module")
def demonstration(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``portal demo``, from an empty folder; its address."""
    folder = tmp_path_factory.mktemp("ailleurs")
    port = free_port()
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PORT": str(port),
               "PORTAL_AGENT_PORT": str(free_port()), "PORTAL_ECPS_PORT": str(free_port())}
    log = folder / "portail.log"
    with log.open("wb") as output:
        process = subprocess.Popen([installed, "demo"], cwd=folder, env=environ, stdout=output,
                                   stderr=subprocess.STDOUT)
    try:
        processus.wait_until(lambda: process.poll() is not None or processus.answers(port), 120)
        assert process.poll() is None, log.read_text("utf-8")
        yield f"http://127.0.0.1:{port}"
    finally:
        processus.stop(process)


def test_it_holds_what_pages_are_made_of(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in ("templates/base.html", "aide_construite/index.html", "aide_construite/fragments.json",
                   "docs/index.md", "mkdocs.yml", "CHANGELOG.md", "web/corrections.toml", "tnd/reglages.toml",
                   "db/migrations/0001_fondation.py"):
        assert f"portal/{wanted}" in names, wanted
    for folder in ("static", "templates", "portal"):
        root = ROOT / folder
        files = {path.relative_to(root).as_posix() for path in root.rglob("*")
                 if path.is_file() and "__pycache__" not in path.parts}
        inside = {name.removeprefix("portal/").removeprefix("" if folder == "portal" else f"{folder}/")
                  for name in names}
        assert files <= inside, sorted(files - inside)[:5]
    assert any("licenses/LICENSE" in name for name in names)


def test_it_holds_no_test_and_no_secret(wheel: Path) -> None:
    for name in zipfile.ZipFile(wheel).namelist():
        assert not re.search(r"(^|/)(tests|bench|var|\.git)/|cles\.json|\.sqlite|\.env$", name), name


@pytest.mark.parametrize("path", ["/", "/connexion", "/aide/", "/aide/premiere-connexion/"])
def test_pages_and_help_answer(demonstration: str, path: str) -> None:
    answer = httpx2.get(demonstration + path, timeout=30)
    assert answer.status_code == 200 and "<h1" in answer.text
    for style in re.findall(r'href="(/[^"]+\.css[^"]*)"', answer.text):
        assert httpx2.get(demonstration + style, timeout=30).status_code == 200, style


def test_nothing_came_from_the_checkout(installed: Path, demonstration: str) -> None:
    done = subprocess.run([installed.parent / "python", "-c", "import portal.settings as s; print(s.ROOT)"], cwd="/",
                          capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).is_relative_to(installed.parent.parent)
    assert sys.prefix not in done.stdout
