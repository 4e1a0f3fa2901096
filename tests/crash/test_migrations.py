"""R6: a migration killed half-way runs again to the very schema of one that nothing disturbed."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.db import database
from portal.db.base import db, rows
from portal.settings import Settings
from tests.support.pannes import monde
from tests.support.pannes.rapport import Essai, Rapport

Schema = list[tuple[Any, ...]]
# What the runner asks before it migrates anything.
QUESTIONS = 4


def of_sqlite() -> Schema:
    """Every table, index and trigger of the open database as it was made, and which migrations ran."""
    return (rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
            + rows("SELECT name FROM schema_migration ORDER BY name"))


def migrate(settings: Settings, after: int | None = None) -> int:
    """Migrate in a process of its own, killed by kill -9 right after that many statements; returns how it ended."""
    child = os.fork()
    if child == 0:
        try:
            os.close(2)
            database.open_database(settings)
            if after is not None:
                _die_after(after)
            database.migrate()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1]


def _die_after(statements: int) -> None:
    inner: Callable[..., Any] = db.obj.execute_sql
    left = [statements]

    def execute(*args: Any, **more: Any) -> Any:
        done = inner(*args, **more)
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    db.obj.execute_sql = execute


def killed_in_each(settings: Settings, schema: Callable[[], Schema], chance: random.Random, essai: Essai,
                   reach: int) -> Schema:
    """Kill every attempt at a random statement, a little farther each time nothing came of it, until one ends."""
    wide, before = reach, 0
    while True:
        status = migrate(settings, chance.randint(QUESTIONS, wide))
        with monde.opened(settings):
            done = len(rows("SELECT name FROM schema_migration")) if _begun() else 0
        if status == 0:
            break
        assert os.WIFSIGNALED(status) and done >= before
        wide = reach if done > before else wide + 6
        essai.add(done - before)
        before = done
    essai.add(done - before)
    with monde.opened(settings):
        return schema()


def _begun() -> bool:
    return bool(db.obj.table_exists("schema_migration"))


@pytest.mark.proves("R6")
def test_migrations_killed_anywhere_run_again_to_the_same_schema(tmp_path: Path, rapport: Rapport, quick: bool) -> None:
    quiet = monde.settings_of(tmp_path / "calme")
    assert migrate(quiet) == 0
    with monde.opened(quiet):
        undisturbed = of_sqlite()
    assert len(undisturbed) > 60
    with rapport.essai("R6 migrations killed at a random statement, run again, SQLite") as essai:
        for seed in range(1 if quick else 2):
            disturbed = monde.settings_of(tmp_path / f"tue-{seed}")
            assert killed_in_each(disturbed, of_sqlite, random.Random(seed), essai, 40 if quick else 14) == undisturbed
    assert essai.rounds > 10
