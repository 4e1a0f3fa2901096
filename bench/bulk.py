"""Ten million dossiers in minutes: three measured physicians, and a block of others that the database itself copies.

The block's dossiers are made as the demonstration's are. Each copy takes other numbers and belongs to other physicians;
its telephone stays sealed for the dossier that it was copied from, so that of a copy nothing sealed can be opened. The
measured physicians' own dossiers are no copies: all that they hold opens.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.data import CONTACT, FIRST_OTHER, IDENTITY
from portal.compte import commands as comptes
from portal.compte.commands import Contact, Identity
from portal.compte.rules import CHARTE
from portal.db import database
from portal.db.audit import Actor
from portal.db.base import db, numbered, rows
from portal.demonstration import dossiers

# How many dossiers each measured physician has; the same ones in a base of any size.
MEASURED = (25, 500, 50_000)
BLOCK, BLOCK_PHYSICIANS = 10_000, 20
# Few of a module whose numbers have six digits.
MIX = (75, 23, 2)
TABLES = ("dossier", "lien", "compteur")


def actor(count: int) -> Actor:
    """The measured physician who has so many dossiers."""
    return Actor(10100009011 + 11 * MEASURED.index(count), f"Dr Alice MARTINEAU-{count}", "cps")


def fill(size: int) -> None:
    """Fill the empty database that is open: ``size`` dossiers of others, a multiple of ``BLOCK``, and the measured."""
    for rank, count in enumerate(MEASURED):
        _account(actor(count), rank)
        rpps = actor(count).rpps
        assert rpps is not None
        dossiers.generate([rpps], count, seed=rank + 1, mix=(1, 0, 0))
    with _loading():
        others = [FIRST_OTHER + 11 * rank for rank in range(BLOCK_PHYSICIANS)]
        dossiers.generate(others, BLOCK, seed=9, mix=MIX)
        with database.writing():
            _multiply(size // BLOCK)


def _account(who: Actor, rank: int) -> None:
    identity = Identity(f"{IDENTITY.nom}-{rank}", *tuple(vars(IDENTITY).values())[1:])
    contact = Contact(f"medecin.{rank}@exemple.fr", *tuple(vars(CONTACT).values())[1:])
    with database.writing():
        compte = comptes.create(who, f"8{who.rpps}", identity, contact, "mot-de-passe-du-banc", None)
        comptes.confirm_email(compte)
        comptes.accept_charte(who, compte, CHARTE)


def _multiply(times: int) -> None:
    """Copy the block until it is there ``times`` times, physician after physician."""
    first = f"rpps >= {FIRST_OTHER}"
    for table in TABLES:
        chosen = f"id IN (SELECT dossier_id FROM lien WHERE {first})" if table == "dossier" else first
        db.execute_sql(f"CREATE TEMPORARY TABLE bloc_{table} AS SELECT * FROM {table} WHERE {chosen}")
    span = dict(rows("SELECT module, MAX(numero) - MIN(numero) + 1 FROM bloc_dossier GROUP BY module"))
    orders = {"dossier": "id", "lien": "rpps, dossier_id", "compteur": "rpps, module, onglet"}
    start = time.perf_counter()
    for rank in range(1, times):
        moved = _moved(rank, span)
        for table, order in orders.items():
            names = [one.name for one in db.get_columns(table)]
            values = ", ".join(moved.get((table, name), moved.get(("", name), name)) for name in names)
            db.execute_sql(f"INSERT INTO {table} ({', '.join(names)}) "
                           f"SELECT {values} FROM bloc_{table} ORDER BY {order}")
        if rank % 100 == 0:
            print(f"  {rank * BLOCK:,} copied, {time.perf_counter() - start:.0f} s", flush=True)
    numbered("dossier")


def _moved(rank: int, span: dict[str, int]) -> dict[tuple[str, str], str]:
    """What a column becomes in the copy of this rank, by table ("" for any) and name."""
    def number(module: str, column: str) -> str:
        cases = " ".join(f"WHEN '{code}' THEN {rank * width}" for code, width in span.items())
        return f"{column} + CASE {module} {cases} ELSE 0 END"

    physicians = rank * 11 * BLOCK_PHYSICIANS
    return {
        ("dossier", "id"): f"id + {rank * BLOCK}", ("dossier", "lie_id"): f"lie_id + {rank * BLOCK}",
        ("lien", "dossier_id"): f"dossier_id + {rank * BLOCK}", ("", "numero"): number("module", "numero"),
        ("lien", "lie_numero"): number("lie_module", "lie_numero"), ("", "rpps"): f"rpps + {physicians}",
        ("", "decide_par"): f"decide_par + {physicians}", ("", "referent_rpps"): f"referent_rpps + {physicians}",
        ("lien", "mots"): f"replace(mots, CAST(numero AS TEXT), CAST({number('module', 'numero')} AS TEXT))",
    }


@contextmanager
def _loading() -> Iterator[None]:
    """Without the indexes, made again afterwards, and without waiting for the disk."""
    database.connect()
    postgresql = not hasattr(db.connection(), "exec_trace")
    before, after = _POSTGRESQL if postgresql else _SQLITE
    for sql in before:
        db.execute_sql(sql)
    indexes = _indexes(postgresql)
    for name in indexes:
        db.execute_sql(f'DROP INDEX "{name}"')
    yield
    for name, sql in indexes.items():
        start = time.perf_counter()
        db.execute_sql(sql)
        print(f"  {name}: {time.perf_counter() - start:.0f} s", flush=True)
    for sql in after:
        db.execute_sql(sql)


# Foreign keys are not asked about rows that the copy has just made.
_SQLITE = (
    ("PRAGMA foreign_keys = 0", "PRAGMA synchronous = off", "PRAGMA journal_mode = memory",
     "PRAGMA cache_size = -1000000", "PRAGMA threads = 2"),
    ("PRAGMA journal_mode = wal", "PRAGMA synchronous = full", "PRAGMA foreign_keys = 1"),
)
_POSTGRESQL = (
    ("SET statement_timeout = 0", "SET synchronous_commit = off", "SET session_replication_role = replica",
     "SET maintenance_work_mem = '1GB'"),
    ("SET session_replication_role = origin", "VACUUM ANALYZE", "CHECKPOINT"),
)


def _indexes(postgresql: bool) -> dict[str, str]:
    """The indexes of the large tables that no constraint rests on, and how to make them."""
    if postgresql:
        found: list[Any] = rows(
            "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename IN ('dossier', 'lien') "
            "AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)")
    else:
        found = rows("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name IN ('dossier', 'lien') "
                     "AND sql IS NOT NULL")
    return {name: re.sub(r"\s+", " ", sql) for name, sql in found}
