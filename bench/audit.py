"""``python -m bench.audit [ROWS]``: how long the audit's chain takes to verify, and in how much memory."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from portal.db import anchors, audit, crypto, database
from portal.settings import Settings, load

ROWS, STEP = 1_000_000, 10_000


def main(arguments: list[str]) -> int:
    """Fill a chain in a folder of its own, then verify it in a process of its own; prints one line each."""
    if arguments[:1] == ["--verify"]:
        return verify(opened(Path(arguments[1])))
    number = int(arguments[0]) if arguments else ROWS
    with tempfile.TemporaryDirectory() as folder:
        fill(opened(Path(folder)), number)
        return subprocess.run([sys.executable, "-m", "bench.audit", "--verify", folder], check=False).returncode


def opened(folder: Path) -> Settings:
    """A portal's database and keys in that folder."""
    settings = load({}, data=folder, demonstration=True)
    crypto.load_keys(settings)
    database.open_database(settings)
    database.migrate()
    return settings


def fill(settings: Settings, number: int) -> None:
    """That many acts, an anchor every ``STEP``."""
    start = time.perf_counter()
    for first in range(0, number, STEP):
        with database.writing():
            for rank in range(first, min(first + STEP, number)):
                audit.record(audit.SYSTEM, "dossier.ouvert", dossier=f"ga {43000000 + rank % 5000}", detail=str(rank))
        anchors.write(settings)
    database.close()
    print(f"{number} rows written in {time.perf_counter() - start:.0f} s")


def verify(settings: Settings) -> int:
    """Follow the whole chain; 1 when it does not hold."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    found = anchors.verify(settings)
    took, memory = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{found.rows} rows and {found.anchors} anchors verified in {took:.1f} s; "
          f"{memory // 1024} MiB at most, {(memory - before) // 1024} more than before")
    return int(found.fault is not None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
