"""A storm: several clients write at once until somebody stops the portal."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from portal.settings import Settings
from tests.support.pannes import clients
from tests.support.pannes.clients import Browser, Ecrits, Step
from tests.support.pannes.monde import MARK, Monde

FIELD = "antecedents"
WRITERS = 8


@dataclass
class Tempete:
    """What is left to do in a world, and what was acknowledged so far, over all rounds."""

    monde: Monde
    done: Ecrits = field(default_factory=Ecrits)
    names: Iterator[int] = field(default_factory=itertools.count)
    stop: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def steps(self) -> list[list[Step]]:
        """One list a client: two accept, two create, one sends, the others type in a volet each."""
        waiting = [numero for numero in self.monde.waiting if numero not in self.done.accepted]
        asking = [pair for pair in self.monde.asking if pair[1] not in self.done.sent]
        own = [name for _, name in zip(range(400), self.names, strict=False)]
        free = [numero for numero in self.monde.written if numero not in self.done.typed]
        return [
            clients.accepting(waiting[0::2]), clients.accepting(waiting[1::2]),
            clients.creating(_surname(rank) for rank in own[0::2]),
            clients.creating(_surname(rank) for rank in own[1::2]),
            clients.sending(asking),
            *(clients.typing(numero, 500, FIELD, MARK) for numero in free[:WRITERS - 5]),
        ]

    @contextmanager
    def blowing(self, settings: Settings, *ports: int) -> Iterator[None]:
        """Clients at work on these portals, hung up at the end of the block."""
        ports = ports or (settings.port,)
        browsers = [Browser(settings).at(ports[rank % len(ports)]) for rank in range(WRITERS)]
        try:
            with self.of(browsers):
                yield
        finally:
            for browser in browsers:
                browser.close()

    @contextmanager
    def of(self, browsers: list[Browser]) -> Iterator[None]:
        """These ``WRITERS`` browsers at work until the end of the block; they stay logged in."""
        self.stop.clear()
        self.threads = [clients.at_work(browser, steps, self.done, self.stop)
                        for browser, steps in zip(browsers, self.steps(), strict=True)]
        try:
            yield
        finally:
            self.stop.set()
            for thread in self.threads:
                thread.join(clients.TIMEOUT + 5)

    def until(self, writes: int, seconds: float = 20) -> None:
        """Wait for so many more acknowledged writes; TimeoutError when they don't come."""
        wanted, end = self.done.total + writes, time.monotonic() + seconds
        while self.done.total < wanted:
            if time.monotonic() > end or not any(thread.is_alive() for thread in self.threads):
                raise TimeoutError(f"{self.done.total} of {wanted}: {self.done.refused[-3:]} {self.done.lost[-3:]}")
            time.sleep(0.005)


def _surname(rank: int) -> str:
    return "ORAGE" + "".join(chr(ord("A") + int(digit)) for digit in f"{rank:04d}")
