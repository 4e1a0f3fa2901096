"""The two ceremonies of WebAuthn: what the browser is asked for, and whether its answer holds.

The library judges; what it can't tell apart by type is looked at before, so that each refusal has its own words.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import webauthn
from webauthn.helpers import (
    options_to_json_dict,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_authenticator_data,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorData,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.db.crypto import purpose_keys
from portal.facteurs.cles.models import Cle
from portal.facteurs.cles.rules import CHALLENGE_LIFE, MAX_CREDENTIAL_ID, Reason, Refused, domain
from portal.settings import Settings

CREATE, GET = "webauthn.create", "webauthn.get"
_TIMEOUT_MS = int(CHALLENGE_LIFE.total_seconds() * 1000)


@dataclass(frozen=True)
class Made:
    """A new key as its authenticator presents it."""

    credential: bytes
    public_key: bytes
    compteur: int
    transports: str


def creation(settings: Settings, compte_id: int, email: str, name: str, challenge: bytes,
             present: list[Cle]) -> dict[str, Any]:
    """The options of ``navigator.credentials.create()``; ``present``: keys that must not be made twice.

    Raises ValueError where ``rules.domain`` is None.
    """
    options = webauthn.generate_registration_options(
        rp_id=domain(settings.origin) or "", rp_name=settings.site_name, user_name=email, user_display_name=name,
        user_id=handle(compte_id), challenge=challenge, timeout=_TIMEOUT_MS,
        exclude_credentials=[_descriptor(one) for one in present],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED),
    )
    return options_to_json_dict(options)


def request(settings: Settings, challenge: bytes, present: list[Cle]) -> dict[str, Any]:
    """The options of ``navigator.credentials.get()``: any of these keys will do.

    Raises ValueError where ``rules.domain`` is None.
    """
    options = webauthn.generate_authentication_options(
        rp_id=domain(settings.origin) or "", challenge=challenge, timeout=_TIMEOUT_MS,
        allow_credentials=[_descriptor(one) for one in present],
        user_verification=UserVerificationRequirement.REQUIRED)
    return options_to_json_dict(options)


def made(settings: Settings, answer: str, challenge: bytes) -> Made:
    """The key that an answer to ``creation`` presents. Raises Refused."""
    try:
        credential = parse_registration_credential_json(answer)
        data = parse_attestation_object(credential.response.attestation_object).auth_data
        client = credential.response.client_data_json
    except Exception as error:  # it comes from outside, and the library stumbles in many ways
        raise Refused(Reason.ILLISIBLE) from error
    _check(settings, client, data, challenge, CREATE)
    try:
        found = webauthn.verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=domain(settings.origin) or "",
            expected_origin=settings.origin, require_user_verification=True)
    except Exception as error:  # likewise
        raise Refused(Reason.SIGNATURE) from error
    if len(found.credential_id) > MAX_CREDENTIAL_ID:
        raise Refused(Reason.ILLISIBLE)
    transports = " ".join(one.value for one in credential.response.transports or [])
    return Made(found.credential_id, found.credential_public_key, found.sign_count, transports)


def credential_of(answer: str) -> bytes:
    """The id of the key that says it answers a ``request``; nothing is verified yet. Raises Refused."""
    try:
        return parse_authentication_credential_json(answer).raw_id
    except Exception as error:  # likewise
        raise Refused(Reason.ILLISIBLE) from error


def count(settings: Settings, answer: str, challenge: bytes, key: Cle | None) -> int:
    """The counter of an answer to ``request`` that this key has truly signed. Raises Refused.

    Comparing the counter is the caller's: a forged answer must not pass for a cloned key.
    """
    try:
        credential = parse_authentication_credential_json(answer)
        data = parse_authenticator_data(credential.response.authenticator_data)
    except Exception as error:  # likewise
        raise Refused(Reason.ILLISIBLE) from error
    _check(settings, credential.response.client_data_json, data, challenge, GET)
    if key is None:
        raise Refused(Reason.INCONNUE)
    try:
        found = webauthn.verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=domain(settings.origin) or "",
            expected_origin=settings.origin, credential_public_key=bytes(key.public_key),
            credential_current_sign_count=0, require_user_verification=True)
    except Exception as error:  # likewise
        raise Refused(Reason.SIGNATURE) from error
    return found.new_sign_count


def handle(compte_id: int) -> bytes:
    """The account as authenticators know it: 32 bytes that say nothing of its holder.

    Under the oldest secret of the ring: a new secret must not make another person of him for his authenticators.
    """
    return hmac.new(purpose_keys("cle_utilisateur")[-1], str(compte_id).encode(), hashlib.sha256).digest()


def _check(settings: Settings, client: bytes, data: AuthenticatorData, challenge: bytes, kind: str) -> None:
    """What the browser and the authenticator say of the ceremony, each point with its own refusal."""
    try:
        told = parse_client_data_json(client)
    except Exception as error:  # likewise
        raise Refused(Reason.ILLISIBLE) from error
    if told.type != kind:
        raise Refused(Reason.ILLISIBLE)
    if not hmac.compare_digest(told.challenge, challenge):
        raise Refused(Reason.REJOUE)
    if told.origin != settings.origin or told.cross_origin:
        raise Refused(Reason.ORIGINE)
    if data.rp_id_hash != hashlib.sha256((domain(settings.origin) or "").encode()).digest():
        raise Refused(Reason.DOMAINE)
    if not (data.flags.up and data.flags.uv):
        raise Refused(Reason.SANS_VERIFICATION)


def _descriptor(key: Cle) -> PublicKeyCredentialDescriptor:
    known = {one.value: one for one in AuthenticatorTransport}
    transports = [known[word] for word in str(key.transports).split() if word in known]
    return PublicKeyCredentialDescriptor(id=bytes(key.credential), transports=transports or None)
