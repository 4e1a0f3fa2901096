"""``portal rekey`` and ``portal cles``: every value follows the new key, and nothing that somebody writes is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest

from portal import cli, clock
from portal import settings as configuration
from portal.compte.models import Compte
from portal.db import audit, crypto, database, rescellement, trousseau
from portal.db.base import db, rows
from portal.db.crypto import KeyRing, keys
from portal.db.scelles import FINGERPRINTS, SEALED
from portal.dossiers import queries as dossiers
from portal.dossiers import scelles
from portal.dossiers.doublons import search
from portal.dossiers.models import Dossier
from portal.dossiers.saisie import traits
from portal.espaces import queries as espaces
from portal.espaces.models import Usager
from portal.facteurs import commands as facteurs
from portal.facteurs.models import Secours
from portal.handicap import queries as handicap
from portal.handicap.models import Reponse
from portal.settings import Settings
from portal.web import throttle
from portal.web.forms import Form
from portal.web.session import Visit
from tests.support import volets
from tests.support.scelles import MEDICAL, NIR, Monde, furnish

pytestmark = pytest.mark.proves("D2", "V11.2.2")


@pytest.fixture
def monde(tables: Settings, monkeypatch: pytest.MonkeyPatch) -> Monde:
    monkeypatch.setattr(configuration, "load", lambda **_: tables)
    return furnish(tables)


def portal(*words: str) -> int:
    """Run a command."""
    return cli.main(list(words))


def later() -> AbstractContextManager[None]:
    return clock.shift(timedelta(minutes=11))


def test_after_a_rotation_all_is_read_and_rekey_leaves_the_new_key_alone(
        monde: Monde, capsys: pytest.CaptureFixture[str]) -> None:
    assert portal("cles", "nouvelle") == 0
    assert keys().current == "k2" and rescellement.left("k2") > 50
    assert volets.stored(monde.numero).answers["antecedents"] == MEDICAL
    assert portal("rekey") == 0
    assert "la clé k2 seule" in capsys.readouterr().out.replace("\u00a0", " ")
    assert rescellement.left("k2") == 0
    assert volets.stored(monde.numero).answers["antecedents"] == MEDICAL
    with later():
        assert portal("cles", "retirer", "k1") == 0
    assert set(keys().keys) == {"k2"}
    assert volets.stored(monde.numero).answers["antecedents"] == MEDICAL
    assert not [bad for _, _, bad in rescellement.proof() if bad]


def test_a_key_that_seals_something_is_not_removed(monde: Monde, capsys: pytest.CaptureFixture[str]) -> None:
    portal("cles", "nouvelle")
    with later():
        assert portal("cles", "retirer", "k1") == 1
    assert "scelle encore" in capsys.readouterr().err and "k1" in keys().keys


def test_a_secret_that_something_still_needs_is_not_removed(monde: Monde, capsys: pytest.CaptureFixture[str]) -> None:
    portal("cles", "nouvelle")
    with later():
        assert portal("cles", "retirer", "s1") == 1
    said = capsys.readouterr().err
    assert "journal d’audit" in said and "Codes de secours" in said and "portal rekey" in said and "courriel" in said


def test_a_secret_goes_when_nothing_needs_it_any_more(monde: Monde) -> None:
    portal("cles", "nouvelle")
    portal("rekey")
    with database.writing():
        db.execute_sql("DELETE FROM trace")
        Secours.delete().execute()
    with clock.shift(timedelta(days=40)):
        assert portal("cles", "retirer", "s1") == 0
    assert not keys().former


def test_the_list_says_what_each_key_seals(monde: Monde, capsys: pytest.CaptureFixture[str]) -> None:
    portal("cles", "nouvelle", "--en-attente")
    portal("cles", "liste")
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line[:1] in "ks" and line[1:2].isdigit()]
    assert [line[:2] for line in lines] == [
        ["k1", "scellement"], ["k2", "scellement"], ["s1", "signature"], ["s2", "signature"]]
    assert int(lines[0][-1]) > 50 and int(lines[1][-1]) == 0
    assert portal("cles", "activer") == 0
    assert keys().current == "k2" and keys().signs == "s2"
    assert portal("cles", "activer") == 1


# --- nothing written meanwhile is lost

def test_what_somebody_writes_between_reading_and_sealing_stays(
        monde: Monde, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row changes after it was read: the old content never comes back over the new one."""
    portal("cles", "nouvelle")
    dossier = Dossier.get(Dossier.numero == monde.numero)
    seal = KeyRing.seal_bytes
    fresh = scelles.seal("ga", monde.numero, "telephone", "09 99 99 99 99")

    def slow(self: KeyRing, content: bytes, *, table: str, row: object, column: str) -> bytes:
        if (table, column) == ("dossier", "telephone"):
            Dossier.update(telephone=fresh).where(Dossier.id == dossier.id).execute()
        return seal(self, content, table=table, row=row, column=column)

    monkeypatch.setattr(KeyRing, "seal_bytes", slow)
    assert portal("rekey") == 0
    assert dossiers.sealed(Dossier.get_by_id(dossier.id), "telephone") == "09 99 99 99 99"


