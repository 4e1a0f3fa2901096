"""The tests' own browser: a page is looked at once, and a bad one is never taken for one that held."""

from __future__ import annotations

import pytest
from httpx2 import Response

from tests.support.client import Answer, check_html

PAGE = """<!doctype html><html lang="fr"><head><title>Essai — Portail</title></head><body><h1>Essai</h1>
<form method="post" action="/essai"><input type="hidden" name="_csrf" value="{token}">{field}</form></body></html>"""
LABELLED, BARE = '<label for="mot">Mot</label><input id="mot">', '<input id="mot">'


def look(field: str, token: str, *, fragment: bool = False) -> Answer:
    answer = Answer(Response(200, html=PAGE.format(token=token, field=field)))
    check_html(answer, fragment=fragment)
    return answer


def test_a_page_that_held_is_known_again_by_all_but_its_tokens():
    look(LABELLED, "premier")
    assert "soup" not in vars(look(LABELLED, "second"))
    assert "soup" in vars(look(LABELLED, "second", fragment=True))


@pytest.mark.parametrize("field", [BARE, "<input>", "<p>Un mot ?</p>", "<p>l'essai</p>", "<h1>Encore</h1>",
                                   '<p style="color: red">Rouge</p>',
                                   '</form><form method="post" action="/autre"></form>'])
def test_a_bad_page_fails_each_time(field):
    look(LABELLED, "premier")
    for _ in range(2):
        with pytest.raises(AssertionError):
            look(field, "premier")
