"""« Reprendre du dernier dossier »: from whom, what is taken, how it stays marked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal import clock
from portal.db import audit, database
from portal.db.audit import Actor, Mandate
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.settings import Settings
from portal.volets import commands, copie, queries
from portal.volets.commands import Signed, Stale
from portal.volets.formulaire import Definition, Kind, Value
from portal.web.errors import NotFound
from tests.support import formulaires as support
from tests.support.formulaires import ALICE, BOB, CHLOE, COMPLETE, MEDICAL, MEDICAL_2, dossier, validated, write

RPPS = 10100000011
TODAY = date(2026, 11, 22)
pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture(autouse=True)
def forms(monkeypatch: pytest.MonkeyPatch, tables: Settings) -> None:
    support.use(monkeypatch)


def before_and_now() -> tuple[Visible, Visible]:
    """Mme Leroux's earlier dossier, its volet médical filled, and her new one."""
    with clock.freeze(clock.now() - timedelta(days=100)):
        old = dossier()
        write(ALICE, old, "medical", COMPLETE | {"traitements": "Ramipril", "tabac": "Non"})
    return old, dossier()


def take(into: Visible, source: Visible, actor: Actor = ALICE, version: int | None = None) -> queries.Ouvert:
    with database.writing():
        return commands.copy_from(actor, into, "medical", source.label, version)


def set_nir(seen: Visible, mark: str | None) -> Visible:
    Dossier.update(nir_empreinte=mark).where(Dossier.id == seen.dossier.id).execute()
    return support.seen(ALICE, seen.dossier.numero)


# --- taking

def test_answers_come_over_and_each_is_marked() -> None:
    old, new = before_and_now()
    source, = queries.sources(RPPS, new, "medical")
    address = f"/dossiers/grand-age/{old.dossier.numero}/volets/medical"
    assert (source.dossier, source.url, source.n) == (old.label, address, 4)
    assert source.when == clock.now() - timedelta(days=100)
    preview = queries.preview(RPPS, new, "medical", old.label)
    now = take(new, old)
    assert preview == now.answers == queries.opened(old, "medical").answers
    assert now.copies == dict.fromkeys(now.answers, old.label) and (now.etat, now.version) == ("en_cours", 1)
    assert queries.sources(RPPS, new, "medical") == []


def test_what_is_already_answered_is_not_overwritten() -> None:
    old, new = before_and_now()
    write(ALICE, new, "medical", {"antecedents": "Écrit aujourd’hui"})
    now = take(new, old)
    assert now.answers["antecedents"] == "Écrit aujourd’hui" and "antecedents" not in now.copies
    assert now.answers["traitements"] == "Ramipril" and now.copies["traitements"] == old.label


def test_a_mark_goes_when_the_answer_is_edited_or_confirmed() -> None:
    old, new = before_and_now()
    take(new, old)
    edited = write(ALICE, new, "medical", {"traitements": "Ramipril, aspirine"}).volet
    assert set(edited.copies) == {"motif", "antecedents", "tabac"}
    sent = support.sent(MEDICAL, {"tabac": "Non"}, edited.answers)
    with database.writing():
        commands.save(ALICE, new, "medical", replace(sent, confirmed=frozenset({"tabac", "poids"})))
    assert set(queries.opened(new, "medical").copies) == {"motif", "antecedents"}
    with database.writing():
        commands.confirm_copies(ALICE, new, "medical")
    assert queries.opened(new, "medical").copies == {}


def test_sending_a_copied_answer_back_unchanged_confirms_nothing() -> None:
    old, new = before_and_now()
    now = take(new, old)
    assert write(ALICE, new, "medical", dict(now.answers)).volet == now


def test_confirming_what_changed_meanwhile_confirms_nothing() -> None:
    old, new = before_and_now()
    take(new, old)
    stale = replace(support.sent(MEDICAL, {"tabac": "Oui"}, {"tabac": "Oui"}), confirmed=frozenset({"tabac"}))
    with database.writing():
        assert "tabac" in commands.save(ALICE, new, "medical", stale).volet.copies


def test_the_marks_are_in_the_signature() -> None:
    old, new = before_and_now()
    take(new, old)
    write(ALICE, new, "medical", {"antecedents": "Relu"})
    validated(ALICE, new, "medical")
    signed, = queries.signatures(new, "medical")
    assert signed.copies == dict.fromkeys(("motif", "traitements", "tabac"), old.label)


def test_both_dossiers_remember_it() -> None:
    old, new = before_and_now()
    take(new, old)
    assert next((one.event, one.detail) for one in audit.timeline(new.label)) == ("volet.repris", "medical")
    assert next((one.event, one.detail) for one in audit.timeline(old.label)) == ("volet.ouvert", "medical")
    assert take(new, old).version == 1
    assert len(audit.timeline(new.label)) == 2


def test_a_validated_volet_and_an_old_version_are_not_filled() -> None:
    old, new = before_and_now()
    write(ALICE, new, "medical", COMPLETE)
    with pytest.raises(Stale):
        take(new, old, version=0)
    validated(ALICE, new, "medical")
    with pytest.raises(Signed):
        take(new, old)


