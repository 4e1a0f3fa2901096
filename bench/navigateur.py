"""What a physician on a slow computer and a thin line waits for: Chromium, its processor 4 × slower, 2 Mb/s, 50 ms."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from bench.sections import Goal, Run, Section, figure, table
from bench.servers import PAGE, Server
from bench.weight import DASHBOARD
from tools import browser

SLOWER, BYTES_A_SECOND, ROUND_TRIP = 4, 2_000_000 / 8, 50
# How long a pointer stays on a link before it is pressed, in the « preloaded » row; ms.
HOVER = 400
SWAP_GOAL, AHEAD_GOAL = 200, 100
FIRST_BYTES, FIRST_REQUESTS = 20_000, 4
# From the press until the new rows were painted: the promise ends with the second frame after the swap.
WATCH = """() => new Promise((done) => {
  let pressed;
  document.addEventListener("click", () => { pressed = performance.now(); }, { capture: true, once: true });
  const seen = new MutationObserver((changes) => {
    if (!changes.some(({ addedNodes }) => [...addedNodes].some((node) => node.id === "resultats"))) return;
    seen.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - pressed)));
  });
  seen.observe(document.querySelector("#contenu"), { childList: true, subtree: true });
})"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


@dataclass
class Found:
    """Milliseconds by row, a value a round; ``first``: what a first visit fetched, bytes by address; ``part`` and
    ``full``: bytes on the wire of the swapped part and of a whole page whose files are known.
    """

    times: dict[str, list[float]] = field(default_factory=dict)
    first: list[tuple[str, int]] = field(default_factory=list)
    part: int = 0
    full: int = 0


def measure(run: Run) -> Found:
    """Rounds of the four moves, in another order each time. Raises LookupError where there is no Chromium."""
    path = browser.find()
    if path is None:
        raise LookupError(browser.ADVICE)
    found, moves, order = Found(), {"first": _first, "full": _full, "swap": _swap, "ahead": _ahead}, random.Random(1)
    with sync_playwright() as playwright, contextlib.closing(
            playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])) as chromium:
        for _ in range(max(3, run.pace.rounds * 2)):
            for name in order.sample(list(moves), len(moves)):
                found.times.setdefault(name, []).append(moves[name](chromium, run.portal, found))
    return found


def section(found: Found) -> Section:
    """Times and weights."""
    words = {"first": "first visit of the dashboard, to its first words", "full": "another page, to its first words",
             "swap": "tab pressed, to the rows on the screen", "ahead": f"the same, {HOVER} ms after the pointer came"}
    first = sum(size for _, size in found.first)
    rows = [(text, figure(found.times[name], "{:.0f}")) for name, text in words.items()]
    weights = [(f"`{address}`", f"{size:,}") for address, size in found.first]
    text = "\n\n".join((
        table(("move", "ms: median (range)"), rows),
        table(("first visit, on the wire with its headers", "bytes"), [*weights, ("**together**", f"{first:,}")]),
        f"With its headers a swapped part is {found.part:,} bytes on the wire, the dashboard whose files are known "
        f"{found.full:,}. "
        f"Chromium without a window, its processor {SLOWER} × slower, {BYTES_A_SECOND * 8 / 1e6:g} Mb/s, "
        f"{ROUND_TRIP} ms, {len(found.times['swap'])} rounds in an order of their own."))
    return Section("In the browser", text, [
        _under("a tab's rows are on the screen in", median(found.times["swap"]), SWAP_GOAL, "ms"),
        _under("the same, asked for as the pointer came, in", median(found.times["ahead"]), AHEAD_GOAL, "ms"),
        _under("a first visit weighs", first, FIRST_BYTES, "bytes"),
        _under("a first visit asks for", len(found.first), FIRST_REQUESTS, "files")])


def _under(words: str, value: float, most: int, unit: str) -> Goal:
    return Goal(f"{words} {most:,} {unit} at most", f"{value:,.0f} {unit}", value <= most)


@contextlib.contextmanager
def _slow(chromium: Browser, server: Server) -> Iterator[tuple[Page, dict[str, int]]]:
    """A page of its own on the slow computer, logged in, and the bytes on the wire by address since its start."""
    origin = f"http://127.0.0.1:{server.target.port}"
    name, _, value = server.target.cookie.partition("=")
    context: BrowserContext = chromium.new_context(base_url=origin)
    with contextlib.closing(context):
        # As a browser takes a « __Host- » cookie, which a loopback address may hold too.
        context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "secure": True,
                              "httpOnly": True, "sameSite": "Lax"}])
        page = context.new_page()
        wire = context.new_cdp_session(page)
        weights = _weighed(wire, origin)
        wire.send("Network.emulateNetworkConditions", {
            "offline": False, "latency": ROUND_TRIP, "downloadThroughput": BYTES_A_SECOND,
            "uploadThroughput": BYTES_A_SECOND})
        wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        yield page, weights


def _weighed(wire: CDPSession, origin: str) -> dict[str, int]:
    asked: dict[str, str] = {}
    weights: dict[str, int] = {}

    def ended(event: dict[str, object]) -> None:
        address = asked[str(event["requestId"])]
        if address.startswith(origin) and event["encodedDataLength"]:
            weights[address.removeprefix(origin).partition("?v=")[0]] = int(str(event["encodedDataLength"]))

    wire.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]}))
    wire.on("Network.loadingFinished", ended)
    wire.send("Network.enable")
    return weights


def _first(chromium: Browser, server: Server, found: Found) -> float:
    with _slow(chromium, server) as (page, weights):
        page.goto(DASHBOARD, wait_until="networkidle")
        found.first = sorted(weights.items())
        return float(page.evaluate(PAINTED))


def _full(chromium: Browser, server: Server, found: Found) -> float:
    with _slow(chromium, server) as (page, weights):
        page.goto(PAGE, wait_until="networkidle")
        weights.clear()
        page.goto(DASHBOARD, wait_until="networkidle")
        found.full = weights[DASHBOARD]
        return float(page.evaluate(PAINTED))


def _swap(chromium: Browser, server: Server, found: Found) -> float:
    return _pressed(chromium, server, found, lambda page: page.evaluate(
        "document.querySelector('#onglet-admis').click()"))


def _ahead(chromium: Browser, server: Server, found: Found) -> float:
    def hover_and_press(page: Page) -> None:
        page.hover("#onglet-admis")
        page.wait_for_timeout(HOVER)
        page.mouse.down()
        page.mouse.up()

    return _pressed(chromium, server, found, hover_and_press)


def _pressed(chromium: Browser, server: Server, found: Found, press: Callable[[Page], None]) -> float:
    """Open the table, then another tab; returns ms from the press to the painted rows."""
    with _slow(chromium, server) as (page, weights):
        page.goto(PAGE, wait_until="networkidle")
        weights.clear()
        page.evaluate(f"window.peint = ({WATCH})(); undefined")
        press(page)
        waited = float(page.evaluate("window.peint"))
        found.part = max(size for address, size in weights.items() if address.startswith(PAGE))
        return waited
