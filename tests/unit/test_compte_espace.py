"""What « Mon compte » lets choose, and the questions behind its sections."""

from __future__ import annotations

import ast
import json
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from portal import clock
from portal.annuaire.rules import Commune
from portal.compte import queries as comptes
from portal.compte.espace import commands, export, presenters, queries, rules
from portal.compte.espace.commands import Habits
from portal.compte.models import Compte
from portal.compte.rules import Invalid
from portal.db import audit, database
from portal.db.audit import Actor, Mandate, Trace
from portal.delegations.models import Delegation
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as dossiers_queries
from portal.dossiers import rules as dossier_rules
from portal.dossiers.rules import parse_numero
from portal.settings import Settings
from tests.support import bases
from tests.support.codes import SECRET, given_an_application, given_recovery_codes
from tests.support.people import LEROUX, account

ALICE, BOB, CHLOE = 10100000011, 10100000022, 10100000033
BY_CARD = Actor(ALICE, "Dr Alice MARTIN", "cps")
CHLOE_FOR_ALICE = Actor(CHLOE, "Dr Chloé PETIT", "cps", Mandate(
    1, ALICE, "Dr Alice MARTIN", "medecin", frozenset({"ga"}), frozenset({"lire"}), None))
CAEN = Commune("14118", "Caen", "14000")


# --- Rules


@pytest.mark.parametrize(("text", "km"), [("30", 30), (" 1 ", 1), ("200 km", 200), ("45KM", 45)])
def test_a_radius_in_km(text: str, km: int) -> None:
    assert rules.radius(text) == km


@pytest.mark.parametrize("text", ["", "0", "201", "-3", "3,5", "trente", "٣٠", "30 m", "9999999999"])
def test_what_is_no_radius(text: str) -> None:
    with pytest.raises(Invalid, match="de 1 à 200"):
        rules.radius(text)


@pytest.mark.parametrize(("text", "address"), [
    ("", ""), ("  ", ""), ("Alice.MARTIN@medecin.mssante.fr", "alice.martin@medecin.mssante.fr"),
    ("cabinet@14.apicrypt.org", "cabinet@14.apicrypt.org"),
])
def test_a_secure_address(text: str, address: str) -> None:
    assert rules.secure_address(text) == address


@pytest.mark.parametrize("text", ["alice@exemple.fr", "mssante@exemple.fr", "alice@", "medecin.mssante.fr"])
def test_what_is_no_secure_address(text: str) -> None:
    with pytest.raises(Invalid):
        rules.secure_address(text)


def test_a_signature_is_a_few_lines() -> None:
    assert rules.signature("  Dr Alice   MARTIN \r\nCabinet\n\n") == "Dr Alice MARTIN\nCabinet"
    with pytest.raises(Invalid, match="6 lignes"):
        rules.signature("\n".join("abcdefg"))
    with pytest.raises(Invalid, match="400 caractères"):
        rules.signature("x" * 401)


# --- Preferences


def test_all_mails_are_on_until_declined(tables: Settings) -> None:
    compte_id = account(ALICE)
    assert all(comptes.wants(compte_id, code) for code in rules.CODES)
    with database.writing():
        commands.set_notices(BY_CARD, compte_id, set(rules.CODES) - {"refus"}, 14)
    assert [code for code in rules.CODES if not comptes.wants(compte_id, code)] == ["refus"]
    assert queries.preferences(compte_id).silence_jours == 14
    assert comptes.wants(account(BOB), "refus")
    with pytest.raises(KeyError):
        comptes.wants(compte_id, "inconnu")


def test_habits_are_kept_beside_the_notices_with_one_trace_a_change(tables: Settings) -> None:
    compte_id = account(ALICE)
    habits = Habits(CAEN, 50, "alice@medecin.mssante.fr", "Dr Alice MARTIN")
    with database.writing():
        commands.set_notices(BY_CARD, compte_id, set(), 7)
        assert commands.set_habits(BY_CARD, compte_id, habits) == [
            "insee", "code_postal", "ville", "rayon", "mssante", "signature"]
        assert commands.set_habits(BY_CARD, compte_id, habits) == []
        assert commands.set_habits(BY_CARD, compte_id, Habits(None, 50, "", "Dr Alice MARTIN")) == [
            "insee", "code_postal", "ville", "mssante"]
    found = queries.preferences(compte_id)
    assert (found.ville, found.rayon, found.signature) == ("", 50, "Dr Alice MARTIN")
    assert not comptes.wants(compte_id, "nouveau")
    kept = [(row.event, row.detail) for row in Trace.select().where(Trace.event != "compte.cree").order_by(Trace.id)]
    assert [event for event, _ in kept] == ["compte.notifications", "compte.habitudes", "compte.habitudes"]
    assert "MARTIN" not in str(kept) and "mssante.fr" not in str(kept)


