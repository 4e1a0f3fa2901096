"""Importing a public file into the directory: what is taken, refused by line, kept, closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal import cli
from portal import settings as configuration
from portal.annuaire import fichier, importation
from portal.annuaire.models import Etablissement, Tarif, Unite
from portal.db import database
from portal.db.base import rows
from portal.settings import Settings

HEAD = "noFinesset;title;coordinates.postcode;coordinates.city;IsEHPAD;capacity;prixHebPermCs;latitude;longitude"
CAEN = "140990001;EHPAD Été;14000;Caen;1;80;65,50;;"
CORSICA = "2A0990001;EHPAD Corse;20000;Ajaccio;1;40;;41.9;8.7"


@pytest.fixture
def base(tables: Settings) -> Settings:
    database.connect()
    return tables


def _file(tmp_path: Path, *lines: str, encoding: str = "utf-8", head: str = HEAD, mark: str = ";") -> Path:
    path = tmp_path / "etablissements.csv"
    text = "\n".join((head, *lines)) + "\n"
    path.write_bytes((text if mark == ";" else text.replace(",", ".").replace(";", mark)).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_encoding_and_delimiter_are_found(base: Settings, tmp_path: Path, encoding: str, mark: str) -> None:
    report = importation.run(_file(tmp_path, CAEN, CORSICA, encoding=encoding, mark=mark))
    assert (report.new, report.refused) == (2, [])
    caen = Etablissement.get(finess="140990001")
    assert (caen.nom, caen.insee, caen.position) == ("EHPAD Été", "14118", "commune")
    assert Tarif.get(etablissement=caen.id).hebergement == 6550
    corsica = Etablissement.get(finess="2A0990001")
    assert (corsica.latitude, corsica.position) == (41.9, "annuaire")
    assert rows("SELECT COUNT(*) FROM etablissement_lieu")[0][0] == 2


@pytest.mark.parametrize(("line", "why"), [
    ("2C0990001;N;14000;Caen;1;;;;", "FINESS"), ("1;2;3;4;1;;;;", "code postal"),
    ("140990002;;14000;Caen;1;;;;", "nom"),
    ("140990002;N;14;Caen;1;;;;", "code postal"), ("140990002;N;14000;Caen;1;-3;;;", "capacité"),
    ("140990002;N;14000;Caen;1;;99999999;;", "prix"), ("140990002;N;14000;Caen;1;;;est;1", "coordonnées"),
    ("140990002;N;14000;Caen;1;;;nan;1", "globe"), (CAEN, "déjà")])
def test_a_faulty_line_is_refused_by_number_and_the_rest_is_taken(
        base: Settings, tmp_path: Path, line: str, why: str) -> None:
    report = importation.run(_file(tmp_path, CAEN, line, CORSICA))
    assert report.new == 2
    (number, message), = report.refused
    assert number == 3 and why in message


@pytest.mark.parametrize(("content", "why"), [
    (b"", "vide"), (b"PK\0\1", "texte"), (b"bonjour\n", "CSV"), (b"title;city\na;b\n", "nofinesset, postcode"),
    (b"\r" + HEAD.encode() + b"\n", "nofinesset"),
    (HEAD.encode() + b'\n140990001;"EHPAD' + b";14000;Caen\n" * 20_000, "guillemet")])
def test_a_file_that_is_no_directory_changes_nothing(base: Settings, tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(fichier.Refused, match=why):
        importation.run(path)
    assert not Etablissement.select().exists()


def test_a_second_import_changes_nothing_and_keeps_what_the_establishment_said(base: Settings, tmp_path: Path) -> None:
    importation.run(_file(tmp_path, CAEN, CORSICA))
    Etablissement.update(incomplets=True, rappel_heures=8).execute()
    Unite.update(places=3).execute()
    again = importation.run(_file(tmp_path, CAEN, CORSICA))
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    assert importation.run(_file(tmp_path, CAEN.replace("80", "81"), CORSICA)).changed == 1
    caen = Etablissement.get(finess="140990001")
    unit = Unite.get(etablissement=caen.id)
    assert (caen.incomplets, caen.rappel_heures, unit.places, unit.capacite) == (True, 8, 3, 81)


def test_the_absent_are_closed_only_when_asked_and_no_line_is_refused(base: Settings, tmp_path: Path) -> None:
    importation.run(_file(tmp_path, CAEN, CORSICA))
    assert importation.run(_file(tmp_path, CAEN)).closed == 0
    assert importation.run(_file(tmp_path, CAEN, CAEN), close=True).closed == 0
    assert importation.run(_file(tmp_path, CAEN), close=True).closed == 1
    assert Etablissement.get(finess="2A0990001").ferme


def test_a_finess_extraction_is_read(base: Settings, tmp_path: Path) -> None:
    row = ("structureet;140990009;140990000;CT;Centre des Ormes;;;12;R;DES ORMES;;;118;14;CALVADOS;14000 CAEN;"
           "0261990001;;109;x")
    other = row.replace(";109;x", ";620;x").replace("140990009", "140990010")
    report = importation.run(_file(tmp_path, row, other, head="finess;etalab;80;2026-01-01"))
    assert (report.new, report.refused) == (1, [])
    assert Unite.get().genre == "smr"


def test_the_command_tells_the_lines_and_is_silent_off_a_terminal(
        tables: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(configuration, "load", lambda **_: tables)
    assert cli.main(["annuaire", "import", str(_file(tmp_path, CAEN))]) == 0
    assert capsys.readouterr().err == ""
    assert cli.main(["annuaire", "import", str(_file(tmp_path, CAEN, CAEN))]) == 1
    assert "Ligne 3" in capsys.readouterr().err
    assert cli.main(["annuaire", "import", str(tmp_path / "rien.csv")]) == 2
