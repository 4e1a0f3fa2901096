"""``portal connexion crl``: fetch the revocation lists, and let in only those that may replace the present ones.

A list is only ever as good as its signature: the transport may be plain http, as RFC 5280 §8 expects.
What fails leaves the folder as it was; the portal notices by itself that a list has changed.
"""

from __future__ import annotations

import os
import re
import time
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from portal import clock
from portal.connexion import certificats, queries
from portal.connexion.certificats import UNREADABLE, Authorities
from portal.connexion.queries import LIST_ENDINGS
from portal.settings import Settings
from portal.web import dates

TIMEOUT = httpx2.Timeout(20, connect=10)
MAX_SECONDS = 300
MAX_BYTES = 64 * 1024 * 1024
MAX_REDIRECTS = 3


class ListRefused(Exception):
    """A list that can't take the place of the present one; the message is French and says why."""


@dataclass(frozen=True)
class Outcome:
    """What became of one address: a French line, and whether the folder now holds a list that is as new."""

    url: str
    good: bool
    line: str


def renew(settings: Settings) -> list[Outcome]:
    """Fetch each list once and install those that are newer than what the folder holds.

    The addresses are those of ``settings.crl_urls`` and the distribution points (RFC 5280 §4.2.1.13) of the
    authorities in the folder. Raises SettingsError when the folder itself can't be read.
    """
    authorities = queries.load_trust(settings).authorities
    with httpx2.Client(timeout=TIMEOUT, follow_redirects=True, max_redirects=MAX_REDIRECTS) as client:
        return [_renew_one(client, url, authorities, settings.trust) for url in addresses(settings, authorities)]


def addresses(settings: Settings, authorities: Authorities) -> list[str]:
    """Where lists are published, each once: http and https only, for a directory (ldap) is out of reach."""
    found = dict.fromkeys(settings.crl_urls.split())
    for authority in authorities.every:
        found |= dict.fromkeys(_distribution_points(authority))
    return [url for url in found if urlsplit(url).scheme in ("http", "https")]


def _distribution_points(certificate: x509.Certificate) -> list[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return []
    return [name.value for point in points for name in point.full_name or ()
            if isinstance(name, x509.UniformResourceIdentifier)]


def _renew_one(client: httpx2.Client, url: str, authorities: Authorities, folder: Path) -> Outcome:
    try:
        fetched = _parsed(_download(client, url))
        issuer = _issuer(fetched, authorities)
        _check_dates(fetched, clock.now())
        changed = _install(fetched, issuer, folder)
    except ListRefused as refused:
        return Outcome(url, False, f"{url} : échec, {refused} La liste précédente reste en place.")
    ends = fetched.next_update_utc
    assert ends is not None  # _issuer asked for it
    what = "nouvelle liste installée" if changed else "la liste présente est déjà la dernière"
    return Outcome(url, True, f"{_name(issuer)} : {what}, valable jusqu’au {dates.moment(ends)}.")


def _download(client: httpx2.Client, url: str) -> bytes:
    """The bytes at this address; raises ListRefused when they do not come, are too many or take too long."""
    content = bytearray()
    end = time.monotonic() + MAX_SECONDS
    try:
        with client.stream("GET", url) as answer:
            if answer.status_code != httpx2.codes.OK:
                raise ListRefused(f"le serveur a répondu {answer.status_code}.")
            for part in answer.iter_bytes():
                content += part
                if len(content) > MAX_BYTES:
                    raise ListRefused(f"la liste dépasse {MAX_BYTES // 1024 // 1024} Mo.")
                if time.monotonic() > end:
                    raise ListRefused("le serveur envoie trop lentement.")
    except httpx2.TimeoutException as error:
        raise ListRefused("le serveur ne répond pas à temps.") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ListRefused("le serveur ne répond pas ou répond de travers.") from error
    return bytes(content)


def _parsed(content: bytes) -> x509.CertificateRevocationList:
    try:
        return certificats.list_in(content)
    except UNREADABLE as error:
        raise ListRefused("ce que le serveur a envoyé n’est pas une liste de révocation.") from error


def _issuer(crl: x509.CertificateRevocationList, authorities: Authorities) -> x509.Certificate:
    for authority in authorities.every:
        if certificats.is_list_of(crl, authority):
            return authority
    raise ListRefused("la liste n’est pas une liste complète, signée par une autorité du dossier de confiance.")


def _check_dates(crl: x509.CertificateRevocationList, now: datetime) -> None:
    ends = crl.next_update_utc
    if crl.last_update_utc > now:
        raise ListRefused(f"la liste ne commence que le {dates.moment(crl.last_update_utc)} : voyez l’horloge.")
    if ends is None or ends < now:
        raise ListRefused("la liste publiée est elle-même périmée.")


def _install(crl: x509.CertificateRevocationList, issuer: x509.Certificate, folder: Path) -> bool:
    """Put the list in the place of its issuer's newest one; False when that one is the same.

    Raises ListRefused for a list older than the present one: whoever answers an old list hides a revocation.
    """
    present = _present(issuer, folder)
    if present is None:
        _write(folder / f"{_slug(_name(issuer))}.crl", crl.public_bytes(Encoding.DER))
        return True
    path, before = present
    if _number(crl) < _number(before) or crl.last_update_utc < before.last_update_utc:
        raise ListRefused("la liste publiée est plus ancienne que celle du portail.")
    encoding = Encoding.PEM if path.name.endswith(".pem") else Encoding.DER
    content = crl.public_bytes(encoding)
    if crl.public_bytes(Encoding.DER) == before.public_bytes(Encoding.DER):
        return False
    _write(path, content)
    return True


def _present(issuer: x509.Certificate, folder: Path) -> tuple[Path, x509.CertificateRevocationList] | None:
    found = [(path, certificats.list_in(path.read_bytes())) for path in queries.files(folder, LIST_ENDINGS)]
    own = [(path, crl) for path, crl in found if certificats.is_list_of(crl, issuer)]
    return max(own, key=lambda pair: (_number(pair[1]), pair[1].last_update_utc), default=None)


def _number(crl: x509.CertificateRevocationList) -> int:
    """The list's number, which only grows (RFC 5280 §5.2.3); zero without one: then its date alone tells."""
    try:
        return int(crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number)
    except x509.ExtensionNotFound:
        return 0


def _name(authority: x509.Certificate) -> str:
    common = authority.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else authority.subject.rfc4514_string()


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80] or "liste"


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, even if the power fails: a half-written list would close the portal."""
    draft = path.with_name(f".{path.name}.new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
