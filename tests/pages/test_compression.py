"""Pages are packed for who asks from the portal, never for another site's page that guesses by their length."""

from __future__ import annotations

import brotli
import pytest

from tests.support.client import Client


@pytest.mark.parametrize(("site", "packed"), [
    ("same-origin", True), ("none", True), ("", True), ("cross-site", False), ("same-site", False)])
@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br"])
def test_what_another_site_asks_for_tells_nothing_by_its_length(
        client: Client, site: str, packed: bool, accepted: str) -> None:
    asked = {"Accept-Encoding": accepted} | ({"Sec-Fetch-Site": site} if site else {})
    answer = client.http.get("/connexion", headers=asked)
    assert answer.status_code == 200
    assert ("content-encoding" in answer.headers) is packed


@pytest.mark.parametrize(("accepted", "coding"), [
    ("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None), ("", None)])
def test_a_page_goes_out_in_the_smallest_coding_that_the_browser_takes(
        client: Client, accepted: str, coding: str | None) -> None:
    plain = client.get("/connexion").html
    with client.http.stream("GET", "/connexion", headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding") == coding
        assert "accept-encoding" in answer.headers["vary"].lower() or coding is None
        assert int(answer.headers["content-length"]) == len(raw)
    if coding == "br":
        assert len(brotli.decompress(raw).decode()) == len(plain)
