"""Static files: what browsers may keep, and in which form they are sent."""

from __future__ import annotations

from pathlib import Path

import brotli
import pytest

from portal.web.render import asset
from tests.support.client import Client

STYLE = "css/portail.css"


def test_a_fingerprinted_file_is_kept_for_ever(client: Client) -> None:
    answer = client.get(asset(STYLE))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_plain_address_is_checked_again(client: Client) -> None:
    first = client.get(f"/static/{STYLE}")
    assert first.headers["cache-control"] == "no-cache"
    client.get(f"/static/{STYLE}", 304, **{"If-None-Match": first.headers["etag"]})


@pytest.mark.parametrize(("accepted", "coding"), [
    ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None), ("br;q=1.0", "br"), ("brotli", None)])
def test_the_form_is_one_that_the_browser_takes(client: Client, accepted: str, coding: str | None) -> None:
    with client.http.stream("GET", asset(STYLE), headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding") == coding
    if coding == "br":
        raw = brotli.decompress(raw)
    if coding != "gzip":
        assert raw == Path("static", STYLE).read_bytes()


@pytest.mark.parametrize("path", ["../portal/settings.py", "..%2fpyproject.toml", "css/", "nothing.css"])
def test_nothing_outside_the_folder(client: Client, path: str) -> None:
    client.get(f"/static/{path}", 404)
