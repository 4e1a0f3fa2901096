"""What the portal makes of a token: its own verification, with the deck's authorities."""

from __future__ import annotations

import base64
import json
from typing import Any

from portal.agent.preuve import Proof
from portal.connexion import commands, queries
from portal.connexion.rules import Identity
from portal.settings import load
from tests.support.cartes import ORIGIN, deck


def token(proof: Proof) -> dict[str, Any]:
    """A proof in the form in which the agent sends it."""
    return {
        "format": "cps-auth:1", "algorithm": "RS256",
        "unverifiedCertificate": base64.b64encode(proof.certificate).decode(),
        "signature": base64.b64encode(proof.signature).decode(), "unverifiedInfo": {"specialite": proof.specialty},
    }


def verified(answer: dict[str, Any], nonce: bytes, *, origin: str = ORIGIN) -> Identity:
    """Whom the portal takes the holder for; raises Refused."""
    trust = queries.load_trust(load({}, data=deck().parent, demonstration=True))
    return commands.verify(json.dumps(answer), nonce, origin, trust.authorities)
