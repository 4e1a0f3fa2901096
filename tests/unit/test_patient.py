"""A person's data copied for her, whole, or erased, whole: the archive holds every word, then nothing does."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal import cli, clock
from portal.conservation import copie, queries, rules
from portal.db import audit, database
from portal.db.base import rows
from portal.db.crypto import keys
from portal.db.scelles import SEALED
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.settings import Settings
from tests.support import conservation as seeds
from tests.support import espaces
from tests.support.people import LEROUX
from tests.support.volets import ALICE_ACTS

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
Capture = pytest.CaptureFixture[str]
OTHER = "TOURNEBRIDE"


@pytest.fixture
def here(tables: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The command reads the settings of this test's folder."""
    for name, value in (("PORTAL_DATA", tables.data), ("PORTAL_DATABASE", tables.database),
                        ("PORTAL_DEMONSTRATION", "1")):
        monkeypatch.setenv(name, str(value))
    return tables


@pytest.fixture
def two(here: Settings) -> tuple[Dossier, Dossier]:
    """Mme LEROUX's dossier and somebody else's, each with rows everywhere."""
    with clock.freeze(NOON):
        return seeds.full("LEROUX"), seeds.full(OTHER)


def run(capsys: Capture, *words: str) -> tuple[int, str]:
    code = cli.main(["patient", *words])
    said = capsys.readouterr()
    return code, said.out + said.err


def erased(capsys: Capture, *words: str) -> tuple[int, str]:
    """Both times: the announcement, then the erasure with its code."""
    found = re.search(r"--confirmer (\d{8})", run(capsys, "effacer", *words)[1])
    assert found
    return run(capsys, "effacer", *words, "--confirmer", found[1])


def everything() -> str:
    """Every value of every table, sealed ones opened with the ring wherever they are."""
    seen = []
    for table in queries.table_names():
        if not table.startswith(rules.INDEXES):
            seen += [str(value) for line in rows(f"SELECT * FROM {table}") for value in line]
    for one in SEALED:
        places = ", ".join(one.place)
        for sealed, *words in rows(f"SELECT t.{one.column}, {places} FROM {one.table} t {one.join} "
                                   f"WHERE t.{one.column} IS NOT NULL"):
            place = " ".join(map(str, words))
            seen.append(keys().open_bytes(sealed, table=one.seal_table, row=place, column=one.column).decode())
    return "\n".join(seen).lower()


def words_left(text: str, name: str) -> list[str]:
    return [word for word in seeds.words(name) if word.lower() in text or word.replace(" ", "").lower() in text]


