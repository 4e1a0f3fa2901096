"""Vendored code is what its authors published, byte for byte."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

VENDOR = Path("static/vendor")
# SHA-384 of dist/htmx.min.js in the npm package htmx.org 4.0.1.
HTMX = "Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn"


def test_htmx_is_the_published_file() -> None:
    digest = hashlib.sha384((VENDOR / "htmx-4.0.1.min.js").read_bytes()).digest()
    assert base64.b64encode(digest).decode() == HTMX


def test_its_licence_lies_beside_it() -> None:
    assert "Zero-Clause BSD" in (VENDOR / "htmx-LICENSE.txt").read_text("utf-8")


@pytest.mark.proves("V3.6.1")
def test_nothing_else_is_vendored() -> None:
    assert sorted(path.name for path in VENDOR.iterdir()) == ["htmx-4.0.1.min.js", "htmx-LICENSE.txt"]
