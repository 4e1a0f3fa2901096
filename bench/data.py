"""Two bases, 10,000 and 1,000,000 dossiers, kept between runs; in each, one physician with the same rows."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal import clock, settings
from portal.aide import construction
from portal.compte import commands as comptes
from portal.compte import queries
from portal.compte.commands import Contact, Identity
from portal.compte.rules import CHARTE
from portal.db import crypto, database
from portal.db.audit import Actor
from portal.db.base import rows
from portal.demonstration import dossiers
from portal.settings import Settings
from portal.web.session import Access, Session, Visit, cookie_name

FOLDER = Path(os.environ.get("PORTAL_DATA", "var")).resolve() / "bench"
SIZES = (10_000, 1_000_000)
PHYSICIANS = 20_000
# 60 % of these are « en cours »: many pages of the table, as for the busiest physician of a region.
MEASURED_DOSSIERS = 1_000
RPPS = 10100000011
# No name of a demonstration's card: ``portal serve`` would refuse the database.
MEASURED = Actor(RPPS, "Dr Alice MARTINEAU", "cps")
IDENTITY = Identity("MARTINEAU", "Alice", "Médecin", "SM26", "Spécialiste en Médecine Générale (SM)")
CONTACT = Contact("alice.martin@exemple.fr", "02 31 00 00 11", "11 rue Saint-Pierre", "14118", "14000", "CAEN")
FIRST_OTHER = 10200000000
READY = "pret"


def open_session(subject: str, chosen: Settings) -> str:
    """The cookie (« name=value ») of a new session, in the open base, of a physician who has an account."""
    visit, now, compte = Visit(secrets.token_urlsafe(32)), clock.now(), queries.by_subject(subject)
    assert compte is not None
    sealed = crypto.keys().seal(json.dumps({}), table="session", row=visit.key, column="data")
    with database.writing():
        Session.insert(
            key=visit.key, created=now, last_seen=now, ends=now + chosen.session_absolute,
            state=int(Access.MEDECIN), subject=compte.subject, rpps=compte.rpps, compte_id=compte.id,
            name=compte.name, level="cps", charte=CHARTE.version, device="Banc", data=sealed,
        ).execute()
    return f"{cookie_name(chosen)}={crypto.keys().signer('session').sign(visit.id).decode()}"


def open_account() -> None:
    """The measured physician's account, charter accepted, in the database that is open."""
    with database.writing():
        compte = comptes.create(MEASURED, f"8{MEASURED.rpps}", IDENTITY, CONTACT, secrets.token_urlsafe(), None)
        comptes.confirm_email(compte)
        comptes.accept_charte(MEASURED, compte, CHARTE)


@dataclass(frozen=True)
class Base:
    """One size's folder: the portal's data and the peers' own SQLite file."""

    size: int

    @property
    def folder(self) -> Path:
        return FOLDER / str(self.size)

    @property
    def peers(self) -> Path:
        """The peers' own file: the same rows in related tables, made by Django."""
        return self.folder / "peers.sqlite"

    @property
    def help(self) -> Path:
        """The built help that the portal serves."""
        return self.settings(0).help_site

    def settings(self, port: int) -> Settings:
        """The settings of a portal in production that serves this base."""
        return settings.load({}, data=self.folder, port=port)

    def ensure(self) -> None:
        """Make both files once, a minute or two for a million; remade when the tables' definitions change."""
        ready = self.folder / READY
        if self.peers.exists() and ready.exists() and ready.read_text() == _fingerprint():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        start = time.perf_counter()
        with self.opened():
            self._fill()
        _django("fill", self)
        ready.write_text(_fingerprint())
        print(f"{self.size:,} dossiers made in {time.perf_counter() - start:.0f} s", flush=True)

    def build_help(self) -> None:
        """The help as it is now written: two seconds."""
        construction.build(self.settings(0), self.help)

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """The portal's database, bound for the block."""
        chosen = self.settings(0)
        crypto.load_keys(chosen)
        database.open_database(chosen)
        database.migrate()
        try:
            yield
        finally:
            database.close()

    def _fill(self) -> None:
        dossiers.generate([RPPS], MEASURED_DOSSIERS, seed=1, mix=(1, 0, 0))
        others = [FIRST_OTHER + 11 * rank for rank in range(PHYSICIANS)]
        dossiers.generate(others, self.size - MEASURED_DOSSIERS, seed=2)
        open_account()

    def portal_cookie(self) -> str:
        """Open a session of the measured physician in the portal's base, as his login would."""
        with self.opened():
            return open_session(f"8{MEASURED.rpps}", self.settings(1))

    def django_cookie(self) -> str:
        """Open a session of the same physician in Django's base."""
        return f"sessionid={_django('session', self)}; csrftoken={secrets.token_hex(16)}"

    def peer_cookie(self, name: str) -> str:
        """A session of the same physician in a peer whose sessions are signed cookies: see its ``cookie``."""
        command = [sys.executable, "-c", f"from bench.peers.{name} import cookie; print(cookie('{MEASURED.rpps}'))"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def facts(self) -> dict[str, int]:
        """What the base really holds."""
        with self.opened():
            total, physicians = rows("SELECT COUNT(*), COUNT(DISTINCT rpps) FROM lien")[0]
            shown = rows("SELECT COUNT(*) FROM lien WHERE rpps = ? AND module = 'ga' AND onglet = 'en_cours'",
                         MEASURED.rpps)[0][0]
        return {"dossiers": total, "physicians": physicians, "shown": shown}


def _django(action: str, base: Base) -> str:
    command = [sys.executable, "-m", "bench.peers.django_app.fill", action, str(MEASURED.rpps)]
    environment = os.environ | {"BENCH_DJANGO": str(base.peers), "BENCH_PORTAL": str(base.folder / "portail.sqlite")}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def _fingerprint() -> str:
    """The definitions that the files follow; another text means that they must be made again."""
    migrations = sorted(database.MIGRATIONS.glob("0*.py"))
    generator = sorted(Path(dossiers.__file__).parent.glob("dossiers*.py"))
    peer = Path(__file__).parent / "peers" / "django_app"
    content = b"".join(path.read_bytes() for path in (*migrations, *generator, peer / "models.py", peer / "fill.py"))
    return hashlib.sha256(content).hexdigest()
