"""What the provider says of itself, its addresses and its keys, kept for an hour."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, import_key

from portal import clock
from portal.connexion.ecps import client
from portal.connexion.ecps.refus import Refusal, Refused
from portal.settings import Settings

log = logging.getLogger("portal.ecps")

KEPT_FOR = timedelta(hours=1)
KEY_TYPES = ("RSA", "EC")


@dataclass(frozen=True)
class Metadata:
    """The provider's addresses and habits (OpenID Connect Discovery §3); ``end_session`` may be empty."""

    authorization: str
    token: str
    userinfo: str
    jwks: str
    end_session: str
    methods: tuple[str, ...]
    promises_iss: bool


@dataclass
class Kept:
    """What is known of one installation's provider, and until when."""

    until: datetime | None = None
    metadata: Metadata | None = None
    keys: KeySet | None = field(default=None, repr=False)


@lru_cache(maxsize=8)
def _kept(_settings: Settings) -> Kept:
    return Kept()


def metadata(settings: Settings, http: httpx2.Client) -> Metadata:
    """The provider's discovery document, read again when it is an hour old; raises Refused."""
    kept = _kept(settings)
    if kept.metadata is None or kept.until is None or clock.now() >= kept.until:
        found = read(client.get_json(http, settings.ecps_discovery), settings)
        # Old keys go with the old document: a withdrawn key stops counting within the hour.
        kept.metadata, kept.keys, kept.until = found, None, clock.now() + KEPT_FOR
        return found
    return kept.metadata


def keys(settings: Settings, http: httpx2.Client, *, fresh: bool) -> KeySet:
    """The provider's signature keys, RSA and EC only; ``fresh`` reads them again. Raises Refused."""
    kept = _kept(settings)
    found = kept.keys
    if found is None or fresh:
        found = read_keys(client.get_json(http, metadata(settings, http).jwks))
        kept.keys = found
    return found


def read(document: dict[str, Any], settings: Settings) -> Metadata:
    """Check a discovery document against the settings: same issuer, addresses as safe as its own.

    The authorization host may differ from the issuer's, but browsers go there by a form: it has to be the
    one of ``settings.ecps_authorization``. Raises Refused.
    """
    if document.get("issuer") != settings.ecps_issuer:
        _misfit("its issuer is not ecps_issuer")
    scheme = urlsplit(settings.ecps_issuer).scheme
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")
    urls = {name: _address(document.get(name), scheme) for name in names}
    if not all(urls[name] for name in names[:4]):
        _misfit("an address is missing or not safe")
    if settings.ecps_client_cert != Path():
        aliases = document.get("mtls_endpoint_aliases")  # RFC 8705 §5
        for name in ("token_endpoint", "userinfo_endpoint"):
            urls[name] = (_address(aliases.get(name), scheme) if isinstance(aliases, dict) else "") or urls[name]
    if _origin(urls["authorization_endpoint"]) != settings.ecps_authorization:
        _misfit("its authorization_endpoint is not at ecps_authorization")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        authorization=urls["authorization_endpoint"], token=urls["token_endpoint"],
        userinfo=urls["userinfo_endpoint"], jwks=urls["jwks_uri"], end_session=urls["end_session_endpoint"],
        methods=tuple(one for one in methods if isinstance(one, str)) if isinstance(methods, list) else (),
        promises_iss=document.get("authorization_response_iss_parameter_supported") is True,
    )


def read_keys(document: dict[str, Any]) -> KeySet:
    """The usable keys of a key set: what is malformed or of another kind is left out."""
    found: list[Key] = []
    listed = document.get("keys")
    for data in listed if isinstance(listed, list) else []:
        if isinstance(data, dict) and data.get("kty") in KEY_TYPES:
            try:
                found.append(import_key(data))
            except (JoseError, ValueError, TypeError, KeyError) as error:  # KeyError: a curve that the library lacks
                log.warning("provider key left out: %s", type(error).__name__)
    return KeySet(found)


def _misfit(what: str) -> None:
    log.error("discovery document refused: %s", what)
    raise Refused(Refusal.RACCORDEMENT)


def _address(value: object, scheme: str) -> str:
    """The address if it is one, as safe as the issuer's; else nothing."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
    except ValueError:
        return ""
    return parts.geturl() if parts.netloc and parts.scheme in ("https", scheme) else ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
