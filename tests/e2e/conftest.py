"""A real browser, a real portal, a real agent with demonstration cards, and a stopped clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from portal import clock
from tests.e2e import photos, rapport, traces
from tests.support.running import Running, demonstration, prepare
from tools import browser as finder

# Pictures show dates: the clock stands still at noon in Paris.
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
FLAGS = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb"]
AXE = {"resultTypes": ["violations"],
       "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDE = {"width": 1280, "height": 800}
# The guide's pictures are shown some 740 pixels wide: what is taken in a smaller window stays legible. The forms of the
# volets have their summary beside them from 1024 pixels on.
GUIDE = {"width": 1040, "height": 760}
TIMEOUT_MS = 10_000
expect.set_options(timeout=TIMEOUT_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker("e2e")


pytest_sessionstart = rapport.start
pytest_runtest_logreport = rapport.note
pytest_sessionfinish = rapport.finish


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Tell the fixtures that close the browser whether the test has failed: its traces are then kept."""
    report = yield
    if report.failed:
        item.stash[traces.FAILED] = True
    return report


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

    def surprises(self) -> list[str]:
        """Every complaint that was not expected."""
        return [text for text in self.complaints if not any(part in text for part in self.expected)]


@pytest.fixture
def new_page(browser: Browser, portail: Running, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Opens pages of a person's browser: French, Paris, calm; watched for complaints until the end."""
    contexts: list[tuple[BrowserContext, Watch]] = []
    of_guide = request.path.parent.name == "guide"
    window = GUIDE if of_guide else WIDE

    def opener(**options: object) -> Page:
        settings = {"base_url": portail.origin, "locale": "fr-FR", "timezone_id": "Europe/Paris", "viewport": window,
                    "reduced_motion": "reduce", "color_scheme": "light"} | options
        context = browser.new_context(**settings)
        context.set_default_timeout(TIMEOUT_MS)
        if of_guide:
            photos.with_the_font(context)
        traces.begin(context)
        watch = Watch(context)
        contexts.append((context, watch))
        page = context.new_page()
        page.watch = watch
        return page

    yield opener
    surprises = [surprise for _, watch in contexts for surprise in watch.surprises()]
    for number, (context, _) in enumerate(contexts, 1):
        traces.end(context, request.node, number, keep=bool(surprises))
        context.close()
    assert not surprises, surprises


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One page in a wide, light window."""
    return new_page()


def accessible(page: Page) -> int:
    """Fail for any axe violation on the page as it stands; how many rules it passed otherwise."""
    results = Axe().run(page, options=AXE)
    found = [f"{item['id']}: {item['help']} — {[node['target'] for node in item['nodes']][:4]}"
             for item in results.response["violations"]]
    assert not found, "\n".join(found)
    return len(results.response["passes"])


@pytest.fixture
def photo(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Checks the step with axe and its pictures with those of the guide; see ``photos.Shot`` for what it takes."""
    guide = request.path.stem.removeprefix("test_").replace("_", "-")
    step = request.node.originalname.removeprefix("test_").replace("_", "-")

    def take(page: Page, cible: Locator | Iterable[Locator] = (), montrer: Iterable[Locator] = (), *,
             from_top: bool = True, marge: int = 16, fixe: Mapping[Locator, str] | None = None,
             cache: Iterable[Locator] = ()) -> None:
        if from_top:
            page.evaluate("window.scrollTo(0, 0)")
        target = (cible,) if isinstance(cible, Locator) else cible
        pictures = photos.take(page, photos.Shot(target, montrer, marge, fixe, cache))
        faults = photos.settle(guide, step, pictures)
        # From the top: what stays in the window while one scrolls hides nothing for good.
        page.evaluate("window.scrollTo(0, 0)")
        passed = accessible(page)
        rapport.step(guide, step, pictures, passed, faults)
        assert not faults, "\n".join(faults)

    return take
