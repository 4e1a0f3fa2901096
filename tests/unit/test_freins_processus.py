"""The limiter between processes: real ones, each with its own connection, count together."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from portal.db import database
from portal.settings import Settings
from portal.web import throttle
from portal.web.throttle import FREE, Frein

PROCESSES, TRIES = 3, 4
GUESSER = """
import sys
from portal.db import crypto, database
from portal.settings import load
from portal.web import throttle
from portal.web.errors import TooMany
settings = load()
crypto.load_keys(settings)
database.open_database(settings)
key = throttle.account("alice@exemple.fr")
print("ready", flush=True)
sys.stdin.readline()
granted = 0
for _ in range(int(sys.argv[1])):
    try:
        with database.writing():
            throttle.attempt(key)
        granted += 1
    except TooMany:
        pass
database.close()
print(granted)
"""


@pytest.mark.proves("N2", "V6.3.1", "V2.4.1")
def test_guessers_at_several_processes_get_the_tries_of_one(tables: Settings) -> None:
    environment = os.environ | {"PORTAL_DATA": str(tables.data), "PORTAL_DEMONSTRATION": "1", "PYTHONWARNINGS": ""}
    started = [subprocess.Popen([sys.executable, "-c", GUESSER, str(TRIES)], env=environment, text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(PROCESSES)]
    try:
        for one in started:
            assert one.stdout and one.stdout.readline() == "ready\n"
        granted = []
        for one in started:
            assert one.stdin
            one.stdin.write("go\n")
            one.stdin.flush()
        for one in started:
            granted.append(int(one.communicate(timeout=60)[0]))
    finally:
        for one in started:
            one.kill()
            one.wait()
    assert sum(granted) == FREE["compte"] < PROCESSES * TRIES
    with database.reading():
        assert Frein.get_by_id(throttle.account("alice@exemple.fr")).tries == FREE["compte"]
    assert throttle.wait(throttle.account("alice@exemple.fr"))
