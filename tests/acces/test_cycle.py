"""The life of a dossier against a dict: whatever is done in whatever order, by the portal's own commands, each one sees
what he should, and a step out of turn is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import Phase
from hypothesis import settings as bounds
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from portal import clock
from portal.annuaire.models import Etablissement
from portal.db import database
from portal.db.audit import Actor
from portal.demandes import commands as demandes
from portal.demandes import queries as of_demandes
from portal.demandes.etapes import Impossible
from portal.demandes.models import Demande
from portal.dossiers import archivage
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.espaces import queries as of_espaces
from portal.espaces import rules as of_links
from portal.espaces.coordination import commands as coordination
from portal.espaces.models import Structure
from portal.espaces.usager import commands as of_usagers
from portal.settings import Settings
from portal.web.errors import NotFound
from tests.support import espaces
from tests.support.espaces import ANSWERS, ASKS
from tests.support.people import LEROUX

PHYSICIANS, PLACES = (0, 1, 2), (0, 1)
CLIC = Actor(None, "CLIC du Bessin", "interne")
REFUSED = (Impossible, dossiers.Impossible, dossiers.Stale, coordination.Meanwhile, NotFound)
# What a physician's answer makes of his link, by the state it has.
ANSWER = {("attente", "accepter"): "accepte", ("attente", "refuser"): "refuse", ("refuse", "retablir"): "attente",
          ("refuse", "accepter"): "accepte", ("accepte", "retirer"): "refuse"}
# What each step makes of a request, by the state it has.
READ = {"lue", "complement", "liste"}
STEPS = {
    "send": {"non_envoyee": "envoyee"}, "reopen": dict.fromkeys(("annulee", "annulee_auto", "refus"), "envoyee"),
    "read": {"envoyee": "lue"}, "ask": dict.fromkeys(READ, "complement"), "complete": {"complement": "envoyee"},
    "list": dict.fromkeys(("lue", "liste"), "liste"), "refuse": dict.fromkeys(READ, "refus"),
    "reactivate": {"refus": "lue"}, "cancel": dict.fromkeys(READ | {"envoyee"}, "annulee"),
    "admit": dict.fromkeys(("lue", "liste"), "admis"),
}
DO: dict[str, Callable[[int, int], object]] = {
    "send": lambda row, seen: demandes.send(ASKS, row, seen, ()),
    "reopen": lambda row, seen: demandes.reopen(ASKS, row, seen, ()),
    "read": lambda row, seen: demandes.read(ANSWERS, row),
    "ask": lambda row, seen: demandes.ask(ANSWERS, row, seen, "Précisez."),
    "complete": lambda row, seen: demandes.complete(ASKS, row, seen, "Voici."),
    "list": lambda row, seen: demandes.put_on_list(ANSWERS, row, seen, "admissible", 3),
    "refuse": lambda row, seen: demandes.refuse(ANSWERS, row, seen, "114"),
    "reactivate": lambda row, seen: demandes.reactivate(ANSWERS, row, seen),
    "cancel": lambda row, seen: demandes.cancel(ASKS, row, seen, "85"),
    "admit": lambda row, seen: demandes.admit(ANSWERS, row, seen, date(2026, 11, 20)),
}
# These need a dossier that is not over.
LEAVES = ("send", "reopen", "reactivate")
PENDING = READ | {"envoyee"}
OPENED = READ | {"admis"}
BEGIN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ranks = count(10200000011)


class Cycle(RuleBasedStateMachine):
    """One dossier, three physicians who may be named, two establishments, a team that leads it."""

    places: list[Etablissement]
    team: Structure

    @initialize()
    def begin(self) -> None:
        self.rpps = [next(ranks) for _ in PHYSICIANS]
        with database.writing():
            self.dossier = coordination.create(CLIC, self.team, "ga", LEROUX)
        # The model: links by physician, requests by establishment, how the dossier ended, whether the team has it.
        self.links: dict[int, str] = {}
        self.requests: dict[int, str] = {}
        self.end = ""
        self.team_has, self.offered = True, -1

    # --- what should be

    @property
    def etat(self) -> str:
        states = set(self.requests.values())
        if self.end:
            return self.end
        if "admis" in states:
            return "admis"
        return "actif" if states & (PENDING | {"refus"}) else "redaction"

    def attempt(self, legal: bool, act: Callable[[], object]) -> None:
        """Do it when it is legal; otherwise it is refused and nothing changes (the invariants look)."""
        try:
            with database.writing():
                act()
        except REFUSED:
            assert not legal
        else:
            assert legal

    def now(self) -> object:
        return of_dossiers.by_id(self.dossier.id)

    # --- the links

    @rule(who=st.sampled_from(PHYSICIANS))
    def designate(self, who: int) -> None:
        legal = self.links.get(who, "retire") == "retire"
        self.attempt(legal, lambda: dossiers.designate(CLIC, self.now(), self.rpps[who]))
        if legal:
            self.links[who] = "attente"

    @rule(who=st.sampled_from(PHYSICIANS), event=st.sampled_from(("accepter", "refuser", "retablir", "retirer")))
    def answer(self, who: int, event: str) -> None:
        target = ANSWER.get((self.links.get(who, ""), event))
        self.void(who, target is not None)
        version = self.version(who)
        self.attempt(target is not None, lambda: dossiers.decide(
            Actor(self.rpps[who], "Dr", "cps"), "ga", self.dossier.numero, event, version))
        self.links |= {who: target} if target else {}

    @rule(who=st.sampled_from(PHYSICIANS))
    def replace(self, who: int) -> None:
        if who in self.links:
            legal = self.links[who] != "retire"
            self.void(who, legal)
            self.attempt(legal, lambda: dossiers.replace(CLIC, self.now(), self.rpps[who]))
            self.links[who] = "retire"

    def void(self, who: int, answered: bool) -> None:
        """What was offered to a physician lasts until he answers again about the patient."""
        if answered and who == self.offered:
            self.offered = -1

    @property
    def standing(self) -> int:
        """To whom the dossier is offered now, -1 for nobody."""
        return self.offered if self.etat in archivage.ALIVE else -1

    def version(self, who: int) -> int:
        try:
            return of_dossiers.visible_dossier(self.rpps[who], "ga", self.dossier.numero).lien.version
        except NotFound:
            return 1

    # --- the requests

    @rule(there=st.sampled_from(PLACES))
    def select(self, there: int) -> None:
        legal = self.etat in ("redaction", "actif")
        self.attempt(legal, lambda: demandes.select(ASKS, self.now(), self.places[there].id, "permanent"))
        if legal:
            self.requests.setdefault(there, "non_envoyee")

    @rule(there=st.sampled_from(PLACES), event=st.sampled_from(sorted(DO)))
    def step(self, there: int, event: str) -> None:
        if there not in self.requests:
            return
        row = Demande.get(Demande.dossier_id == self.dossier.id, Demande.etablissement_id == self.places[there].id)
        before = self.requests[there]
        target = STEPS[event].get(before)
        if event in LEAVES and self.etat not in ("redaction", "actif"):
            target = None
        if event == "read" and before != "envoyee":
            target = before  # nothing happens: only the first opening is a step
        self.attempt(target is not None, lambda: DO[event](row.id, row.version))
        if target:
            self.requests[there] = target
        if target == "admis" and before != "admis":
            self.requests |= {other: "annulee_auto" for other, etat in self.requests.items() if etat in PENDING}

    # --- the dossier

    @rule()
    def cancel(self) -> None:
        if self.etat in ("redaction", "actif"):
            self.attempt(True, lambda: of_usagers.cancel(ASKS, self.now(), "autre"))
            self.requests |= {there: "annulee" for there, etat in self.requests.items() if etat in PENDING}
            self.end = "annule"

    @rule()
    def reopen(self) -> None:
        if self.end == "annule":
            self.attempt(True, lambda: of_usagers.reopen(ASKS, self.now()))
            self.end = ""

    @rule()
    def archive(self) -> None:
        """Announced, then two months without a change."""
        legal = self.etat in archivage.ALIVE
        later = clock.now() + timedelta(days=1)
        with database.writing():
            assert archivage.warn(self.now(), later) is legal
            assert archivage.archive(self.now(), later + timedelta(days=1)) is legal
            if legal:
                demandes.close_all(ASKS, self.now(), "annuler_auto", "98")
        if legal:
            self.requests |= {there: "annulee_auto" for there, etat in self.requests.items() if etat in PENDING}
            self.end = "historise"

    @rule(who=st.sampled_from(PHYSICIANS))
    def offer(self, who: int) -> None:
        if self.team_has:
            legal = self.standing < 0
            self.attempt(legal, lambda: coordination.offer(CLIC, self.team, self.now(), self.rpps[who]))
            if legal:
                self.offered = who if self.links.get(who) == "accepte" else -1

    @rule(who=st.sampled_from(PHYSICIANS))
    def take_over(self, who: int) -> None:
        if self.links.get(who) == "accepte":
            legal = self.standing == who
            self.attempt(legal, lambda: coordination.take_over(
                Actor(self.rpps[who], "Dr", "cps"), self.now(), "Dr"))
            if legal:
                self.team_has, self.offered = False, -1

    # --- who sees what

    @invariant()
    def each_sees_what_he_should(self) -> None:
        assert of_dossiers.by_id(self.dossier.id).etat == self.etat
        for who in PHYSICIANS:
            link = self.links.get(who, "retire")
            try:
                seen = of_dossiers.visible_dossier(self.rpps[who], "ga", self.dossier.numero)
                assert (seen.lien.etat, seen.accepted) == (link, link == "accepte")
            except NotFound:
                assert link == "retire"
            shown = of_dossiers.everything(self.rpps[who], of_dossiers.Selection("ga", _tab(link, self.etat)), 9)
            assert [line.numero for line in shown] == ([] if link == "retire" else [self.dossier.numero])
            assert sum(of_dossiers.counts(self.rpps[who], "ga")[tab] for tab in TABS) == len(shown)
        for there in PLACES:
            readable = of_demandes.readable(self.places[there].id, self.dossier.id)
            assert (readable is not None) == (self.requests.get(there) in OPENED), self.requests.get(there)
        held = of_espaces.link(self.team.id, self.dossier.id) in of_links.OPEN_LINKS
        assert held is self.team_has


TABS = ("en_cours", "admis", "annules", "hors_patientele", "historises")


def _tab(link: str, etat: str) -> str:
    if link == "refuse":
        return "hors_patientele"
    return {"annule": "annules", "historise": "historises", "admis": "admis"}.get(etat, "en_cours")


@pytest.mark.proves("C6", "V2.3.1", "V8.3.2")
def test_a_dossier_lives_as_its_model_does(tables: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = count()
    # Two acts are never of the same instant.
    monkeypatch.setattr(clock, "now", lambda: BEGIN + timedelta(seconds=next(seconds)))
    Cycle.places = [espaces.etablissement(f"EHPAD {rank}") for rank in PLACES]
    Cycle.team = espaces.structure("coordination", "CLIC")
    run_state_machine_as_test(Cycle, settings=bounds(
        max_examples=25, stateful_step_count=30, deadline=None, derandomize=True, database=None,
        phases=(Phase.generate,)))
