"""``python -m scan``: attack a portal of this machine, and fail for what nobody explained (``scan/known.toml``)."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scan import portal, report, targets, tools, wire
from scan.requests import Visit
from scan.tools import Result
from scan.wire import Door, Outcome

FOLDER = Path("var") / "scan"
PARTS = ("fuzz", "wire", "observatory", "testssl", "wapiti", "sqlmap")


def main() -> int:
    """Run the parts asked for; returns 1 for a finding that is not explained, 2 when a tool is missing."""
    parser = argparse.ArgumentParser(prog="python -m scan", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="default: all")
    parser.add_argument("--fuzz-seconds", type=int, default=10, help="a parser (10)")
    parser.add_argument("--wapiti-seconds", type=int, default=5, help="a module (5)")
    parser.add_argument("--sqlmap-seconds", type=int, default=240, help="in all (240)")
    options = parser.parse_args()
    if absent := tools.missing():
        print("\n".join(absent), file=sys.stderr)
        return 2
    chosen, folder = options.parts or PARTS, FOLDER.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    results, outcomes = attack(chosen, folder, options)
    text, left = report.markdown(results, outcomes)
    (folder / "rapport.md").write_text(text, "utf-8")
    print(text)
    return 1 if left else 0


def attack(chosen: list[str], folder: Path, options: argparse.Namespace) -> tuple[list[Result], list[Outcome]]:
    """Everything asked for: the fuzzers beside the others, since they ask nothing of a portal."""
    portal.prepare(folder)
    results: list[Result] = []
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(1) as aside:
        names = [target.name for target in targets.TARGETS]
        fuzzing = aside.submit(tools.fuzz, names, fresh(folder / "fuzz"), options.fuzz_seconds) \
            if "fuzz" in chosen else None
        if {"wire", "testssl"} & set(chosen):
            behind, outcomes = through_nginx(chosen, folder)
            results += behind
        if {"observatory", "wapiti", "sqlmap"} & set(chosen):
            results += furnished(chosen, folder, options)
        results += fuzzing.result() if fuzzing else []
    return results, outcomes


def through_nginx(chosen: list[str], folder: Path) -> tuple[list[Result], list[Outcome]]:
    """Hostile clients by both doors, and the TLS of one."""
    results, outcomes = [], list[Outcome]()
    with portal.behind_nginx(folder / "nginx") as (served, proxy):
        if "wire" in chosen:
            host = f"localhost:{proxy.ports.https}"
            for door in (Door("nginx", proxy.ports.https, host, proxy.certificate.context()),
                         Door("direct", served.port, host)):
                begun, found = time.monotonic(), list(wire.attacks(door, seconds=6))
                outcomes += found
                results += report.wire_results(found)
                results[-1].seconds = time.monotonic() - begun
        if "testssl" in chosen:
            results.append(tools.testssl(proxy, folder, 240))
    return results, outcomes


def furnished(chosen: list[str], folder: Path, options: argparse.Namespace) -> list[Result]:
    """Scanners of pages, each on a portal of its own."""
    def wapiti(who: str) -> Callable[[portal.Attacked], Result]:
        return lambda here: tools.wapiti(here, folder, who, here.cookies[0] if who == "physician" else None,
                                         options.wapiti_seconds)

    def sqlmap(here: portal.Attacked) -> Result:
        found = Visit(here, here.cookies[0]).targets()
        return tools.sqlmap(here, found, fresh(folder / "sqlmap"), options.sqlmap_seconds)

    runs: list[tuple[str, Callable[[portal.Attacked], Result]]] = [
        ("observatory", lambda here: tools.observatory(here, folder)),
        ("wapiti", wapiti("visitor")), ("wapiti", wapiti("physician")), ("sqlmap", sqlmap)]
    results = []
    for rank, (part, run) in enumerate(runs):
        if part in chosen:
            with portal.attacked(folder, f"{part}-{rank}", sessions=8) as here:
                result = run(here)
                result.findings += aftermath(here, result.name)
                results.append(result)
    return results


def aftermath(here: portal.Attacked, name: str) -> list[str]:
    """What the portal shows after an attack: errors of its own, silence, a session that was lost."""
    found = [f"portal: after {name}: {line[:300]}" for line in here.failures()[:5]]
    if not here.alive():
        return [*found, f"portal: after {name}: it does not answer"]
    return found + [f"portal: after {name}: a session was lost" for cookie in here.cookies if not here.knows(cookie)]


def fresh(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    raise SystemExit(main())
