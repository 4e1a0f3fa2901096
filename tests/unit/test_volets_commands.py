"""A volet's life in the database: sealed, saved once, signed, reopened, audited."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.db import audit, database
from portal.db.audit import Trace
from portal.db.base import rows
from portal.db.crypto import SealBroken
from portal.dossiers.models import Lien
from portal.settings import Settings
from portal.volets import coffre, commands, queries, reponses
from portal.volets.commands import Incomplete, Saved, Sent, Signed, Stale
from portal.volets.models import Envoi, Signature, Volet
from portal.web.errors import NotFound
from tests.support import formulaires as support
from tests.support.formulaires import ALICE, BOB, CHLOE, CLIC, COMPLETE, dossier, validated, write

pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture(autouse=True)
def forms(monkeypatch: pytest.MonkeyPatch, tables: Settings) -> None:
    support.use(monkeypatch)


def events(label: str) -> list[tuple[str, str]]:
    return [(one.event, one.detail) for one in reversed(audit.timeline(label)) if one.event.startswith("volet")]


# --- filling

def test_a_volet_is_empty_until_its_first_words() -> None:
    seen = dossier()
    empty = queries.opened(seen, "medical")
    assert (empty.etat, empty.version, empty.answers) == ("vide", 0, {})
    saved = write(ALICE, seen, "medical", {"antecedents": "HTA"})
    assert not saved.errors and not saved.conflicts
    now = queries.opened(seen, "medical")
    assert now == saved.volet and now.answers == {"antecedents": "HTA"}
    assert (now.etat, now.version, now.modifie_par) == ("en_cours", 1, "Dr Alice MARTIN")


def test_a_saving_that_says_nothing_new_writes_nothing() -> None:
    seen = dossier()
    write(ALICE, seen, "medical", {"antecedents": "HTA"})
    again = write(ALICE, seen, "medical", {"antecedents": "HTA", "tabac": None})
    assert again.volet.version == 1
    untouched = write(BOB, seen, "administratif", {"contact": None})
    assert untouched.volet.etat == "vide" and not Volet.select().where(Volet.code == "administratif").exists()


def test_what_is_refused_is_named_and_the_rest_is_saved() -> None:
    seen = dossier()
    base = {name: reponses.digest(None) for name in ("antecedents", "prelevement", "poids")}
    with database.writing():
        saved = commands.save(ALICE, seen, "medical", Sent(
            {"antecedents": "HTA", "prelevement": "31/02/2026", "poids": "9999"}, base))
    assert set(saved.errors) == {"prelevement", "poids"} and saved.volet.answers == {"antecedents": "HTA"}


def test_a_wish_for_a_day_gone_by_is_sent_back_without_reproach() -> None:
    """A page without script sends every answer; another past day is refused all the same."""
    seen = dossier()
    wished = (clock.today() + timedelta(days=1)).isoformat()
    write(ALICE, seen, "medical", {"entree": wished})
    with clock.freeze(clock.now() + timedelta(days=9)):
        saved = write(ALICE, seen, "medical", {"entree": wished, "antecedents": "HTA"})
        assert not saved.errors and saved.volet.answers == {"entree": wished, "antecedents": "HTA"}
        earlier = (clock.today() - timedelta(days=5)).isoformat()
        assert set(write(ALICE, seen, "medical", {"entree": earlier}).errors) == {"entree"}


def test_a_conflict_keeps_both_texts_and_says_whose_the_other_is() -> None:
    seen = dossier()
    write(ALICE, seen, "medical", {"antecedents": "HTA", "traitements": "Aucun"})
    write(CHLOE, seen, "medical", {"traitements": "Ramipril"})
    write(BOB, seen, "medical", {"antecedents": "AVC"})
    shown = {"antecedents": "HTA", "traitements": "Aucun"}
    saved = write(ALICE, seen, "medical", {"traitements": "Bisoprolol", "tabac": "Non"}, shown)
    conflict, = saved.conflicts
    assert (conflict.field, conflict.mine, conflict.theirs) == ("traitements", "Bisoprolol", "Ramipril")
    assert (conflict.by, conflict.at) == ("Dr Chloé PETIT", clock.now())
    assert saved.volet.answers == {"antecedents": "AVC", "traitements": "Ramipril", "tabac": "Non"}
    chosen = write(ALICE, seen, "medical", {"traitements": "Bisoprolol"}, {"traitements": "Ramipril"})
    assert not chosen.conflicts and chosen.volet.answers["traitements"] == "Bisoprolol"


def test_emptying_is_seen_as_a_change_by_who_did_it() -> None:
    seen = dossier()
    write(ALICE, seen, "medical", {"tabac": "Dix par jour"})
    write(CHLOE, seen, "medical", {"tabac": None})
    conflict, = write(ALICE, seen, "medical", {"tabac": "Sevré"}, {"tabac": "Dix par jour"}).conflicts
    assert (conflict.theirs, conflict.by) == (None, "Dr Chloé PETIT")


def test_an_answer_no_longer_asked_stays_stored_and_does_not_count() -> None:
    seen = dossier()
    write(ALICE, seen, "medical", {"motif": "autre", "motif_autre": "Isolement", "antecedents": "HTA"})
    write(ALICE, seen, "medical", {"motif": "chute"})
    now = queries.opened(seen, "medical")
    assert now.answers["motif_autre"] == "Isolement"
    signed = validated(ALICE, seen, "medical")
    assert signed.answers["motif_autre"] == "Isolement"
    assert "motif_autre" not in queries.signatures(seen, "medical")[0].answers


# --- sent twice

@pytest.mark.proves("R9")
def test_a_sending_that_comes_again_changes_nothing_even_after_others_wrote() -> None:
    seen = dossier()
    write(ALICE, seen, "medical", {"antecedents": "HTA"}, {}, key="cle-alice-1")
    write(BOB, seen, "medical", {"antecedents": "HTA, AVC"})
    again = write(ALICE, seen, "medical", {"antecedents": "HTA"}, {}, key="cle-alice-1")
    assert again == Saved(queries.opened(seen, "medical"), {}, [])
    assert again.volet.answers == {"antecedents": "HTA, AVC"} and again.volet.version == 2


def test_it_is_answered_as_done_after_the_volet_was_validated_too() -> None:
    seen = dossier()
    write(ALICE, seen, "medical", COMPLETE, {}, key="cle-alice-1")
    write(BOB, seen, "medical", {"antecedents": "Autre"})
    validated(BOB, seen, "medical")
    assert not write(ALICE, seen, "medical", COMPLETE, {}, key="cle-alice-1").conflicts


@pytest.mark.parametrize(("who", "text"), [(ALICE, "Autre texte"), (BOB, "HTA")])
def test_the_same_key_from_another_or_with_other_words_is_another_sending(who: audit.Actor, text: str) -> None:
    seen = dossier()
    write(ALICE, seen, "medical", {"antecedents": "HTA"}, {}, key="cle-alice-1")
    write(CLIC, seen, "medical", {"antecedents": "Entre-temps"})
    assert write(who, seen, "medical", {"antecedents": text}, {}, key="cle-alice-1").conflicts


def test_only_what_was_acknowledged_is_remembered() -> None:
    seen = dossier()
    write(BOB, seen, "medical", {"tabac": "Non"})
    first = write(ALICE, seen, "medical", {"tabac": "Oui", "antecedents": "HTA"}, {}, key="cle-alice-1")
    again = write(ALICE, seen, "medical", {"tabac": "Oui", "antecedents": "HTA"}, {}, key="cle-alice-1")
    assert [one.field for one in first.conflicts] == [one.field for one in again.conflicts] == ["tabac"]
    assert Envoi.select().count() == 1


def test_keys_are_forgotten_after_a_day() -> None:
    seen = dossier()
    write(ALICE, seen, "medical", {"tabac": "Non"}, key="cle-alice-1")
    with clock.freeze(clock.now() + timedelta(days=1, minutes=1)):
        write(ALICE, seen, "medical", {"tabac": "Oui"}, key="cle-alice-2")
    assert Envoi.select().count() == 1


# --- signing and reopening

def test_what_is_missing_is_named() -> None:
    seen = dossier()
    with pytest.raises(Incomplete) as empty:
        validated(ALICE, seen, "medical")
    write(ALICE, seen, "medical", {"motif": "autre", "antecedents": "HTA"})
    with pytest.raises(Incomplete) as refused:
        validated(ALICE, seen, "medical")
    assert [field.id for _, field in empty.value.missing] == ["motif", "antecedents"]
    assert [field.id for _, field in refused.value.missing] == ["motif_autre"]
    assert queries.opened(seen, "medical").etat == "en_cours"


def test_a_validated_volet_is_closed_until_it_is_reopened_and_keeps_each_signature() -> None:
    seen = dossier()
    write(ALICE, seen, "medical", COMPLETE)
    signed = validated(ALICE, seen, "medical")
    assert (signed.etat, signed.version, signed.valide_par) == ("valide", 2, "Dr Alice MARTIN")
    assert signed == queries.opened(seen, "medical")
    with pytest.raises(Signed) as closed:
        write(BOB, seen, "medical", {"tabac": "Non"})
    assert closed.value.now == signed
    with database.writing():
        reopened = commands.reopen(BOB, seen, "medical", 2)
    assert (reopened.etat, reopened.version, reopened.valide_le) == ("rouvert", 3, signed.valide_le)
    write(BOB, seen, "medical", {"antecedents": "Fracture, AVC"})
    assert queries.opened(seen, "medical").etat == "rouvert"
    validated(BOB, seen, "medical")
    assert [(one.version, one.par, one.answers["antecedents"]) for one in queries.signatures(seen, "medical")] == [
        (5, "Dr Bob DURAND", "Fracture, AVC"), (2, "Dr Alice MARTIN", COMPLETE["antecedents"])]
    assert queries.signed(seen, "medical", 2).answers == COMPLETE
    with pytest.raises(NotFound):
        queries.signed(seen, "medical", 3)
    assert events(seen.label) == [
        ("volet.modifie", "medical"), ("volet.valide", "medical"), ("volet.rouvert", "medical"),
        ("volet.modifie", "medical"), ("volet.valide", "medical")]


def test_the_same_click_twice_signs_and_reopens_once() -> None:
    seen = dossier()
    write(ALICE, seen, "medical", COMPLETE)
    for _ in range(2):
        with database.writing():
            commands.validate(ALICE, seen, "medical", 1)
    for _ in range(2):
        with database.writing():
            commands.reopen(ALICE, seen, "medical", 2)
    assert Signature.select().count() == 1 and queries.opened(seen, "medical").version == 3
    assert [event for event, _ in events(seen.label)] == ["volet.modifie", "volet.valide", "volet.rouvert"]


def test_validating_the_autonomy_gives_the_gir_which_stays_until_the_next() -> None:
    seen = dossier()
    write(ALICE, seen, "autonomie", support.ALL_C)
    assert support.seen(ALICE, seen.dossier.numero).dossier.gir is None
    validated(ALICE, seen, "autonomie")
    found, = queries.evaluations(seen)
    assert (found.profil, found.gir, found.rang, found.groupe, found.version) == ("C" * 8, 1, 1, "A", 2)
    assert found.lignes == support.ALL_C and found.par == "Dr Alice MARTIN"
    with database.writing():
        commands.reopen(ALICE, seen, "autonomie", 2)
    write(ALICE, seen, "autonomie", dict.fromkeys(support.ALL_C, "A"))
    assert support.seen(ALICE, seen.dossier.numero).dossier.gir == 1
    validated(ALICE, seen, "autonomie")
    assert support.seen(ALICE, seen.dossier.numero).dossier.gir == 6
    assert [one.gir for one in queries.evaluations(seen)] == [6, 1]


def test_a_new_dossier_begins_with_what_its_creation_knows() -> None:
    seen = dossier()
    with database.writing():
        commands.first(ALICE, seen.dossier, "administratif", {"contact": "Sa fille"})
        commands.first(ALICE, seen.dossier, "medical", {})
        with pytest.raises(ValueError):
            commands.first(ALICE, seen.dossier, "medical", {"inconnu": "x"})
    assert queries.opened(seen, "administratif").answers == {"contact": "Sa fille"}
    assert queries.opened(seen, "medical").etat == "vide"


# --- traces

def test_typing_leaves_one_line_a_quarter_of_an_hour_for_each_person_and_volet() -> None:
    seen, start = dossier(), clock.now()
    for minutes, who in ((0, ALICE), (5, ALICE), (6, BOB), (14, ALICE), (16, ALICE), (17, BOB)):
        with clock.freeze(start + timedelta(minutes=minutes)):
            write(who, seen, "medical", {"antecedents": f"{minutes} minutes"})
    write(ALICE, seen, "administratif", {"contact": "Sa fille"})
    assert [(one.name, one.detail) for one in reversed(audit.timeline(seen.label)) if one.event == "volet.modifie"] == [
        ("Dr Alice MARTIN", "medical"), ("Dr Bob DURAND", "medical"), ("Dr Alice MARTIN", "medical"),
        ("Dr Alice MARTIN", "administratif")]
    assert audit.broken_link() is None


def test_no_word_of_a_volet_is_in_the_audit() -> None:
    seen = dossier()
    write(ALICE, seen, "medical", {"motif": "autre", "motif_autre": "Alzheimer", "antecedents": "Alzheimer"})
    validated(ALICE, seen, "medical")
    assert not [one for one in Trace.select() if "lzheimer" in one.detail + one.name + one.event]


def test_writing_moves_the_dossier_up_once_a_minute() -> None:
    seen, start = dossier(), clock.now()
    moved = []
    for seconds in (0, 30, 61, 100):
        with clock.freeze(start + timedelta(seconds=seconds)):
            write(ALICE, support.seen(ALICE, seen.dossier.numero), "medical", {"tabac": f"{seconds}"})
            lien = Lien.get(Lien.dossier == seen.dossier.id)
            assert lien.maj == lien.dossier.updated
            moved.append((lien.maj - start).total_seconds())
    assert moved == [0, 0, 61, 61]


# --- what is sealed

def test_nothing_of_the_answers_is_stored_in_clear() -> None:
    seen = dossier()
    write(ALICE, seen, "medical", {"motif": "chute", "antecedents": "Alzheimer", "traitements": "Donépézil"})
    validated(ALICE, seen, "medical")
    for table in ("volet", "volet_signature", "volet_envoi"):
        cells = [cell for row in rows(f"SELECT * FROM {table}") for cell in row]
        assert not [cell for cell in cells if "lzheimer" in str(cell) or (isinstance(cell, bytes) and b"lzh" in cell)]


def test_what_is_printed_of_a_volet_shows_none_of_its_words() -> None:
    """A log or an error report that names one of these objects must say nothing medical."""
    seen = dossier()
    write(ALICE, seen, "medical", {"motif": "chute", "antecedents": "Alzheimer"})
    sending = support.sent(support.MEDICAL, {"antecedents": "Alzheimer débutant"}, {})
    with database.writing():
        saved = commands.save(BOB, seen, "medical", sending)
    validated(ALICE, seen, "medical")
    assert saved.conflicts and "lzheimer" not in repr((sending, saved, queries.signatures(seen, "medical"),
                                                       queries.opened(seen, "medical").contenu))


@pytest.mark.proves("V11.3.3")
@pytest.mark.parametrize(("mine", "other"), [("medical", "administratif"), ("medical", "medical")])
def test_a_content_moved_to_another_place_opens_nowhere(mine: str, other: str) -> None:
    """Two rows whose sealed contents changed places: between volets, and between dossiers."""
    one, two = dossier(), dossier()
    there = one if mine != other else two
    write(ALICE, one, mine, {"antecedents": "Alzheimer"})
    write(ALICE, there, other, {"contact": "x"} if other == "administratif" else {"antecedents": "Parkinson"})
    contents = {row.id: row.contenu for row in Volet.select()}
    first, second = contents
    with database.writing():
        for row, content in ((first, contents[second]), (second, contents[first])):
            Volet.update(contenu=content).where(Volet.id == row).execute()
    for seen, code in ((one, mine), (there, other)):
        with pytest.raises(queries.Illisible) as refused:
            queries.opened(seen, code)
        assert refused.value.status_code == 503 and "lzheimer" not in str(refused.value)
        with pytest.raises(queries.Illisible):
            queries.all_of(seen)


def test_a_signed_content_opens_as_its_own_version_only() -> None:
    contenu = coffre.Contenu({"antecedents": "HTA"})
    blob = coffre.seal_signed("ga 43009190", "medical", 2, contenu)
    assert coffre.unseal_signed("ga 43009190", "medical", 2, blob) == contenu
    for place in (("ga 43009190", "medical", 3), ("ga 43009191", "medical", 2), ("ga 43009190", "autonomie", 2)):
        with pytest.raises(SealBroken):
            coffre.unseal_signed(*place, blob)


def test_who_may_not_read_a_volet_gets_it_neither_whole_nor_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a secretary's pages ask opens no medical seal."""
    seen = dossier()
    write(ALICE, seen, "medical", COMPLETE)
    write(ALICE, seen, "administratif", {"contact": "Sa fille"})
    opened: list[str] = []
    unseal = coffre.unseal
    monkeypatch.setattr(coffre, "unseal", lambda label, code, blob: opened.append(code) or unseal(label, code, blob))
    assert [(one.code, one.etat) for one in queries.situations(seen)] == [
        ("administratif", "en_cours"), ("medical", "en_cours"), ("autonomie", "vide")]
    assert opened == []
    assert [one.code for one in queries.all_of(seen, ("administratif",))] == ["administratif"]
    assert queries.opened(seen, "administratif").answers and queries.all_of(seen, ()) == []
    assert set(opened) == {"administratif"}


