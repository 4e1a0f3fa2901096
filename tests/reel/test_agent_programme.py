"""The agent as it is installed, a program of its own: what it reports, and login through PKCS#11 libraries."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.carte_virtuelle.carte import Carte, Cps3, Cps4
from tests.reel.fenetre import Fenetre
from tests.reel.jetons import verified
from tests.support import public
from tests.support.cartes import ORIGIN, certificate_of, key_of
from tests.support.pcscd import FIRST

NONCE = secrets.token_bytes(32)


def diagnosis(*options: str, **environ: str) -> tuple[str, int]:
    """What ``--diagnostic`` prints, blanks made plain, and its exit code."""
    done = subprocess.run([sys.executable, "-m", "portal.agent", "--diagnostic", *options], text=True, timeout=30,
                          capture_output=True, check=False, stdin=subprocess.DEVNULL, env=os.environ | environ)
    return done.stdout.replace("\u00a0", " ") + done.stderr, done.returncode


@pytest.mark.parametrize(("kind", "name"), [(Cps3, "CPS3"), (Cps4, "CPS4")])
def test_the_diagnosis_describes_the_card_and_asks_no_code(
        insert: Callable[..., Carte], kind: type[Carte], name: str) -> None:
    card = insert(kind=kind)
    report, code = diagnosis()
    assert code == 0
    for words in (FIRST, f"Pilote choisi : {name}", "810100000011", "Essais restants : 3", "Résultat : Carte prête"):
        assert words in report
    assert card.tries == 3 and not card.verified


@pytest.mark.usefixtures("empty")
def test_the_diagnosis_of_an_empty_reader_says_so() -> None:
    report, code = diagnosis()
    assert code == 1 and f"{FIRST} : vide" in report and "Aucune carte" in report


@pytest.mark.usefixtures("service")
def test_the_diagnosis_without_the_service_says_so(tmp_path: Path) -> None:
    report, code = diagnosis(PCSCLITE_CSOCK_NAME=str(tmp_path / "nothing.comm"))
    assert code == 1 and "Résultat : Service des cartes arrêté" in report


def test_a_login_by_the_program_and_the_card(insert: Callable[..., Carte], tmp_path: Path) -> None:
    card = insert()
    with public.programme(tmp_path, public.free_port(), ORIGIN, "--trace") as running:
        window = Fenetre(running.url, ORIGIN)
        window.open(NONCE)
        window.type("0000")
        assert window.status == 422 and "Il vous reste 2 essais" in window.text
        window.type("1234")
        assert window.token and verified(window.token, NONCE).rpps == 10100000011
    assert not card.verified
    # The trace shows the commands, and neither code.
    trace = running.log.read_text("utf-8")
    assert "> 00200001 04 ****" in trace
    assert "31323334" not in trace and "30303030" not in trace


@dataclass(frozen=True)
class Library:
    """A PKCS#11 library and what its process needs in its environment."""

    path: Path
    environ: dict[str, str]


@pytest.fixture
def softhsm_card(library: Callable[[str], Path], tool: Callable[[str], str], tmp_path: Path) -> Library:
    """A SoftHSM token with the objects of a CPS as Cryptolib shows them, the signature pair as a trap."""
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(
        f"directories.tokendir = {tmp_path / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n", "utf-8")
    token = Library(library("libsofthsm2.so"), {"SOFTHSM2_CONF": str(tmp_path / "softhsm2.conf")})

    def run(name: str, *options: object) -> None:
        subprocess.run([tool(name), *map(str, options)], check=True, capture_output=True, timeout=30,
                       stdin=subprocess.DEVNULL, env=os.environ | token.environ)

    run("softhsm2-util", "--init-token", "--free", "--label", "CPS", "--pin", "1234", "--so-pin", "12345678")
    for part, label, identifier in (("authentification", "AUT", "20"), ("signature", "SIG", "10")):
        key, der = tmp_path / f"{label}.pem", tmp_path / f"{label}.der"
        key.write_bytes(key_of("alice-martin", f"cle_{part}").private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        der.write_bytes(certificate_of("alice-martin", f"certificat_{part}").public_bytes(Encoding.DER))
        run("softhsm2-util", "--import", key, "--token", "CPS", "--pin", "1234", "--label", f"CPS_PRIV_{label}",
            "--id", identifier)
        run("pkcs11-tool", "--module", token.path, "--token-label", "CPS", "--login", "--pin", "1234", "--write-object",
            der, "--type", "cert", "--id", identifier, "--label", f"CPS_CERT_{label}")
    info = tmp_path / "info"
    info.write_bytes(b"DEMONSTRATION SM26")
    run("pkcs11-tool", "--module", token.path, "--token-label", "CPS", "--login", "--pin", "1234", "--write-object",
        info, "--type", "data", "--label", "CPS_INFO_PS")
    return token


@pytest.fixture
def window(softhsm_card: Library, tmp_path: Path) -> Iterator[Fenetre]:
    """The window of an agent that goes through SoftHSM."""
    with public.programme(tmp_path, public.free_port(), ORIGIN, "--pkcs11", str(softhsm_card.path),
                          environ=softhsm_card.environ) as running:
        yield Fenetre(running.url, ORIGIN)


def test_a_login_through_a_pkcs11_library(window: Fenetre) -> None:
    window.open(NONCE)
    window.type("1234")
    assert window.token, window.text
    identity = verified(window.token, NONCE)
    assert (identity.rpps, identity.specialite_code) == (10100000011, "SM26")


def test_a_wrong_code_through_a_pkcs11_library_is_said_and_may_be_typed_again(window: Fenetre) -> None:
    window.open(NONCE)
    window.type("9999")
    assert window.status == 422 and "Code porteur incorrect" in window.text and window.token is None
    window.type("1234")
    assert window.token and verified(window.token, NONCE)


def test_a_library_that_does_not_load_is_said(tmp_path: Path) -> None:
    report, code = diagnosis("--pkcs11", str(tmp_path / "absente.so"))
    assert code == 1 and "absente.so" in report


def test_a_login_through_openscs_library_and_the_virtual_card(
        library: Callable[[str], Path], insert: Callable[..., Carte], tmp_path: Path) -> None:
    """Everything between the agent and the card's bytes is other people's: PKCS#11, OpenSC, pcscd."""
    insert()
    options = ("--pkcs11", str(library("opensc-pkcs11.so")))
    with public.programme(tmp_path, public.free_port(), ORIGIN, *options) as running:
        window = Fenetre(running.url, ORIGIN)
        window.open(NONCE)
        window.type("1234")
        assert window.token, window.text
        assert verified(window.token, NONCE).rpps == 10100000011
