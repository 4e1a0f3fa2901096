"""D2: ``portal rekey`` killed by kill -9 while a portal serves, and run again: only the new key is left, all opens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from portal import clock
from portal.db import database, rescellement
from portal.db.base import rows
from portal.db.crypto import keys
from portal.settings import ROOT, Settings
from portal.volets.queries import opened
from portal.web.session import Access, Session, Visit
from tests.support import scelles, volets
from tests.support.pannes import comptes, monde
from tests.support.pannes.monde import MARK
from tests.support.pannes.portail import running
from tests.support.pannes.rapport import Rapport
from tests.support.pannes.tempete import FIELD, Tempete

SECONDS = 120
# Enough values for a run to be killed several times before its end: 200 are sealed anew at once.
MANY = 8000


@contextmanager
def command(data: Settings, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A ``portal`` command in a process of its own, none of it left at the end of the block."""
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT.parent), "PORTAL_DATA": str(data.data),
             "PORTAL_DEMONSTRATION": "oui", "PORTAL_DATABASE": data.database, "PORTAL_ORIGIN": data.origin}
    process = subprocess.Popen([sys.executable, "-m", "portal", *words], env=given, cwd=ROOT.parent, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def done(data: Settings, *words: str) -> str:
    """What a command says that succeeds."""
    with command(data, *words) as process:
        said = process.communicate(timeout=SECONDS)[0]
        assert process.returncode == 0, said
    return said.replace("\u00a0", " ")


def many_sessions() -> None:
    """Sessions of other people, each with something sealed."""
    now = clock.now()
    with database.writing():
        for rank in range(MANY):
            key = Visit(f"foule {rank}").key
            Session.insert(
                key=key, created=now, last_seen=now, ends=now + timedelta(hours=12), state=int(Access.CARTE), name="",
                level="cps", device="", data=keys().seal(json.dumps({"rang": rank}), table="session", row=key,
                                                         column="data")).execute()


def renewed() -> int:
    """How many sessions the new key seals."""
    return int(rows("SELECT count(*) FROM session WHERE substr(data, 1, 3) = ?", b"k2:")[0][0])


def killed_in_the_middle(data: Settings) -> None:
    """Run ``portal rekey``, kill it once it has done more than was done before."""
    before = renewed()
    with command(data, "rekey") as process:
        end = time.monotonic() + SECONDS
        while renewed() < before + MANY // 10:
            assert process.poll() is None and time.monotonic() < end, "it ended before it was killed"
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.wait(SECONDS)


@pytest.mark.proves("D2", "V11.2.2")
def test_a_rekey_that_is_killed_and_resumed_leaves_the_new_key_alone(
        data: Settings, rapport: Rapport, quick: bool) -> None:
    storm = Tempete(monde.read(data.data))
    with (rapport.essai("D2 kill -9 of portal rekey, 8 clients on a portal, SQLite") as essai,
          monde.opened(data), running(data)):
        furnished = scelles.furnish(data)
        many_sessions()
        with storm.blowing(data):
            storm.until(20)
            done(data, "cles", "nouvelle")
            for _ in range(2 if quick else 4):
                killed_in_the_middle(data)
                assert rescellement.left("k2") > 0, "nothing was left to do"
                essai.rounds += 1
            storm.until(20)
            said = done(data, "rekey")
            storm.until(10)
        assert "Toutes s’ouvrent avec la clé k2 seule" in said
        assert rescellement.left("k2") == 0 and rescellement.uses("k2") > MANY
        assert not [(str(of), bad) for of, _, bad in rescellement.proof() if bad]
        answers = opened(volets.seen(furnished.numero), "medical").answers
        assert answers["antecedents"] == scelles.MEDICAL
        lost = comptes.missing(storm.done, FIELD, MARK)
        essai.add(storm.done.total, len(lost), rounds=0)
        assert comptes.unsound() == [] and lost == []
    assert not storm.done.refused, f"somebody was logged out or refused: {storm.done.refused[:3]}"
