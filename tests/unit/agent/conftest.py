"""A throwaway card, an agent that serves it, and a window that speaks to the agent as a browser does."""

from __future__ import annotations

import base64
import http.client
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from portal import agent
from portal.agent.carte_demonstration import DemonstrationCard, Image, load, read

SITE = "https://portail.test"
NONCE = bytes(range(32))
RawImage = Callable[..., dict[str, Any]]


@dataclass
class Clock:
    """Seconds that pass when the test says so."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Answer:
    """What a window shows."""

    status: int
    headers: dict[str, str]
    text: str
    page: BeautifulSoup = field(init=False)

    def __post_init__(self) -> None:
        self.page = BeautifulSoup(self.text, "html.parser")

    @property
    def jeton(self) -> str:
        return str(self.page.select_one("input[name=jeton]")["value"])

    @property
    def title(self) -> str:
        return self.page.title.get_text()

    @property
    def alert(self) -> str:
        return " ".join(tag.get_text() for tag in self.page.select("[role=alert]"))


class Window:
    """A browser's window on the agent; headers that a browser would set can be changed or left out (None)."""

    def __init__(self, server: agent.Server) -> None:
        self.server = server

    def send(self, method: str, path: str, form: dict[str, str] | None = None,
             **headers: str | None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=5)
        body = None if form is None else urlencode(form)
        sent = {"Host": f"127.0.0.1:{self.server.port}"}
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        for name, value in headers.items():
            sent[name.replace("_", "-")] = value
        try:
            connection.request(method, path, body, {name: value for name, value in sent.items() if value is not None})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()

    def get(self, path: str, **headers: str | None) -> Answer:
        return self.send("GET", path, **headers)

    def post(self, path: str, form: dict[str, str], **headers: str | None) -> Answer:
        """A form of the agent's own page."""
        return self.send("POST", path, form, **({"Origin": self.server.url} | headers))

    def dialogue(self, nonce: str = base64.b64encode(NONCE).decode(), **headers: str | None) -> Answer:
        """What the portal's « Se connecter par CPS » sends."""
        return self.send("POST", "/v1/dialogue", {"nonce": nonce}, **({"Origin": SITE} | headers))

    def sign(self, page: Answer, code: str, **more: str) -> Answer:
        return self.post("/v1/signer", {"jeton": page.jeton, "code": code} | more)


def _certificate(key: rsa.RSAPrivateKey, name: str) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


@pytest.fixture(scope="session")
def raw_image() -> RawImage:
    """Makes the content of a card image, with changes; two keys serve the whole run."""
    keys = {name: rsa.generate_private_key(public_exponent=65537, key_size=2048)
            for name in ("authentification", "signature")}
    base: dict[str, Any] = {
        "id": "alice-martin", "libelle": "Dr Alice MARTIN", "detail": "carte valide", "type": "CPS3",
        "atr": "3BAC00402A001225006480000310009000", "code": "1234", "essais": 3, "infos_ps": "DEMO SM26",
    }
    for name, key in keys.items():
        numbers = key.private_numbers()
        base[f"certificat_{name}"] = _certificate(key, name)
        base[f"cle_{name}"] = {"n": f"{numbers.public_numbers.n:x}", "d": f"{numbers.d:x}"}
    return lambda **changes: base | changes


@pytest.fixture
def folder(tmp_path: Path, raw_image: RawImage) -> Path:
    """A sound card, a mute one, a locked one, and one that hands out its signature certificate."""
    for image in (
        raw_image(), raw_image(id="bob-durand", libelle="Dr Bob DURAND"),
        raw_image(id="carte-illisible", libelle="Carte illisible", illisible=True),
        raw_image(id="carte-bloquee", libelle="Carte bloquée", essais=0),
        raw_image(id="carte-signature", libelle="Carte hostile", presente="signature"),
        raw_image(id="carte-bancaire", libelle="Carte bancaire", atr="3B6500002063CB6800"),
    ):
        (tmp_path / f"{image['id']}.json").write_text(json.dumps(image), "utf-8")
    return tmp_path


@pytest.fixture
def image(folder: Path) -> Image:
    return read(folder / "alice-martin.json")


@pytest.fixture
def cards(folder: Path) -> dict[str, DemonstrationCard]:
    return {image.id: DemonstrationCard(image) for image in load(folder)}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(folder: Path, clock: Clock) -> Iterator[agent.Server]:
    running = agent.start(0, [SITE], folder, clock=clock)
    yield running
    running.stop()


@pytest.fixture
def window(server: agent.Server) -> Window:
    return Window(server)


@pytest.fixture
def certificate() -> Callable[[str], x509.Certificate]:
    return lambda text: x509.load_der_x509_certificate(base64.b64decode(text))


@pytest.fixture
def plain() -> Callable[[str], str]:
    """Text as it reads: any space is one space."""
    return lambda text: re.sub(r"\s+", " ", text).strip()
