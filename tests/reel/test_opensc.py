"""A second opinion: OpenSC, written by others, takes the virtual card for a CPS and works with it."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding

from tests.carte_virtuelle.carte import Carte
from tests.support.cartes import certificate_of

DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def opensc(tool: Callable[[str], str], insert: Callable[..., Carte]) -> Run:
    """Runs one of OpenSC's tools on Alice's card."""
    insert()

    def run(name: str, *options: object) -> subprocess.CompletedProcess[bytes]:
        command = [tool(name), *map(str, options)]
        return subprocess.run(command, capture_output=True, check=False, timeout=30, stdin=subprocess.DEVNULL)

    return run


def test_opensc_names_the_driver_of_ias_ecc_cards(opensc: Run) -> None:
    assert opensc("opensc-tool", "--name").stdout.strip() == b"IAS-ECC"


def test_opensc_reads_the_serial_number(opensc: Run) -> None:
    assert opensc("opensc-tool", "--serial").stdout.startswith(b"00 00 01 02 03 04 05 06")


def test_opensc_lists_the_keys_certificates_code_and_data(opensc: Run) -> None:
    dump = opensc("pkcs15-tool", "--dump").stdout.decode()
    for title in ("PIN [Code porteur]", "Private RSA Key [CPS_PRIV_AUT]", "Private RSA Key [CPS_PRIV_SIG]",
                  "X.509 Certificate [CPS_CERT_AUT]", "X.509 Certificate [CPS_CERT_SIG]",
                  "Data object 'CPS_INFO_PS'", "Data object 'CPS_ACTIVITY_01_PS'"):
        assert title in dump
    assert re.search(r"CPS_PRIV_AUT\].*?Key ref\s+: 130 .*?ID\s+: e820\n", dump, re.DOTALL)


def test_opensc_reads_the_same_certificate_as_was_put_on_the_card(opensc: Run) -> None:
    read = opensc("pkcs15-tool", "--read-certificate", "e820").stdout
    assert read == certificate_of("alice-martin").public_bytes(Encoding.PEM)


def test_opensc_is_refused_the_activity_before_the_code(opensc: Run) -> None:
    assert opensc("pkcs15-tool", "--read-data-object", "CPS_ACTIVITY_01_PS").returncode
    after = opensc("pkcs15-tool", "--read-data-object", "CPS_ACTIVITY_01_PS", "--raw", "--verify-pin", "--pin", "1234")
    assert b"CABINET FICTIF" in after.stdout


def test_opensc_sees_a_wrong_code_refused(opensc: Run) -> None:
    refused = opensc("pkcs15-tool", "--verify-pin", "--pin", "9999")
    assert refused.returncode and b"PIN code or key incorrect" in refused.stderr


def test_opensc_signs_with_the_authentication_key(opensc: Run, tmp_path: Path) -> None:
    """INTERNAL AUTHENTICATE by someone else's program: what it brings back is a signature."""
    (tmp_path / "in").write_bytes(DIGEST_INFO + hashlib.sha256(b"portail").digest())
    opensc("pkcs11-tool", "--login", "--pin", "1234", "--sign", "--id", "e820", "--mechanism", "RSA-PKCS",
           "--input-file", tmp_path / "in", "--output-file", tmp_path / "out")
    certificate_of("alice-martin").public_key().verify(
        (tmp_path / "out").read_bytes(), b"portail", padding.PKCS1v15(), hashes.SHA256())
