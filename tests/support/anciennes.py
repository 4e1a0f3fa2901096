"""Databases as former versions left them."""

from __future__ import annotations

import lzma
import shutil
from pathlib import Path

import apsw

FORMER = Path(__file__).resolve().parent.parent / "fixtures" / "schema-0029"


def restore(folder: Path) -> None:
    """Put the database of migration 0029, and its keys, into a data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    base = apsw.Connection(str(folder / "portail.sqlite"))
    base.execute(lzma.decompress((FORMER / "base.sql.xz").read_bytes()).decode())
    base.close()
    keys = folder / "cles.json"
    shutil.copy(FORMER / "cles.json", keys)
    keys.chmod(0o600)
