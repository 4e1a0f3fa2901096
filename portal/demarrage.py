"""What forbids ``portal serve`` to start: each rule has a name, a check, and a French sentence that says what to do.

All reasons are said at once. On this machine alone (``Situation.trial``: both the address that browsers use and the
one that is listened on are loopback) what protects a portal on a network is only warned of, aloud; what would mix a
demonstration with real data, or leave the keys to others, is refused everywhere.
"""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import peewee

from portal.connexion import queries as connexion
from portal.db import crypto, database, rescellement, trousseau
from portal.db.base import rows
from portal.db.crypto import KeyRing, SealBroken
from portal.db.scelles import SEALED
from portal.settings import LOOPBACK, Settings, SettingsError

# WAL needs memory that processes share, and locks that hold: sqlite.org/wal.html, sqlite.org/howtocorrupt.html.
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "gfs2",
                     "ocfs2", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone"})
MOUNTS = Path("/proc/self/mountinfo")
WEAK = frozenset({"demonstration", "secret", "changeme", "change-me", "password", "motdepasse", "test"})
SHORTEST_SECRET = 16
SHORTEST_PASSWORD = 8


@dataclass(frozen=True)
class Situation:
    """An installation as it is about to start; ``mounts``: the text of ``/proc/self/mountinfo``."""

    settings: Settings
    mounts: str = ""
    debug: bool = False

    @property
    def trial(self) -> bool:
        """True when nobody but this machine can reach the portal."""
        return urlsplit(self.settings.origin).hostname in LOOPBACK and self.settings.host in LOOPBACK

    @cached_property
    def raw(self) -> trousseau.Raw | None:
        """The key ring as written; None when there is none yet or it can't be used (``ring_unusable`` says why)."""
        place = trousseau.source(self.settings)
        if place.path is not None and not place.path.exists():
            return None
        try:
            return trousseau.read(place)
        except SettingsError:
            return None

    @property
    def sqlite(self) -> Path | None:
        """The database's file; None for another kind."""
        if urlsplit(self.settings.database).scheme != "sqlite":
            return None
        return Path(self.settings.database.removeprefix("sqlite:///"))

    @cached_property
    def opened(self) -> bool:
        """True when there is a database to look into; opens it."""
        if self.sqlite is not None and not (self.sqlite.is_file() and self.sqlite.stat().st_size):
            return False
        try:
            database.open_database(self.settings)
            database.connect()
        except (SettingsError, peewee.PeeweeException):
            return False  # the start itself says why, in its own words
        return True

    def holds(self, sql: str, *params: object) -> bool:
        """True when the database answers this question with a row; False without its table."""
        if not self.opened:
            return False
        try:
            with database.reading():
                return bool(rows(sql, *params))
        except peewee.DatabaseError:
            return False


@dataclass(frozen=True)
class Rule:
    """``check`` gives the reason not to start, or None. ``trial``: on this machine alone it only warns."""

    name: str
    check: Callable[[Situation], str | None]
    trial: bool = False


@dataclass(frozen=True)
class Verdict:
    """Why the portal may not start, and what it may start with on this machine alone."""

    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def examine(situation: Situation) -> Verdict:
    """Hold every rule against an installation; changes nothing."""
    reasons: list[str] = []
    warnings: list[str] = []
    for rule in RULES:
        said = rule.check(situation)
        if said:
            (warnings if rule.trial and situation.trial else reasons).append(said)
    if situation.opened:
        database.close()
    return Verdict(tuple(reasons), tuple(warnings))


def of(settings: Settings) -> Situation:
    """The situation of this process."""
    try:
        mounts = MOUNTS.read_text("utf-8", errors="replace")
    except OSError:
        mounts = ""
    return Situation(settings, mounts, debug=sys.flags.dev_mode)


# --- a demonstration is no portal

def demonstration(here: Situation) -> str | None:
    """Fictional cards open it."""
    if not here.settings.demonstration:
        return None
    return "Le réglage demonstration est mis : n’importe qui entrerait avec les cartes de démonstration. Retirez-le."


