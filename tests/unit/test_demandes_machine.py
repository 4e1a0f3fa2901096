"""Dossiers, links and requests walked at random beside a plain model: what one says, the other says.

The model knows the states and nothing of the database; the invariants hold rows, counters, steps and statuses true
after every act, whoever did it and however late he saw the page.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal import clock
from portal.db import audit, crypto, database
from portal.db.audit import Actor
from portal.db.base import rows
from portal.demandes import commands, machines, queries, rules
from portal.demandes.commands import Proposition
from portal.demandes.models import Demande
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.dossiers import rules as of_links
from portal.dossiers.models import Dossier
from portal.settings import load
from tests.support import bases, espaces
from tests.support.espaces import ANSWERS, ASKS
from tests.support.people import LEROUX

OTHER = Actor(10100000022, "Dr Bob DURAND", "cps", None, "810100000022")
CLIC = Actor(None, "Léa MARTEL, CLIC du Bessin", "otp", None, "S00000000009")
PEOPLE = (rules.DEMANDEUR, rules.DECIDEUR, rules.TRAITANT, rules.RECEVEUR)
STAYS = {"ga": ("permanent", "temporaire"), "s": ("complet", "domicile")}
GENRES = {"ga": "ehpad", "s": "smr"}
MOTIVES = st.sampled_from([*rules.MOTIFS, ""])


@dataclass
class Request:
    """What the model knows of one request."""

    sejour: str
    etat: str = rules.NON_ENVOYEE
    version: int = 1
    # When the latest of each kind of step was made, counted over all requests.
    at: dict[str, int] = field(default_factory=dict)
    trail: list[str] = field(default_factory=list)
    reminded: bool = False


class Path_(RuleBasedStateMachine):
    """One dossier, two physicians, three establishments."""

    migrated: Path
    module: str

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        bases.fresh(self.migrated, self.folder)
        settings = load({}, data=self.folder, demonstration=True, **bases.where(self.folder))
        crypto.load_keys(settings)
        database.open_database(settings)
        database.connect()
        self.requests: dict[int, Request] = {}
        self.link: str | None = None
        self.days = self.steps = 0
        self.machine = machines.of(self.module)
        self.events = [event for event in self.machine.events if self.machine.who[event] in PEOPLE]
        self.stays = STAYS[self.module]

    def teardown(self) -> None:
        assert audit.broken_link() is None
        database.close()
        shutil.rmtree(self.folder)

    @initialize()
    def begin(self) -> None:
        with database.writing():
            self.dossier = dossiers.create(ASKS, self.module, LEROUX)
        self.places = [espaces.etablissement(name, incomplets=name == "Trois", genre=GENRES[self.module]).id
                       for name in ("Un", "Deux", "Trois")]
        for place in range(3):
            self.select(place, self.stays[0])

    # --- requests

    @rule(place=st.integers(0, 2))
    def select_more(self, place: int) -> None:
        self.select(place, self.stays[1])

    def select(self, place: int, sejour: str) -> None:
        closed = self._closed()
        try:
            with self._now():
                made = commands.select(ASKS, self._dossier(), self.places[place], sejour)
        except commands.Impossible:
            assert closed
            return
        assert not closed
        self.requests.setdefault(made.id, Request(sejour))

    @precondition(lambda self: self.requests)
    @rule(acts=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 11), st.sampled_from([False] * 5 + [True]),
                                  st.sampled_from([0] * 6 + [1]), MOTIVES), min_size=6, max_size=12))
    def act(self, acts: list[tuple[int, int, bool, int, str]]) -> None:
        """Mostly what the table offers, so that a walk goes deep; now and then anything."""
        for one in acts:
            self._act(*one)
            self.states_are_the_model_s()

    def _act(self, pick: int, choice: int, wild: bool, late: int, motif: str) -> None:
        number = sorted(self.requests)[pick % len(self.requests)]
        model = self.requests[number]
        offered = () if wild else self.machine.events_from(model.etat, PEOPLE)
        event = (offered or self.events)[choice % len(offered or self.events)]
        if not wild and event in self.machine.needs_motive:
            motif = self.machine.motives(event)[0].code
        self._try(number, event, motif, late)

    @precondition(lambda self: self.requests)
    @rule(pick=st.integers(0, 5), far=st.integers(2, 6))
    def go_far(self, pick: int, far: int) -> None:
        """The way that most requests take, and the way back: what chance alone comes to too seldom."""
        number = sorted(self.requests)[pick % len(self.requests)]
        for event in ("envoyer", "lire", "proposer", "accepter", "retirer_proposition", "proposer")[:far]:
            if self.machine.transition(self.requests[number].etat, event):
                self._try(number, event, "", 0)

    def _try(self, number: int, event: str, motif: str, late: int) -> None:
        model = self.requests[number]
        before = {one: known.etat for one, known in self.requests.items()}
        allowed = self._allowed(model, event, motif) and not (late and event != "lire")
        closed = event in ("envoyer", "rouvrir", "reactiver") and self._closed()
        try:
            with self._now():
                self._do(number, event, model.version - late, motif)
        except (commands.Stale, commands.Impossible):
            assert not allowed or closed
            assert {one: queries.one(one).etat for one in self.requests} == before
            return
        if event == "lire" and model.etat != rules.ENVOYEE:
            return
        assert allowed
        assert not closed
        self._moved(model, event)
        self._with_it(model, event)

    def _with_it(self, model: Request, event: str) -> None:
        """What a step does to the other requests."""
        others = [other for other in self.requests.values() if other is not model]
        ends = {"ga": ("admettre",), "s": ("admettre", "accepter")}[self.module]
        undone = {"corriger_entree": "admettre", "retirer_proposition": "accepter"}.get(event)
        if event in ends:
            for other in others:
                if other.etat in rules.PENDING:
                    self._moved(other, "annuler_auto")
        if undone in ends and undone in model.at:
            for other in others:
                if other.etat == rules.ANNULEE_AUTO and other.at["annuler_auto"] > model.at[undone]:
                    self._moved(other, "retablir")

    def _allowed(self, model: Request, event: str, motif: str) -> bool:
        arrow = self.machine.transition(model.etat, event)
        if arrow is None or (arrow.motive and not self.machine.is_motive(motif, event)):
            return False
        if event in ("donner_accord", "refuser_accord"):
            return model.sejour == "domicile"
        return not (event == "relancer" and model.reminded)

    def _do(self, number: int, event: str, version: int, motif: str) -> None:
        place = Proposition(clock.today(), clock.today() + timedelta(days=5))
        acts = {
            "envoyer": lambda: commands.send(ASKS, number, version, ()),
            "rouvrir": lambda: commands.reopen(ASKS, number, version, ()),
            "lire": lambda: commands.read(ANSWERS, number),
            "demander_complement": lambda: commands.ask(ANSWERS, number, version, "Précisez."),
            "completer": lambda: commands.complete(ASKS, number, version, "Voici."),
            "inscrire": lambda: commands.put_on_list(ANSWERS, number, version, "analyse"),
            "proposer": lambda: commands.propose(ANSWERS, number, version, place),
            "retirer_proposition": lambda: commands.withdraw(ANSWERS, number, version),
            "accepter": lambda: commands.accept(ASKS, number, version),
            "decliner": lambda: commands.decline(ASKS, number, version, stay=True, motif=motif),
            "decliner_tout": lambda: commands.decline(ASKS, number, version, stay=False, motif=motif),
            "admettre": lambda: commands.admit(ANSWERS, number, version, clock.today()),
            "corriger_entree": lambda: commands.undo_admission(ANSWERS, number, version),
            "refuser": lambda: commands.refuse(ANSWERS, number, version, motif),
            "reactiver": lambda: commands.reactivate(ANSWERS, number, version),
            "annuler": lambda: commands.cancel(ASKS, number, version, motif),
            "relancer": lambda: commands.remind(ASKS, number, version),
            "etudier": lambda: commands.study(ANSWERS, number, version),
            "donner_accord": lambda: commands.agree(ASKS, number, version, yes=True),
            "refuser_accord": lambda: commands.agree(ASKS, number, version, yes=False),
            "avis": lambda: commands.give_opinion(ANSWERS, number, version, "favorable"),
        }
        acts[event]()

    def _moved(self, model: Request, event: str) -> None:
        arrow = self.machine.transition(model.etat, event)
        assert arrow is not None
        left = model.etat
        model.etat = rules.target(arrow, model.trail[-1].partition("<")[2] if event == "retablir" else "")
        model.version += 1
        self.steps += 1
        model.at[event] = self.steps
        # Asked now, or reminded now: three days pass before the next reminder.
        model.reminded = event in ("envoyer", "rouvrir", "relancer") or model.reminded
        model.trail.append(f"{event}<{left}" if event == "annuler_auto" else event)

    @rule(days=st.integers(1, 9))
    def wait(self, days: int) -> None:
        """Days pass; the clocks close the proposals whose date has passed."""
        self.days += days
        with self._now():
            for number, model in self.requests.items():
                if commands.expire(number):
                    assert model.etat == rules.PROPOSEE
                    self._moved(model, "expirer")
        late = [model for number, model in self.requests.items() if model.etat == rules.PROPOSEE
                and queries.one(number).reponse_avant < clock.today() + timedelta(days=self.days)]
        assert not late
        if days >= rules.RELANCE_DAYS:
            for model in self.requests.values():
                model.reminded = False

    @rule(pick=st.integers(0, 5))
    def never_say_whether_he_came(self, pick: int) -> None:
        """An establishment was asked, and says nothing: only a confirmed accord closes by it."""
        number = sorted(self.requests)[pick % len(self.requests)]
        model = self.requests[number]
        with self._now():
            if self.module != "s":
                return
            Demande.update(rappel_fin_le=clock.now()).where(Demande.id == number).execute()
            assert commands.close_unfinished(number) == (model.etat == rules.ACCEPTEE)
            if model.etat == rules.ACCEPTEE:
                self._moved(model, "clore")

    # --- the second physician's link

    @rule(event=st.sampled_from(["designer", "remplacer", "accepter", "refuser", "retablir", "retirer"]))
    def answer(self, event: str) -> None:
        who = "referent" if event in ("designer", "remplacer") else "medecin"
        arrow = of_links.transition(self.link, event, who)
        try:
            with self._now():
                if event == "designer":
                    dossiers.designate(CLIC, self._dossier(), 10100000022)
                elif event == "remplacer":
                    dossiers.replace(CLIC, self._dossier(), 10100000022)
                else:
                    version = rows("SELECT version FROM lien WHERE rpps = 10100000022")
                    dossiers.decide(OTHER, self.module, self.dossier.numero, event, version[0][0] if version else 1)
        except Exception as refused:  # the kinds of refusal are other tests'
            assert arrow is None, refused
            return
        if arrow is not None:
            self.link = arrow.target

    # --- what always holds

    @invariant()
    def states_are_the_model_s(self) -> None:
        for number, model in self.requests.items():
            kept = queries.one(number)
            assert (kept.etat, kept.version) == (model.etat, model.version)

    @invariant()
    def one_entry_at_most_and_nothing_pending_beside_it(self) -> None:
        states = [model.etat for model in self.requests.values()]
        assert states.count(rules.ADMIS) <= 1
        assert rules.ADMIS not in states or not rules.PENDING & set(states)

    @invariant()
    def the_dossier_and_every_row_say_the_status_of_the_requests(self) -> None:
        if not self.requests:
            return
        said = self.machine.statut([model.etat for model in self.requests.values()])
        kept = self._dossier()
        assert (kept.statut, kept.etat) == (said, of_links.STATUTS[said].etat)
        for statut, onglet, etat in rows("SELECT statut, onglet, etat FROM lien"):
            assert statut == said
            assert onglet == of_links.tab(etat, kept.etat)

    @invariant()
    def counters_count_the_rows(self) -> None:
        kept = {(rpps, onglet): n for rpps, onglet, n in rows(
            "SELECT rpps, onglet, n FROM compteur WHERE n <> 0 AND onglet <> 'a_accepter'")}
        assert kept == Counter((rpps, onglet) for rpps, onglet in rows(
            "SELECT rpps, onglet FROM lien WHERE onglet IS NOT NULL"))

    @invariant()
    def steps_hang_together(self) -> None:
        for number, model in self.requests.items():
            steps = queries.steps(number)
            assert steps[-1].vers == model.etat
            assert all(one.vers == two.de for one, two in itertools.pairwise(steps))

    @invariant()
    def an_establishment_reads_only_what_it_has_opened_and_not_lost(self) -> None:
        for place in self.places if self.requests else []:
            mine = [queries.one(number).etat for number in self.requests
                    if queries.one(number).etablissement_id == place]
            opened = [etat for etat in mine if etat in rules.READABLE and etat != rules.ENVOYEE]
            assert (queries.readable(place, self.dossier.id) is not None) == bool(opened)

    def _dossier(self) -> Dossier:
        return of_dossiers.by_id(self.dossier.id)

    def _closed(self) -> bool:
        """Nothing leaves any more: the person has entered somewhere."""
        return any(model.etat == rules.ADMIS for model in self.requests.values())

    def _now(self):  # type: ignore[no-untyped-def]  # two context managers in one
        return _Later(self.days)


class _Later:
    """A transaction on a later day."""

    def __init__(self, days: int) -> None:
        self.clock = clock.shift(timedelta(days=days))
        self.write = database.writing()

    def __enter__(self) -> None:
        self.clock.__enter__()
        self.write.__enter__()

    def __exit__(self, *error: object) -> None:
        self.write.__exit__(*error)
        self.clock.__exit__(*error)


@pytest.mark.proves("C6", "V2.3.1")
@pytest.mark.parametrize("module", STAYS)
def test_any_walk_keeps_the_tables_true(migrated: Path, module: str) -> None:
    Path_.migrated, Path_.module = migrated, module
    run_state_machine_as_test(Path_, settings=hypothesis_settings(
        max_examples=40, stateful_step_count=15, deadline=None, derandomize=True, database=None))
