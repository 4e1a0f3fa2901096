"""What this installation trusts, and the pages' small questions."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from portal.connexion import certificats
from portal.connexion.certificats import UNREADABLE, Authorities
from portal.settings import Settings, SettingsError

log = logging.getLogger("portal.connexion")

NOT_FOR_PATIENTS = ("DEMONSTRATION", "TEST")
CRL_ENDING = ".crl.pem"

# Name, size and instant of change of each file: enough to see that the folder was renewed.
Fingerprint = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Trust:
    """The authorities read from the folder ``settings.trust``, and how its files looked then."""

    settings: Settings
    authorities: Authorities
    seen: Fingerprint

    @property
    def empty(self) -> bool:
        """True when no authority is installed: no card can be verified."""
        return not self.authorities.roots


def load_trust(settings: Settings) -> Trust:
    """Read ``*.pem`` (authorities) and ``*.crl.pem`` (revocation lists) of ``settings.trust``.

    A missing or empty folder gives an empty Trust: the portal starts, card login says why it can’t serve.
    Raises SettingsError for a file that is no authority, and, outside a demonstration, for an authority
    whose subject says DEMONSTRATION or TEST: whoever holds such a card could be anybody.
    """
    seen = _fingerprint(settings.trust)
    roots: list[x509.Certificate] = []
    intermediates: list[x509.Certificate] = []
    crls: list[x509.CertificateRevocationList] = []
    for path in _files(settings.trust):
        if path.name.endswith(CRL_ENDING):
            crls.append(_read_crl(path))
            continue
        for authority in _read_authorities(path, settings):
            (roots if authority.subject == authority.issuer else intermediates).append(authority)
    if not roots:
        log.warning("Aucune autorité racine dans %s : la connexion par carte est fermée.", settings.trust)
    return Trust(settings, Authorities(tuple(roots), tuple(intermediates), tuple(crls)), seen)


def refreshed(trust: Trust) -> Trust:
    """The same trust, read again if its folder has changed: a renewed list counts without a restart."""
    if _fingerprint(trust.settings.trust) == trust.seen:
        return trust
    try:
        return load_trust(trust.settings)
    except SettingsError as error:
        log.error("Les autorités gardent leur état précédent : %s", error)
        return trust


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.pem") if path.is_file()) if folder.is_dir() else []


def _fingerprint(folder: Path) -> Fingerprint:
    def marks() -> Iterator[tuple[str, int, int]]:
        for path in _files(folder):
            state = path.stat()
            yield path.name, state.st_size, state.st_mtime_ns

    return tuple(marks())


def _read_authorities(path: Path, settings: Settings) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
        authorities = [certificats.is_authority(one) for one in found]
    except UNREADABLE as error:
        raise SettingsError(f"Le fichier {path} n’est pas un certificat d’autorité lisible.") from error
    if not all(authorities):
        raise SettingsError(
            f"Le fichier {path} contient un certificat qui n’est pas celui d’une autorité : retirez-le.")
    for authority in found:
        _refuse_demonstration(authority, path, settings)
    return found


def _refuse_demonstration(authority: x509.Certificate, path: Path, settings: Settings) -> None:
    words = " ".join(str(attribute.value) for attribute in authority.subject).upper().replace("É", "E")
    if not settings.demonstration and any(word in words for word in NOT_FOR_PATIENTS):
        raise SettingsError(
            f"L’autorité du fichier {path} ({authority.subject.rfc4514_string()}) est une autorité de "
            "démonstration ou de test : elle ouvrirait le portail à des cartes fictives. Retirez ce fichier, "
            "ou démarrez avec « portal demo »."
        )


def _read_crl(path: Path) -> x509.CertificateRevocationList:
    try:
        return x509.load_pem_x509_crl(path.read_bytes())
    except UNREADABLE as error:
        raise SettingsError(
            f"Le fichier {path} n’est pas une liste de révocation lisible (PEM attendu).") from error
