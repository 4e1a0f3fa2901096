"""The Dockerfile: read by hadolint, and held to what it should run. It is never built here."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.support.processus import tool
from tools import deploy

DOCKERFILE = deploy.DEPLOY / "Dockerfile"


def test_hadolint_finds_nothing() -> None:
    done = subprocess.run([tool("hadolint"), "--no-color", str(DOCKERFILE)], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.proves("V13.2.2")
def test_it_runs_as_nobody_with_pinned_packages() -> None:
    text = DOCKERFILE.read_text("utf-8")
    assert re.search(r"^USER [1-9]\d+$", text, re.MULTILINE)
    assert "--require-hashes -r run.txt" in text and "/sante/pret" in text
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert bases and all(re.fullmatch(r"\S+:\d+\.\d+\.\d+\S*", base) for base in bases)
