"""The page of mails that a demonstration shows instead of sending them."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.db import database, outbox
from portal.demonstration.pages import Part, parts
from portal.routes import pages
from portal.settings import load
from tests.support.client import Client

ORIGIN = "https://portail.test"


def test_newest_first_with_a_link_that_works(client: Client) -> None:
    with database.writing():
        outbox.send("a@exemple.fr", "Premier", "Rien.")
        outbox.send("b@exemple.fr", "Second", f"Ouvrez {ORIGIN}/compte/confirmer/abc-_.1 maintenant")
    answer = client.get("/demonstration/messages")
    assert answer.text.index("Second") < answer.text.index("Premier")
    assert answer.soup.select_one('a[href="/compte/confirmer/abc-_.1"]')
    assert "b@exemple.fr" in answer.text


def test_without_a_mail_the_page_says_so(client: Client) -> None:
    assert "Aucun courriel" in client.get("/demonstration/messages").text


def test_a_mail_is_text_whatever_it_holds(client: Client) -> None:
    with database.writing():
        outbox.send("<b>@x", "<script src=/x></script>", f'{ORIGIN}/x"onclick=1 <img src=x> {ORIGIN}/<b>')
    answer = client.get("/demonstration/messages")
    assert "<script src=/x>" not in answer.html and not answer.soup.find("img", src="x")


@pytest.mark.parametrize(("body", "expected"), [
    ("", ()),
    ("rien", (Part("rien"),)),
    (f"a {ORIGIN}/b c", (Part("a "), Part(f"{ORIGIN}/b", "/b"), Part(" c"))),
    ("a https://autre.test/b", (Part("a "), Part("https://autre.test/b"))),
    (f"{ORIGIN}.mal.test/b", (Part(f"{ORIGIN}.mal.test/b"),)),
    (f"{ORIGIN}//mal.test", (Part(f"{ORIGIN}//mal.test"),)),
    ("javascript:alert(1)", (Part("javascript:alert(1)"),)),
])
def test_only_addresses_of_this_portal_become_links(body: str, expected: tuple[Part, ...]) -> None:
    assert parts(body, ORIGIN) == expected


@pytest.mark.proves("V15.2.3")
def test_a_real_installation_has_no_such_page(tmp_path: Path) -> None:
    real = pages(load({}, data=tmp_path))
    assert not [page for page in real if page.path.startswith("/demonstration")]
