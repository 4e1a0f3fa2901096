"""A passkey authenticator in software: makes keys (ES256, attestation « none ») and signs challenges.

Each part of an answer can be told otherwise, to try what an honest browser never sends.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authentificateur:
    """One key in one device, bound to ``rp_id``, answering in a page of ``origin``; ``steps``: 0 counts nothing."""

    origin: str = "https://portail.test"
    rp_id: str = "portail.test"
    compteur: int = 0
    steps: int = 1
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    secret: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED, **told: Any) -> str:
        """The answer to ``navigator.credentials.create()``, as the page's script posts it."""
        numbers = self.secret.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + encode_cbor(public)
        data = self._data(flags | ATTESTED) + attested
        response = {
            "clientDataJSON": bytes_to_base64url(self._client("webauthn.create", options, told)),
            "attestationObject": bytes_to_base64url(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal", "hybrid"],
        }
        return self._answer(response)

    def get(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED, compteur: int | None = None,
            **told: Any) -> str:
        """The answer to ``navigator.credentials.get()``; ``compteur`` tells another count than the next one."""
        self.compteur = self.compteur + self.steps if compteur is None else compteur
        data, client = self._data(flags), self._client("webauthn.get", options, told)
        signature = self.secret.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({
            "clientDataJSON": bytes_to_base64url(client), "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature),
        })

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.compteur.to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, Any], told: dict[str, Any]) -> bytes:
        challenge = bytes_to_base64url(base64url_to_bytes(options["challenge"]))
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | told).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        name = bytes_to_base64url(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
