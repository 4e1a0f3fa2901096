"""A page of the help beside Starlette's StaticFiles on the same built folder; what a browser that has it gets, too."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from bench import client, servers
from bench.sections import BUSY, Goal, Rounds, Run, Section, at_least, compare, figure, table
from bench.servers import Server
from bench.wire import Target

PAGE, MARKER = "/aide/dossiers/", "</html>"
OURS, OURS_KNOWN = "portal, help page", "portal, help page known"
THEIRS, THEIRS_KNOWN = "StaticFiles, help page", "StaticFiles, help page known"
PAGE_GOAL, KNOWN_GOAL = 8.0, 5.0


@dataclass(frozen=True)
class Found:
    """Rounds by row; bytes of each row's answer."""

    rounds: dict[str, Rounds]
    bytes: dict[str, int]


def measure(run: Run) -> Found:
    """Rounds over both pages and both answers « you have it »."""
    with servers.uvicorn("bench.peers.statique:app", {"BENCH_HELP": str(run.base.help)}) as (port, pid):
        theirs = servers.ready(Server(THEIRS, Target(port, PAGE, "none=0", MARKER, pid)))
        ours = run.portal.variant(OURS, path=PAGE, marker=MARKER)
        rows = [ours, _known(ours, OURS_KNOWN), theirs, _known(theirs, THEIRS_KNOWN)]
        return Found(client.throughput(rows, run.pace), {row.name: len(row.fetch()[1]) for row in rows})


def section(found: Found) -> Section:
    """Rates and ratios."""
    lines = [(name, figure([one["rate"] for one in rounds], "{:.0f}"),
              f"{median(one['server'] / one['rate'] for one in rounds) * 1e6:.0f}",
              f"{median(one['server'] for one in rounds):.2f}", f"{max(one['foreign'] for one in rounds):.2f}",
              f"{max(one['client'] for one in rounds):.2f}", f"{found.bytes[name]:,}")
             for name, rounds in found.rounds.items()]
    text = table(("one process", "req/s: median (range)", "CPU µs a request", "server busy", "foreign, worst",
                  "client, worst", "bytes"), lines) + (
        f"\n\n`{PAGE}`; « known »: the browser sends the ETag it was given, and gets a 304. Below {BUSY} the server "
        "was idle at times: where the client is near 1, its rate is the client's limit.")
    goals: list[Goal] = []
    for words, ours, theirs, wanted in (("a help page", OURS, THEIRS, PAGE_GOAL),
                                        ("its 304", OURS_KNOWN, THEIRS_KNOWN, KNOWN_GOAL)):
        ratio = compare(found.rounds[ours], found.rounds[theirs])
        goals.append(at_least(f"{words} ≥ {wanted:g} × Starlette's StaticFiles", ratio, wanted))
    return Section("Help pages", text, goals, found.rounds)


def _known(server: Server, name: str) -> Server:
    return server.variant(name, path=PAGE, marker="", status=304, If_None_Match=server.fetch()[0]["etag"])
