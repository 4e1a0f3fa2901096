"""A base of before the whole identity is brought up to date: rows found by birth date, numbers that go on."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path

from playhouse.migrations import Runner

from portal.db import crypto, database
from portal.db.base import db, rows
from portal.dossiers import numeros, queries
from portal.dossiers.doublons import Traits, search
from portal.dossiers.models import Dossier
from portal.dossiers.rules import STATUTS
from tests.conftest import settings_in
from tests.support import bases

ALICE = 10100000011


def test_old_dossiers_get_what_the_new_columns_ask(tmp_path: Path) -> None:
    former = tmp_path / "migrations"
    former.mkdir()
    for path in database.MIGRATIONS.glob("0*.py"):
        if path.name < "0011":
            shutil.copy(path, former)
    settings = settings_in(tmp_path)
    crypto.load_keys(settings)
    database.open_database(settings)
    database.connect()
    Runner(db.obj, directory=str(former)).up()
    with database.writing():
        db.execute_sql(
            "INSERT INTO dossier (id, module, numero, civilite, nom_naissance, nom_usage, prenom, naissance, sexe, "
            "adresse, code_postal, ville, sejours, etat, statut, referent_kind, referent_texte, created, updated, "
            "version) VALUES (1, 'ga', 43009190, 'Mme', 'LEROUX', '', 'Josette', '1941-03-05', 'F', '', '14000', "
            "'CAEN', 'Permanent', 'redaction', 'non_envoyee', 'patient', '', 0, 0, 1)")
        db.execute_sql(
            "INSERT INTO lien (rpps, dossier_id, etat, version, module, onglet, numero, patient, code_postal, ville, "
            "referent, statut, maj, tri_patient, tri_referent, rang, mots) VALUES (?, 1, 'accepte', 1, 'ga', "
            "'en_cours', 43009190, 'LEROUX JOSETTE', '14000', 'CAEN', 'Le patient', 'non_envoyee', 0, "
            "'leroux josette', 'le patient', 0, ' ga 43009190 leroux josette')", (ALICE,))
    assert "0011_identite" in database.migrate()
    found = Dossier.get()
    assert (found.prenoms, found.ins_statut, found.naissance_insee, queries.nir(found)) == ("", "PROV", None, None)
    assert rows("SELECT naissance FROM lien") == [("1941-03-05",)]
    twins = search(ALICE, Traits(("Leroux", ""), "Josette", "Josette", found.naissance), ("ga",))
    assert [twin.seen.dossier.numero for twin in twins] == [43009190]
    with database.writing():
        assert [numeros.suivant(module) for module in ("ga", "s", "tnd")] == [43009191, 1000000, 100000]
    if not bases.ON_POSTGRESQL:
        assert rows("SELECT sql LIKE '%WITHOUT ROWID%' FROM sqlite_master WHERE name = 'lien'") == [(1,)]
    database.close()


def test_the_ranks_of_stored_rows_follow_the_order_of_the_statuses() -> None:
    """A status added in the middle moves the others: a new migration must then write the ranks again."""
    ranked = [path for path in sorted(database.MIGRATIONS.glob("*.py")) if "SET rang" in path.read_text("utf-8")]
    found = runpy.run_path(str(ranked[-1]))
    assert found["STATUTS"] == tuple(STATUTS)
