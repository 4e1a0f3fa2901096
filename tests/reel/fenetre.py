"""The agent's window without a browser: the forms that a browser would send, and what the pages say."""

from __future__ import annotations

import base64
import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from bs4 import BeautifulSoup


class Fenetre:
    """One window of the agent at ``url``, opened by the portal of this origin."""

    def __init__(self, url: str, origin: str) -> None:
        self.url, self.origin = url, origin
        self.page = BeautifulSoup("", "html.parser")
        self.status = 0

    def open(self, nonce: bytes) -> None:
        """What the portal's form posts."""
        self._post("/v1/dialogue", self.origin, nonce=base64.b64encode(nonce).decode())

    def type(self, code: str, *, last: bool = False) -> None:
        """Type the code in the page shown, and tick the last try's box."""
        jeton = self.page.select_one("input[name=jeton]")
        assert jeton, self.text
        self._post("/v1/signer", self.url, jeton=str(jeton["value"]), code=code, **({"dernier": "oui"} if last else {}))

    @property
    def text(self) -> str:
        """The page's words, blanks made plain."""
        return " ".join(self.page.get_text(" ").split())

    @property
    def token(self) -> dict[str, Any] | None:
        """What the page hands to the portal."""
        found = self.page.body and self.page.body.get("data-token")
        return json.loads(str(found)) if found else None

    def _post(self, path: str, origin: str, **fields: str) -> None:
        line = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=20)
        try:
            line.request("POST", path, urlencode(fields), {
                "Origin": origin, "Content-Type": "application/x-www-form-urlencoded"})
            answer = line.getresponse()
            self.status = answer.status
            self.page = BeautifulSoup(answer.read(), "html.parser")
        finally:
            line.close()