def ring_of_a_demonstration(here: Situation) -> str | None:
    """Its keys are nobody's secret."""
    if here.settings.demonstration or not here.raw or not here.raw["demonstration"]:
        return None
    return (f"{trousseau.source(here.settings).name} vient d’une démonstration : donnez au portail un dossier de "
            "données neuf, il y fera ses propres clés.")


def authority_of_a_test(here: Situation) -> str | None:
    """Whoever holds such a card could be anybody."""
    if here.settings.demonstration:
        return None
    return "\n".join(connexion.unfit_authorities(here.settings)) or None


def data_of_a_demonstration(here: Situation) -> str | None:
    """Fictional people among real ones."""
    if here.settings.demonstration:
        return None
    if here.holds("SELECT 1 FROM etablissement WHERE source = ? LIMIT 1", "demonstration") or _knows_a_card(here):
        return ("La base de données contient des données ou des cartes de démonstration : donnez au portail une base "
                "neuve (réglages data, database).")
    return None


def _knows_a_card(here: Situation) -> bool:
    from portal.demonstration.pki import CARDS

    return any(here.holds("SELECT 1 FROM compte WHERE rpps = ? AND upper(nom) = ? LIMIT 1", card.rpps, card.last_name)
               for card in CARDS if card.rpps)


# --- keys

def ring_others_read(here: Situation) -> str | None:
    """Mode and owner of the file."""
    return " ".join(trousseau.faults(trousseau.source(here.settings))) or None


def ring_unusable(here: Situation) -> str | None:
    """A text that is no ring; none where one was named, or where a database waits for it."""
    place = trousseau.source(here.settings)
    if place.path is not None and not place.path.exists():
        if here.holds("SELECT 1 FROM trace LIMIT 1"):
            return crypto.missing(place.path)
        return None
    if trousseau.faults(place):
        return None
    try:
        trousseau.read(place)
    except SettingsError as error:
        return str(error)
    return None


def ring_of_another_base(here: Situation) -> str | None:
    """One value of each column is tried: a key that is not there, or keys that open nothing."""
    if here.raw is None or not here.opened:
        return None
    ring = crypto.ring_of(here.raw)
    tried = [found for found in _samples(ring) if found is not None]
    if not tried or any(tried):
        return None
    return (f"{trousseau.source(here.settings).name} n’ouvre rien de ce que la base contient : remettez le trousseau "
            "gardé avec cette base, avec ses anciennes clés.")


def _samples(ring: KeyRing) -> Iterator[bool | None]:
    """Whether a value of each column opens; None for a column that holds none."""
    for one in SEALED:
        try:
            with database.reading():
                found = rescellement.read(replace(one, batch=1))
        except peewee.DatabaseError:
            continue
        for value in found:
            yield _opens(ring, one.seal_table, one.column, value)


def _opens(ring: KeyRing, table: str, column: str, value: rescellement.Value) -> bool:
    for place in filter(None, (value.place, value.former)):
        try:
            ring.open_bytes(value.blob, table=table, row=place, column=column)
        except SealBroken:
            continue
        return True
    return False


# --- the way to it

def without_tls(here: Situation) -> str | None:
    """What a browser sends in clear is read on the way."""
    if urlsplit(here.settings.origin).scheme == "https":
        return None
    return (f"L’adresse {here.settings.origin} n’est pas en https : donnez par PORTAL_ORIGIN celle que les navigateurs "
            "ouvrent, derrière un mandataire qui termine TLS.")


def without_proxy(here: Situation) -> str | None:
    """Throttling would count the proxy as the only client."""
    if here.settings.trusted_proxies.strip():
        return None
    return ("Aucun mandataire de confiance : donnez son adresse par PORTAL_TRUSTED_PROXIES, sinon tous les visiteurs "
            "comptent pour un seul et un curieux fait attendre tout le monde.")