def test_a_process_with_an_old_ring_is_followed_until_it_is_done(
        monde: Monde, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something sealed with the former key after its column was done is found by the next pass."""
    old = keys()
    portal("cles", "nouvelle")
    once, late = rescellement.rekey, iter([True])

    def behind(ring: KeyRing | None = None) -> Iterator[rescellement.Progress]:
        yield from once(ring)
        if next(late, False):
            blob = old.seal("écrit après", table="dossier", row=f"ga {monde.numero}", column="telephone")
            Dossier.update(telephone=blob).where(Dossier.numero == monde.numero).execute()

    monkeypatch.setattr(rescellement, "rekey", behind)
    assert portal("rekey") == 0
    assert rescellement.left("k2") == 0
    assert dossiers.sealed(Dossier.get(Dossier.numero == monde.numero), "telephone") == "écrit après"


def test_a_batch_that_dies_is_undone_and_the_next_run_finishes(monde: Monde, monkeypatch: pytest.MonkeyPatch) -> None:
    portal("cles", "nouvelle")
    seal, calls = KeyRing.seal_bytes, iter(range(20))

    def dies(self: KeyRing, content: bytes, *, table: str, row: object, column: str) -> bytes:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return seal(self, content, table=table, row=row, column=column)

    monkeypatch.setattr(KeyRing, "seal_bytes", dies)
    with pytest.raises(KeyboardInterrupt):
        list(rescellement.rekey())
    monkeypatch.undo()
    assert rescellement.uses("k1") > 0 and rescellement.uses("k2") > 0
    list(rescellement.rekey())
    assert rescellement.left("k2") == 0 and not [bad for _, _, bad in rescellement.proof() if bad]


def test_a_value_that_opens_with_no_key_is_named_and_left_as_it_is(
        monde: Monde, capsys: pytest.CaptureFixture[str]) -> None:
    portal("cles", "nouvelle")
    spoilt = b"k1:" + bytes(40)
    Dossier.update(telephone2=spoilt).where(Dossier.numero == monde.numero).execute()
    assert portal("rekey") == 1
    told = capsys.readouterr()
    assert "dossier.telephone2" in told.err and "Gardez les autres clés" in told.err
    assert bytes(Dossier.get(Dossier.numero == monde.numero).telephone2) == spoilt
    with later():
        assert portal("cles", "retirer", "k1") == 1


def test_several_transactions_share_the_work(monde: Monde, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of one value each: every column is gone through all the same, to its last row."""
    portal("cles", "nouvelle")
    monkeypatch.setattr(rescellement, "SEALED", tuple(replace(one, batch=1) for one in SEALED))
    assert portal("rekey") == 0 and rescellement.left("k2") == 0


# --- what else the secret makes

def test_fingerprints_find_old_rows_before_rekey_and_follow_it(monde: Monde) -> None:
    before = {row[0] for row in rows("SELECT nir_empreinte FROM dossier WHERE nir_empreinte IS NOT NULL")}
    first, second = Dossier.select().where(Dossier.module == "ga").order_by(Dossier.id)
    portal("cles", "nouvelle")
    scelles_now = scelles.fingerprint(NIR)
    Dossier.update(nir_empreinte=scelles_now).where(Dossier.id == second.id).execute()
    first, second = Dossier.get_by_id(first.id), Dossier.get_by_id(second.id)
    assert first.nir_empreinte != second.nir_empreinte
    assert second.numero in {one.dossier.numero for one in dossiers.same_person(volets.ALICE, first)}
    assert first.numero in {one.dossier.numero for one in dossiers.same_person(volets.ALICE, second)}
    empty = dict.fromkeys(("nom_naissance", "nom_usage", "prenom", "prenoms", "naissance", "sexe"), "")
    typed = traits(Form(empty | {"nir": NIR}))
    assert {first.numero, second.numero} == {one.seen.dossier.numero for one in search(volets.ALICE, typed, ("ga",))}
    relative = Usager.select().order_by(Usager.id).first()
    assert relative.courriel_empreinte in espaces.fingerprints(espaces.email(relative))
    portal("rekey")
    after = {row[0] for row in rows("SELECT nir_empreinte FROM dossier WHERE nir_empreinte IS NOT NULL")}
    assert after == {scelles.fingerprint(NIR)} and not before & after
    assert Usager.get_by_id(relative.id).courriel_empreinte == espaces.fingerprint(espaces.email(relative))
    assert len(FINGERPRINTS) == 4


def test_sessions_forms_codes_and_waits_outlive_a_rotation(monde: Monde) -> None:
    session_id = keys().signer("session").unsign(monde.cookie).decode()
    token, key = Visit(session_id).csrf, throttle.account("x@exemple.fr")
    compte = Compte.get()
    assert compte.rpps
    actor = audit.Actor(compte.rpps, "Dr", "cps")
    with database.writing():
        code = facteurs.make_recovery_codes(actor, compte, configuration.load())[0]
    portal("cles", "nouvelle")
    assert keys().signer("session").unsign(monde.cookie).decode() == session_id
    here = Visit(session_id)
    assert here.carries(token) and here.made(token) and here.csrf != token
    assert not Visit("une autre").carries(token)
    assert throttle.account("x@exemple.fr") == key
    with database.writing():
        assert facteurs.use_recovery_code(actor, compte, configuration.load(), code)
        assert not facteurs.use_recovery_code(actor, compte, configuration.load(), code)


@pytest.mark.proves("D4")
def test_the_audit_chain_holds_over_a_rotation_and_still_shows_a_change(monde: Monde) -> None:
    portal("cles", "nouvelle")
    with database.writing():
        audit.record(audit.SYSTEM, "essai")
    assert portal("audit") == 0
    with database.writing():
        audit.Trace.update(event="autre").where(audit.Trace.event == "essai").execute()
    assert portal("audit") == 1


def test_an_answer_of_an_earlier_version_is_read_and_bound_to_its_row(monde: Monde) -> None:
    row = Reponse.get()
    blob = keys().seal('{"nom": "EAM", "statut": "42", "unite": "", "motif": "", "le": "2026-11-21"}',
                       table="notification_reponse", row=str(row.dossier_id), column="contenu")
    Reponse.update(contenu=blob).where(Reponse.id == row.id).execute()
    assert "EAM" in {one.nom for one in handicap.steps(row.dossier_id)}
    assert portal("rekey") == 0
    again = keys().open(Reponse.get_by_id(row.id).contenu, table="notification_reponse",
                        row=handicap.place(row), column="contenu")
    assert '"EAM"' in again


def test_the_ring_of_the_environment_is_not_changed(
        monde: Monde, tables: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = tables.keys_file.read_text("utf-8")
    monkeypatch.setattr(configuration, "load", lambda **_: replace(tables, keys=text))
    assert portal("cles", "nouvelle") == 1
    assert "PORTAL_KEYS_FILE" in capsys.readouterr().err
    assert crypto.load_keys(tables).current == "k1" and trousseau.source(tables).path == tables.keys_file
