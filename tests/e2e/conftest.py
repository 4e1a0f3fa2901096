"""A real browser, a real portal, a real agent with demonstration cards, and a stopped clock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from portal import clock
from tests.support.running import Running, demonstration, prepare
from tools import browser as finder

# Pictures show dates: the clock stands still at noon in Paris.
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
FLAGS = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb"]
AXE = {"resultTypes": ["violations"],
       "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDE = {"width": 1280, "height": 800}
TIMEOUT_MS = 10_000
expect.set_options(timeout=TIMEOUT_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker("e2e")


@pytest.fixture(scope="session", autouse=True)
def still_clock() -> Iterator[None]:
    with clock.freeze(NOON):
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = finder.find()
    assert path, finder.ADVICE
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, still_clock: None) -> Path:
    """The demonstration's data, made once."""
    return prepare(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def portail(prepared: Path, tmp_path: Path) -> Iterator[Running]:
    """A fresh demonstration for this test alone."""
    with demonstration(prepared, tmp_path / "data") as running:
        yield running


class Watch:
    """Fails the test for what the browser complains of: console errors, refused content, lost requests."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self.expected: list[str] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _console(self, message: object) -> None:
        kind, text = message.type, message.text
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def expect(self, part: str) -> None:
        """Allow a complaint that the scenario causes on purpose, such as a refused form's 422."""
        self.expected.append(part)

    def settle(self) -> None:
        """Fail for every complaint that was not expected."""
        surprises = [text for text in self.complaints if not any(part in text for part in self.expected)]
        assert not surprises, surprises


@pytest.fixture
def new_page(browser: Browser, portail: Running) -> Iterator[Callable[..., Page]]:
    """Opens pages of a person's browser: French, Paris, calm; watched for complaints until the end."""
    contexts: list[tuple[BrowserContext, Watch]] = []

    def opener(**options: object) -> Page:
        settings = {"base_url": portail.origin, "locale": "fr-FR", "timezone_id": "Europe/Paris", "viewport": WIDE,
                    "reduced_motion": "reduce", "color_scheme": "light"} | options
        context = browser.new_context(**settings)
        context.set_default_timeout(TIMEOUT_MS)
        watch = Watch(context)
        contexts.append((context, watch))
        page = context.new_page()
        page.watch = watch
        return page

    yield opener
    for context, watch in contexts:
        watch.settle()
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One page in a wide, light window."""
    return new_page()


def accessible(page: Page) -> None:
    """No axe violation on the page as it stands."""
    results = Axe().run(page, options=AXE)
    found = [f"{item['id']}: {item['help']} — {[node['target'] for node in item['nodes']][:4]}"
             for item in results.response["violations"]]
    assert not found, "\n".join(found)


@pytest.fixture
def photo(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Checks the step with axe, and rewrites its picture of the guide when ``PORTAL_GUIDE`` is set."""
    guide = request.path.stem.removeprefix("test_").replace("_", "-")
    name = request.node.originalname.removeprefix("test_").replace("_", "-")

    def take(page: Page, *, from_top: bool = True, **options: object) -> None:
        if from_top:
            page.evaluate("window.scrollTo(0, 0)")
        accessible(page)
        if os.environ.get("PORTAL_GUIDE"):
            target = Path("docs/images") / guide / f"{name}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=target, animations="disabled", caret="hide", **options)

    return take
