"""What the portal asks a ClamAV daemon, and that no answer is no permission."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from portal.pieces import antivirus
from portal.pieces.antivirus import Infecte, Muet, scan
from portal.settings import SettingsError, load
from tests.support.pieces import EICAR, clamd, knows_eicar


def test_without_a_daemon_nothing_is_asked() -> None:
    scan("", EICAR)


def test_a_clean_file_passes_whole() -> None:
    content = bytes(range(256)) * 3000  # several pieces
    with clamd(knows_eicar) as (address, seen):
        scan(address, content)
    assert seen == [content]


def test_a_known_threat_is_named_for_the_log() -> None:
    with clamd(knows_eicar) as (address, _), pytest.raises(Infecte, match="Eicar-Test-Signature"):
        scan(address, b"%PDF-1.7" + EICAR)


@pytest.mark.parametrize("answer", [
    None, b"", b"\0", b"OK\0", b"stream: OK", b"stream: OK\n", b"INSTREAM size limit exceeded. ERROR\0",
    b"stream: Can't open file ERROR\0", b"stream: OK\0stream: OK\0", b"x" * 9000 + b"\0", "stream: OKé\0".encode(),
])
def test_any_other_answer_refuses(answer: bytes | None) -> None:
    with clamd(lambda content: answer) as (address, _), pytest.raises(Muet):
        scan(address, b"content")


@pytest.mark.parametrize("address", ["tcp:127.0.0.1:9", "tcp:127.0.0.1:99999", "unix:/nulle/part"])
def test_nobody_there_refuses(address: str) -> None:
    with pytest.raises(Muet):
        scan(address, b"content")


def test_a_daemon_that_keeps_silent_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(antivirus, "ANSWER_SECONDS", 0.2)
    over = threading.Event()

    def wait(content: bytes) -> None:
        over.wait(10)

    with clamd(wait) as (address, _):
        with pytest.raises(Muet):
            scan(address, b"content")
        over.set()


@pytest.mark.parametrize(("values", "words"), [
    ({"clamav": "127.0.0.1:3310"}, "clamav"), ({"clamav": "unix:"}, "clamav"), ({"clamav": "tcp:x:y"}, "clamav"),
    ({"piece_max": 0}, "piece_max"), ({"piece_max": 20_000_000}, "piece_max"), ({"pieces_max": 0}, "pieces_max"),
    ({"pieces_total": 5}, "pieces_total"),
])
def test_settings_that_make_no_sense_stop_the_start(values: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=words):
        load({}, data=tmp_path, **values)


@pytest.mark.parametrize("address", ["", "unix:/run/clamav/clamd.ctl", "tcp:localhost:3310", "tcp:[::1]:3310"])
def test_settings_that_do(address: str, tmp_path: Path) -> None:
    assert load({}, data=tmp_path, clamav=address).clamav == address