# --- from whom

def test_another_person_is_no_source() -> None:
    old, new = before_and_now()
    others = [
        dossier(prenom="Jeanne"), dossier(naissance=date(1931, 4, 18)), dossier(nom_naissance="LEROUGE"),
        dossier(sexe="M"),
    ]
    for other in others:
        write(ALICE, other, "medical", {"antecedents": "D’une autre"})
    assert [one.dossier for one in queries.sources(RPPS, new, "medical")] == [old.label]
    for other in others:
        with pytest.raises(NotFound):
            take(new, other)
        assert queries.preview(RPPS, new, "medical", other.label) is None


def test_accents_and_case_do_not_make_another_person() -> None:
    old, _ = before_and_now()
    new = dossier(prenom="Josétte", nom_naissance="Leroux")
    assert [one.dossier for one in queries.sources(RPPS, new, "medical")] == [old.label]


def test_two_numbers_are_two_people_and_one_number_is_one() -> None:
    old, new = before_and_now()
    set_nir(old, "a" * 32)
    assert queries.sources(RPPS, set_nir(new, "b" * 32), "medical") == []
    renamed = set_nir(dossier(nom_naissance="MARTINEZ", naissance=date(1931, 4, 17)), "a" * 32)
    assert [one.dossier for one in queries.sources(RPPS, renamed, "medical")] == [old.label]


def test_the_linked_dossier_is_a_source_whatever_its_spelling() -> None:
    old, _ = before_and_now()
    new = dossier(nom_naissance="LE ROUX", naissance=date(1931, 7, 14))
    assert queries.sources(RPPS, new, "medical") == []
    with database.writing():
        dossiers.link(ALICE, old.dossier, new.dossier)
    new = support.seen(ALICE, new.dossier.numero)
    assert [one.dossier for one in queries.sources(RPPS, new, "medical")] == [old.label]


def test_only_dossiers_he_accepted_and_was_lent_are_sources() -> None:
    theirs = dossier(BOB)
    write(BOB, theirs, "medical", COMPLETE)
    new = dossier()
    assert queries.sources(RPPS, new, "medical") == []
    with database.writing():
        dossiers.designate(support.CLIC, theirs.dossier, RPPS)
    assert queries.sources(RPPS, new, "medical") == []
    with pytest.raises(NotFound):
        take(new, theirs)
    with database.writing():
        dossiers.decide(ALICE, "ga", theirs.dossier.numero, "accepter", 1)
    assert [one.dossier for one in queries.sources(RPPS, new, "medical")] == [theirs.label]
    assert queries.sources(RPPS, new, "medical", modules={"s"}) == []
    elsewhere = Mandate(1, RPPS, "Dr Alice MARTIN", "medecin", frozenset({"s"}), frozenset({"lire", "rediger"}), None)
    with pytest.raises(NotFound):
        take(new, theirs, replace(CHLOE, mandate=elsewhere))


# --- what fits

@pytest.mark.parametrize(("offered", "taken"), [
    ({"antecedents": "HTA"}, {"antecedents": "HTA"}),
    ({"motif": "chute", "motif_autre": "n’est plus demandé"}, {"motif": "chute"}),
    ({"motif": "autre", "motif_autre": "Isolement"}, {"motif": "autre", "motif_autre": "Isolement"}),
    ({"poids": "120"}, {}),  # above what the present form accepts
    ({"poids": "72"}, {"poids": "72"}),
    ({"soins": ["oxygene", "vac"]}, {"soins": ["oxygene", "vac"]}),
    ({"soins": ["sonde"]}, {}),  # an option that is gone
    ({"entree": "2026-01-05"}, {}),  # a wish for a day that is past
    ({"prelevement": "2026-01-05"}, {"prelevement": "2026-01-05"}),
    ({"tabac": "Non"}, {}),  # not asked any more
])
def test_only_what_the_present_form_accepts_is_taken(offered: dict[str, Value], taken: dict[str, Value]) -> None:
    assert copie.plan(MEDICAL_2, {}, MEDICAL, offered, TODAY, lambda text: None) == taken


def test_an_answer_to_what_is_not_asked_here_is_left_out() -> None:
    offered: dict[str, Value] = {"motif": "autre", "motif_autre": "Isolement"}
    assert copie.plan(MEDICAL, {"motif": "chute"}, MEDICAL, offered, TODAY, lambda text: None) == {}


@pytest.mark.parametrize(("kind", "fits"), [(Kind.TEXTE, True), (Kind.DATE, False), (Kind.LIGNE, True)])
def test_a_line_may_become_a_text_and_nothing_else(kind: Kind, fits: bool) -> None:
    other = replace(support.TABAC, kind=kind)
    form: Definition = replace(MEDICAL, sections=(replace(MEDICAL.sections[0], fields=(other,)),))
    assert bool(copie.plan(form, {}, MEDICAL, {"tabac": "Non"}, TODAY, lambda text: None)) is fits
