"""A built page's pictures: sized, loaded late, dark on dark screens."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from portal.aide import images

PAGE = '<p><img alt="Une carte" src="../images/otp/01-choisir.webp" /></p>'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "images" / "otp"
    folder.mkdir(parents=True)
    Image.new("RGB", (60, 40)).save(folder / "01-choisir.webp")
    return tmp_path


def test_a_picture_says_its_size_and_waits(site: Path) -> None:
    framed = images.framed(PAGE, "/aide/otp/", site)
    assert 'src="/aide/images/otp/01-choisir.webp" width="60" height="40" loading="lazy"' in framed
    assert "<picture>" not in framed


def test_a_picture_with_a_dark_side_offers_it(site: Path) -> None:
    Image.new("RGB", (60, 40)).save(site / "images" / "otp" / "01-choisir.sombre.webp")
    framed = images.framed(PAGE, "/aide/otp/", site)
    assert framed.startswith('<p><picture><source srcset="/aide/images/otp/01-choisir.sombre.webp" '
                             'media="(prefers-color-scheme: dark)"><img alt="Une carte" ')
    assert framed.endswith("</picture></p>")


def test_a_picture_that_does_not_exist_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        images.framed(PAGE, "/aide/otp/", tmp_path)
