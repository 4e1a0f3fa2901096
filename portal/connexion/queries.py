"""What this installation trusts, and the pages' small questions."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from portal import clock
from portal.connexion import certificats, rules
from portal.connexion.certificats import UNREADABLE, Authorities
from portal.connexion.rules import Freshness
from portal.settings import Settings, SettingsError

log = logging.getLogger("portal.connexion")

NOT_FOR_PATIENTS = ("DEMONSTRATION", "TEST")
AUTHORITY_ENDINGS = (".pem", ".crt", ".cer", ".der", ".p7b", ".p7c")
LIST_ENDINGS = (".crl", ".crl.pem", ".crl.der")

# Name, size and instant of change of each file: enough to see that the folder was renewed.
Fingerprint = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Trust:
    """The authorities read from the folder ``settings.trust``, and how its files looked then.

    ``lists_end``: for each list that cards depend on, when its issuer promised the next one; None for one
    that is missing.
    """

    settings: Settings
    authorities: Authorities
    seen: Fingerprint
    lists_end: tuple[datetime | None, ...] = ()

    @property
    def empty(self) -> bool:
        """True when no authority is installed: no card can be verified."""
        return not self.authorities.roots

    def freshness(self, now: datetime) -> Freshness:
        """Whether the lists let cards in at this instant."""
        return rules.freshness(self.lists_end, self.authorities.grace, now)

    @property
    def late_since(self) -> datetime | None:
        """When the first of the lists was due, if none is missing."""
        ends = [end for end in self.lists_end if end]
        return min(ends) if ends and len(ends) == len(self.lists_end) else None


def load_trust(settings: Settings) -> Trust:
    """Read the authorities and revocation lists of ``settings.trust``, in PEM, DER or PKCS#7.

    A missing or empty folder gives an empty Trust: the portal starts, card login says why it can’t serve.
    Raises SettingsError for a file that is no authority, and, outside a demonstration, for an authority
    whose subject says DEMONSTRATION or TEST: whoever holds such a card could be anybody.
    """
    seen = _fingerprint(settings.trust)
    roots: dict[bytes, x509.Certificate] = {}
    intermediates: dict[bytes, x509.Certificate] = {}
    for path in files(settings.trust, AUTHORITY_ENDINGS):
        for authority in _read_authorities(path, settings):
            # A chain file often holds what is there already.
            level = roots if authority.subject == authority.issuer else intermediates
            level[authority.fingerprint(SHA256())] = authority
    crls = [_read_crl(path) for path in files(settings.trust, LIST_ENDINGS)]
    authorities = Authorities(
        tuple(roots.values()), tuple(intermediates.values()), tuple(crls), settings.crl_grace)
    trust = Trust(settings, authorities, seen, _lists_end(authorities))
    _say(trust)
    return trust


def refreshed(trust: Trust) -> Trust:
    """The same trust, read again if its folder has changed: a renewed list counts without a restart."""
    seen = _fingerprint(trust.settings.trust)
    if seen == trust.seen:
        return trust
    try:
        return load_trust(trust.settings)
    except SettingsError as error:
        log.error("Les autorités gardent leur état précédent : %s", error)
        # Said once: the same broken folder is not read again at each login.
        return replace(trust, seen=seen)


def files(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """The folder's files of one kind, in order; a list is never taken for an authority, nor a draft for a file."""
    if not folder.is_dir():
        return []
    wanted = [path for path in folder.iterdir()
              if path.name.lower().endswith(endings) and not path.name.startswith(".") and path.is_file()]
    if endings is AUTHORITY_ENDINGS:
        wanted = [path for path in wanted if not path.name.lower().endswith(LIST_ENDINGS)]
    return sorted(wanted)


def _say(trust: Trust) -> None:
    folder = trust.settings.trust
    if trust.empty:
        log.warning("Aucune autorité racine dans %s : la connexion par carte est fermée.", folder)
    elif trust.freshness(clock.now()) is not Freshness.A_JOUR:
        log.warning("Les listes de révocation de %s sont absentes ou périmées : « portal connexion crl ».", folder)


def _lists_end(authorities: Authorities) -> tuple[datetime | None, ...]:
    """The end of each list on the way from the cards' issuers up to their roots.

    The issuers that count are those at the bottom that have a list: a chain file also brings lines of
    authorities that issue no physician's card. If none has one, that is what is missing.
    """
    newest = {authority: _newest_end(authority, authorities) for authority in authorities.every}
    parents = {authority.issuer for authority in authorities.intermediates}
    bottom = [one for one in authorities.intermediates if one.subject not in parents] or list(authorities.roots)
    used = [one for one in bottom if newest[one]]
    if not used:
        return (None,)
    by_name = {authority.subject: authority for authority in authorities.every}
    needed: dict[x509.Certificate, None] = {}
    for one in used:
        above: x509.Certificate | None = one
        while above is not None and above not in needed:
            needed[above] = None
            above = by_name.get(above.issuer)
    return tuple(newest[authority] for authority in needed)


def _newest_end(authority: x509.Certificate, authorities: Authorities) -> datetime | None:
    ends = [crl.next_update_utc for crl in authorities.crls if certificats.is_list_of(crl, authority)]
    return max((end for end in ends if end), default=None)


def _fingerprint(folder: Path) -> Fingerprint:
    def marks() -> Iterator[tuple[str, int, int]]:
        for path in files(folder, AUTHORITY_ENDINGS + LIST_ENDINGS):
            state = path.stat()
            yield path.name, state.st_size, state.st_mtime_ns

    return tuple(marks())


def unfit_authorities(settings: Settings) -> list[str]:
    """Why ``load_trust`` would refuse the folder's authorities, a French sentence for each file; none when it would
    not."""
    found = []
    for path in files(settings.trust, AUTHORITY_ENDINGS):
        try:
            _read_authorities(path, settings)
        except SettingsError as error:
            found.append(str(error))
    return found


def _read_authorities(path: Path, settings: Settings) -> list[x509.Certificate]:
    try:
        found = certificats.authorities_in(path.read_bytes())
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
        return certificats.list_in(path.read_bytes())
    except UNREADABLE as error:
        raise SettingsError(
            f"Le fichier {path} n’est pas une liste de révocation lisible (PEM ou DER attendu).") from error