def test_all_volets_come_in_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = dossier()
    write(ALICE, seen, "medical", COMPLETE)
    statements: list[str] = []
    execute = type(Volet._meta.database.obj).execute_sql  # the driver every query passes through
    monkeypatch.setattr(type(Volet._meta.database.obj), "execute_sql",
                        lambda self, sql, *rest: statements.append(sql) or execute(self, sql, *rest))
    assert [one.code for one in queries.all_of(seen)] == ["administratif", "medical", "autonomie"]
    assert len(statements) == 1


def test_reading_writes_nothing() -> None:
    seen = dossier()
    write(ALICE, seen, "medical", COMPLETE)
    validated(ALICE, seen, "medical")
    with database.reading():
        queries.opened(seen, "medical")
        queries.all_of(seen)
        queries.situations(seen)
        queries.signatures(seen, "medical")
        queries.evaluations(seen)
        queries.sources(10100000011, seen, "medical")


@pytest.mark.parametrize("code", ["inconnu", "", "MEDICAL"])
def test_a_volet_that_its_module_has_not_is_not_found(code: str) -> None:
    seen = dossier()
    assert not queries.has(seen, code)
    for ask in (lambda: queries.opened(seen, code), lambda: commands.save(ALICE, seen, code, Sent({}, {})),
                lambda: commands.validate(ALICE, seen, code, 0), lambda: commands.reopen(ALICE, seen, code, 0)):
        with pytest.raises(NotFound), database.writing():
            ask()


@pytest.mark.parametrize("version", [0, 2, 10**9])
def test_validating_or_reopening_another_version_is_refused(version: int) -> None:
    seen = dossier()
    write(ALICE, seen, "medical", COMPLETE)
    with pytest.raises(Stale) as stale, database.writing():
        commands.validate(ALICE, seen, "medical", version)
    assert stale.value.now.version == 1
    with pytest.raises(Stale), database.writing():
        commands.reopen(ALICE, seen, "medical", 1)
