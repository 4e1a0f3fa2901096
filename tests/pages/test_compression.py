"""Pages are packed for who asks from the portal, never for another site's page that guesses by their length."""

from __future__ import annotations

import pytest

from tests.support.client import Client


@pytest.mark.parametrize(("site", "packed"), [
    ("same-origin", True), ("none", True), ("", True), ("cross-site", False), ("same-site", False)])
def test_what_another_site_asks_for_tells_nothing_by_its_length(client: Client, site: str, packed: bool) -> None:
    asked = {"Accept-Encoding": "gzip"} | ({"Sec-Fetch-Site": site} if site else {})
    answer = client.http.get("/connexion", headers=asked)
    assert answer.status_code == 200
    assert ("content-encoding" in answer.headers) is packed
