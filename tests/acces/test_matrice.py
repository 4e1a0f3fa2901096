"""Every route, every visitor, every state of the dossier: the answer is the table's, and nobody leaves a trace of
what was refused."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

import pytest
from starlette.applications import Starlette

from portal.web.handlers import Page
from tests.acces import parcours, scene
from tests.acces.adresses import ROUTES
from tests.acces.attendus import table
from tests.acces.navigateur import LEAVES_TRACES, Navigateur, Reponse, content
from tests.acces.parcours import Cas
from tests.acces.visiteurs import PARTS, Visiteur, everybody

ADDRESS = re.compile(r'(?:href|action|src|hx-(?:get|post|put|delete))="([^"]*)"')

def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert {(method, page.name) for method, page in ROUTES} == table().rows.keys()


def test_every_visitor_is_in_the_table() -> None:
    """Somebody new stands in a group, and so in the rows; nobody is named who does not exist."""
    named = {who for row in table().rows.values() for who in row} | table().doors.keys() | table().words.keys()
    assert named <= set(table().groups["chacun"])
    assert table().doors.keys() == set(table().groups["chacun"])


@pytest.mark.proves("A1", "A3", "W2", "W10", "V14.2.1", "V8.2.1", "V8.2.2", "V8.2.3", "V8.3.1")
@pytest.mark.parametrize("part", PARTS)
def test_each_visitor_gets_what_the_table_says(part: str, opened_app: Starlette, midday: datetime) -> None:
    made = scene.furnish()
    people = everybody(opened_app, made)
    assert {one.role for one in people.values()} == set(table().groups["chacun"])
    wrong = Faults(made)
    before = content()
    with Navigateur(opened_app) as nav:
        tried = [one for one in people.values() if PARTS[part](one)]
        for who in tried:
            # One person stands in several places here: how often he tried is not the question.
            nav.forget_tries()
            for cas in parcours.cases(made, [who], states=_states):
                expected = table().expected(cas.method, cas.page.name, cas.who.role)
                # What is refused is tried for good; what would be done is undone after. An ended mandate is taken back.
                nav.keeps = expected.refused(cas.place.etat) and cas.who.role not in table().groups["delegues-echus"]
                wrong.look(cas, expected.of(cas.place.etat), parcours.sent(nav, cas))
    assert not wrong.found, "\n".join(wrong.found[:40])
    assert content() == before


def _states(method: str, page: Page, who: Visiteur) -> int:
    """On how many states of the dossier a route is tried: one for who is sent to his door, whatever the dossier; two,
    which differ from route to route, for who gets the same refusal of each; every one for all others."""
    expected = table().expected(method, page.name, who.role)
    if expected.door:
        return 1
    return 2 if not expected.at and expected.usual in ("403", "404") else len(scene.STATES)


class Faults:
    """What was found that should not be, in words."""

    def __init__(self, made: scene.Scene) -> None:
        self.codes = {place.code: place for place in made.every()}
        self.found: list[str] = []

    def look(self, cas: Cas, expected: str, answer: Reponse) -> None:
        """Hold one answer against the table."""
        said = f"{answer.status} {answer.place}" if " " in expected else str(answer.status)
        if said != expected:
            self.found.append(f"{cas}: {said} {answer.place}, the table says {expected}")
        written = answer.written - LEAVES_TRACES
        if written and (cas.method == "GET" or not expected.startswith(("2", "303"))):
            self.found.append(f"{cas}: {answer.status} wrote {sorted(written)}")
        readable = table().words.get(cas.who.role, frozenset())
        words = scene.words(answer.text + str(answer.headers))
        if leaked := sorted(kind for _, kind in words if kind not in readable):
            self.found.append(f"{cas}: the words of {Counter(leaked)} are not his")
        addresses = " ".join(ADDRESS.findall(answer.text)) + answer.headers.get("location", "")
        if told := scene.words(addresses):
            self.found.append(f"{cas}: an address says {sorted(told)}")
