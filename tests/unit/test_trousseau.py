"""The key ring: where it is read, how it changes, and that there is no moment without it."""

from __future__ import annotations

import json
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from itsdangerous import BadSignature

from portal import clock
from portal.db import crypto, trousseau
from portal.db.crypto import SealBroken, keys
from portal.settings import Settings, SettingsError, load
from tests.conftest import MIDDAY

pytestmark = pytest.mark.proves("D2", "V11.2.2", "V13.3.1")
PLACE = {"table": "compte", "row": "m1", "column": "telephone"}
AT = int(MIDDAY.timestamp() * 1000)
LATER = AT + trousseau.GRACE
GOOD = trousseau.fresh(demonstration=False, at=0)


@pytest.fixture
def ring(tmp_path: Path) -> Settings:
    settings = load({}, data=tmp_path)
    crypto.load_keys(settings)
    return settings


def change(settings: Settings, *steps: object) -> None:
    with trousseau.changing(trousseau.source(settings)) as path:
        raw = trousseau.read(trousseau.source(settings))
        for step in steps:
            raw = step(raw)  # type: ignore[operator]
        trousseau.write(path, raw)


def renew(settings: Settings) -> None:
    change(settings, lambda raw: trousseau.renewed(raw, AT))


def test_a_new_key_counts_without_a_restart_and_the_former_one_still_opens(ring: Settings) -> None:
    before = keys().seal("02 31", **PLACE)
    renew(ring)
    after = keys().seal("02 31", **PLACE)
    assert (before[:3], after[:3]) == (b"k1:", b"k2:")
    assert keys().open(before, **PLACE) == keys().open(after, **PLACE) == "02 31"


def test_what_a_former_secret_signed_is_still_good(ring: Settings) -> None:
    cookie, link = keys().signer("session").sign("abc"), keys().serializer("lien").dumps([1, "x"])
    mark = crypto.marks("dossier.nir", b"1")[0]
    renew(ring)
    assert keys().signer("session").unsign(cookie) == b"abc"
    assert keys().serializer("lien").loads(link) == [1, "x"]
    assert crypto.marks("dossier.nir", b"1")[1] == mark != crypto.marks("dossier.nir", b"1")[0]
    assert crypto.is_mark(mark, "dossier.nir", b"1") and not crypto.is_mark(mark, "dossier.nir", b"2")
    assert keys().signer("session").sign("abc") != cookie


def test_a_secret_that_is_gone_verifies_nothing(ring: Settings) -> None:
    cookie = keys().signer("session").sign("abc")
    change(ring, lambda raw: trousseau.renewed(raw, AT), lambda raw: trousseau.without(raw, "s1", LATER))
    with pytest.raises(BadSignature):
        keys().signer("session").unsign(cookie)


def test_a_former_secret_may_not_have_signed_long_after_another_took_its_place(ring: Settings) -> None:
    old = crypto.purpose_key("audit")
    renew(ring)
    hour = timedelta(hours=1) // timedelta(milliseconds=1)
    assert old in crypto.keys_at("audit", AT) and old in crypto.keys_at("audit", AT + 23 * hour)
    assert old not in crypto.keys_at("audit", AT + 25 * hour)
    assert crypto.purpose_key("audit") in crypto.keys_at("audit", 0)


def test_a_key_that_waits_opens_and_verifies_before_it_is_in_service(ring: Settings) -> None:
    change(ring, lambda raw: trousseau.prepared(raw, AT))
    assert keys().current == "k1" and keys().signs == "s1"
    waiting = trousseau.activated(trousseau.read(trousseau.source(ring)), AT)
    elsewhere = crypto.ring_of(waiting)
    assert elsewhere.current == "k2"
    assert keys().open(elsewhere.seal("x", **PLACE), **PLACE) == "x"
    assert keys().signer("session").unsign(elsewhere.signer("session").sign("abc")) == b"abc"
    assert elsewhere.signer("session").unsign(keys().signer("session").sign("abc")) == b"abc"


