"""oidc-provider, run by Node: installed from the lock file beside, skipped with its reason where that can't be."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from portal import clock
from portal.settings import Settings
from tests.conftest import ORIGIN, settings_in
from tests.support import bases

HERE = Path(__file__).parent
INSTALL_SECONDS = 180


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the provider's packages, exactly those of ``package-lock.json``."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are not installed: the e-CPS login is not judged by oidc-provider here")
    folder = tmp_path_factory.mktemp("oidc")
    for name in ("package.json", "package-lock.json", "fournisseur.mjs"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    assert done.returncode == 0, f"npm ci failed: {done.stderr[-2000:]}"
    return folder


@dataclass(frozen=True)
class Judge:
    """The provider as it runs."""

    port: int
    algorithm: str


@pytest.fixture(scope="session", params=["RS256", "PS256", "ES256"])
def judge(request: pytest.FixtureRequest, installed: Path) -> Iterator[Judge]:
    """oidc-provider, signing with each algorithm the portal accepts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        ["node", "fournisseur.mjs", str(port), ORIGIN, request.param], cwd=installed, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.strip() == "prêt":
                break
        else:
            pytest.fail(f"oidc-provider did not start: {''.join(lines)}")
        yield Judge(port, request.param)
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout:
            process.stdout.close()


@pytest.fixture(autouse=True)
def real_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge's clock is the machine's: so is the portal's, even where an earlier test stopped it."""
    monkeypatch.setattr(clock, "_frozen", None)


@pytest.fixture
def settings(judge: Judge, tmp_path: Path, migrated: Path) -> Settings:
    """A portal whose e-CPS provider is the judge."""
    bases.fresh(migrated, tmp_path)
    issuer = f"http://127.0.0.1:{judge.port}"
    return replace(settings_in(tmp_path), ecps_port=judge.port, ecps_issuer=issuer, ecps_authorization=issuer,
                   ecps_discovery=f"{issuer}/.well-known/openid-configuration")
