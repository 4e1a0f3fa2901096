"""Static files: what browsers may keep, and in which form they are sent."""

from __future__ import annotations

from pathlib import Path

import brotli
import pytest

from portal.web.render import asset
from tests.support.client import Client

STYLE = "css/portail.css"
TWO = ["portail.test", "evil.example"]
# What each answer says of itself.
OWN = ("content-length", "content-type", "content-encoding", "cache-control", "vary", "x-request-id")


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


def test_an_address_with_another_fingerprint_is_checked_again(client: Client) -> None:
    """What was linked before an update must not be kept for ever with the words of after it."""
    assert client.get(f"/static/{STYLE}?v=0123456789").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("hosts", [["evil.example"], TWO, ["portail.test", "portail.test"]])
@pytest.mark.parametrize("path", [f"/static/{STYLE}", "/aide/"])
def test_no_file_goes_out_under_another_host_s_name(client: Client, path: str, hosts: list[str]) -> None:
    answer = client.http.get(path, headers=[("Host", host) for host in hosts])
    assert answer.status_code == 421


def test_head_says_the_same_without_the_file(client: Client) -> None:
    whole, head = client.http.get(f"/static/{STYLE}"), client.http.head(f"/static/{STYLE}")
    own = {"x-request-id"}
    assert head.content == b"" and whole.content
    assert {k: v for k, v in head.headers.items() if k not in own} == {
        k: v for k, v in whole.headers.items() if k not in own}


def test_what_is_answered_before_the_guards_carries_their_headers(client: Client) -> None:
    """The same words about the same kind of address as an answer that went through all of them."""
    given, refused = client.get(f"/static/{STYLE}").headers, client.http.get("/static/rien.css").headers
    assert {name: given.get(name) for name in refused if name not in OWN} == {
        name: text for name, text in refused.items() if name not in OWN}


@pytest.mark.parametrize("accepted", ["br;q=0, gzip;q=0.0", "br; q=0"])
def test_a_refused_coding_is_not_sent(client: Client, accepted: str) -> None:
    assert "content-encoding" not in client.get(f"/static/{STYLE}", **{"Accept-Encoding": accepted}).headers


@pytest.mark.parametrize("path", ["../portal/settings.py", "..%2fpyproject.toml", "css/", "nothing.css"])
def test_nothing_outside_the_folder(client: Client, path: str) -> None:
    client.get(f"/static/{path}", 404)