@pytest.mark.parametrize("name", ["k1", "s1"])
def test_what_is_in_service_is_not_removed(ring: Settings, name: str) -> None:
    with pytest.raises(trousseau.Refused, match="portal cles nouvelle"):
        trousseau.without(trousseau.read(trousseau.source(ring)), name, LATER)


@pytest.mark.parametrize("name", ["k2", "s2"])
def test_what_waits_is_not_removed(ring: Settings, name: str) -> None:
    waiting = trousseau.prepared(trousseau.read(trousseau.source(ring)), AT)
    with pytest.raises(trousseau.Refused, match="portal cles nouvelle"):
        trousseau.without(waiting, name, LATER)


def test_a_key_stays_while_an_upload_may_still_be_under_way(ring: Settings) -> None:
    raw = trousseau.renewed(trousseau.read(trousseau.source(ring)), AT)
    with pytest.raises(trousseau.Refused, match="dix minutes"):
        trousseau.without(raw, "k1", LATER - 1)
    assert "k1" not in trousseau.without(raw, "k1", LATER)["keys"]


def test_a_name_is_never_given_twice(ring: Settings) -> None:
    raw = trousseau.renewed(trousseau.read(trousseau.source(ring)), AT)
    raw = trousseau.renewed(trousseau.renewed(raw, AT), AT)
    assert set(raw["keys"]) == {"k1", "k2", "k3", "k4"}
    raw = trousseau.without(trousseau.without(raw, "k3", LATER), "k2", LATER)
    assert trousseau.renewed(raw, AT)["current"] == "k5"


def test_two_keys_never_wait_at_once(ring: Settings) -> None:
    waiting = trousseau.prepared(trousseau.read(trousseau.source(ring)), AT)
    with pytest.raises(trousseau.Refused, match="activer"):
        trousseau.prepared(waiting, AT)
    with pytest.raises(trousseau.Refused, match="nouvelle"):
        trousseau.activated(trousseau.read(trousseau.source(ring)), AT)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_change_that_dies_leaves_the_ring_whole(ring: Settings, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    before = ring.keys_file.read_bytes()

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (Path, "replace")), dies)
    with pytest.raises(KeyboardInterrupt):
        renew(ring)
    assert ring.keys_file.read_bytes() == before


def test_the_file_keeps_its_mode(ring: Settings) -> None:
    renew(ring)
    assert stat.S_IMODE(ring.keys_file.stat().st_mode) == 0o600
    assert [path.name for path in ring.data.iterdir()] == ["cles.json"], "a draft was left"


def test_a_file_spoilt_while_the_portal_runs_leaves_the_ring_as_it_was(
        ring: Settings, caplog: pytest.LogCaptureFixture) -> None:
    sealed = keys().seal("x", **PLACE)
    ring.keys_file.write_text("{", "utf-8")
    assert keys().open(sealed, **PLACE) == "x"
    assert "trousseau" in caplog.text


# --- where it is read

def test_the_environment_holds_a_ring(tmp_path: Path) -> None:
    raw = trousseau.fresh(demonstration=False, at=AT)
    settings = load({"PORTAL_KEYS": json.dumps(raw)}, data=tmp_path)
    crypto.load_keys(settings)
    assert keys().current == "k1" and not (tmp_path / "cles.json").exists()
    assert raw["secret"] not in repr(settings) and raw["secret"] not in repr(keys())
    with pytest.raises(trousseau.Refused, match="PORTAL_KEYS_FILE"), trousseau.changing(trousseau.source(settings)):
        pass


def test_systemd_hands_a_ring_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "credentials"
    trousseau.create(folder / "cles.json", trousseau.fresh(demonstration=False, at=AT))
    # What systemd shows where a list lets the service in.
    (folder / "cles.json").chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    settings = load({"CREDENTIALS_DIRECTORY": str(folder)}, data=tmp_path / "data")
    crypto.load_keys(settings)
    with pytest.raises(trousseau.Refused, match="LoadCredential"), trousseau.changing(trousseau.source(settings)):
        pass
    (folder / "cles.json").chmod(0o444)
    with pytest.raises(SettingsError, match="chmod 600"):
        crypto.load_keys(settings)


