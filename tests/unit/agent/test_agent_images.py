"""Card images: what a file may hold, and what a sentence says when it does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.agent.carte_demonstration import DemonstrationCard, ImageError, load, read
from portal.agent.errors import MuteCard, NoCard, NoReader
from portal.agent.plateau import EMPTY, UNPLUGGED, Tray
from portal.agent.transport import ReaderState

RawImage = Callable[..., dict[str, Any]]


def test_people_come_first_and_the_first_card_is_in_the_reader(folder: Path) -> None:
    images = load(folder)
    assert [image.id for image in images][:2] == ["alice-martin", "bob-durand"]
    assert Tray(images).inserted == "alice-martin"


def test_images_may_lie_in_a_folder_of_their_own(tmp_path: Path, raw_image: RawImage) -> None:
    (tmp_path / "cartes").mkdir()
    (tmp_path / "cartes" / "a.json").write_text(json.dumps(raw_image()), "utf-8")
    (tmp_path / "autre.json").write_text("{}", "utf-8")
    assert [image.id for image in load(tmp_path)] == ["alice-martin"]


@pytest.mark.parametrize("change", [
    {"type": "CPS4"}, {"id": "../x"}, {"code": "12345"}, {"essais": 16}, {"atr": "zz"}, {"infos_ps": None, "atr": 1},
    {"certificat_authentification": "%"}, {"cle_authentification": {"n": "1"}},
])
def test_an_image_that_makes_no_sense_is_refused_by_name(
        tmp_path: Path, raw_image: RawImage, change: dict[str, Any]) -> None:
    path = tmp_path / "carte.json"
    path.write_text(json.dumps(raw_image(**change)), "utf-8")
    with pytest.raises(ImageError, match=r"carte\.json"):
        read(path)


@pytest.mark.parametrize("text", ["", "[]", "null", "{"])
def test_a_file_that_is_no_image_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "carte.json").write_text(text, "utf-8")
    with pytest.raises(ImageError):
        load(tmp_path)


def test_an_empty_folder_or_twins_are_refused(tmp_path: Path, raw_image: RawImage) -> None:
    with pytest.raises(ImageError, match="Aucune carte"):
        load(tmp_path)
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps(raw_image()), "utf-8")
    with pytest.raises(ImageError, match="même identifiant"):
        load(tmp_path)


@pytest.mark.parametrize(("name", "state", "error"), [
    (UNPLUGGED, ReaderState.NO_READER, NoReader), (EMPTY, ReaderState.NO_CARD, NoCard),
    ("carte-illisible", ReaderState.MUTE, MuteCard),
])
def test_each_state_of_the_tray_has_its_error(
        folder: Path, name: str, state: ReaderState, error: type[Exception]) -> None:
    tray = Tray(load(folder))
    tray.insert(name)
    assert tray.state() is state
    with pytest.raises(error), tray.connect():
        pass


def test_the_tray_knows_only_its_cards(folder: Path) -> None:
    tray = Tray(load(folder))
    with pytest.raises(ValueError, match="inconnue"):
        tray.insert("inconnue")
    assert tray.inserted == "alice-martin"


@pytest.mark.parametrize("command", ["", "00", "80A40000", "00A4040005AA", "00FF0000", "00B0000000", "0022", "00200009",
                                     "002241A406800102840199", "00880000"])
def test_a_card_answers_odd_commands_with_an_error(folder: Path, command: str) -> None:
    card = DemonstrationCard(read(folder / "alice-martin.json"))
    answer = card.transmit(bytes.fromhex(command))
    assert len(answer) == 2
    assert answer != b"\x90\x00"
