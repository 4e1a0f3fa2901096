"""Who the agent answers: its own window and the allowed sites, and nobody else."""

from __future__ import annotations

import base64
import http.client
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from portal import agent
from portal.agent.serveur import BindRefused, OriginRefused, checked_origin

if TYPE_CHECKING:
    from tests.unit.agent.conftest import RawImage, Window

SITE = "https://portail.test"


@pytest.mark.parametrize("origin", ["https://pirate.test", "null", "", None, f"{SITE}.pirate.test", f"{SITE}:444",
                                    "http://portail.test"])
@pytest.mark.parametrize("path", ["/v1/dialogue", "/v1/diagnostic"])
def test_another_site_gets_nothing(window: Window, path: str, origin: str | None) -> None:
    form = {"nonce": base64.b64encode(bytes(32)).decode(), "origine": SITE}
    answer = window.send("POST", path, form, Origin=origin)
    assert answer.status == 403
    assert "Essais" not in answer.text
    assert "data-origine" not in answer.text


@pytest.mark.parametrize("host", ["portail.test", "localhost:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:{port}.",
                                  "pirate.test:{port}"])
@pytest.mark.parametrize("path", ["/", "/v1/etat", "/plateau", "/agent.js"])
def test_a_rebound_name_reaches_nothing(window: Window, host: str, path: str) -> None:
    host = host.format(port=window.server.port)
    assert window.get(path, Host=host, Sec_Fetch_Site="same-origin").status == 421
    assert window.dialogue(Host=host).status == 421


@pytest.mark.parametrize("nonce", ["", "AAAA", base64.b64encode(bytes(31)).decode(),
                                   base64.b64encode(bytes(33)).decode(), "é" * 44, "-" * 44])
def test_a_nonce_is_32_bytes(window: Window, nonce: str) -> None:
    assert window.dialogue(nonce).status == 400


@pytest.mark.parametrize("path", ["/v1/signer", "/v1/reessayer", "/v1/annuler"])
@pytest.mark.parametrize("origin", [SITE, "https://pirate.test", "null", None])
def test_only_the_agent_s_own_page_sends_a_code(
        window: Window, path: str, origin: str | None) -> None:
    page = window.dialogue()
    assert window.post(path, {"jeton": page.jeton, "code": "1234"}, Origin=origin).status == 403
    # and the refusal spends nothing
    assert window.sign(page, "1234").page.body["data-message"] == "token"


def test_a_background_request_of_an_allowed_site_is_refused(window: Window) -> None:
    assert window.dialogue(Sec_Fetch_Dest="empty").status == 403
    assert window.dialogue(Sec_Fetch_Dest="iframe").status == 403
    assert window.dialogue(Sec_Fetch_Dest="document").status == 200


@pytest.mark.parametrize("source", ["cross-site", "same-site", "none", None])
def test_only_the_agent_s_own_page_reads_the_state(window: Window, source: str | None) -> None:
    answer = window.get("/v1/etat", Sec_Fetch_Site=source, Origin=SITE)
    assert answer.status == 403
    assert not any(name.lower().startswith("access-control") for name in answer.headers)


def test_the_state_follows_the_tray(window: Window, server: agent.Server) -> None:
    seen = []
    for card in ("debranche", "aucune", "carte-illisible", "carte-bloquee", "alice-martin"):
        server.insert(card)
        seen.append(json.loads(window.get("/v1/etat", Sec_Fetch_Site="same-origin").text)["etat"])
    assert seen == ["lecteur-absent", "carte-absente", "carte-illisible", "carte-bloquee", "carte-prete"]


@pytest.mark.parametrize("path", ["/agent.js", "/agent.css"])
def test_another_site_does_not_learn_that_the_agent_runs(window: Window, path: str) -> None:
    assert window.get(path, Sec_Fetch_Site="cross-site").status == 403
    assert window.get(path, Sec_Fetch_Site="same-origin").status == 200


def test_the_diagnosis_can_be_asked_again_without_a_script(
        window: Window, server: agent.Server) -> None:
    server.insert("aucune")
    page = window.send("POST", "/v1/diagnostic", {}, Origin=SITE)
    assert page.page.h2.get_text() == "Aucune carte"
    server.insert("alice-martin")
    form = {"origine": page.page.select_one("input[name=origine]")["value"]}
    again = window.post("/v1/diagnostic", form)
    assert again.page.h2.get_text() == "Carte prête"
    assert again.page.body["data-origine"] == SITE
    assert window.post("/v1/diagnostic", {"origine": "https://pirate.test"}).status == 403


def test_every_answer_carries_the_guards(window: Window) -> None:
    answers = [window.get("/"), window.get("/agent.css"), window.get("/nulle-part"), window.dialogue(),
               window.dialogue(Origin="null"), window.send("PUT", "/"), window.send("POST", "/plateau"),
               window.get("/v1/etat", Sec_Fetch_Site="same-origin")]
    for answer in answers:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Cross-Origin-Opener-Policy" not in answer.headers
        assert "Python" not in answer.headers["Server"]
        assert "<script>" not in answer.text
        assert "style=" not in answer.text


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/v1/dialogue", 404), ("GET", "/v1/signer", 404), ("GET", "/agent.css?x", 404), ("GET", "/../x", 404),
    ("GET", "/actions.py", 404), ("HEAD", "/", 501), ("OPTIONS", "/v1/dialogue", 501), ("POST", "/v1/dialogue", 415),
])
def test_nothing_else_is_served(window: Window, method: str, path: str, status: int) -> None:
    assert window.send(method, path, Origin=SITE).status == status


@pytest.mark.parametrize(("form", "headers", "status"), [
    ({"nonce": "A" * 9000}, {}, 413), ({"nonce": "A"}, {"Content-Type": "text/plain"}, 415),
    ({"nonce": "A"}, {"Content-Length": "-1"}, 411),
    ({str(number): "" for number in range(20)}, {}, 400),
])
def test_odd_bodies_are_refused(window: Window, form: dict[str, str], headers: dict[str, str],
                                status: int) -> None:
    assert window.send("POST", "/v1/dialogue", form, Origin=SITE, **headers).status == status


def test_a_site_s_words_are_shown_as_text(folder: Path, raw_image: RawImage) -> None:
    hostile = raw_image(id="z", libelle="<script>alert(1)</script>")
    (folder / "z.json").write_text(json.dumps(hostile), "utf-8")
    server = agent.start(0, [SITE], folder)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", "/plateau")
        text = connection.getresponse().read().decode()
        connection.close()
    finally:
        server.stop()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


@pytest.mark.parametrize("host", ["0.0.0.0", "", "localhost", "::1", "127.0.0.2"])
def test_it_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(BindRefused):
        agent.start(0, [SITE], host=host)


@pytest.mark.parametrize("origin", ["*", "null", "", "portail.test", "https://portail.test/", "https://*.test",
                                    "http://portail.test", "https://a:b@portail.test", "https://portail.test:x",
                                    "file:///tmp", "https://"])
def test_an_origin_is_a_whole_one(origin: str) -> None:
    with pytest.raises(OriginRefused):
        checked_origin(origin)


def test_origins_are_written_as_browsers_do() -> None:
    assert checked_origin("https://Portail.Test:443") == SITE
    assert checked_origin("http://127.0.0.1:8000") == "http://127.0.0.1:8000"