def test_a_named_file_wins_over_the_data_folder(tmp_path: Path) -> None:
    named = tmp_path / "etc" / "cles.json"
    settings = load({"PORTAL_KEYS_FILE": str(named)}, data=tmp_path / "data")
    crypto.load_keys(settings)
    assert named.is_file() and not (tmp_path / "data" / "cles.json").exists()


def test_keys_are_no_line_of_a_settings_file(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text("keys = '{}'", "utf-8")
    with pytest.raises(SettingsError, match="keys_file"):
        load({"PORTAL_DATA": str(tmp_path)})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o644])
def test_a_ring_that_others_reach_is_refused(ring: Settings, mode: int) -> None:
    ring.keys_file.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        crypto.load_keys(ring)


def test_somebody_else_s_file_is_refused(ring: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = os.geteuid()
    os.chown(ring.keys_file, mine or 12345, -1)
    monkeypatch.setattr(os, "geteuid", lambda: mine + 54321)
    with pytest.raises(SettingsError, match="appartient"):
        crypto.load_keys(ring)


@pytest.mark.parametrize("text", [
    "", "{", "[]", "{}", '{"current": "k1", "keys": {}, "secret": "", "demonstration": false}',
    '{"current": "k1", "keys": {"k1": "YQ=="}, "secret": "YQ==", "demonstration": false}',
    json.dumps(trousseau.fresh(demonstration=False, at=0) | {"secret": "é"}),
    json.dumps(trousseau.fresh(demonstration=False, at=0) | {"demonstration": "non"}),
    *(json.dumps(GOOD | wrong) for wrong in (
        {"former": {"s0": {"secret": GOOD["secret"]}}}, {"former": {"s0": {"secret": GOOD["secret"], "until": "hier"}}},
        {"former": {"s0": {"secret": GOOD["secret"], "until": 10 ** 17}}}, {"since": {"k1": None}}, {"since": [1]},
        {"next": {"key": "k1", "secret": GOOD["secret"]}}, {"secret_id": 1}, {"current": []})),
    "[" * 100_000,
])
def test_what_is_no_ring_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cles.json"
    path.touch(0o600)
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match="trousseau"):
        crypto.load_keys(load({}, data=tmp_path))


def test_a_ring_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    raw = trousseau.fresh(demonstration=False, at=AT)
    path = tmp_path / "cles.json"
    path.touch(0o600)
    path.write_text(json.dumps({name: raw[name] for name in ("current", "keys", "secret", "demonstration")}), "utf-8")
    settings = load({}, data=tmp_path)
    sealed, cookie = crypto.load_keys(settings).seal("x", **PLACE), keys().signer("session").sign("abc")
    renew(settings)
    assert keys().open(sealed, **PLACE) == "x" and keys().signer("session").unsign(cookie) == b"abc"


@pytest.mark.sqlite
def test_lost_keys_are_never_replaced_in_silence(tables: Settings) -> None:
    """A database in which somebody has acted and no ring: new keys would make all of it unreadable."""
    from portal.db import audit, database

    with database.writing():
        audit.record(audit.SYSTEM, "essai")
    tables.keys_file.unlink()
    with pytest.raises(SettingsError, match="restaurez-le"):
        crypto.load_keys(load({}, data=tables.data))
    assert not tables.keys_file.exists()


def test_two_first_starts_at_once_share_one_ring(tmp_path: Path) -> None:
    path = tmp_path / "cles.json"
    assert trousseau.create(path, trousseau.fresh(demonstration=True, at=AT))
    first = path.read_bytes()
    assert not trousseau.create(path, trousseau.fresh(demonstration=True, at=AT))
    assert path.read_bytes() == first


def test_a_seal_of_a_key_that_is_gone_opens_no_more(ring: Settings) -> None:
    sealed = keys().seal("x", **PLACE)
    with clock.freeze(MIDDAY):
        change(ring, lambda raw: trousseau.renewed(raw, AT), lambda raw: trousseau.without(raw, "k1", LATER))
    with pytest.raises(SealBroken, match="clé inconnue"):
        keys().open(sealed, **PLACE)
