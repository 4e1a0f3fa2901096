"""The portal under attack: a furnished demonstration on loopback, with people already logged in."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2

from portal.compte.models import Compte
from portal.db import crypto, database
from portal.db.base import rows
from portal.demonstration import preparation
from portal.settings import Settings, load
from portal.web.session import Access, cookie_name
from tests.support import nginx, processus
from tests.support.nginx import Proxy
from tests.support.sessions import open_session

# The demonstration's physician who has an account and a full table.
BOB, BOB_NAME = 10100000022, "Dr Bob DURAND"


@dataclass(frozen=True)
class Attacked:
    """A running portal; ``cookies``: one ``name=value`` for each person logged in."""

    origin: str
    log: Path
    cookies: tuple[str, ...]
    dossier: str

    def alive(self) -> bool:
        """True while it answers a visitor."""
        with contextlib.suppress(httpx2.HTTPError):
            return httpx2.get(f"{self.origin}/connexion", timeout=20).status_code == 200
        return False

    def knows(self, cookie: str) -> bool:
        """True while this session is let in."""
        return httpx2.get(f"{self.origin}/accueil", headers={"cookie": cookie}, timeout=30).status_code == 200

    def failures(self) -> list[str]:
        """The lines of its log that tell of an error of its own."""
        text = self.log.read_text("utf-8", "replace")
        return [line for line in text.splitlines() if '"level": "ERROR"' in line or "Traceback" in line]


def prepare(folder: Path) -> Path:
    """The demonstration's data, made once for all attacks. Returns its folder."""
    base = folder / "base"
    if not (base / "pret").exists():
        shutil.rmtree(base, ignore_errors=True)
        preparation.prepare(load({}, data=base, demonstration=True))
        (base / "pret").touch()
    return base


@contextlib.contextmanager
def attacked(folder: Path, name: str, sessions: int = 1) -> Iterator[Attacked]:
    """A portal of its own for one attack, on a copy of the data; reached in clear on a port of loopback."""
    data, port = folder / name, processus.free_port()
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(prepare(folder), data)
    origin = f"http://localhost:{port}"
    settings = load({}, data=data, demonstration=True, origin=origin, port=port)
    cookies, dossier = _sessions(settings, sessions)
    with processus.portal(data, origin=origin, port=port, arguments=("demo",), log_format="json",
                          agent_port=processus.free_port(), ecps_port=processus.free_port()) as running:
        yield Attacked(origin, running.log, cookies, dossier)


def _sessions(settings: Settings, count: int) -> tuple[tuple[str, ...], str]:
    """Cookies of Bob's sessions, and the path of a dossier that he follows."""
    crypto.load_keys(settings)
    database.open_database(settings)
    database.connect()
    account = Compte.get(Compte.rpps == BOB)
    made = [open_session(settings, BOB, BOB_NAME, state=Access.MEDECIN, compte_id=account.id) for _ in range(count)]
    number = rows("SELECT d.numero FROM dossier d JOIN lien l ON l.dossier_id = d.id WHERE l.rpps = ? "
                  "AND l.etat = 'accepte' AND d.module = 'ga' ORDER BY d.numero LIMIT 1", BOB)[0][0]
    database.close()
    return tuple(f"{cookie_name(settings)}={one}" for one in made), f"/dossiers/grand-age/{number}"


@contextlib.contextmanager
def behind_nginx(folder: Path) -> Iterator[tuple[processus.Portal, Proxy]]:
    """An empty portal behind the nginx sample, whose visitors' pages are counted generously."""
    shutil.rmtree(folder, ignore_errors=True)
    where = nginx.ports()
    with processus.portal(folder / "donnees", origin=where.origin, log_format="json") as portal, \
            nginx.running(folder / "nginx", [portal.address], where,
                          RATE_PAGES="10000r/s", RATE_LOGIN="10000r/s") as proxy:
        yield portal, proxy
