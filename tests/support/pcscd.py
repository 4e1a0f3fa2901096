"""The smart card service of this machine, with a virtual reader of its own: started, waited for, stopped."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.carte_virtuelle.fente import PORT
from tests.support.running import wait_until

RUN = Path("/run/pcscd")
SOCKET, PID = RUN / "pcscd.comm", RUN / "pcscd.pid"
DRIVERS = ("/usr/lib/pcsc/drivers/serial/libifdvpcd.so",)
READER = "Virtual PCD"
# The driver offers two slots, on this port and the next one; a card goes into the first.
FIRST = f"{READER} 00 00"


class Missing(Exception):
    """What this machine lacks for the real stack, in a sentence."""


def require() -> None:
    """Raise Missing unless a service can be started here without disturbing another one."""
    if not shutil.which("pcscd"):
        raise Missing("pcscd is not installed (Debian: apt-get install pcscd vsmartcard-vpcd)")
    if not any(Path(path).exists() for path in DRIVERS):
        raise Missing("the virtual reader's driver is not installed (Debian: apt-get install vsmartcard-vpcd)")
    try:
        import smartcard  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise Missing("pyscard is not installed (requirements/carte.txt, needs gcc and libpcsclite-dev)") from error
    if _answers():
        if not (_has_reader() and _listens(PORT)):
            raise Missing(f"a pcscd without a virtual reader on port {PORT} runs on this machine: it is left alone")
    elif os.geteuid() != 0:
        raise Missing("only root can start pcscd")


@contextlib.contextmanager
def running(folder: Path) -> Iterator[int]:
    """Run pcscd with one virtual reader; yields the port where a card is put in it.

    One that runs already with vpcd's own reader is used as it is, and left as it was. Raises Missing.
    """
    require()
    if _answers():
        yield PORT
        return
    port = _free_port()
    config = folder / "reader.conf"
    config.write_text(
        f'FRIENDLYNAME "{READER}"\nDEVICENAME /dev/null:0x{port:04X}\nLIBPATH {DRIVERS[0]}\n'
        f"CHANNELID 0x{port:04X}\n", "utf-8")
    RUN.mkdir(exist_ok=True)
    # Left behind by a service that was killed: a new one would refuse to start if its number is taken again.
    for path in (SOCKET, PID):
        path.unlink(missing_ok=True)
    with (folder / "pcscd.log").open("wb") as log:
        service = subprocess.Popen(
            ["pcscd", "--foreground", "--config", str(config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_until(lambda: service.poll() is not None or (_answers() and _has_reader()))
            if service.poll() is not None:
                raise RuntimeError(f"pcscd ended: {(folder / 'pcscd.log').read_text('utf-8', 'replace')}")
            yield port
        finally:
            service.terminate()
            try:
                service.wait(timeout=10)
            except subprocess.TimeoutExpired:
                service.kill()
                service.wait()


def _answers() -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(SOCKET))
        except OSError:
            return False
        return True


def _listens(port: int) -> bool:
    """Whether a program listens on this port; asked of the system, since to connect would put a card in."""
    rows = [line.split() for name in ("tcp", "tcp6") if (table := Path("/proc/net", name)).exists()
            for line in table.read_text("ascii").splitlines()[1:]]
    return any(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows)


def _has_reader() -> bool:
    from smartcard.Exceptions import SmartcardException
    from smartcard.System import readers

    try:
        return any(READER in str(reader) for reader in readers())
    except SmartcardException:
        return False


def _free_port() -> int:
    """A port that is free, and the next one with it."""
    while True:
        with socket.socket() as probe, socket.socket() as following:
            probe.bind(("", 0))
            port = int(probe.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                following.bind(("", port + 1))
                return port


def wait_for_card(present: bool) -> None:
    """Until the service sees a card in the reader, or none; raises TimeoutError after ten seconds."""
    from smartcard import scard

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    try:
        wait_until(lambda: _sees_card(context) is present)
    finally:
        scard.SCardReleaseContext(context)


def _sees_card(context: object) -> bool:
    from smartcard import scard

    _, [(_, state, _)] = scard.SCardGetStatusChange(context, 0, [(FIRST, scard.SCARD_STATE_UNAWARE)])
    return bool(state & scard.SCARD_STATE_PRESENT)
