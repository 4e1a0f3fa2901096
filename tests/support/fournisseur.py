"""The demonstration's e-CPS provider in a test's hands: no socket, and able to lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from portal.connexion.ecps import client as calls
from portal.demonstration.fournisseur import Provider
from portal.settings import Settings
from tests.support.client import Answer, Client

BOB, ALICE, NURSE = "810100000022", "810100000011", "810100000066"


class Browser:
    """What a person does on the provider's pages, and the portal's own calls to it."""

    def __init__(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        self.provider = Provider(settings)
        self.http = TestClient(self.provider.application(), base_url=settings.ecps_issuer, follow_redirects=False)
        self.failing: dict[str, httpx2.Response | Exception] = {}
        self.calls: list[str] = []
        monkeypatch.setattr(calls, "open_client", lambda _settings: httpx2.Client(
            transport=httpx2.MockTransport(lambda request: self._relay(request))))

    def lies(self, what: str, change: Callable[[Any], Any]) -> None:
        """Change one thing that the provider sends (``claims``, ``id_token``, ``userinfo``, …)."""
        self.provider.alter = lambda name, value: change(value) if name == what else value

    def fails(self, path: str, answer: httpx2.Response | Exception) -> None:
        """Answer one address so, or not at all."""
        self.failing[path] = answer

    def _relay(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        self.calls.append(path)
        answer = self.failing.get(path)
        if isinstance(answer, Exception):
            raise answer
        given = answer or self.http.request(
            request.method, path, content=request.content, headers=dict(request.headers))
        return httpx2.Response(given.status_code, headers=given.headers, stream=httpx2.ByteStream(given.content))

    def approve(self, address: str, number: str = BOB, gesture: str = "valider") -> str:
        """From the address the portal sent us to, back to it: the path and query of the callback."""
        assert self.http.get(address).status_code == 200
        answer = self.http.post("/decision", data={
            "demande": urlsplit(address).query, "personne": number, "geste": gesture})
        parts = urlsplit(answer.headers["location"])
        return f"{parts.path}?{parts.query}"


def begin(client: Client, suite: str = "") -> str:
    """Press the button of the login page; the provider's address."""
    client.get("/connexion")
    return client.post("/connexion/ecps", {"suite": suite}).location


def come_back(client: Client, path: str, status: int = 303) -> Answer:
    """Load the callback's page and send its form, as its script does."""
    page = client.get(path)
    form = page.soup.select_one("#retour-ecps")
    fields = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    return client.post(form["action"], fields, status)


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
