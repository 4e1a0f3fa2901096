"""Two writers, one volet, answers that get lost: whatever the order, no text disappears unseen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.db import database
from portal.dossiers.queries import Visible
from portal.settings import Settings
from portal.volets import commands, queries, rules
from portal.volets.commands import Saved, Sent, Signed
from portal.volets.formulaire import Value
from tests.support import formulaires as support
from tests.support.formulaires import ALICE, BOB, COMPLETE, MEDICAL

FIELDS = ("antecedents", "traitements")


@dataclass
class Page:
    """What one person has before him: the answers shown, what he typed, what was reported to him, what he sent last."""

    who: Any
    shown: dict[str, Value] = field(default_factory=dict)
    typed: dict[str, Value | None] = field(default_factory=dict)
    theirs: dict[str, Value | None] = field(default_factory=dict)
    seen: set[tuple[str, Any]] = field(default_factory=set)
    lost: Sent | None = None
    keys: int = 0


@dataclass
class World:
    """A volet, two people, and every text that stood in it."""

    where: Visible
    pages: tuple[Page, Page]
    stood: set[tuple[str, Any]] = field(default_factory=set)

    def opened(self) -> queries.Ouvert:
        return queries.opened(self.where, "medical")

    def send(self, page: Page, sent: Sent) -> Saved | None:
        """Save; what gave way must have been seen by who sent it. None when the volet is validated."""
        before = self.opened().answers
        try:
            with database.writing():
                saved = commands.save(page.who, self.where, "medical", sent)
        except Signed as signed:
            assert self.opened() == signed.now and signed.now.etat == rules.VALIDE
            return None
        after = self.opened().answers
        assert saved.volet.answers == after and not saved.errors
        for name in FIELDS:
            if before.get(name) != after.get(name):
                assert (name, before.get(name)) in page.seen
            self.stood.add((name, after.get(name)))
        return saved

    def settle(self, page: Page, sent: Sent, saved: Saved) -> None:
        """The answer arrives: each text sent is stored or stood there, or the page shows both."""
        conflicts = {one.field: one for one in saved.conflicts}
        for name in sent.base:
            mine = sent.raw[name].strip() or None
            if name in conflicts:
                assert (conflicts[name].mine, conflicts[name].theirs) == (mine, saved.volet.answers.get(name))
                page.theirs[name] = conflicts[name].theirs
                page.seen.add((name, conflicts[name].theirs))
            else:
                assert (name, mine) in self.stood
                page.typed.pop(name, None)
                page.seen.add((name, mine))
                if mine is None:
                    page.shown.pop(name, None)
                else:
                    page.shown[name] = mine


ACTS = ("write", "write", "write", "lose", "retry", "type", "reload", "choose", "validate", "reopen")
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.sampled_from(FIELDS), st.integers(0, 4)),
                 min_size=6, max_size=25)


@pytest.mark.proves("C3")
@pytest.mark.usefixtures("midday")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_text_disappears_unseen(tables: Settings, steps: list[tuple[str, int, str, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        support.use(patch)
        world = World(support.dossier(), (Page(ALICE), Page(BOB)))
        world.stood |= {(name, None) for name in FIELDS}
        for page in world.pages:
            page.seen |= {(name, None) for name in FIELDS}
        for number, (act, who, name, choice) in enumerate(steps):
            step(world, world.pages[who], act, name, f"texte {number if choice > 1 else choice}" if choice else None)


def step(world: World, page: Page, act: str, name: str, text: str | None) -> None:
    if act in ("type", "write", "lose"):
        page.typed[name] = text
    if act == "reload":
        page.shown = dict(world.opened().answers)
        page.seen |= {(one, page.shown.get(one)) for one in FIELDS}
        page.typed.clear()
        page.theirs.clear()
    elif act in ("write", "lose") and page.lost is None:
        sent = sending(page, page.typed, page.shown)
        saved = world.send(page, sent)
        if act == "lose":
            page.lost = sent  # the connection broke: nothing came back
        elif saved:
            world.settle(page, sent, saved)
    elif act == "retry" and page.lost:
        again, page.lost = page.lost, None
        saved = world.send(page, again)
        if saved:
            world.settle(page, again, saved)
    elif act == "choose" and name in page.theirs and page.lost is None:
        theirs = page.theirs.pop(name)
        sent = sending(page, {name: page.typed.get(name, text)}, {} if theirs is None else {name: theirs})
        saved = world.send(page, sent)
        if saved:
            world.settle(page, sent, saved)
    elif act in ("validate", "reopen"):
        sign(world, page, act)


def sending(page: Page, new: dict[str, Value | None], shown: dict[str, Value]) -> Sent:
    page.keys += 1
    return support.sent(MEDICAL, new, shown, key=f"cle-{page.who.rpps}-{page.keys}")


def sign(world: World, page: Page, act: str) -> None:
    """Somebody signs or reopens the volet as it stands; the texts stay what they are."""
    now = world.opened()
    if act == "validate" and now.etat in (rules.EN_COURS, rules.ROUVERT) and "antecedents" in now.answers:
        support.write(page.who, world.where, "medical", {"motif": COMPLETE["motif"]})
        support.validated(page.who, world.where, "medical")
    elif act == "reopen" and now.etat == rules.VALIDE:
        with database.writing():
            commands.reopen(page.who, world.where, "medical", now.version)
    after = world.opened().answers
    assert [after.get(name) for name in FIELDS] == [now.answers.get(name) for name in FIELDS]
