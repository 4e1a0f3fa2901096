"""What an installation may choose: one frozen dataclass, read once.

Each field comes from the environment variable ``PORTAL_<FIELD>``, else from the TOML file that
``PORTAL_CONFIG`` names (or ``portal.toml`` in the data folder), else from the default below.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
OTP_MODES = ("off", "transition", "on")
# Pro Santé Connect's own name for its discovery document.
ECPS_DISCOVERY = "/.well-known/wallet-openid-configuration"
# The largest attachment, in bytes: an upload page's body is bounded by it whatever the setting says.
PIECE_CEILING = 10 * 1024 * 1024
CLAMAV = re.compile(r"unix:/.+|tcp:[^\s/]+:\d{1,5}", re.ASCII)
LONGEST_DELAY = 3650
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
MOST_WORKERS = 64
LONGEST_DRAIN = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_WAVE = 1000
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsError(Exception):
    """A setting that can't be used; the message is French and says what to change."""


def resource(name: str) -> Path:
    """Folder of templates, static files or help sources: beside the package in a checkout, inside it in a wheel."""
    beside = ROOT.parent / name
    return beside if beside.is_dir() else ROOT / name


@dataclass(frozen=True)
class Settings:
    """One installation's choices. Paths are absolute once loaded; ``origin`` has no final slash."""

    data: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8000
    origin: str = ""
    agent_port: int = 0
    demonstration: bool = False
    database: str = ""
    keys_file: Path = Path()
    keys: str = field(default="", repr=False)
    trust: Path = Path()
    site_name: str = "ViaTrajectoire"
    region: str = "Normandie"
    logo: str = ""
    support_email: str = "support@normand-esante.fr"
    support_phone: str = "02 50 53 70 01"
    region_url: str = "http://www.viatrajectoire-normandie.fr"
    password_policy: str = "fiche"
    session_idle: timedelta = timedelta(minutes=30)
    session_absolute: timedelta = timedelta(hours=12)
    session_warning: timedelta = timedelta(minutes=2)
    challenge_life: timedelta = timedelta(minutes=5)
    crl_grace: timedelta = timedelta(0)
    crl_urls: str = ""
    email_link_life: timedelta = timedelta(days=4)
    reset_link_life: timedelta = timedelta(hours=24)
    mail_code_life: timedelta = timedelta(minutes=10)
    invitation_life: timedelta = timedelta(days=7)
    delegation_months: int = 6
    otp_mode: str = ""
    first_connection_ecps: bool = False
    ecps_issuer: str = ""
    ecps_discovery: str = ""
    ecps_authorization: str = ""
    ecps_client_id: str = ""
    ecps_client_secret: str = ""
    ecps_client_cert: Path = Path()
    ecps_client_key: Path = Path()
    ecps_acr: str = "eidas1"
    ecps_scope: str = "openid scope_all"
    ecps_port: int = 0
    trusted_proxies: str = ""
    piece_max: int = PIECE_CEILING
    pieces_max: int = 40
    pieces_total: int = 50 * 1024 * 1024
    clamav: str = ""
    smtp_url: str = ""
    mail_from: str = "ne-pas-repondre@viatrajectoire.invalid"
    log_level: str = "INFO"
    log_format: str = "texte"
    workers: int = 1
    metrics_port: int = 0
    health_open: bool = False
    drain_pause: timedelta = timedelta(0)
    disk_min: int = 256 * 1024 * 1024
    clocks_pause: timedelta = timedelta(minutes=1)
    reminder_days: str = "7 14 30"
    escalation: bool = True
    archive_alert_months: int = 6
    archive_months: int = 2
    delegation_notice_days: int = 7
    notices_kept_days: int = 400
    dossiers_kept_years: int = 20
    unconfirmed_kept_days: int = 30
    mails_kept_days: int = 90
    invitations_kept_months: int = 12
    delegations_kept_years: int = 5
    accounts_unused_months: int = 36
    papers_kept_months: int = 24
    opinions_kept_months: int = 36
    audit_months: int = 36
    audit_anchor: Path = Path()
    arrival_reminder_days: int = 2
    arrival_close_days: int = 7
    tnd_age: str = "fiche"
    waves: str = "3 6 9"
    wave_hours: int = 8
    wave_widening: int = 2

    @property
    def agent_url(self) -> str:
        """Where the browser reaches the workstation's card agent: always loopback."""
        return f"http://127.0.0.1:{self.agent_port}"

    @property
    def secure(self) -> bool:
        """True where cookies may be Secure: HTTPS, or loopback, which browsers trust alike."""
        parts = urlsplit(self.origin)
        return parts.scheme == "https" or parts.hostname in LOOPBACK

    @property
    def proxies(self) -> list[str]:
        """The addresses and networks of ``trusted_proxies``, which blanks or commas separate."""
        return self.trusted_proxies.replace(",", " ").split()

    @property
    def reminder_delays(self) -> tuple[int, ...]:
        """After how many days of silence an establishment is reminded, in order."""
        return tuple(sorted({int(days) for days in self.reminder_days.replace(",", " ").split()}))

    @property
    def wave_numbers(self) -> tuple[int, ...]:
        """How many establishments each wave of a search asks, in order; the last one searches farther."""
        return tuple(int(number) for number in self.waves.replace(",", " ").split())

    @property
    def help_site(self) -> Path:
        """The built help site."""
        return self.data / "aide"


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings; ``overrides`` win over the environment and the file.

    Raises SettingsError when a value can't be read or the whole makes no sense.
    """
    environ = os.environ if environ is None else environ
    raw = _credential(environ) | _from_file(environ) | _from_environment(environ) | overrides
    unknown = set(raw) - {field.name for field in fields(Settings)}
    if unknown:
        raise SettingsError(f"Réglage inconnu : {', '.join(sorted(unknown))}.")
    values = {field.name: _read(field.name, field.default, raw[field.name])
              for field in fields(Settings) if field.name in raw}
    return _completed(Settings(**values))


def _credential(environ: Mapping[str, str]) -> dict[str, Any]:
    """The key ring that systemd hands over (``LoadCredential=cles.json:…``), if it does."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder) / "cles.json" if folder else None
    return {"keys_file": path} if path and path.is_file() else {}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    names = {f"PORTAL_{field.name.upper()}": field.name for field in fields(Settings)}
    found: dict[str, Any] = {names[key]: value for key, value in environ.items() if key in names}
    if "PORT" in environ:
        found.setdefault("port", environ["PORT"])
    return found