class TestACopy:
    """Articles 15 and 20: everything, readable by a machine and by a person, and only hers."""

    pytestmark = pytest.mark.proves("V14.2.4")

    @pytest.fixture
    def archive(self, two: tuple[Dossier, Dossier], capsys: Capture, tmp_path: Path) -> dict[str, bytes]:
        code, said = run(capsys, "exporter", "ga", str(two[0].numero), "--vers", str(tmp_path / "copie.zip"))
        assert code == 0 and "effacez-la" in said
        with zipfile.ZipFile(io.BytesIO((tmp_path / "copie.zip").read_bytes())) as folder:
            return {name.partition("/")[2]: folder.read(name) for name in folder.namelist()}

    def test_every_word_of_her_is_in_it_and_none_of_anybody_else(self, archive: dict[str, bytes]) -> None:
        text = b"\n".join([*archive.values(), *map(str.encode, archive)]).decode().lower()
        assert sorted(words_left(text, "LEROUX")) == sorted(seeds.words("LEROUX"))
        assert not words_left(text, OTHER)

    def test_every_table_is_in_it(self, archive: dict[str, bytes]) -> None:
        data = json.loads(archive["donnees.json"])
        expected = {one.table for one in rules.OF_DOSSIER} - copie.LEFT_OUT - {"piece_contenu"}
        assert set(data["tables"]) == expected
        assert "illisible" not in archive["donnees.json"].decode()
        assert {one["evenement"] for one in data["acces"]} >= {"dossier.cree", "volet.modifie", "dossier.ouvert"}
        assert "Gertrude LEROUX" in {one["qui"] for one in data["acces"]}

    def test_volets_are_told_in_words_and_files_are_given_back(self, archive: dict[str, bytes]) -> None:
        page = archive["dossier.html"].decode()
        assert "Insuffisance LEROUX" in page and "<h2>Volet médical" in page and "{{" not in page
        assert "<script" not in page and "http" not in page
        [name] = [name for name in archive if name.startswith("pieces/")]
        assert name.endswith("-scanner-LEROUX.pdf") and archive[name] == b"octets LEROUX"

    @pytest.mark.usefixtures("archive")
    def test_it_is_audited_and_its_file_is_its_owners(self, tmp_path: Path, two: tuple[Dossier, Dossier],
                                                      capsys: Capture) -> None:
        assert rows("SELECT dossier FROM trace WHERE event = 'dossier.copie'") == [(f"ga {two[0].numero}",)]
        assert (tmp_path / "copie.zip").stat().st_mode & 0o077 == 0
        code, said = run(capsys, "exporter", f"ga{two[0].numero}", "--vers", str(tmp_path / "copie.zip"))
        assert code == 1 and "autre nom" in said, "no file is written over"

    def test_a_number_of_the_securite_sociale_finds_all_her_dossiers(
            self, two: tuple[Dossier, Dossier], capsys: Capture, tmp_path: Path,
            monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{seeds.NIRS['LEROUX']}\n"))
        code, said = run(capsys, "exporter", "-", "--vers", str(tmp_path / "copie.zip"))
        assert code == 0 and said.startswith("1 dossier dans")
        assert f"ga-{two[0].numero}/donnees.json" in zipfile.ZipFile(tmp_path / "copie.zip").namelist()

    @pytest.mark.usefixtures("here")
    @pytest.mark.parametrize("typed", ["ga 1", "231041411800100", "nobody", "231041411800"])
    def test_nobody_is_no_archive(self, typed: str, capsys: Capture, tmp_path: Path) -> None:
        code, said = run(capsys, "exporter", *typed.split(), "--vers", str(tmp_path / "copie.zip"))
        assert code == 1 and said and not (tmp_path / "copie.zip").exists()


class TestAnErasure:
    """Article 17: refused where care has to be provable, else whole, and nothing of her is left anywhere."""

    pytestmark = pytest.mark.proves("V14.2.4")

    def test_what_health_law_keeps_is_refused_without_a_motive(self, two: tuple[Dossier, Dossier],
                                                               capsys: Capture) -> None:
        code, said = erased(capsys, "ga", str(two[0].numero))
        assert code == 1 and "volet validé" in said and "--motif" in said
        assert Dossier.select().count() == 2

    def test_the_first_time_erases_nothing(self, two: tuple[Dossier, Dossier], capsys: Capture) -> None:
        code, said = run(capsys, "effacer", "ga", str(two[0].numero), "--motif", "consentement")
        assert code == 0 and "Rien n’a été effacé" in said and "Messages\u00a0: 1" in said
        assert queries.contents(two[0])

    def test_a_code_of_before_a_change_serves_no_more(self, two: tuple[Dossier, Dossier], capsys: Capture) -> None:
        found = re.search(r"--confirmer (\d{8})", run(capsys, "effacer", "ga", str(two[0].numero))[1])
        assert found
        espaces.relative(two[0])
        code, said = run(capsys, "effacer", "ga", str(two[0].numero), "--motif", "erreur", "--confirmer", found[1])
        assert code == 1 and "ne vaut plus" in said and Dossier.select().count() == 2

    def test_no_word_of_her_is_left_in_any_table_nor_in_the_file(self, two: tuple[Dossier, Dossier],
                                                                 here: Settings, capsys: Capture) -> None:
        assert sorted(words_left(everything(), "LEROUX")) == sorted(seeds.words("LEROUX")), "the search finds them"
        before = queries.contents(two[1])
        code, said = erased(capsys, "ga", str(two[0].numero), "--motif", "consentement")
        assert code == 0 and "Effacé" in said
        left = everything()
        assert not words_left(left, "LEROUX")
        assert sorted(words_left(left, OTHER)) == sorted(seeds.words(OTHER)), "somebody else's are all there"
        assert queries.contents(two[1]) == before
        if here.database.startswith("sqlite"):
            files = b"".join(path.read_bytes() for path in here.data.glob("portail.sqlite*"))
            assert not words_left(files.decode("utf-8", "replace").lower(), "LEROUX") and OTHER.encode() in files

    def test_the_audit_keeps_number_and_motive_and_holds(self, two: tuple[Dossier, Dossier],
                                                         capsys: Capture) -> None:
        erased(capsys, "ga", str(two[0].numero), "--motif", "decision")
        label = f"ga {two[0].numero}"
        assert rows("SELECT dossier, name, detail FROM trace WHERE event = 'dossier.efface'") == [
            (label, "Système", "decision")]
        assert rows("SELECT name FROM trace WHERE dossier = ? AND level = 'lien'", label) == [(audit.PATIENT_SIDE,)]
        assert audit.broken_link() is None

    def test_twice_is_once(self, two: tuple[Dossier, Dossier], capsys: Capture) -> None:
        erased(capsys, "ga", str(two[0].numero), "--motif", "illicite")
        assert run(capsys, "effacer", "ga", str(two[0].numero)) == (0, "Ce dossier est déjà effacé.\n")
        assert rows("SELECT COUNT(*) FROM trace WHERE event = 'dossier.efface'") == [(1,)]

    @pytest.mark.usefixtures("here")
    def test_a_draft_that_nobody_cared_for_needs_no_motive(self, capsys: Capture) -> None:
        with database.writing():
            draft = dossiers.create(ALICE_ACTS, "ga", LEROUX)
        assert erased(capsys, "ga", str(draft.numero))[0] == 0
        assert Dossier.select().count() == 0

    def test_a_failure_half_way_leaves_everything(self, two: tuple[Dossier, Dossier], capsys: Capture,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
        before = queries.contents(two[0])

        def broken(_dossier: Dossier) -> None:
            raise RuntimeError

        monkeypatch.setattr(dossiers, "erase", broken)
        with pytest.raises(RuntimeError):
            erased(capsys, "ga", str(two[0].numero), "--motif", "erreur")
        assert queries.contents(two[0]) == before

    def test_a_mail_to_who_follows_another_dossier_too_stays(self, two: tuple[Dossier, Dossier],
                                                             capsys: Capture) -> None:
        address = "proche-leroux@exemple.fr"
        one = espaces.relative(two[1])
        with database.writing():
            one.courriel_empreinte = espaces.queries.fingerprint(address)
            one.save()
        assert rows('SELECT COUNT(*) FROM courriel WHERE "to" = ?', address)[0][0] >= 1
        erased(capsys, "ga", str(two[0].numero), "--motif", "erreur")
        assert rows('SELECT COUNT(*) FROM courriel WHERE "to" = ?', address)[0][0] >= 1
