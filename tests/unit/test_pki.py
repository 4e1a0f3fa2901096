"""The demonstration's authorities and cards."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from portal import clock
from portal.connexion import queries
from portal.demonstration import pki
from portal.settings import Settings, load
from tests.support import cartes

TRAY = ["alice-martin", "bob-durand", "chloe-petit", "carte-expiree", "carte-revoquee", "carte-employe",
        "carte-infirmiere", "carte-bloquee", "carte-illisible", "carte-inconnue", "carte-signature"]


@pytest.fixture
def made(tmp_path: Path) -> Settings:
    settings = load({}, data=tmp_path, demonstration=True)
    with clock.freeze(cartes.MIDDAY):
        pki.ensure(settings)
    return settings


def files(settings: Settings) -> dict[str, bytes]:
    folder = settings.data / "demonstration"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_tray_holds_the_cards_that_the_help_describes() -> None:
    assert [card.id for card in pki.CARDS] == TRAY


@pytest.mark.proves("V13.3.2")
def test_what_holds_a_key_is_read_by_its_owner_alone(made: Settings) -> None:
    folder = made.data / "demonstration"
    private = [*(folder / "cartes").glob("*.json"), *(folder / "ac").iterdir()]
    assert len(private) == len(TRAY) + 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
    assert not any(b"PRIVATE" in path.read_bytes() for path in (folder / "confiance").iterdir())


def test_a_second_start_changes_nothing(made: Settings) -> None:
    before = files(made)
    with clock.freeze(cartes.MIDDAY + timedelta(hours=1)):
        pki.ensure(made)
    assert files(made) == before


def test_a_start_on_another_day_renews_the_lists_alone(made: Settings) -> None:
    before = files(made)
    with clock.freeze(cartes.MIDDAY + timedelta(days=2)):
        pki.ensure(made)
    after = files(made)
    assert {name for name in after if after[name] != before[name]} == {
        "confiance/personnes.crl.pem", "confiance/racine.crl.pem"}


def test_cards_near_their_end_are_made_again(made: Settings) -> None:
    with clock.freeze(cartes.MIDDAY + pki.CARD_LIFE - timedelta(days=30)):
        pki.ensure(made)
        image = json.loads((made.data / "demonstration/cartes/bob-durand.json").read_text("utf-8"))
        assert image["libelle"] == "Dr Bob Durand"
        assert queries.load_trust(made).authorities.roots[0].not_valid_before_utc > cartes.MIDDAY


def test_an_interrupted_first_start_is_made_good(made: Settings) -> None:
    (made.data / "demonstration/cartes/carte-signature.json").unlink()
    with clock.freeze(cartes.MIDDAY):
        pki.ensure(made)
    assert len(list((made.data / "demonstration/cartes").iterdir())) == len(TRAY)


def test_a_card_names_its_holder_as_real_ones_do() -> None:
    rdns = cartes.certificate_of("alice-martin").subject.rdns
    assert [sorted(attribute.oid.dotted_string for attribute in rdn) for rdn in rdns] == [
        ["2.5.4.6"], ["2.5.4.12"], ["2.5.4.3", "2.5.4.4", "2.5.4.42"]]


def test_the_signature_certificate_differs_by_its_usage() -> None:
    def bits(which: str) -> tuple[bool, bool]:
        certificate = cartes.certificate_of("alice-martin", which)
        found = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        return found.digital_signature, found.content_commitment

    assert bits("certificat_authentification") == (True, False)
    assert bits("certificat_signature") == (True, True)