def _from_file(environ: Mapping[str, str]) -> dict[str, Any]:
    named = environ.get("PORTAL_CONFIG")
    path = Path(named) if named else Path(environ.get("PORTAL_DATA", "var")) / "portal.toml"
    if not path.is_file():
        if named:
            raise SettingsError(f"Le fichier de réglages {path} n’existe pas.")
        return {}
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"Le fichier de réglages {path} ne peut pas être lu : {error}.") from error
    if "keys" in found:
        raise SettingsError("Le réglage keys ne se met pas dans un fichier de réglages : utilisez keys_file, dont le "
                            "mode est vérifié, ou la variable PORTAL_KEYS.")
    return found


def _read(name: str, default: Any, value: Any) -> Any:
    """Turn a raw value (text from the environment, typed from TOML) into the type of the default."""
    try:
        match default:
            case bool():
                return value if isinstance(value, bool) else str(value).lower() in ("1", "true", "oui", "yes")
            case int():
                return int(value)
            case timedelta():
                return value if isinstance(value, timedelta) else timedelta(seconds=float(value))
            case Path():
                return Path(value)
            case _:
                return str(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise SettingsError(f"Le réglage {name} ne peut pas valoir « {value} ».") from error


def _completed(settings: Settings) -> Settings:
    data = settings.data.resolve()
    derived: dict[str, Any] = {
        "data": data,
        "agent_port": settings.agent_port or settings.port + 1,
        "origin": (settings.origin or f"http://{settings.host}:{settings.port}").rstrip("/"),
        "database": settings.database or f"sqlite:///{data / 'portail.sqlite'}",
        "keys_file": settings.keys_file.resolve() if settings.keys_file != Path() else data / "cles.json",
        "trust": settings.trust if settings.trust != Path() else
        data / ("demonstration/confiance" if settings.demonstration else "confiance"),
    }
    derived["audit_anchor"] = data / "ancres" if settings.audit_anchor == Path() else settings.audit_anchor.resolve()
    if settings.password_policy not in ("fiche", "cnil", "nist"):
        raise SettingsError("Le réglage password_policy vaut « fiche », « cnil » ou « nist ».")
    if settings.tnd_age not in ("fiche", "loi"):
        raise SettingsError("Le réglage tnd_age vaut « fiche » (avant 7 ans) ou « loi » (l’âge de la loi du jour).")
    if not urlsplit(derived["origin"]).netloc:
        raise SettingsError("Le réglage origin est une adresse complète, comme https://portail.exemple.fr.")
    _check_service(settings)
    _check_pieces(settings)
    _check_clocks(settings)
    _check_waves(settings)
    derived |= _otp(settings) | _ecps(settings)
    values = {field.name: getattr(settings, field.name) for field in fields(settings)} | derived
    return Settings(**values)


def _check_service(settings: Settings) -> None:
    """How the portal runs: its log, its processes, whom it believes about a client's address."""
    if settings.log_format not in ("texte", "json"):
        raise SettingsError("Le réglage log_format vaut « texte » ou « json ».")
    if settings.log_level not in LOG_LEVELS:
        raise SettingsError(f"Le réglage log_level vaut {', '.join(LOG_LEVELS)}.")
    if not 1 <= settings.workers <= MOST_WORKERS:
        raise SettingsError(f"Le réglage workers va de 1 à {MOST_WORKERS}.")
    if not 0 <= settings.metrics_port <= 65535 or 0 < settings.metrics_port == settings.port:
        raise SettingsError("Le réglage metrics_port est un port, autre que celui du portail, ou 0 (aucun).")
    if not timedelta(0) <= settings.drain_pause <= LONGEST_DRAIN or settings.disk_min < 0:
        raise SettingsError("Le réglage drain_pause va de 0 à 60 secondes, et disk_min n’est pas négatif.")
    for one in settings.proxies:
        try:
            ipaddress.ip_network(one)
        except ValueError as error:
            raise SettingsError(
                f"Le réglage trusted_proxies contient « {one} » : donnez des adresses IP ou des réseaux, "
                "comme 10.0.0.5 ou 10.0.0.0/24.") from error


def _check_pieces(settings: Settings) -> None:
    """Attachments: sizes that make sense, and a daemon that can be called."""
    if not 0 < settings.piece_max <= PIECE_CEILING:
        raise SettingsError(f"Le réglage piece_max va de 1 à {PIECE_CEILING} octets.")
    if settings.pieces_max < 1 or settings.pieces_total < settings.piece_max:
        raise SettingsError("Le réglage pieces_max vaut au moins 1, et pieces_total au moins piece_max.")
    if settings.clamav and not CLAMAV.fullmatch(settings.clamav):
        raise SettingsError("Le réglage clamav est vide, « unix:/chemin » ou « tcp:machine:port ».")


def _check_clocks(settings: Settings) -> None:
    """Delays that make sense, and none so short that everybody would be mailed every minute."""
    try:
        delays = settings.reminder_delays
    except ValueError as error:
        raise SettingsError("Le réglage reminder_days est une liste de nombres de jours, comme « 7 14 30 ».") from error
    if any(not 1 <= days <= LONGEST_DELAY for days in delays):
        raise SettingsError(f"Le réglage reminder_days contient des nombres de 1 à {LONGEST_DELAY} jours.")
    for name in ("archive_alert_months", "archive_months", "delegation_notice_days", "notices_kept_days",
                 "audit_months", "arrival_reminder_days", "arrival_close_days", "dossiers_kept_years",
                 "unconfirmed_kept_days", "mails_kept_days", "invitations_kept_months", "delegations_kept_years",
                 "accounts_unused_months", "papers_kept_months", "opinions_kept_months"):
        if not 1 <= getattr(settings, name) <= LONGEST_DELAY:
            raise SettingsError(f"Le réglage {name} va de 1 à {LONGEST_DELAY}.")
    if not timedelta(0) <= settings.clocks_pause <= LONGEST_PAUSE:
        raise SettingsError("Le réglage clocks_pause va de 0 (arrêt) à 3600 secondes.")


def _check_waves(settings: Settings) -> None:
    """Two waves at least, so that the last one may search farther; no wave so large that it is none."""
    try:
        numbers = settings.wave_numbers
    except ValueError as error:
        raise SettingsError("Le réglage waves est une liste de nombres d’unités, comme « 3 6 9 ».") from error
    if not 2 <= len(numbers) <= 9 or any(not 1 <= number <= 20 for number in numbers):
        raise SettingsError("Le réglage waves contient deux à neuf nombres, de 1 à 20.")
    if not 1 <= settings.wave_hours <= LONGEST_WAVE or not 1 <= settings.wave_widening <= 10:
        raise SettingsError(f"Le réglage wave_hours va de 1 à {LONGEST_WAVE}, et wave_widening de 1 à 10.")


def _otp(settings: Settings) -> dict[str, Any]:
    """Password and code: a demonstration shows them, a real portal offers them only when told to."""
    mode = settings.otp_mode or ("transition" if settings.demonstration else "off")
    if mode not in OTP_MODES:
        raise SettingsError("Le réglage otp_mode vaut « off », « transition » ou « on ».")
    return {"otp_mode": mode}


def _ecps(settings: Settings) -> dict[str, Any]:
    """The e-CPS provider's addresses; a demonstration has its own provider, on a port of its own."""
    port = settings.ecps_port or settings.port + 2
    given = settings.ecps_issuer.rstrip("/")
    own = settings.demonstration and not given
    issuer = f"http://127.0.0.1:{port}" if own else given
    parts = urlsplit(issuer)
    if issuer and not own and (parts.scheme != "https" or not settings.ecps_client_id):
        raise SettingsError("L’e-CPS demande ecps_issuer, une adresse en https, et ecps_client_id.")
    defaults = {"ecps_client_id": "viatrajectoire", "ecps_client_secret": "demonstration"} if own else {}
    return {
        "ecps_port": port, "ecps_issuer": issuer,
        "ecps_discovery": settings.ecps_discovery or (issuer and issuer + ECPS_DISCOVERY),
        "ecps_authorization": settings.ecps_authorization or (issuer and f"{parts.scheme}://{parts.netloc}"),
    } | defaults
