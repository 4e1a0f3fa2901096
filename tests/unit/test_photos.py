"""What the guide's picture machine notices, and what it lets pass; what it keeps of a scenario that failed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from portal.aide import polices
from tests.e2e import photos, traces


def screen(words: str) -> Image.Image:
    """A page of text as a browser draws it."""
    picture = Image.new("RGB", (640, 360), "#f2f5f6")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(polices.REGULAR, 16)
    for line in range(12):
        pen.text((24, 20 + 26 * line), f"Dossier {line} : volet médical à remplir", "#14202b", font=font)
    pen.text((24, 332), words, "#14202b", font=font)
    return picture


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "01-choisir.webp"
    path.write_bytes(photos.encoded(screen("Accepter le dossier")))
    return path


def test_the_same_screen_is_the_same_picture(stored: Path) -> None:
    assert photos.difference(stored, screen("Accepter le dossier")) == ""


def test_another_smoothing_of_letters_is_the_same_picture(stored: Path) -> None:
    smoothed = screen("Accepter le dossier").filter(ImageFilter.GaussianBlur(0.4))
    assert photos.difference(stored, smoothed) == ""


def test_one_other_word_is_noticed(stored: Path) -> None:
    assert photos.difference(stored, screen("Refuser le dossier")).startswith("outdated")


@pytest.mark.parametrize("size", [(640, 380), (600, 360)])
def test_another_size_is_noticed(stored: Path, size: tuple[int, int]) -> None:
    assert "has become" in photos.difference(stored, screen("Accepter le dossier").resize(size))


def test_a_missing_picture_is_said(tmp_path: Path) -> None:
    assert photos.difference(tmp_path / "02-absent.webp", screen("")) == "missing"


def test_a_picture_is_written_the_same_twice_and_small() -> None:
    once, again = photos.encoded(screen("Valider")), photos.encoded(screen("Valider"))
    assert once == again
    assert len(once) < 12_000


def test_comparing_rewrites_nothing(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "STORED", stored.parent.parent)
    monkeypatch.delenv("PORTAL_GUIDE", raising=False)
    before = stored.read_bytes()
    faults = photos.settle(stored.parent.name, "01-choisir", {"": screen("Refuser le dossier")})
    assert len(faults) == 1 and "make guide" in faults[0]
    assert stored.read_bytes() == before


def test_the_guide_rewrites_only_what_has_changed(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "STORED", stored.parent.parent)
    monkeypatch.setenv("PORTAL_GUIDE", "1")
    before = stored.read_bytes()
    smoothed = screen("Accepter le dossier").filter(ImageFilter.GaussianBlur(0.4))
    assert photos.settle(stored.parent.name, "01-choisir", {"": smoothed}) == []
    assert stored.read_bytes() == before
    assert photos.settle(stored.parent.name, "01-choisir", {"": screen("Refuser le dossier")}) == []
    assert stored.read_bytes() != before


def test_a_film_shows_the_frames_at_their_pace(tmp_path: Path) -> None:
    trace = tmp_path / "1.zip"
    with zipfile.ZipFile(trace, "w") as archive:
        for moment, colour in ((1000, "white"), (1200, "black"), (9000, "white")):
            body = io.BytesIO()
            Image.new("RGB", (64, 40), colour).save(body, "JPEG")
            archive.writestr(f"screencast/page@a-{moment}.jpeg", body.getvalue())
    traces.film(trace, tmp_path / "1.webp")
    with Image.open(tmp_path / "1.webp") as film:
        lengths = []
        for frame in range(film.n_frames):
            film.seek(frame)
            film.load()
            lengths.append(film.info["duration"])
    assert lengths == [200, traces.LONGEST_MS, traces.LONGEST_MS]


def test_a_scenario_has_a_folder_of_its_own() -> None:
    assert traces.folder_of("tests/e2e/guide/test_otp.py::test_01_choisir") == "guide-test_otp-test_01_choisir"
