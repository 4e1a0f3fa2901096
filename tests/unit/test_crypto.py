import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import BadSignature

from portal.db import crypto
from portal.db.crypto import KeyRing, SealBroken
from portal.settings import SettingsError, load

RING = KeyRing("k2", {"k1": b"1" * 32, "k2": b"2" * 32}, b"s" * 32, demonstration=True)
PLACE = {"table": "compte", "row": 7, "column": "telephone"}


@given(st.text())
def test_what_is_sealed_opens_again(text: str) -> None:
    assert RING.open(RING.seal(text, **PLACE), **PLACE) == text


@pytest.mark.parametrize("moved", [{"table": "dossier"}, {"row": 8}, {"column": "adresse"}])
def test_a_sealed_value_cannot_move(moved: dict[str, object]) -> None:
    blob = RING.seal("06 00 00 00 00", **PLACE)
    with pytest.raises(SealBroken):
        RING.open(blob, **(PLACE | moved))


@given(st.integers(min_value=0, max_value=30), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_is_noticed(position: int, change: int) -> None:
    blob = bytearray(RING.seal("dossier", **PLACE))
    blob[position % len(blob)] ^= change
    with pytest.raises(SealBroken):
        RING.open(bytes(blob), **PLACE)


def test_an_older_key_still_opens() -> None:
    old = KeyRing("k1", {"k1": b"1" * 32}, b"s" * 32, demonstration=True)
    assert RING.open(old.seal("ancien", **PLACE), **PLACE) == "ancien"


def test_two_seals_of_one_text_differ() -> None:
    assert RING.seal("même texte", **PLACE) != RING.seal("même texte", **PLACE)


def test_keys_are_made_once_and_for_their_owner(tmp_path: Path) -> None:
    settings = load({}, data=tmp_path, demonstration=True)
    first = crypto.load_keys(settings)
    assert (tmp_path / "cles.json").stat().st_mode & 0o777 == 0o600
    assert crypto.load_keys(settings) == first


def test_keys_readable_by_others_are_refused(tmp_path: Path) -> None:
    settings = load({}, data=tmp_path, demonstration=True)
    crypto.load_keys(settings)
    (tmp_path / "cles.json").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        crypto.load_keys(settings)


def test_demonstration_keys_protect_no_real_data(tmp_path: Path) -> None:
    crypto.load_keys(load({}, data=tmp_path, demonstration=True))
    assert json.loads((tmp_path / "cles.json").read_text("utf-8"))["demonstration"] is True
    with pytest.raises(SettingsError, match="démonstration"):
        crypto.load_keys(load({}, data=tmp_path))


def test_a_link_signed_for_one_purpose_is_worthless_for_another() -> None:
    signed = RING.serializer("courriel").dumps([1, "a@b.fr"])
    with pytest.raises(BadSignature):
        RING.serializer("message").loads(signed)
