"""A portal that was told to stop says so before it stops listening."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from types import FrameType

_stopping = threading.Event()

# How often a worker looks whether its supervisor still lives.
LOOK_SECONDS = 2


def stopping() -> bool:
    """True once SIGTERM has arrived."""
    return _stopping.is_set()


@contextmanager
def announced(pause: timedelta) -> Iterator[None]:
    """Inside, SIGTERM first makes the portal « not ready », then, ``pause`` later, stops it as the server wants.

    A second SIGTERM does not wait. Outside the main thread, where no signal arrives, nothing is changed.
    """
    _stopping.clear()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    server = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        again = _stopping.is_set()
        _stopping.set()
        if not callable(server):
            raise SystemExit(0)
        if again or not pause:
            server(number, frame)
        else:
            timer = threading.Timer(pause.total_seconds(), server, (number, frame))
            timer.daemon = True
            timer.start()

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        # The server has put back its own since, or is about to.
        with suppress(ValueError):
            if signal.getsignal(signal.SIGTERM) is stop:
                signal.signal(signal.SIGTERM, server)


async def leave_with_supervisor() -> None:
    """A worker whose supervisor was killed would listen for ever beside the next one: it stops instead."""
    parent = multiprocessing.parent_process()
    while parent is not None:
        await asyncio.sleep(LOOK_SECONDS)
        if not parent.is_alive():
            os.kill(os.getpid(), signal.SIGTERM)
            return
