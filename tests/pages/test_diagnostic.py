"""The questions answer without an account, without JavaScript and whatever is asked."""

from __future__ import annotations

import pytest

from portal.diagnostic import pages, rules
from tests.support.client import Client


def test_every_question_is_a_page_of_links(client: Client) -> None:
    for node in rules.arbre().noeuds.values():
        page = client.get(f"/diagnostic/{node.code}")
        links = [link["href"] for link in page.soup.select("main ul a")]
        assert links == [f"/diagnostic/{after}" for _, after in node.choix]
        assert bool(page.soup.select_one("main .alerte strong")) == bool(node.faire)


def test_every_beginning_is_offered(client: Client) -> None:
    links = [link["href"] for link in client.get("/diagnostic").soup.select("main ul a")]
    assert links == [*(f"/diagnostic/{one.code}" for one in rules.arbre().departs), "/diagnostic/poste"]
    assert client.get("/accueil/contact").soup.select_one("main a[href='/diagnostic']") is not None


@pytest.mark.parametrize("node", ["inconnu", "%00", "CARTE", "x" * 3000])
def test_a_question_that_is_none_is_not_found(client: Client, node: str) -> None:
    client.get(f"/diagnostic/{node}", 404)


def test_the_card_s_question_asks_the_card_s_program(client: Client) -> None:
    form = client.get("/diagnostic/carte").soup.select_one("main form")
    assert form is not None and str(form["action"]).endswith("/v1/diagnostic")


@pytest.mark.parametrize(("path", "may"), [("/diagnostic/carte", True), ("/diagnostic/poste", True),
                                           ("/diagnostic", False), ("/diagnostic/carte-absente", False)])
def test_only_the_pages_that_ask_may_post_to_the_card_s_program(client: Client, path: str, may: bool) -> None:
    policy = client.get(path).headers["content-security-policy"]
    assert (client.app.state.settings.agent_url in policy) is may


def test_the_measure_travels_as_it_is(client: Client) -> None:
    answer = client.http.get("/diagnostic/debit", headers={"accept-encoding": "identity"})
    assert len(answer.content) == pages.MEASURE_BYTES
    assert answer.headers["cache-control"] == "no-store"
