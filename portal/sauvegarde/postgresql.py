"""PostgreSQL: pg_dump of one exported snapshot, pg_restore into a database that then takes the present one's name."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from portal.db import database
from portal.db.base import rows
from portal.sauvegarde import base
from portal.sauvegarde.base import Snapshot, bound
from portal.sauvegarde.rules import Manifest, Refused
from portal.settings import Settings, SettingsError

READ = 1 << 20
MAINTENANCE = "postgres"
# Seconds that whoever is connected may take to leave; as many as PostgreSQL grants before it renames a database.
FAREWELL = 5
_MADE = "CREATE DATABASE {} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' TEMPLATE template0"
# libpq's own variables: nothing of the address, which may hold a password, stands on a command line.
_VARIABLES = {"host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
              "passfile": "PGPASSFILE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
              "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "connect_timeout": "PGCONNECT_TIMEOUT"}


class Postgresql:
    """The database of ``settings.database``."""

    kind = "postgresql"

    def __init__(self, settings: Settings) -> None:
        self.settings, self.home = settings, settings.data
        self.given = conninfo_to_dict(settings.database)
        self.name = str(self.given.get("dbname") or self.given.get("user") or "portail")

    @contextmanager
    def snapshot(self, scratch: Path) -> Iterator[Snapshot]:
        """See ``base.Engine``; pg_dump sees the very state that was checked."""
        command = [_program("pg_dump"), "--format=custom", "--no-owner", "--no-acl", "--no-password"]
        with bound(self.settings):
            with database.reading():
                told = self.manifest()
                seen = str(rows("SELECT pg_export_snapshot()")[0][0])
                process = self._start([*command, f"--snapshot={seen}", self.name], scratch, stdout=subprocess.PIPE)
                assert process.stdout
                # Once it writes, it holds the state by itself.
                first = process.stdout.read(1)
            with _finished(process, scratch, "pg_dump"):
                yield Snapshot(told, chain([first], iter(lambda: process.stdout.read(READ), b"")))  # type: ignore[union-attr]

    def is_used(self) -> bool:
        """See ``base.Engine``; a database that does not exist holds nothing."""
        if not self._rows("SELECT 1 FROM pg_database WHERE datname = %s", self.name):
            return False
        with bound(self.settings):
            there = [name for name in base.USED if name in _tables()]
            return any(rows(f"SELECT 1 FROM {name} LIMIT 1") for name in there)  # noqa: S608  # our own words

    def is_busy(self) -> bool:
        """See ``base.Engine``; a connection that was just closed is listed for some moments more."""
        end = time.monotonic() + FAREWELL
        while self._rows("SELECT 1 FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend' "
                         "LIMIT 1", self.name):
            if time.monotonic() > end:
                return True
            time.sleep(0.05)
        return False

    @contextmanager
    def receive(self, scratch: Path) -> Iterator[Callable[[bytes], object]]:
        """See ``base.Engine``: a new database, filled in one transaction."""
        program, name = _program("pg_restore"), self._received(scratch)
        try:
            self._run(_MADE, name)
        except psycopg.errors.InsufficientPrivilege as error:
            raise Refused("Pour restaurer, le compte PostgreSQL du portail doit pouvoir créer une base : « ALTER ROLE "
                          "… CREATEDB », ou donnez au réglage database un compte qui le peut.") from error
        process = self._start([program, "--no-owner", "--no-acl", "--no-password", "--exit-on-error",
                               "--single-transaction", f"--dbname={name}"], scratch, stdin=subprocess.PIPE)
        assert process.stdin
        with _finished(process, scratch, "pg_restore"):
            try:
                yield process.stdin.write
                process.stdin.close()
            except BrokenPipeError:
                pass  # it has given up, and says why

    def beside(self, scratch: Path) -> Settings:
        """See ``base.Engine``."""
        return replace(self.settings, database=self._address(self._received(scratch)))

    def manifest(self) -> Manifest:
        """See ``base.Engine``."""
        return base.manifest(self.kind, list, _tables)

    def replace(self, scratch: Path, stamp: str) -> str | None:
        """See ``base.Engine``; two renamings of the server's."""
        aside = None
        if self._rows("SELECT 1 FROM pg_database WHERE datname = %s", self.name):
            if self.is_used():
                aside = f"{self.name[:40]}_avant_{stamp.lower()}"
                self._run("ALTER DATABASE {} RENAME TO {}", self.name, aside)
            else:
                self._run("DROP DATABASE {}", self.name)
        self._run("ALTER DATABASE {} RENAME TO {}", self._received(scratch), self.name)
        return aside

    def discard(self, scratch: Path) -> None:
        """See ``base.Engine``."""
        self._run("DROP DATABASE IF EXISTS {}", self._received(scratch))

    def _received(self, scratch: Path) -> str:
        # At most PostgreSQL's 63 bytes, nothing of the scratch folder's name left out: never another database's.
        return f"{self.name[:28]}_{scratch.name.replace('-', '_')}"

    def _address(self, name: str) -> str:
        return urlsplit(self.settings.database)._replace(path=f"/{quote(name)}").geturl()

    def _run(self, statement: str, *names: str) -> None:
        """A statement on databases, which no transaction takes."""
        with psycopg.connect(self._address(MAINTENANCE), autocommit=True) as conn:
            conn.execute(sql.SQL(statement).format(*(sql.Identifier(one) for one in names)))

    def _rows(self, statement: str, *params: str) -> list[Any]:
        try:
            with psycopg.connect(self._address(MAINTENANCE), autocommit=True) as conn:
                return conn.execute(statement, params).fetchall()
        except psycopg.OperationalError as error:
            raise SettingsError("PostgreSQL ne répond pas : vérifiez le réglage database, et que le serveur est "
                                "démarré.") from error

    def _start(self, command: list[str], scratch: Path, **pipes: int) -> subprocess.Popen[bytes]:
        given = {_VARIABLES[name]: str(value) for name, value in self.given.items() if name in _VARIABLES}
        with (scratch / "journal").open("wb") as log:
            return subprocess.Popen(command, env=os.environ | given, stderr=log, **pipes)  # type: ignore[call-overload]


@contextmanager
def _finished(process: subprocess.Popen[bytes], scratch: Path, name: str) -> Iterator[None]:
    """Wait for a program at the end of the block, and stop it when the block fails; raises Refused when it failed."""
    try:
        yield
    except BaseException:
        process.kill()
        raise
    finally:
        code = process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe and not pipe.closed:
                with suppress(BrokenPipeError):  # what it would have been told last is of no use to it any more
                    pipe.close()
    if code:
        said = (scratch / "journal").read_text("utf-8", errors="replace").strip().splitlines()
        raise Refused(f"{name} a échoué : {said[0] if said else code}.")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Refused(f"Le programme {name} manque : installez les outils clients de PostgreSQL "
                      "(« apt-get install postgresql-client »), de la version du serveur ou plus récents.")
    return found


def _tables() -> list[str]:
    return [row[0] for row in rows(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() "
        "AND table_type = 'BASE TABLE'")]
