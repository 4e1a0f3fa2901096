"""Forms that were not filled in on our own pages, and pages that only look: nothing changes."""

from __future__ import annotations

from datetime import datetime

import pytest
from starlette.applications import Starlette

from tests.acces import scene
from tests.acces.adresses import MODULE, ROUTES, body_of, path_of
from tests.acces.navigateur import LEAVES_TRACES, Navigateur, Reponse, content
from tests.acces.visiteurs import Visiteur, everybody

ATTACKS: dict[str, dict[str, str]] = {
    "no token": {}, "the token of another session": {}, "no origin told": {"sec-fetch-site": "", "origin": ""},
    "cross-site": {"sec-fetch-site": "cross-site"}, "same-site": {"sec-fetch-site": "same-site"},
    "origin null": {"origin": "null"}, "a foreign origin": {"origin": "https://evil.example"},
    "text/plain": {"content-type": "text/plain"},
}
# Whoever may do most, so that nothing but the form is wrong.
DOERS = ("referent", "etablissement", "plateforme", "coordination", "patient actif")


@pytest.mark.proves("W1", "V3.5.1", "V3.5.3")
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_form_from_elsewhere_is_refused_and_changes_nothing(
        attack: str, opened_app: Starlette, midday: datetime) -> None:
    made = scene.furnish()
    people = everybody(opened_app, made)
    wrong = []
    before = content()
    with Navigateur(opened_app) as nav:
        nav.keeps = True
        for doer in DOERS:
            who = people[doer]
            for method, page in ROUTES:
                if method != "POST":
                    continue
                module = MODULE.get(page.name) or next(iter(who.homes or {}), "ga")
                place = made.places[who.home(module)]
                path = path_of(page, place.get("actif") or place["redaction"], who)
                answer = _attacked(nav, attack, who, people["medecin"], path, body_of(page))
                # An upload's door is asked before its body is read, where the token lies.
                refused = (303, 403, 404) if page.admit and attack in TOKENS else (403,)
                if answer.status not in refused or answer.written - LEAVES_TRACES:
                    wrong.append(f"{page.name} by {doer}: {answer.status}, wrote {sorted(answer.written)}")
    assert not wrong, "\n".join(wrong[:30])
    assert content() == before


TOKENS = ("no token", "the token of another session", "text/plain")


def _attacked(nav: Navigateur, attack: str, who: Visiteur, other: Visiteur, path: str,
              data: dict[str, str]) -> Reponse:
    token = {"no token": "", "the token of another session": other.token}.get(attack)
    return nav.post(who, path, data, token=token, **ATTACKS[attack])
