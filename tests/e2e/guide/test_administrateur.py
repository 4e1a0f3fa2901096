"""The guide « Exploiter le portail »: each command is run for real, and its answer shown as a terminal would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

Photo = Callable[..., None]
SECONDS = 60
SCREEN = """<!doctype html><html lang="fr"><head><title>Terminal</title><meta name="color-scheme" content="light dark">
<style>pre { margin: 0; padding: 16px; font: 15px/1.5 var(--chasse-fixe, monospace); white-space: pre-wrap; }</style>
</head><body><main><h1 style="font-size: 1rem">Terminal</h1>
<pre tabindex="0" aria-label="Réponse">%s</pre></main></body></html>"""
INVITE = ("espaces", "inviter", "--genre", "coordination", "--structure", "CLIC BESSIN", "--service",
          "CLIC du Bessin", "--prenom", "Léa", "--nom", "MARTEL", "--email", "lea.martel@exemple.fr")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty installation, its base made."""
    run(tmp_path, "migrate")
    return tmp_path


def run(data: Path, *arguments: str) -> str:
    """What the command says; the folder's own name would change from run to run, and so would a duration."""
    environment = os.environ | {"PORTAL_DATA": str(data), "PORTAL_OTP_MODE": "on", "PYTHONPATH": "."}
    done = subprocess.run([sys.executable, "-m", "portal", *arguments], capture_output=True, text=True, check=False,
                          timeout=SECONDS, env=environment)
    said = (done.stdout + done.stderr).replace(str(data), "/srv/portail")
    return re.sub(r"en \d+\.\d s", "en 1.0 s", said).strip()


def show(page: Page, command: str, said: str) -> None:
    page.set_content(SCREEN % escape(f"$ {command}\n{said}"))
    expect(page.locator("pre")).to_contain_text(said.splitlines()[0])


def test_01_base(page: Page, data: Path, photo: Photo) -> None:
    # when the base is brought up to date once more
    said = run(data, "migrate")
    # then nothing is left to do
    assert said == "La base est à jour."
    show(page, "portal migrate", said)
    photo(page, page.locator("pre"))


def test_02_aide(page: Page, data: Path, photo: Photo) -> None:
    # when the help is built
    said = run(data, "aide")
    # then it stands in the folder of the data
    assert "Aide construite dans /srv/portail/aide" in said
    assert (data / "aide" / "index.html").is_file()
    show(page, "portal aide", said)
    photo(page, page.locator("pre"))


def test_03_inviter(page: Page, data: Path, photo: Photo) -> None:
    # when the first person of a team is invited
    said = run(data, *INVITE)
    # then the mail is on its way
    assert "lea.martel@exemple.fr" in said
    words = " ".join(f'"{word}"' if " " in word else word for word in INVITE)
    show(page, f"portal {words}", said)
    photo(page, page.locator("pre"))


def test_04_rappels(page: Page, data: Path, photo: Photo) -> None:
    # when the jobs that are due are run
    said = run(data, "echeances")
    # then each says what it did
    assert "Dossiers archivés\u00a0: 0" in said
    show(page, "portal echeances", said)
    photo(page, page.locator("pre"))


def test_05_journal(page: Page, data: Path, photo: Photo) -> None:
    # given acts, and an anchor of them outside the base
    run(data, *INVITE)
    run(data, "audit", "ancrer")
    # when the audit is held against its seal and its anchor
    said = run(data, "audit", "verify")
    # then it is whole
    assert said.startswith("Le journal d’audit est intact.") and said.endswith("ancres vérifiées\u00a0: 1.")
    show(page, "portal audit verify", said)
    photo(page, page.locator("pre"))


def test_06_bloquer(page: Page, data: Path, photo: Photo) -> None:
    # when an account that nobody has is blocked
    said = run(data, "compte", "bloquer", "10100000011")
    # then the command says so
    assert said.startswith("Aucun compte")
    show(page, "portal compte bloquer 10100000011", said)
    photo(page, page.locator("pre"))


def test_07_cles(page: Page, data: Path, photo: Photo) -> None:
    # given an installation where somebody was invited
    run(data, *INVITE)
    # when a new key is put in service and the base is sealed with it
    made, said = run(data, "cles", "nouvelle"), run(data, "rekey")
    # then nothing needs the former one
    assert "une nouvelle clé est en service" in made.lower() and said.endswith("la clé k2 seule.")
    show(page, "portal cles nouvelle", f"{made}\n$ portal rekey\n{said}")
    photo(page, page.locator("pre"))


def test_08_sauvegarder(page: Page, data: Path, photo: Photo) -> None:
    # given an installation where somebody was invited
    run(data, *INVITE)
    # when the base is saved, and put back in its own place
    saved = run(data, "sauvegarder", str(data / "lundi.vts"))
    refused = run(data, "restaurer", str(data / "lundi.vts"))
    # then the file holds all of it, and the base that is there is not lost by mistake
    assert "base et journal d’audit vérifiés" in saved and "--forcer" in refused
    assert run(data, "restaurer", str(data / "lundi.vts"), "--forcer").startswith("Restauré")
    saved = re.sub(r"\d+ lignes, \d+ octets", "1500 lignes, 1048576 octets", saved)
    show(page, "portal sauvegarder lundi.vts", f"{saved}\n$ portal restaurer lundi.vts\n{refused}")
    photo(page, page.locator("pre"))
