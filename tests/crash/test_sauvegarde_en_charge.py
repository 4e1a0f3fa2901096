"""R5: a backup made while eight clients write comes back whole, and only with its own keys."""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw
import pytest

from portal.settings import Settings
from tests.support.pannes import comptes, monde
from tests.support.pannes.clients import Ecrits
from tests.support.pannes.monde import MARK
from tests.support.pannes.portail import command, running
from tests.support.pannes.rapport import Rapport
from tests.support.pannes.tempete import FIELD, Tempete


def so_far(done: Ecrits) -> Ecrits:
    """What was acknowledged until now; later texts may be there too."""
    with done.lock:
        return Ecrits(set(done.accepted), dict(done.created), set(done.sent),
                      {numero: (rank, 1 << 30) for numero, (rank, _) in done.typed.items()}, done.typings)


def content(file: Path) -> list[object]:
    """Every row of every table."""
    connection = apsw.Connection(str(file))
    names = [name for name, in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    found = [(name, sorted(map(repr, connection.execute(f"SELECT * FROM {name}")))) for name in names]
    connection.close()
    return found


@pytest.mark.proves("R5", "D1")
def test_a_backup_under_load_comes_back_whole(data: Settings, tmp_path: Path, rapport: Rapport, quick: bool) -> None:
    safe, storm, saved = tmp_path / "coffre", Tempete(monde.read(data.data)), []
    safe.mkdir()
    with monde.opened(data), running(data):
        with storm.blowing(data):
            for rank in range(1 if quick else 3):
                storm.until(30)
                before, file = so_far(storm.done), safe / f"{rank}.vts"
                made = command(data, "sauvegarder", str(file))
                assert made.returncode == 0, made.stderr
                saved.append((file, before))
        last = safe / "calme.vts"
        assert command(data, "sauvegarder", str(last)).returncode == 0
        saved.append((last, so_far(storm.done)))
        refused = command(data, "restaurer", str(last), "--forcer")
        assert refused.returncode == 1 and "en marche" in refused.stderr
    with rapport.essai("R5 backup under load (8 clients), restored elsewhere") as essai:
        for file, before in saved:
            there = monde.settings_of(tmp_path / f"neuf-{file.stem}")
            there.data.mkdir()
            shutil.copy(data.data / "cles.json", there.data)
            done = command(there, "restaurer", str(file))
            assert done.returncode == 0, done.stderr
            with monde.opened(there):
                lost = comptes.missing(before, FIELD, MARK)
                assert comptes.unsound() == [] and lost == []
            essai.add(before.total, len(lost))
    assert content(there.data / "portail.sqlite") == content(data.data / "portail.sqlite")
    assert MARK.encode() not in b"".join(file.read_bytes() for file, _ in saved)
    stranger = monde.settings_of(tmp_path / "etranger")
    with monde.opened(stranger):
        pass
    wrong = command(stranger, "restaurer", str(last))
    assert wrong.returncode == 1 and "n’est pas celle qui a scellé" in wrong.stderr
