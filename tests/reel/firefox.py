"""Enough of WebDriver BiDi to walk Debian's Firefox through a login: Playwright can't drive it."""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.running import wait_until

Found = TypeVar("Found")
READY = "WebDriver BiDi listening on "
SECONDS = 20


class Refused(Exception):
    """Firefox answered a command with an error."""


class Firefox:
    """A headless Firefox with a profile of its own; ``host`` is one more name of this machine."""

    def __init__(self, path: str, profile: Path, host: str) -> None:
        profile.mkdir()
        (profile / "user.js").write_text("".join(
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in {
                "network.dns.localDomains": host, "browser.shell.checkDefaultBrowser": False,
                "datareporting.policy.dataSubmissionEnabled": False, "app.update.enabled": False,
                "browser.aboutwelcome.enabled": False,
            }.items()), "utf-8")
        self._log = profile / "firefox.log"
        self._command = [path, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
        self._numbers = itertools.count(1)
        self._line: ClientConnection
        self._end = contextlib.ExitStack()

    def __enter__(self) -> Firefox:
        with contextlib.ExitStack() as end, self._log.open("wb") as log:
            process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            end.callback(_stop, process)
            address = self.wait(self._address)
            self._line = end.enter_context(connect(f"{address}/session", max_size=None))
            self.send("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
            self._end = end.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()

    def send(self, method: str, **params: Any) -> Any:
        """One command and its result; raises Refused."""
        number = next(self._numbers)
        self._line.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._line.recv(timeout=SECONDS))
            if answer.get("id") == number:
                if answer["type"] == "error":
                    raise Refused(f"{method}: {answer['error']} {answer['message']}")
                return answer["result"]

    def pages(self) -> list[str]:
        """The windows and tabs, by their identifiers."""
        return [one["context"] for one in self.send("browsingContext.getTree")["contexts"]]

    def go(self, page: str, url: str) -> None:
        """Navigate, until the page is loaded."""
        self.send("browsingContext.navigate", context=page, url=url, wait="complete")

    def run(self, page: str, script: str) -> Any:
        """Evaluate a script as if a person had just clicked; its value if it is plain."""
        answer = self.send("script.evaluate", expression=script, target={"context": page}, awaitPromise=True,
                           userActivation=True)
        if answer["type"] == "exception":
            raise Refused(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def wait(self, condition: Callable[[], Found | None]) -> Found:
        """The first true value of a condition; what a page in between two addresses refuses is asked again."""
        found: list[Found] = []

        def ready() -> bool:
            try:
                value = condition()
            except Refused:
                return False
            if value:
                found.append(value)
            return bool(value)

        try:
            wait_until(ready, SECONDS)
        except (TimeoutError, ConnectionClosed) as error:
            raise AssertionError(self._log.read_text("utf-8", "replace")[-2000:]) from error
        return found[0]

    def _address(self) -> str | None:
        lines = self._log.read_text("utf-8", "replace").splitlines()
        return next((line.rpartition(READY)[2].strip() for line in lines if READY in line), None)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
