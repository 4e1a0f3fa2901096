"""Each kind of data has its time; when it is over exactly that goes, with all that hangs from it and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal import clock
from portal.avis import commands as avis
from portal.avis.models import Avis, AvisEnvoi
from portal.conservation import queries, rules, travaux
from portal.db import audit, database
from portal.db.base import Model, db, rows
from portal.db.outbox import Courriel
from portal.delegations.models import Delegation
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Compteur, Dossier, Lien
from portal.settings import Settings
from tests.support import conservation as seeds
from tests.support.people import LEROUX, account
from tests.support.volets import ALICE, ALICE_ACTS

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.proves("D7", "V14.2.4")]
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def later(*, years: int = 0, days: float = 0) -> datetime:
    return NOON.replace(year=NOON.year + years) + timedelta(days=days)


def left(table: str) -> int:
    return queries.count(table, "1 = 1")


def apply_at(settings: Settings, at: datetime) -> int:
    with clock.freeze(at):
        return travaux.apply_all(settings)


def test_every_table_stands_in_a_row() -> None:
    assert rules.missing(queries.table_names()) == []
    assert rules.missing(["dossier", "photo"]) == ["photo"]


def test_no_row_names_a_table_or_a_job_that_is_not_there(tables: Settings) -> None:
    from portal.echeances.travaux import JOBS

    assert set(rules.tables()) <= set(queries.table_names())
    assert {regle.job for regle in rules.REGLES} <= {job.name for job in JOBS}
    assert {regle.setting for regle in rules.REGLES if regle.setting} <= set(vars(tables))
    assert len({regle.code for regle in rules.REGLES}) == len(rules.REGLES)
    assert all(regle.ground and regle.what for regle in rules.REGLES)


def test_everything_that_names_a_dossier_is_a_branch_of_it() -> None:
    """A table with a dossier's row, or with the row of what hangs from one, goes with it."""
    named = {model._meta.table_name for model in seeds.models() if {"dossier_id", "dossier"} & {
        field.column_name for field in model._meta.sorted_fields}}
    assert named - {one.table for one in rules.OF_DOSSIER} == {"trace"}


