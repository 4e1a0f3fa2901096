"""Every page of the built help, looked at: axe, light and dark, wide and narrow, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from portal.aide.construction import NAVIGATION
from tests.e2e.conftest import WIDE, Watch, accessible
from tests.support.running import Running, demonstration

NARROW = {"width": 320, "height": 640}
PAGES = [f"/aide/{name.removesuffix('index')}".rstrip("/") + "/"
         for name in NAVIGATION.findall(Path("mkdocs.yml").read_text("utf-8"))]
# Without its scripts a page has the same colours: each width and each light is looked at once.
LOOKS = {True: [(window, scheme) for window in (WIDE, NARROW) for scheme in ("light", "dark")],
         False: [(WIDE, "light"), (NARROW, "dark")]}
Reader = Callable[[bool], Page]


@pytest.fixture(scope="module")
def running(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One portal for all the pages: nothing is written while they are read."""
    with demonstration(prepared, tmp_path_factory.mktemp("aide") / "data") as portal:
        yield portal


@pytest.fixture(scope="module")
def reader(browser: Browser, running: Running) -> Iterator[Reader]:
    """Windows of who reads the help, with and without JavaScript; complaints of the browser fail the page."""
    windows: dict[bool, tuple[Page, Watch]] = {}

    def opened(script: bool) -> Page:
        if script not in windows:
            context = browser.new_context(base_url=running.origin, locale="fr-FR", reduced_motion="reduce",
                                          viewport=WIDE)
            if not script:
                # axe is a script itself: the browser runs it, and gets none of the portal's.
                context.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
            watch = Watch(context)
            windows[script] = context.new_page(), watch
        page, watch = windows[script]
        page.watch = watch
        return page

    yield opened
    for page, _ in windows.values():
        page.context.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("address", PAGES)
def test_a_help_page_has_no_fault_in_any_light_nor_width(reader: Reader, address: str, script: bool) -> None:
    page = reader(script)
    answer = page.goto(address)
    assert answer is not None and answer.status == 200
    for window, scheme in LOOKS[script]:
        page.set_viewport_size(window)
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= window["width"], "the page runs over the edge"
        accessible(page)
    page.set_viewport_size(WIDE)
    assert not page.watch.surprises()