# --- History


def test_the_history_is_his_own_and_goes_on_where_it_stopped(tables: Settings) -> None:
    alice, other = Compte.get_by_id(account(ALICE)), Actor(BOB, "Dr Bob DURAND", "cps")
    with database.writing():
        for n in range(queries.HISTORY_PAGE + 5):
            audit.record(BY_CARD, "connexion.cps", detail=str(n))
            audit.record(other, "connexion.cps")
            audit.record(BY_CARD, "dossier.ouvert", dossier="ga 1")
        audit.record(Actor(ALICE, "Dr Alice MARTIN", "mot_de_passe"), "otp.code_refuse")
    first = queries.history(alice)
    assert presenters.connection(first.traces[0]).outcome == "Code refusé"
    assert presenters.connection(first.traces[0]).refused
    second = queries.history(alice, first.older)
    assert second.older is None
    details = [row.detail for row in [*first.traces, *second.traces]][1:]
    assert details == [str(n) for n in reversed(range(queries.HISTORY_PAGE + 5))]


def test_each_refusal_of_the_history_is_recorded_somewhere() -> None:
    """A renamed event would silently leave the history."""
    sources = "\n".join(path.read_text("utf-8") for path in Path("portal").rglob("*.py") if "espace" not in path.parts)
    assert not {event for event in rules.REFUSALS if f'"{event}"' not in sources}


def test_a_secretary_is_known_by_her_subject(tables: Settings) -> None:
    secretary = Compte.get_by_id(account(ALICE))
    secretary.rpps, secretary.subject = None, "S00000000001"
    with database.writing():
        audit.record(Actor(None, "Léa ROUX", "otp", subject="S00000000001"), "connexion.otp")
        audit.record(Actor(None, "Un autre", "otp", subject="S00000000002"), "connexion.otp")
    assert [row.name for row in queries.history(secretary).traces] == ["Léa ROUX"]


# --- Access log


def made(actor: Actor = BY_CARD) -> str:
    """Mme LEROUX's dossier, accepted by the one who made it; its number in the audit."""
    with database.writing():
        return f"ga {dossiers.create(actor, 'ga', LEROUX).numero}"


def log(rpps: int, numero: str = "", limit: int = 50) -> list[tuple[str, str]]:
    found = dossiers_queries.accesses(rpps, numero=parse_numero(numero) if numero else None, limit=limit)
    return [(trace.event, trace.name) for trace in found]


def test_the_log_names_delegates_and_leaves_out_searches(tables: Settings) -> None:
    label, _ = made(), made(Actor(BOB, "Dr Bob DURAND", "cps"))
    with database.writing():
        audit.record(CHLOE_FOR_ALICE, "dossier.ouvert", dossier=label)
        audit.record(BY_CARD, dossiers_queries.SEARCH_FAILED, dossier=label)
    assert log(ALICE) == [("dossier.ouvert", "Dr Chloé PETIT, par délégation du Dr Alice MARTIN"),
                          ("dossier.cree", "Dr Alice MARTIN")]
    found = dossiers_queries.accesses(ALICE, limit=5)
    assert [presenters.act(trace, ALICE).who for trace in found] == [
        "Dr Chloé PETIT, par délégation du Dr Alice MARTIN", "vous"]
    assert presenters.act(found[0], ALICE).what == "Dossier consulté"
    assert presenters.act(found[0], ALICE).url == f"/dossiers/grand-age/{label.split()[1]}"
    assert log(CHLOE) == []


def test_before_accepting_others_acts_stay_hidden(tables: Settings) -> None:
    """Who else was asked, or refused, is none of his business until the dossier is his."""
    label = made()
    numero = int(label.split()[1])
    clic = Actor(None, "CLIC du Bessin", "interne")
    with database.writing():
        dossier = dossiers_queries.visible_dossier(ALICE, "ga", numero).dossier
        dossiers.designate(clic, dossier, BOB)
        audit.record(BY_CARD, "dossier.ouvert", dossier=label)
        audit.record(Actor(BOB, "Dr Bob DURAND", "cps"), "dossier.apercu", dossier=label)
    assert log(BOB) == [("dossier.apercu", "Dr Bob DURAND")]
    with database.writing():
        dossiers.decide(Actor(BOB, "Dr Bob DURAND", "cps"), "ga", numero, "accepter", 1)
    assert ("dossier.ouvert", "Dr Alice MARTIN") in log(BOB)


def test_the_log_of_one_dossier_and_its_pages(tables: Settings) -> None:
    label, other = made(), made()
    with database.writing():
        for _ in range(5):
            audit.record(BY_CARD, "dossier.ouvert", dossier=label)
            audit.record(BY_CARD, "dossier.ouvert", dossier=other)
    assert len(log(ALICE, label)) == 6
    first = dossiers_queries.accesses(ALICE, limit=4)
    second = dossiers_queries.accesses(ALICE, before=first[-1].id, limit=50)
    ids = [trace.id for trace in [*first, *second]]
    assert ids == sorted(ids, reverse=True) and len(ids) == len(set(ids)) == 12
    assert log(ALICE, "ga 99999999") == []


