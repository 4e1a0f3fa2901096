"""From the click to the dashboard: a browser, the portal under its public name, the agent, pcscd, the card."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from portal.compte import commands
from portal.compte.rules import CHARTE
from portal.db import database
from portal.db.audit import Actor
from tests.carte_virtuelle.carte import Carte, Cps3, Cps4
from tests.e2e.gestes import ALICE, CONTACT, IDENTITY, when_i_choose_the_card, when_i_type_the_code
from tests.reel.firefox import Firefox
from tests.support import public
from tests.support.public import HOST, OTHER_HOST, Site
from tools import browser as finder

TIMEOUT_MS = 10_000
# What a page's script may learn of the permission that a background request to loopback would need.
PERMISSION = "navigator.permissions.query({name: 'local-network-access'}).then(found => found.state)"


@dataclass(frozen=True)
class Ports:
    """Where the portal, another site and the agent listen: known before the browser starts."""

    portal: int
    elsewhere: int
    agent: int

    @property
    def agent_url(self) -> str:
        return f"http://127.0.0.1:{self.agent}"


@pytest.fixture(scope="module")
def ports() -> Ports:
    """Three free ports, the same for all these tests."""
    return Ports(public.free_port(), public.free_port(), public.free_port())


@pytest.fixture(scope="module")
def chromium(ports: Ports, tool: Callable[[str], str]) -> Iterator[Browser]:
    """Chromium, for which two names of this machine, with a certificate of ours, are public places."""
    flags = [
        f"--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP {OTHER_HOST} 127.0.0.1", "--ignore-certificate-errors",
        f"--ip-address-space-overrides=127.0.0.1:{ports.portal}=public,127.0.0.1:{ports.elsewhere}=public",
        "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    ]
    path = finder.find() or tool("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def site(furnished: Path, tmp_path: Path, ports: Ports) -> Iterator[Site]:
    """The portal, and the agent that serves it."""
    with (public.portal(furnished, tmp_path, ports.portal, ports.agent) as running,
          public.programme(tmp_path, ports.agent, running.origin)):
        yield running


@pytest.fixture
def alice(site: Site) -> None:
    """Dr Alice MARTIN has an account and has accepted the charter."""
    database.connect()
    actor = Actor(ALICE, "Dr Alice MARTIN", "cps")
    with database.writing():
        compte = commands.create(actor, f"8{ALICE}", IDENTITY, CONTACT, "Coquelicot14", site.settings)
        commands.accept_charte(actor, compte, CHARTE)


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """A page on the portal."""
    context = chromium.new_context(base_url=site.origin, locale="fr-FR", reduced_motion="reduce")
    context.set_default_timeout(TIMEOUT_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def stranger(chromium: Browser) -> Iterator[Page]:
    """A page for another site."""
    context = chromium.new_context()
    context.set_default_timeout(TIMEOUT_MS)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("kind", [Cps3, Cps4])
@pytest.mark.usefixtures("alice")
def test_alice_logs_in_from_the_click_to_the_dashboard(
        page: Page, site: Site, insert: Callable[..., Carte], kind: type[Carte]) -> None:
    posted: list[Request] = []
    page.context.on("request", lambda request: posted.append(request) if "/v1/" in request.url else None)
    insert("alice-martin", kind)
    # given the login page, whose form's window the browser must let open without asking anything
    page.goto("/connexion")
    assert page.evaluate(PERMISSION) == "prompt"
    # when the card is chosen and the code typed in the agent's own window
    window = when_i_choose_the_card(page)
    expect(window.get_by_text(site.origin).first).to_be_visible()
    dialogue = next(request for request in posted if request.url.endswith("/v1/dialogue"))
    assert dialogue.all_headers()["origin"] == site.origin
    when_i_type_the_code(window)
    # then the dashboard is there, and no permission was asked for
    page.wait_for_url("**/accueil")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate(PERMISSION) == "prompt"


@pytest.mark.usefixtures("service")
def test_what_the_window_avoids_is_blocked_by_this_browser(
        stranger: Page, ports: Ports, tmp_path: Path) -> None:
    """Proof that the ports count as public here: a public page's background request to loopback is stopped."""
    with (public.elsewhere(tmp_path, ports.elsewhere, ports.agent_url) as origin,
          public.programme(tmp_path, ports.agent, origin)):
        stranger.goto(origin)
        with stranger.expect_console_message() as complaint:
            stranger.evaluate("url => void fetch(url, {mode: 'no-cors'}).catch(() => null)", ports.agent_url)
    assert "`loopback` address space" in complaint.value.text


def test_another_site_posting_to_the_agent_is_refused(
        stranger: Page, ports: Ports, insert: Callable[..., Carte], tmp_path: Path) -> None:
    card = insert()
    with (public.programme(tmp_path, ports.agent, f"https://{HOST}:{ports.portal}"),
          public.elsewhere(tmp_path, ports.elsewhere, ports.agent_url) as origin):
        stranger.goto(origin)
        with stranger.expect_popup() as opened:
            stranger.get_by_role("button").click()
        window = opened.value
        expect(window.get_by_role("heading", level=1)).to_have_text("Site non autorisé")
        assert window.get_by_label("Code porteur").count() == 0
    assert 0x20 not in card.seen


@pytest.mark.parametrize(("policy", "heading"), [
    ("origin", "Connexion par carte CPS"),
    ("strict-origin-when-cross-origin", "Site non autorisé"),  # what browsers do unasked: they send « null »
])
def test_the_login_pages_referrer_policy_is_what_tells_the_agent_who_asks(
        stranger: Page, ports: Ports, insert: Callable[..., Carte], tmp_path: Path, policy: str,
        heading: str) -> None:
    insert()
    with (public.elsewhere(tmp_path, ports.elsewhere, ports.agent_url, policy) as origin,
          public.programme(tmp_path, ports.agent, origin)):
        stranger.goto(origin)
        with stranger.expect_popup() as opened:
            stranger.get_by_role("button").click()
        expect(opened.value.get_by_role("heading", level=1)).to_have_text(heading)


def test_firefox_brings_alice_to_her_registration(
        site: Site, insert: Callable[..., Carte], tool: Callable[[str], str], tmp_path: Path) -> None:
    insert()
    with Firefox(tool("firefox-esr"), tmp_path / "profile", HOST) as firefox:
        page = firefox.pages()[0]
        firefox.go(page, f"{site.origin}/connexion")
        firefox.run(page, "document.querySelector('#carte-cps button').click()")
        window = firefox.wait(lambda: next((one for one in firefox.pages() if one != page), None))
        firefox.wait(lambda: firefox.run(window, "!!document.getElementById('code')"))
        firefox.run(window, "document.getElementById('code').value = '1234';"
                            "document.querySelector('form button.principal').click()")
        firefox.wait(lambda: re.search(r"/compte/creer$", str(firefox.run(page, "location.href"))))
        assert "MARTIN" in str(firefox.run(page, "document.body.innerText"))
