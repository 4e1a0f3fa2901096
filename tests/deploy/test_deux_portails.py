"""Two portals of two workers each behind nginx, on PostgreSQL and on SQLite: whichever answers, the answer is the same.

What holds when one of them dies is in test_portail_tue.py.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.compte.models import Compte
from portal.db import database, outbox
from portal.db.outbox import Courriel
from portal.delegations.models import Delegation
from portal.dossiers.models import Dossier, Lien
from portal.echeances.models import Bail, Fait
from portal.echeances.travaux import JOBS
from portal.settings import Settings
from portal.web import throttle
from portal.web.handlers import MANDATE_ENDED
from portal.web.session import Session, cookie_name
from tests.support import courrier, grappe, nginx, postgres
from tests.support.courrier import Boite
from tests.support.delegues import PASSWORD
from tests.support.grappe import Grappe, Passant
from tests.support.pannes import clients, comptes, monde
from tests.support.pannes.clients import Browser, Ecrits, Step
from tests.support.pannes.monde import ALICE, MARK
from tests.support.pannes.portail import command
from tests.support.pannes.rapport import Rapport
from tests.support.pannes.tempete import FIELD, WRITERS
from tests.support.processus import wait_until
from tests.support.sessions import open_session

PEOPLE = 24
CODE = re.compile(r"\b(\d{6}|\d{3}\s\d{3})\b")


@pytest.fixture(scope="module")
def boite() -> Iterator[Boite]:
    with courrier.running() as box:
        yield box


@pytest.fixture(scope="module", params=["postgresql", "sqlite"])
def deux(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, boite: Boite) -> Iterator[Grappe]:
    """The two, with every clock running each second; this process looks into their database."""
    folder, where = tmp_path_factory.mktemp("deux"), nginx.ports()
    with ExitStack() as stack:
        more: dict[str, object] = {"origin": where.origin, "smtp_url": boite.url}
        if request.param == "postgresql":
            server = postgres.start(durable=True)
            stack.callback(server.stop)
            more["database"] = server.create("deux")
        settings = monde.settings_of(folder / "donnees", **more)
        settings.data.mkdir(mode=0o700)
        monde.furnish(settings, waiting=60, written=4, asking=10)
        made = stack.enter_context(grappe.running(
            settings, folder / "nginx", where, PORTAL_CLOCKS_PAUSE="1", PORTAL_SMTP_URL=boite.url))
        stack.enter_context(monde.opened(settings))
        yield made


@pytest.fixture(scope="module")
def delegues(deux: Grappe) -> list[dict[str, Any]]:
    """Colleagues to whom Dr Alice MARTIN has lent everything; their addresses are confirmed."""
    found = monde.delegates(deux.settings, PEOPLE)
    with database.writing():
        Compte.update(email_confirmed_at=clock.now()).execute()
    return found


def entered(settings: Settings, rpps: int = ALICE, name: str = "Dr Alice MARTIN",
            compte_id: int | None = None) -> Passant:
    """A browser that is logged in already."""
    one = Passant(settings)
    one.cookies[cookie_name(settings)] = open_session(settings, rpps, name, compte_id=compte_id)
    return one


def older(by: timedelta) -> None:
    """As if everybody had been away that long."""
    with database.writing():
        for row in Session.select(Session.key, Session.last_seen):
            Session.update(last_seen=row.last_seen - by).where(Session.key == row.key).execute()


# --- sessions

@pytest.mark.proves("V7.2.1", "V7.4.1")
def test_a_login_made_over_both_opens_both_and_a_logout_closes_both(
        deux: Grappe, delegues: list[dict[str, Any]], boite: Boite) -> None:
    one, other = deux.ports
    email, visitor = f"{delegues[0]['rpps']}@exemple.fr", Passant(deux.settings)
    visitor.get(one, "/connexion/otp")
    assert visitor.post(other, "/connexion/otp", {"email": email, "mot_de_passe": PASSWORD}).status == 303
    visitor.get(one, "/connexion/otp/code")
    wait_until(_all_sent, 90)
    before = len(boite.to(email))
    assert visitor.post(other, "/connexion/otp/code", {"geste": "envoyer"}).status in (200, 303)
    wait_until(lambda: len(boite.to(email)) > before, 30)
    code = CODE.search(boite.to(email)[-1])
    assert code
    visitor.get(one, "/connexion/otp/code")
    answer = visitor.post(one, "/connexion/otp/code", {"moyen": "courriel", "code_courriel": code[0]})
    assert answer.status == 303, answer.body
    assert {visitor.get(port, "/accueil").status for port in (other, one) * 4} == {200}
    copy = dict(visitor.cookies)
    assert visitor.post(other, "/connexion/quitter", {}).status in (200, 303)
    visitor.cookies = copy
    assert {visitor.get(port, "/accueil").location.partition("?")[0] for port in (one, other) * 4} == {"/connexion"}


@pytest.mark.proves("V7.3.1")
def test_idle_time_is_one_for_both(deux: Grappe) -> None:
    one, other = deux.ports
    away = deux.settings.session_idle - timedelta(minutes=1)
    visitor = entered(deux.settings)
    for port in (one, other, one):
        visitor.get(port, "/accueil")
        assert visitor.post(port, "/connexion/prolonger", {}).status == 303
        older(away)
        assert visitor.get(other if port == one else one, "/accueil").status == 200
    older(deux.settings.session_idle)
    assert {visitor.get(port, "/accueil").status for port in (one, other)} == {303}


@pytest.mark.proves("C5", "V8.3.2")
def test_acting_for_somebody_begins_and_ends_at_both_at_once(deux: Grappe, delegues: list[dict[str, Any]]) -> None:
    one, other = deux.ports
    who = delegues[1]
    colleague = entered(deux.settings, who["rpps"], who["name"], who["compte_id"])
    alice = entered(deux.settings, compte_id=Compte.get(Compte.rpps == ALICE).id)
    number = monde.read(deux.settings.data).written[0]
    dossier = f"/dossiers/grand-age/{number}"
    assert colleague.get(other, dossier).status == 404
    colleague.get(one, "/delegations")
    assert colleague.post(one, "/delegations/agir", {"delegation": str(who["delegation_id"])}).status == 303
    assert {colleague.get(port, dossier).status for port in (other, one) * 4} == {200}
    alice.get(other, "/delegations")
    assert alice.post(other, f"/delegations/{who['delegation_id']}/revoquer", {}).status == 303
    told = colleague.get(one, dossier)
    assert told.status == 303
    assert MANDATE_ENDED.partition(" ")[0] in colleague.get(other, told.location).body
    assert {colleague.get(port, dossier).status for port in (other, one) * 4} == {404}


def test_what_one_has_to_say_is_shown_by_the_other(deux: Grappe) -> None:
    one, other = deux.ports
    number, visitor = monde.read(deux.settings.data).waiting[-1], entered(deux.settings)
    visitor.get(one, "/dossiers/grand-age")
    answer = visitor.post(one, f"/dossiers/grand-age/{number}/refuser", {"version": "1"})
    assert answer.status == 303
    page = visitor.get(other, answer.location).body
    assert f"Vous avez refusé le dossier n°\u00a0{number}" in page and f"/{number}/retablir" in page
    version = Lien.get(Lien.rpps == ALICE, Lien.numero == number).version
    undone = visitor.post(one, f"/dossiers/grand-age/{number}/retablir", {"version": str(version)})
    assert undone.status == 303
    assert Lien.get(Lien.rpps == ALICE, Lien.numero == number).etat == "attente"


# --- throttling

@pytest.mark.proves("V6.3.1", "N2")
def test_guesses_spread_over_all_workers_count_together(deux: Grappe) -> None:
    free, times = throttle.FREE[throttle.ACCOUNT], 16
    # Each from an address of its own: the account alone counts.
    guessers = [Passant(deux.settings, f"192.0.2.{rank}") for rank in range(1, times + 1)]
    start = threading.Barrier(times)

    def guess(rank: int) -> int:
        port = deux.ports[rank % 2]
        guessers[rank].get(port, "/connexion/otp")
        start.wait(clients.TIMEOUT)
        form = {"email": "devinee@exemple.fr", "mot_de_passe": f"Faux-{rank}-Motdepasse"}
        return guessers[rank].post(port, "/connexion/otp", form).status

    with ThreadPoolExecutor(times) as pool:
        statuses = Counter(pool.map(guess, range(times)))
    assert statuses == {422: free, 429: times - free}


# --- jobs

def test_each_job_has_its_effect_once_whoever_runs_it(
        deux: Grappe, delegues: list[dict[str, Any]], boite: Boite, rapport: Rapport) -> None:
    ending = {f"{who['rpps']}@exemple.fr": who["delegation_id"] for who in delegues[2:]}
    ends = clock.today() + timedelta(days=deux.settings.delegation_notice_days)
    others = [f"essai-{rank}@exemple.fr" for rank in range(40)]
    wait_until(_all_sent, 90)
    boite.received.clear()
    with rapport.essai(f"4 workers' clocks: mails due, each sent once, {_name(deux)}") as essai:
        for _ in range(3):
            with database.writing():
                Delegation.update(ends=ends).where(Delegation.id.in_(list(ending.values()))).execute()
                # All are due now, for all workers at once.
                Bail.update(prochain=clock.now() - timedelta(minutes=1)).execute()
            wait_until(lambda: not _behind(), 60)
        with database.writing():
            for address in others:
                outbox.send(address, "Un essai", "Bonjour.")
        wait_until(lambda: not Courriel.select().where(Courriel.sent.is_null()).exists(), 90)
        sent = Counter(str(one["To"]) for one in list(boite.received))
        essai.add(len(ending) + len(others), sum(not sent[address] for address in [*ending, *others]))
    assert {sent[address] for address in [*ending, *others]} == {1}
    assert Fait.select().where(Fait.travail == "delegations").count() == len(ending)
    assert {row.nom for row in Bail.select(Bail.nom)} == {job.name for job in JOBS}


def _all_sent() -> bool:
    """True when no mail waits, those that earlier acts caused included."""
    return not Courriel.select().where(Courriel.sent.is_null()).exists()


def _behind() -> bool:
    """True while a job is due or held."""
    return Bail.select().where((Bail.prochain <= clock.now()) | (Bail.detenteur != "")).count() > 0 or (
        Bail.select().count() < len(JOBS))


def _name(deux: Grappe) -> str:
    return "PostgreSQL" if deux.settings.database.startswith("postgresql") else "SQLite"


# --- counters

def refusing(numbers: tuple[int, ...]) -> list[Step]:
    """« Refuser » each of these dossiers."""
    def one(number: int) -> Step:
        def step(browser: Browser, done: Ecrits) -> None:
            answer = browser.post(f"/dossiers/grand-age/{number}/refuser", {"version": "1"})
            with done.lock:
                done.refused += [] if answer.status == 303 else [f"{answer.status}"]
        return step
    return [one(number) for number in numbers]


@pytest.mark.proves("C4")
def test_counters_numbers_and_the_audit_are_right_after_eight_clients(deux: Grappe, rapport: Rapport) -> None:
    world, done, stop = monde.read(deux.settings.data), Ecrits(), threading.Event()
    waiting = world.waiting[:-1]
    steps = [
        clients.accepting(waiting[0:20:2]), clients.accepting(waiting[1:20:2]), refusing(waiting[20:40:2]),
        refusing(waiting[21:40:2]), clients.creating(_names("A")), clients.creating(_names("B")),
        clients.sending(world.asking), clients.typing(world.written[1], 10, FIELD, MARK)]
    before = {row.numero for row in Dossier.select(Dossier.numero)}
    browsers = [deux.behind(Browser(deux.settings)) for _ in range(WRITERS)]
    with rapport.essai(f"8 clients through nginx, 2 portals of 2 workers, {_name(deux)}") as essai:
        for thread in [clients.at_work(*pair, done, stop) for pair in zip(browsers, steps, strict=True)]:
            thread.join(120)
        assert not done.refused and not done.lost
        lost = comptes.missing(done, FIELD, MARK)
        essai.add(done.total, len(lost))
        assert lost == [] and comptes.unsound(sqlite=_name(deux) == "SQLite") == []
    created = {row.numero for row in Dossier.select(Dossier.numero)} - before
    assert created == set(done.created) and len(created) == 20
    assert {f"127.0.0.1:{port}" for port in deux.ports} <= set(deux.served_by())
    verified = command(deux.settings, "audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    for one in browsers:
        assert one.get("/accueil").status == 200
        one.close()


def _names(letter: str) -> list[str]:
    return [f"PARTAGE{letter}{chr(65 + rank)}" for rank in range(10)]