def talkative(here: Situation) -> str | None:
    """Debug tells more than it should."""
    if here.settings.log_level.upper() not in ("DEBUG", "NOTSET", "TRACE") and not here.debug:
        return None
    return "Le portail est en mode de mise au point : mettez PORTAL_LOG_LEVEL à INFO et retirez PYTHONDEVMODE."


# --- what is at rest

def data_others_read(here: Situation) -> str | None:
    """The folder, and that of the database if it is another one."""
    folders = {here.settings.data} | ({here.sqlite.parent} if here.sqlite else set())
    open_ones = sorted(str(one) for one in folders if one.is_dir() and stat.S_IMODE(one.stat().st_mode) & 0o007)
    if not open_ones:
        return None
    named = " ".join(open_ones)
    return f"Tout utilisateur de la machine peut lire {named} : faites « chmod o-rwx {named} »."


def sqlite_far_away(here: Situation) -> str | None:
    """Two workers on it would corrupt it, and a lost connection lose it."""
    if here.sqlite is None or filesystem(here.sqlite, here.mounts) not in NETWORK:
        return None
    return (f"La base SQLite {here.sqlite} est sur un disque de réseau, où elle se corrompt : mettez-la sur un disque "
            "de cette machine, ou prenez PostgreSQL (réglage database).")


def filesystem(path: Path, mounts: str) -> str:
    """The kind of file system a path is on, as ``/proc/self/mountinfo`` names it (proc(5)); "" when it is not said."""
    best, kind = "", ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < len(("id", "parent", "device", "root", "point")):
            continue
        point = fields[4].encode().decode("unicode_escape")
        if (path == Path(point) or Path(point) in path.parents) and len(point) >= len(best):
            best, kind = point, after.partition(" ")[0]
    return kind


# --- secrets of others

def weak_ecps_secret(here: Situation) -> str | None:
    """Anybody could be this portal for the provider."""
    settings = here.settings
    secret = settings.ecps_client_secret
    own = settings.demonstration and settings.ecps_issuer.startswith("http://127.0.0.1:")
    if not settings.ecps_issuer or not secret or own:
        return None
    if secret.lower() not in WEAK and len(secret) >= SHORTEST_SECRET:
        return None
    return ("Le secret ecps_client_secret est celui d’un exemple, ou trop court : donnez celui que Pro Santé Connect "
            "a remis à l’enregistrement.")


def weak_database_password(here: Situation) -> str | None:
    """Only a password in the address is looked at: none is right where the server knows the user otherwise."""
    password = urlsplit(here.settings.database).password
    if not password or (password.lower() not in WEAK and len(password) >= SHORTEST_PASSWORD):
        return None
    return "Le mot de passe de la base de données est celui d’un exemple ou trop court : changez-le (réglage database)."


def codes_without_mail(here: Situation) -> str | None:
    """Nobody would get his code, nor any other mail."""
    if here.settings.otp_mode == "off" or here.settings.smtp_url:
        return None
    return (f"Le réglage otp_mode vaut « {here.settings.otp_mode} » et aucun courriel ne part : donnez le serveur par "
            "PORTAL_SMTP_URL.")


RULES = (
    Rule("demonstration", demonstration, trial=True),
    Rule("cles-demonstration", ring_of_a_demonstration),
    Rule("autorite-essai", authority_of_a_test),
    Rule("donnees-demonstration", data_of_a_demonstration),
    Rule("cles-lisibles", ring_others_read),
    Rule("cles-inutilisables", ring_unusable),
    Rule("cles-autre-base", ring_of_another_base),
    Rule("sans-tls", without_tls, trial=True),
    Rule("sans-mandataire", without_proxy, trial=True),
    Rule("mise-au-point", talkative, trial=True),
    Rule("donnees-lisibles", data_others_read, trial=True),
    Rule("sqlite-reseau", sqlite_far_away),
    Rule("secret-ecps", weak_ecps_secret),
    Rule("secret-base", weak_database_password, trial=True),
    Rule("codes-sans-courriel", codes_without_mail, trial=True),
)
