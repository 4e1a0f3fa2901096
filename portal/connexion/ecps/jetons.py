"""Signatures of id_tokens: one of three algorithms, a key of the provider, no exception."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from joserfc import jws
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from portal.connexion.ecps.refus import Refusal, Refused

ALGORITHMS = ("RS256", "PS256", "ES256")


def claims(token: str, keys: Callable[[bool], KeySet]) -> dict[str, Any]:
    """The claims of a token whose signature holds; raises Refused.

    ``keys(False)`` gives the keys known, ``keys(True)`` asks the provider again: done once, where the token
    names a key not yet known.
    """
    try:
        found = jws.extract_compact(token.encode())
        header = found.headers()
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise Refused(Refusal.JETON_ILLISIBLE) from error
    if not isinstance(header, dict) or header.get("alg") not in ALGORITHMS:
        raise Refused(Refusal.ALGORITHME)
    try:
        valid = _valid(found, keys(False))
    except InvalidKeyIdError:
        valid = _valid(found, keys(True), last=True)
    if not valid:
        raise Refused(Refusal.SIGNATURE)
    try:
        content = json.loads(found.payload)
    except (ValueError, RecursionError) as error:
        raise Refused(Refusal.JETON_ILLISIBLE) from error
    if not isinstance(content, dict):
        raise Refused(Refusal.JETON_ILLISIBLE)
    return content


def _valid(found: jws.CompactSignature, keys: KeySet, *, last: bool = False) -> bool:
    try:
        return jws.validate_compact(found, keys, ALGORITHMS)
    except InvalidKeyIdError:
        if last:
            return False
        raise
    except (JoseError, ValueError, TypeError):
        return False
