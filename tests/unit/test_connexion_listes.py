"""``portal connexion crl``: which published lists may take the place of the present ones, and which may not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from portal import cli, clock
from portal import settings as configuration
from portal.connexion import certificats, listes, queries
from portal.connexion.rules import Freshness, Refusal, Refused
from portal.settings import Settings, load
from tests.support import cartes
from tests.support.cartes import MIDDAY, authority, certificate_of

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(midday: datetime) -> datetime:
    return midday


class Publisher:
    """What an authority's web server answers, by path."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.location = ""

    def publish(self, content: bytes | x509.CertificateRevocationList, status: int = 200, path: str = "/liste") -> str:
        if not isinstance(content, bytes):
            content = content.public_bytes(Encoding.DER)
        self.answers[path] = (status, content)
        return self.address + path


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = found.answers.get(self.path, (404, b""))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", content.decode())
                content = b""
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet: what matters is what the command prints."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Publisher(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    """A trust folder: both authorities, the root's list, the persons' list of yesterday with number 10."""
    for name in ("racine.pem", "personnes.pem", "racine.crl.pem"):
        (tmp_path / name).write_bytes((cartes.deck() / "confiance" / name).read_bytes())
    (tmp_path / "personnes.crl.pem").write_bytes(numbered(10).public_bytes(Encoding.PEM))
    return tmp_path


def settings_for(trust: Path, *urls: str) -> Settings:
    return load({}, data=trust / "donnees", trust=trust, demonstration=True, crl_urls=" ".join(urls))


def numbered(number: int | None, *serials: int, starts: datetime = MIDDAY - DAY, ends: datetime = MIDDAY + DAY,
             name: str = "personnes", critical: bool = False) -> x509.CertificateRevocationList:
    """A list with a number, as authorities publish them."""
    issuer, key = authority(name)
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject).last_update(starts).next_update(ends)
    for serial in serials:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(starts).build())
    if number is not None:
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    if critical:
        builder = builder.add_extension(x509.DeltaCRLIndicator(1), critical=True)
    return builder.sign(key, hashes.SHA256())


def folder_state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def of_persons(trust: Path) -> x509.CertificateRevocationList:
    return certificats.list_in((trust / "personnes.crl.pem").read_bytes())


def verdict(trust: Path, card: str) -> Refusal | None:
    try:
        certificats.check(certificate_of(card), queries.load_trust(settings_for(trust)).authorities, clock.now())
    except Refused as refused:
        return refused.reason
    return None


def newer(*serials: int) -> x509.CertificateRevocationList:
    return numbered(11, *serials, starts=MIDDAY - DAY / 2, ends=MIDDAY + 7 * DAY)


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
def test_a_newer_list_takes_the_place_and_counts(trust: Path, publisher: Publisher, encoding: Encoding) -> None:
    bob = certificate_of("bob-durand").serial_number
    url = publisher.publish(newer(bob).public_bytes(encoding))
    assert verdict(trust, "bob-durand") is None
    before = set(folder_state(trust))
    (outcome,) = listes.renew(settings_for(trust, url))
    assert outcome.good
    assert outcome.line == ("AC DEMONSTRATION PERSONNES : nouvelle liste installée, valable jusqu’au "
                            "29/11/2026 à 13\u00a0h\u00a000.")
    assert set(folder_state(trust)) == before  # the same name, the same format, no draft left
    assert (trust / "personnes.crl.pem").read_bytes().startswith(b"-----BEGIN X509 CRL")
    assert verdict(trust, "bob-durand") is Refusal.CERTIFICAT_REVOQUE


def test_a_first_list_is_named_after_its_authority(trust: Path, publisher: Publisher) -> None:
    (trust / "personnes.crl.pem").unlink()
    (outcome,) = listes.renew(settings_for(trust, publisher.publish(newer())))
    assert outcome.good and (trust / "ac-demonstration-personnes.crl").is_file()
    assert verdict(trust, "bob-durand") is None


def test_the_same_list_again_is_fine_and_changes_nothing(trust: Path, publisher: Publisher) -> None:
    before = folder_state(trust)
    (outcome,) = listes.renew(settings_for(trust, publisher.publish(of_persons(trust))))
    assert outcome.good and "déjà la dernière" in outcome.line and folder_state(trust) == before


BAD: dict[str, tuple[Callable[[], bytes | x509.CertificateRevocationList], int, str]] = {
    "an older number": (lambda: numbered(9, starts=MIDDAY - DAY / 2), 200, "plus ancienne"),
    "an older day": (lambda: numbered(10, starts=MIDDAY - 2 * DAY), 200, "plus ancienne"),
    "no number any more": (lambda: numbered(None, starts=MIDDAY - DAY / 2), 200, "plus ancienne"),
    "expired": (lambda: numbered(11, ends=MIDDAY - DAY / 4), 200, "elle-même périmée"),
    "of tomorrow": (lambda: numbered(11, starts=MIDDAY + DAY / 2), 200, "ne commence que le"),
    "a part": (lambda: numbered(11, critical=True), 200, "liste complète"),
    "forged": (lambda: cartes.crl(signer=cartes.key_of("alice-martin")), 200, "signée par une autorité"),
    "cut short": (lambda: newer().public_bytes(Encoding.DER)[:-20], 200, "n’est pas une liste"),
    "a page": (lambda: b"<html>Bienvenue</html>", 200, "n’est pas une liste"),
    "nothing": (lambda: b"", 200, "n’est pas une liste"),
    "a certificate": (lambda: authority()[0].public_bytes(Encoding.PEM), 200, "n’est pas une liste"),
    "absent": (lambda: b"", 404, "a répondu 404"),
    "broken": (newer, 503, "a répondu 503"),
    "elsewhere, by ldap": (lambda: b"ldap://annuaire.exemple.fr/liste", 302, "répond de travers"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_list_leaves_the_present_one(trust: Path, publisher: Publisher, bad: str) -> None:
    make, status, words = BAD[bad]
    before = folder_state(trust)
    (outcome,) = listes.renew(settings_for(trust, publisher.publish(make(), status)))
    assert not outcome.good
    assert words in outcome.line and "échec" in outcome.line and "reste en place" in outcome.line
    assert folder_state(trust) == before
    assert verdict(trust, "bob-durand") is None


def test_one_failure_stops_no_other_list(trust: Path, publisher: Publisher) -> None:
    urls = (publisher.address + "/absente", publisher.publish(newer()))
    assert [outcome.good for outcome in listes.renew(settings_for(trust, *urls))] == [False, True]


def test_a_redirect_is_followed(trust: Path, publisher: Publisher) -> None:
    target = publisher.publish(newer())
    (outcome,) = listes.renew(settings_for(trust, publisher.publish(target.encode(), 302, "/ancienne")))
    assert outcome.good and "installée" in outcome.line


def test_an_endless_answer_is_cut(trust: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listes, "MAX_BYTES", 100)
    (outcome,) = listes.renew(settings_for(trust, publisher.publish(newer())))
    assert not outcome.good and "dépasse" in outcome.line


def test_a_server_that_trickles_is_left(trust: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listes, "MAX_SECONDS", -1)
    (outcome,) = listes.renew(settings_for(trust, publisher.publish(newer())))
    assert not outcome.good and "trop lentement" in outcome.line


def test_a_silent_server_is_left(trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listes, "TIMEOUT", httpx2.Timeout(0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (outcome,) = listes.renew(settings_for(trust, f"http://127.0.0.1:{silent.getsockname()[1]}/liste"))
    assert not outcome.good and "ne répond pas à temps" in outcome.line


def test_a_stopped_server_is_told(trust: Path) -> None:
    (outcome,) = listes.renew(settings_for(trust, "http://127.0.0.1:9/liste.crl"))
    assert not outcome.good and "ne répond pas" in outcome.line


def below_the_root(name: x509.Name, *extensions: x509.ExtensionType) -> bytes:
    """One more authority, with the persons' key, in PEM."""
    issuer, key = authority("racine")
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(issuer.subject)
        .public_key(authority()[0].public_key()).serial_number(7)
        .not_valid_before(MIDDAY).not_valid_after(MIDDAY + DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_addresses_come_from_the_settings_and_the_authorities(trust: Path) -> None:
    points = x509.CRLDistributionPoints([x509.DistributionPoint(
        [x509.UniformResourceIdentifier("ldap://annuaire.exemple.fr/cn=AC"),
         x509.UniformResourceIdentifier("http://igc.exemple.fr/racine.crl"),
         x509.UniformResourceIdentifier("http://igc.exemple.fr/a.crl")], None, None, None)])
    (trust / "personnes.pem").write_bytes(below_the_root(authority()[0].subject, points))
    settings = settings_for(trust, "http://igc.exemple.fr/a.crl", "file:///etc/passwd", "https://b.exemple.fr/b.crl")
    assert listes.addresses(settings, queries.load_trust(settings).authorities) == [
        "http://igc.exemple.fr/a.crl", "https://b.exemple.fr/b.crl", "http://igc.exemple.fr/racine.crl"]


class TestCommand:
    def run(self, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> int:
        monkeypatch.setattr(configuration, "load", lambda: settings)
        return cli.main(["connexion", "crl"])

    def test_success_is_zero_and_one_line_a_list(
            self, trust: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch,
            capsys: pytest.CaptureFixture[str]) -> None:
        assert self.run(monkeypatch, settings_for(trust, publisher.publish(newer()))) == 0
        assert capsys.readouterr().out.count("\n") == 1

    def test_a_failure_is_one_for_the_timer_to_see(
            self, trust: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch,
            capsys: pytest.CaptureFixture[str]) -> None:
        urls = (publisher.publish(newer()), publisher.address + "/absente")
        assert self.run(monkeypatch, settings_for(trust, *urls)) == 1
        assert "installée" in (said := capsys.readouterr().out) and "échec" in said

    def test_without_address_nothing_is_renewed_and_it_says_so(
            self, trust: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.run(monkeypatch, settings_for(trust)) == 1
        assert "crl_urls" in capsys.readouterr().out

    def test_a_folder_that_cannot_be_trusted_is_two(
            self, trust: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        production = load({}, data=trust / "donnees", trust=trust)
        assert self.run(monkeypatch, production) == 2
        assert "démonstration ou de test" in capsys.readouterr().err

    def test_another_action_is_refused(self) -> None:
        with pytest.raises(SystemExit):
            cli.main(["connexion", "tout"])


@pytest.mark.parametrize(("late", "grace", "state", "card"), [
    (-DAY, timedelta(0), Freshness.A_JOUR, None),
    (timedelta(0), timedelta(0), Freshness.A_JOUR, None),
    (timedelta(seconds=1), timedelta(0), Freshness.PERIMEE, Refusal.LISTE_PERIMEE),
    (timedelta(seconds=1), 2 * DAY, Freshness.TOLEREE, None),
    (2 * DAY, 2 * DAY, Freshness.TOLEREE, None),
    (2 * DAY + timedelta(seconds=1), 2 * DAY, Freshness.PERIMEE, Refusal.LISTE_PERIMEE),
])
def test_a_late_list_is_tolerated_for_the_granted_time_and_no_longer(
        trust: Path, late: timedelta, grace: timedelta, state: Freshness, card: Refusal | None) -> None:
    revoked = certificate_of("bob-durand").serial_number
    (trust / "personnes.crl.pem").write_bytes(
        numbered(10, revoked, starts=MIDDAY - 9 * DAY, ends=MIDDAY - late).public_bytes(Encoding.PEM))
    settings = load({}, data=trust, trust=trust, demonstration=True, crl_grace=grace)
    found = queries.load_trust(settings)
    assert found.freshness(clock.now()) is state

    def verdict_of(name: str) -> Refusal | None:
        try:
            certificats.check(certificate_of(name), found.authorities, clock.now())
        except Refused as refused:
            return refused.reason
        return None

    assert verdict_of("alice-martin") is card
    # What a late list says of a card still holds.
    assert verdict_of("bob-durand") is Refusal.CERTIFICAT_REVOQUE or state is Freshness.PERIMEE


def test_lists_of_lines_that_cards_do_not_use_close_nothing(trust: Path) -> None:
    """The root's list belongs to the way; an authority that issues no physician's card does not."""
    other = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AC DEMONSTRATION ORGANISATIONS")])
    (trust / "organisations.pem").write_bytes(below_the_root(other))
    assert queries.load_trust(settings_for(trust)).freshness(clock.now()) is Freshness.A_JOUR
    (trust / "racine.crl.pem").unlink()
    assert queries.load_trust(settings_for(trust)).freshness(clock.now()) is Freshness.PERIMEE


def test_no_list_at_all_closes_the_door(trust: Path) -> None:
    for path in trust.glob("*.crl.pem"):
        path.unlink()
    found = queries.load_trust(settings_for(trust))
    assert found.freshness(clock.now()) is Freshness.PERIMEE and found.late_since is None