def test_the_log_reads_by_index(tables: Settings) -> None:
    """The audit holds every act of the house: it is entered by the dossiers' numbers, never read through."""
    made()
    statements: list[str] = []
    plain = dossiers_queries.rows

    def spy(sql: str, *params: object) -> list[object]:
        statements.extend(bases.plan(sql, *params))
        return plain(sql, *params)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dossiers_queries, "rows", spy)
        log(ALICE)
    plan = " ".join(statements)
    assert "trace_dossier_id" in plan and "SCAN" not in plan and "Seq Scan" not in plan, plan


# --- Export


def test_the_copy_holds_the_account_and_nothing_of_a_patient(tables: Settings, midday: datetime) -> None:
    compte = Compte.get_by_id(account(ALICE))
    label = made()
    with database.writing():
        audit.record(BY_CARD, "connexion.cps")
        audit.record(BY_CARD, "dossier.statut", dossier=label, detail="admis")
        audit.record(BY_CARD, "compte.modifie", detail="telephone")
        audit.record(Actor(BOB, "Dr Bob DURAND", "cps"), "dossier.ouvert", dossier=label)
    with ZipFile(BytesIO(export.archive(compte, [], tables))) as folder:
        assert folder.namelist() == ["LISEZMOI.txt", "donnees.json"]
        text, readme = folder.read("donnees.json").decode(), folder.read("LISEZMOI.txt").decode()
    data = json.loads(text)
    assert (data["compte"]["rpps"], data["compte"]["email"]) == (ALICE, f"{ALICE}@exemple.fr")
    assert data["connexions"] == [{"le": midday.isoformat(), "moyen": "Carte CPS", "resultat": "Réussie"}]
    acts = [(act["evenement"], act["dossier"], act["detail"]) for act in data["actes"]]
    assert ("dossier.statut", label, "") in acts and ("compte.modifie", None, "telephone") in acts
    for secret in ("LEROUX", "JOSETTE", "1931", "argon2", "BOB", "Bob", "admis"):
        assert secret not in text.replace('"admission"', ""), secret
    assert "donnees.json" in readme and "22/11/2026" in readme


def test_the_copy_names_the_means_of_login_without_their_secrets(tables: Settings, midday: datetime) -> None:
    compte = given_an_application(account(ALICE), tables)
    given_recovery_codes(compte, tables)
    text = json.dumps(export.content(compte, []))
    means = json.loads(text)["moyens"]
    assert [one["nom"] for one in means["applications"]] == ["Téléphone"]
    assert (means["cles"], means["codes_de_secours_restants"]) == ([], 10)
    assert SECRET not in text


def test_the_copy_names_delegations_given_and_received(tables: Settings, midday: datetime) -> None:
    alice, bob = account(ALICE), account(BOB)
    Delegation.create(principal=alice, delegate=bob, kind="medecin", modules="ga", rights="lire rediger",
                      starts=date(2026, 11, 1), ends=date(2026, 12, 1), created=midday, revoked_at=None)
    given = export.content(comptes.own(alice), [])["delegations"]
    received = export.content(comptes.own(bob), [])["delegations"]
    assert given["donnees"] == [{"avec": "Dr Alice MARTIN", "du": "2026-11-01", "au": "2026-12-01", "modules": ["ga"],
                                 "droits": ["lire", "rediger"], "revoquee_le": None}]
    assert (given["recues"], received["donnees"], len(received["recues"])) == ([], [], 1)


def test_the_copy_is_dated_by_the_house_s_clock(tables: Settings, midday: datetime) -> None:
    compte = Compte.get_by_id(account(ALICE))
    with clock.freeze(midday + timedelta(days=1)):
        assert export.file_name() == "mon-compte-2026-11-23.zip"
        with ZipFile(BytesIO(export.archive(compte, [], tables))) as folder:
            assert folder.infolist()[0].date_time[:3] == (2026, 11, 23)


def test_every_act_on_a_dossier_has_its_words() -> None:
    """Whoever records a new kind of act gives it words: « Autre action » is for what nobody foresaw."""
    found = {dossiers_queries.SEARCH_FAILED}
    for path in Path("portal").rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            if any(keyword.arg == "dossier" for keyword in call.keywords):
                found.update(part.value for part in call.args
                             if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value)
    found |= set(dossiers.AUDIT.values())
    assert len(found) > 5
    assert found - {dossiers_queries.SEARCH_FAILED} <= set(dossier_rules.EVENTS)