class TestADossier:
    """A dossier goes whole: every branch, every physician's table and counter; its neighbour stays as it was."""

    @pytest.fixture
    def two(self) -> tuple[Dossier, Dossier]:
        with clock.freeze(NOON):
            return seeds.full("LEROUX"), seeds.full("TOURNEBRIDE")

    def kept(self, dossier: Dossier) -> dict[str, int]:
        return queries.contents(dossier)

    def test_the_seed_has_something_in_each_branch(self, two: tuple[Dossier, Dossier]) -> None:
        assert set(self.kept(two[0])) == {one.table for one in rules.OF_DOSSIER}

    def test_nothing_goes_before_its_day(self, two: tuple[Dossier, Dossier], tables: Settings) -> None:
        with clock.freeze(NOON), database.writing():
            dossiers.set_status(ALICE_ACTS, two[0], "historise")
        before = self.kept(two[0])
        apply_at(tables, later(years=20, days=-1))
        assert Dossier.select().count() == 2
        assert {name: n for name, n in before.items() if name not in seeds.SHORT} == {
            name: n for name, n in self.kept(two[0]).items() if name not in seeds.SHORT}

    def test_it_goes_whole_on_its_day_and_its_neighbour_stays(self, two: tuple[Dossier, Dossier],
                                                              tables: Settings) -> None:
        with clock.freeze(NOON), database.writing():
            dossiers.link(ALICE_ACTS, *two)
            dossiers.set_status(ALICE_ACTS, two[0], "historise")
        gone, stays = two[0], two[1]
        other = {name: n for name, n in self.kept(stays).items() if name not in seeds.SHORT}
        apply_at(tables, later(years=20, days=1))
        assert not self.kept(gone)
        assert {name: n for name, n in self.kept(stays).items() if name not in seeds.SHORT} == other
        assert Dossier.get_by_id(stays.id).lie_id is None
        assert {lien.lie_numero for lien in Lien.select()} == {None}
        trace = rows("SELECT dossier, detail, name FROM trace WHERE event = 'dossier.efface'")
        assert trace == [(f"ga {gone.numero}", "delai", "Système")]

    def test_counters_stay_true(self, two: tuple[Dossier, Dossier], tables: Settings) -> None:
        with clock.freeze(NOON), database.writing():
            dossiers.set_status(ALICE_ACTS, two[0], "historise")
        apply_at(tables, later(years=20, days=1))
        counted = {(one.rpps, one.module, one.onglet): one.n for one in Compteur.select() if one.n}
        assert counted == {(ALICE, "ga", lien.onglet): 1 for lien in Lien.select()}

    def test_one_that_lives_stays_for_ever(self, two: tuple[Dossier, Dossier], tables: Settings) -> None:
        apply_at(tables, later(years=60))
        assert Dossier.select().count() == len(two)

    def test_a_childs_is_kept_until_he_is_28(self, tables: Settings) -> None:
        with clock.freeze(NOON), database.writing():
            child = dossiers.create(ALICE_ACTS, "tnd", replace(LEROUX, naissance=date(2024, 1, 1)))
            dossiers.set_status(ALICE_ACTS, child, "historise")
        apply_at(tables, datetime(2051, 12, 31, 12, tzinfo=UTC))
        assert Dossier.select().count() == 1
        apply_at(tables, datetime(2052, 1, 1, 12, tzinfo=UTC))
        assert Dossier.select().count() == 0

    def test_a_run_is_bounded_and_the_next_goes_on(self, tables: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(travaux, "BATCH", 2)
        with clock.freeze(NOON), database.writing():
            for _ in range(3):
                dossiers.set_status(ALICE_ACTS, dossiers.create(ALICE_ACTS, "ga", LEROUX), "historise")
        with clock.freeze(later(years=21)):
            assert [travaux.apply(tables) for _ in range(3)] == [2, 1, 0]

    def test_an_unconfirmed_one_goes_after_a_month_unless_somebody_cared(self, tables: Settings) -> None:
        with clock.freeze(NOON):
            empty, cared = seeds.unconfirmed(), seeds.unconfirmed(cared=True)
        apply_at(tables, later(days=31))
        assert [one.id for one in Dossier.select()] == [cared.id] != [empty.id]


Seed = Callable[[], object]


@pytest.mark.parametrize(("table", "days", "seed"), [
    ("courriel", 90, seeds.mail), ("session", 1.5, seeds.session), ("frein", 1, seeds.throttled),
    ("tentative_otp", 1, seeds.attempt), ("lien_usager", 7, seeds.link), ("changement_courriel", 2, seeds.change),
    ("appareil", 400, seeds.device), ("invitation", 7 + 365, seeds.invitation), ("invite", 7 + 365, seeds.invite),
    ("opinion", 1096.5, seeds.opinion), ("papier", 731, seeds.paper), ("volet_envoi", 2, seeds.sending),
    ("envoi", 1, seeds.form_sent),
], ids=lambda value: value if isinstance(value, str) else "")
def test_each_kind_goes_when_its_time_is_over(tables: Settings, table: str, days: float, seed: Seed) -> None:
    with clock.freeze(NOON), database.writing():
        seed()
    apply_at(tables, later(days=days - 0.25))
    with clock.freeze(later(days=days - 0.25)), database.writing():
        seed()
    assert left(table) == 2
    apply_at(tables, later(days=days + 0.25))
    assert left(table) == 1, "the later one stays"
    code = next(regle.code for regle in rules.REGLES if regle.tables[0] == table)
    assert rows("SELECT detail FROM trace WHERE event = 'conservation.efface' AND name = 'Système'") == [(f"{code} 1",)]


def test_delegations_go_five_years_after_their_end_or_their_revocation(tables: Settings) -> None:
    with database.writing():
        for ends, revoked in ((date(2026, 12, 1), None), (None, NOON), (None, None)):
            Delegation.create(principal=1, delegate=2, kind="medecin", modules="ga", rights="lire",
                              starts=date(2026, 6, 1), ends=ends, created=NOON, revoked_at=revoked)
    apply_at(tables, later(years=5, days=-1))
    assert left("delegation") == 3
    apply_at(tables, later(years=5, days=1))
    assert left("delegation") == 2
    apply_at(tables, later(years=9))
    assert [(one.ends, one.revoked_at) for one in Delegation.select()] == [(None, None)]


def test_a_notice_to_mail_goes_with_its_notice(tables: Settings) -> None:
    with clock.freeze(NOON), database.writing():
        made = Avis.create(destinataire="usager:1", code="silence", dossier="ga 1", at=NOON)
        for avis_id in (made.id, made.id + 1):
            AvisEnvoi.insert(avis_id=avis_id, cible="usager:1", du=NOON).execute()
    apply_at(tables, later(days=3))
    assert [one.avis_id for one in AvisEnvoi.select()] == [made.id]
    with clock.freeze(later(days=401)), database.writing():
        avis.forget(later(days=1), 10)
    apply_at(tables, later(days=402))
    assert left("avis_envoi") == 0


class TestAnAccount:
    """Three years without a login close an account, unless it leads a living dossier."""

    def test_an_unused_one_is_closed_and_keeps_its_name(self, tables: Settings) -> None:
        with clock.freeze(NOON):
            compte_id = account(ALICE)
        apply_at(tables, later(years=3, days=-1))
        assert queries.account(compte_id)[1] is False
        apply_at(tables, later(years=3, days=1))
        assert queries.account(compte_id) == (f"8{ALICE}", True)
        [(nom, email, password, ville)] = rows("SELECT nom, email, password, ville FROM compte")
        assert (nom, email, password, ville) == ("MARTIN", f"8{ALICE}@compte-ferme.invalid", "", "")
        assert apply_at(tables, later(years=4)) == 0, "once is enough"

    def test_one_that_was_used_stays(self, tables: Settings) -> None:
        with clock.freeze(NOON):
            compte_id = account(ALICE)
        with clock.freeze(later(years=1)), database.writing():
            audit.record(audit.Actor(ALICE, "Dr Alice MARTIN", "cps"), "connexion.cps")
        apply_at(tables, later(years=3, days=1))
        assert queries.account(compte_id)[1] is False

    def test_one_that_leads_a_living_dossier_stays(self, tables: Settings) -> None:
        with clock.freeze(NOON):
            compte_id = account(ALICE)
            with database.writing():
                dossiers.create(ALICE_ACTS, "ga", LEROUX)
        apply_at(tables, later(years=8))
        assert queries.account(compte_id)[1] is False

    def test_nobody_is_closed_while_the_audit_cannot_tell(self, tables: Settings) -> None:
        with clock.freeze(NOON):
            account(ALICE)
        assert apply_at(replace(tables, audit_months=12), later(years=8)) == 0


def test_what_would_go_is_told_before_it_goes(tables: Settings) -> None:
    with clock.freeze(NOON), database.writing():
        seeds.mail()
    with clock.freeze(later(days=91)):
        with database.reading():
            told = {one.regle.code: (one.delai, one.nombre) for one in queries.overdue(tables)}
        assert left("courriel") == 1
    assert told["courriels"] == ("90\u00a0jours", 1) and told["dossiers"] == ("20\u00a0ans", 0)
    assert set(told) == {one.code for one in rules.REGLES if one.setting or one.fixed is not None}


def test_a_deleted_row_leaves_nothing_in_the_file(tables: Settings) -> None:
    """Without any VACUUM: SQLite overwrites what the job deletes."""
    if not tables.database.startswith("sqlite"):
        return
    with clock.freeze(NOON), database.writing():
        seeds.mail("zoe.quesnelle@exemple.fr")
    assert Courriel.select().count() == 1
    apply_at(tables, later(days=91))
    db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    files = b"".join(path.read_bytes() for path in tables.data.glob("portail.sqlite*"))
    assert b"schema_migration" in files and b"quesnelle" not in files


def test_models_are_all_known() -> None:
    assert Model in {type_ for model in seeds.models() for type_ in model.__mro__}
