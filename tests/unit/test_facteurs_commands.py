"""Second factors in the database: codes serve once, secrets are sealed, each change is recorded and told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal import clock
from portal.compte import queries as comptes
from portal.compte.queries import Compte
from portal.db import audit, database, outbox
from portal.db.audit import Actor, Trace
from portal.facteurs import commands, queries, rules
from portal.facteurs.commands import Outcome
from portal.facteurs.models import Application, Secours
from portal.settings import Settings
from tests.conftest import MIDDAY
from tests.support import bases
from tests.support.codes import SECRET, given_an_application, given_recovery_codes, shown, wrong
from tests.support.people import account

BOB, CHLOE = 10100000022, 10100000033
ACTOR = Actor(BOB, "Dr Bob DURAND", "cps")


@pytest.fixture(autouse=True)
def noon(midday: datetime) -> datetime:
    return midday


@pytest.fixture
def bob(tables: Settings) -> Compte:
    compte = comptes.get(account(BOB))
    assert compte is not None
    return compte


@pytest.fixture
def enrolled(bob: Compte, tables: Settings) -> Iterator[Compte]:
    yield given_an_application(bob.id, tables)


def accept(compte: Compte, code: str) -> Outcome:
    with database.writing():
        return commands.accept_code(compte, code)


def events() -> list[str]:
    return [trace.event for trace in Trace.select().order_by(Trace.id)]


@pytest.mark.proves("V6.3.7")
def test_an_application_is_one_row_one_trace_and_one_mail(enrolled: Compte) -> None:
    (found,) = queries.applications(enrolled.id)
    assert (found.nom, queries.secret_of(found)) == ("Téléphone", rules.unbase32(SECRET))
    assert events() == ["compte.cree", "facteur.application_ajoutee"]
    assert audit.broken_link() is None
    (mail,) = outbox.latest()
    assert mail.to == enrolled.email and "ajoutée" in mail.subject


def test_a_wrong_first_code_adds_nothing(bob: Compte, tables: Settings) -> None:
    for code in (wrong(), "", "abc", shown(5)):
        with pytest.raises(commands.CodeRefused), database.writing():
            commands.add_application(ACTOR, bob, tables, secret=SECRET, nom="x", code=code)
    assert not queries.has_application(bob.id) and events() == ["compte.cree"] and not outbox.latest()


def test_the_first_code_is_spent(bob: Compte, tables: Settings) -> None:
    with database.writing():
        commands.add_application(ACTOR, bob, tables, secret=SECRET, nom="x", code=shown())
    assert accept(bob, shown()) is Outcome.REPLAYED
    assert accept(bob, shown(1)) is Outcome.ACCEPTED


@pytest.mark.proves("N5", "V6.5.1")
def test_a_code_serves_once(enrolled: Compte) -> None:
    assert accept(enrolled, shown()) is Outcome.ACCEPTED
    assert accept(enrolled, shown()) is Outcome.REPLAYED
    assert accept(enrolled, wrong()) is Outcome.REFUSED


@pytest.mark.proves("N5")
def test_an_older_code_is_refused_once_a_newer_one_has_served(enrolled: Compte) -> None:
    assert accept(enrolled, shown(1)) is Outcome.ACCEPTED
    assert accept(enrolled, shown()) is Outcome.REPLAYED
    with clock.shift(timedelta(minutes=1)):
        assert accept(enrolled, shown()) is Outcome.ACCEPTED


@pytest.mark.proves("R10")
@pytest.mark.parametrize("back", [1, 29, 30, 31, 3600, 86400 * 400])
def test_a_code_that_served_stays_refused_when_the_clock_goes_back(enrolled: Compte, back: int) -> None:
    with clock.shift(timedelta(seconds=90)):
        code, later = shown(), clock.now()
        assert accept(enrolled, code) is Outcome.ACCEPTED
    with clock.freeze(later - timedelta(seconds=back)):
        assert accept(enrolled, code) is not Outcome.ACCEPTED
        assert accept(enrolled, shown()) is not Outcome.ACCEPTED
    with clock.freeze(later + timedelta(seconds=30)):
        assert accept(enrolled, shown()) is Outcome.ACCEPTED


@pytest.mark.proves("R10", "N5", "V6.5.1")
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(-120, 120), st.integers(-2, 2)), max_size=10))
def test_no_code_ever_serves_twice_whatever_the_clock_does(
        enrolled: Compte, moves: list[tuple[int, int]]) -> None:
    """The clock jumps about, codes around its present are sent: those that serve are ever newer."""
    Application.update(compteur=0).execute()
    at, served = MIDDAY, []
    for seconds, offset in moves:
        at += timedelta(seconds=seconds)
        with clock.freeze(at):
            if accept(enrolled, shown(offset)) is Outcome.ACCEPTED:
                served.append(rules.counter(at) + offset)
    assert served == sorted(set(served))


def test_each_application_has_its_own_counter(enrolled: Compte, tables: Settings) -> None:
    other = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
    given_an_application(enrolled.id, tables, other, "Tablette")
    assert accept(enrolled, shown()) is Outcome.ACCEPTED
    assert accept(enrolled, shown(secret=other)) is Outcome.ACCEPTED
    assert accept(enrolled, shown(secret=other)) is Outcome.REPLAYED


def test_a_code_of_someone_else_is_worth_nothing(enrolled: Compte, tables: Settings) -> None:
    chloe = comptes.get(account(CHLOE))
    assert chloe is not None and accept(chloe, shown()) is Outcome.REFUSED
    key = queries.applications(enrolled.id)[0].key
    assert queries.application(chloe.id, key) is None


def test_a_secret_moved_to_another_row_opens_nothing(enrolled: Compte, tables: Settings) -> None:
    chloe = given_an_application(account(CHLOE), tables, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
    mine = queries.applications(enrolled.id)[0]
    Application.update(secret=mine.secret).where(Application.compte_id == chloe.id).execute()
    assert accept(chloe, shown()) is Outcome.REFUSED


def test_a_fourth_application_is_refused(enrolled: Compte, tables: Settings) -> None:
    for nom in ("deux", "trois"):
        given_an_application(enrolled.id, tables, nom=nom)
    with pytest.raises(commands.TooManyApplications):
        given_an_application(enrolled.id, tables)


def test_removing_the_last_application_takes_the_recovery_codes(enrolled: Compte, tables: Settings) -> None:
    given_recovery_codes(enrolled, tables)
    with database.writing():
        commands.remove_application(ACTOR, enrolled, tables, queries.applications(enrolled.id)[0])
    assert accept(enrolled, shown()) is Outcome.REFUSED
    assert queries.recovery_codes_left(enrolled.id) == 0
    assert events()[-1] == "facteur.application_retiree"
    assert "retirée" in outbox.latest(1)[0].subject


def test_a_secretary_keeps_her_last_application(enrolled: Compte, tables: Settings) -> None:
    enrolled.rpps = None
    with pytest.raises(commands.LastFactor), database.writing():
        commands.remove_application(ACTOR, enrolled, tables, queries.applications(enrolled.id)[0])
    assert queries.has_application(enrolled.id)


class TestRecoveryCodes:
    @pytest.mark.proves("V6.5.1", "V6.5.4")
    def test_ten_different_ones_each_serving_once(self, enrolled: Compte, tables: Settings) -> None:
        codes = given_recovery_codes(enrolled, tables)
        assert len(set(codes)) == 10 and queries.recovery_codes_left(enrolled.id) == 10
        for left, code in zip(range(9, -1, -1), codes, strict=True):
            assert self.use(enrolled, tables, code.lower().replace("-", " "))
            assert not self.use(enrolled, tables, code)
            assert queries.recovery_codes_left(enrolled.id) == left
        assert events().count("facteur.secours_utilise") == 10

    def test_new_ones_kill_the_former(self, enrolled: Compte, tables: Settings) -> None:
        former, present = given_recovery_codes(enrolled, tables), given_recovery_codes(enrolled, tables)
        assert not any(self.use(enrolled, tables, code) for code in former)
        assert self.use(enrolled, tables, present[0])

    def test_another_account_s_code_is_refused(self, enrolled: Compte, tables: Settings) -> None:
        chloe = comptes.get(account(CHLOE))
        assert chloe is not None
        assert not self.use(chloe, tables, given_recovery_codes(enrolled, tables)[0])

    @pytest.mark.parametrize(("used", "words"), [
        (1, "Il vous en reste 9."), (7, "Il ne vous en reste que 3"), (9, "Il ne vous en reste qu’un"),
        (10, "Il ne vous en reste aucun")])
    def test_each_use_is_told_with_what_is_left(
            self, enrolled: Compte, tables: Settings, used: int, words: str) -> None:
        for code in given_recovery_codes(enrolled, tables)[:used]:
            self.use(enrolled, tables, code)
        mail = outbox.latest(1)[0]
        assert words in mail.body
        assert ("créez-en de nouveaux" in mail.body) == (10 - used <= rules.FEW_RECOVERY_CODES)

    @staticmethod
    def use(compte: Compte, settings: Settings, code: str) -> bool:
        with database.writing():
            return commands.use_recovery_code(ACTOR, compte, settings, code)


@pytest.mark.proves("V6.5.2")
def test_no_secret_is_in_the_files_nor_in_the_mails(enrolled: Compte, tables: Settings, tmp_path: Path) -> None:
    codes = given_recovery_codes(enrolled, tables)
    content = bases.kept(tmp_path)
    assert enrolled.email.encode() in content, "the right files are read"
    for secret in (SECRET, rules.unbase32(SECRET).hex(), *codes, *(code.replace("-", "") for code in codes)):
        assert secret.encode() not in content
        assert not any(secret in mail.body + mail.subject for mail in outbox.latest())
    assert rules.unbase32(SECRET) not in content
    assert Secours.select().count() == 10
