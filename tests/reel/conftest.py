"""The real smart card stack of this machine: pcscd, a virtual reader, a virtual card, independent tools.

Whatever the machine lacks is said once, here, as the reason of a skip; `.ci/run` fails on any skip.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal import clock
from tests.carte_virtuelle import personne
from tests.carte_virtuelle.carte import Carte, Cps3
from tests.carte_virtuelle.fente import Fente
from tests.support import clamav, pcscd
from tests.support.cartes import MIDDAY, deck

CLAMD = Path("/usr/sbin/clamd")
LIBRARIES = tuple(map(Path, (
    "/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64/pkcs11", "/usr/lib")))


@pytest.fixture(scope="session", autouse=True)
def still_clock() -> Iterator[None]:
    """The portal's clock stands on the day the cards were made."""
    with clock.freeze(MIDDAY):
        yield


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """pcscd with one virtual reader; the port where a card is put in it."""
    try:
        pcscd.require()
    except pcscd.Missing as missing:
        pytest.skip(str(missing))
    with pcscd.running(tmp_path_factory.mktemp("pcscd")) as port:
        yield port


@pytest.fixture(scope="session")
def slot(service: int) -> Iterator[Fente]:
    """The slot of the reader; a card stays in it from one test to the next."""
    slot = Fente(service)
    yield slot
    slot.remove()


@pytest.fixture
def empty(slot: Fente) -> None:
    """Nothing is in the reader."""
    slot.remove()
    pcscd.wait_for_card(False)


@pytest.fixture
def insert(slot: Fente) -> Callable[..., Carte]:
    """Puts a fresh card of the demonstration in the reader, by its name, and waits until it is seen.

    One of the same kind takes the other's place unseen: the service looks only every 400 ms.
    """

    def put(name: str = "alice-martin", kind: type[Carte] = Cps3) -> Carte:
        card = kind(personne.read(deck() / "cartes" / f"{name}.json"))
        if slot.card and slot.card.atr == card.atr:
            slot.swap(card)
            return card
        slot.remove()
        pcscd.wait_for_card(False)
        slot.insert(card)
        pcscd.wait_for_card(True)
        return card

    return put


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """The path of an independent program by its name."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"{name} is not installed (Debian packages: opensc, softhsm2, firefox-esr, chromium)")
        return path

    return find


@pytest.fixture(scope="session")
def library() -> Callable[[str], Path]:
    """The path of a PKCS#11 library by its file name."""

    def find(name: str) -> Path:
        if importlib.util.find_spec("pkcs11") is None:
            pytest.skip("python-pkcs11 is not installed (requirements/carte.txt)")
        found = next((folder / name for folder in LIBRARIES if (folder / name).exists()), None)
        if found is None:
            pytest.skip(f"{name} is not installed (Debian packages: opensc, softhsm2)")
        return found

    return find


@pytest.fixture(scope="session")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """ClamAV's daemon with one signature, EICAR's; its address as the setting ``clamav`` writes it."""
    if not CLAMD.exists():
        pytest.skip("clamd is not installed (Debian package: clamav-daemon)")
    with clamav.running(CLAMD, tmp_path_factory.mktemp("clamav")) as address:
        yield address
