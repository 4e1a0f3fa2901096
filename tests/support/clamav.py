"""ClamAV's own daemon, started on a socket of its own with a signature of ours: its official ones are not needed."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.support.pieces import EICAR
from tests.support.running import wait_until

SIGNATURE = "Essai.Eicar"


@contextlib.contextmanager
def running(program: Path, folder: Path) -> Iterator[str]:
    """Run clamd until the end of the block; its address as the setting ``clamav`` writes it."""
    signatures, link, config = folder / "signatures", folder / "clamd.ctl", folder / "clamd.conf"
    signatures.mkdir()
    # Any kind of file, at any place in it.
    (signatures / "essai.ndb").write_text(f"{SIGNATURE}:0:*:{EICAR.hex()}\n", "ascii")
    config.write_text(
        f"Foreground yes\nDatabaseDirectory {signatures}\nLocalSocket {link}\nTemporaryDirectory {folder}\n"
        "StreamMaxLength 11M\n", "utf-8")
    with (folder / "clamd.log").open("wb") as log:
        daemon = subprocess.Popen([program, "-c", config], stdout=log, stderr=log)
        try:
            wait_until(lambda: _answers(link))
            yield f"unix:{link}"
        finally:
            daemon.terminate()
            daemon.wait(20)


def _answers(link: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as trial:
        return trial.connect_ex(str(link)) == 0
