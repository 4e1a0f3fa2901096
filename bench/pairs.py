"""The table page of the portal beside its peers', as many requests as each can answer, one process each."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from bench import client, proc, servers, stats
from bench.data import MEASURED_DOSSIERS, RPPS, Base
from bench.sections import BUSY, Goal, Rounds, Run, Section, at_least, compare, figure, table
from portal.dossiers import queries
from portal.dossiers.queries import Selection

FRAGMENT, UNCHANGED, COMPRESSED = "portal, fragment", "portal, unchanged", "portal, compressed"
# Nobody's page twice within the run of the cycle: what the server may have kept of a whole page is of no use.
OTHERS = "portal, another page each time"
BARE = "bare"
# At least so many times the peer's rate, by the kind of peer.
PEER_GOALS = {"django nu": 10.0, "flask": 5.0, "fastapi": 5.0, "fastify": 1.1, BARE: 0.08}
OWN_GOALS = {FRAGMENT: ("the table's fragment", 1.5), UNCHANGED: ("an unchanged table", 2.0)}
MEMORY_GOAL = 90
BROWSER = "gzip, deflate, br, zstd"


@dataclass(frozen=True)
class Found:
    """Rounds by row; ``kinds``: the row of each kind of peer; ``unasked``: why a row of the portal is not there."""

    ours: str
    rounds: dict[str, Rounds]
    kinds: dict[str, str]
    absent: dict[str, str]
    unasked: dict[str, str]
    pages: dict[str, dict[str, Any]]
    memory: dict[str, float]


def measure(run: Run) -> Found:
    """Rounds over every row."""
    own, unasked = rows(run)
    everyone = [*own, *run.peers.values()]
    found = client.throughput(everyone, run.pace)
    whole = [run.portal, *(server for kind, server in run.peers.items() if kind != BARE)]
    return Found(
        ours=run.portal.name, rounds=found, kinds={kind: server.name for kind, server in run.peers.items()},
        absent=run.absent, unasked=unasked, pages={server.name: servers.page_facts(server) for server in whole},
        memory={server.name: proc.memory(server.target.pid) for server in [run.portal, *run.peers.values()]},
    )


def rows(run: Run) -> tuple[list[servers.Server], dict[str, str]]:
    """The ways of asking the portal for its table, and why one of them can't be asked."""
    portal = run.portal
    fragment = portal.variant(FRAGMENT, HX_Request="true", HX_Request_Type="partial")
    found = [portal, portal.variant(COMPRESSED, marker="", Accept_Encoding=BROWSER),
             portal.variant(OTHERS, others=other_pages(run.base)), fragment]
    why = "no ETag"
    # A page that counts down a session can't be the same twice; its table can.
    for asked in (portal, fragment):
        if (etag := asked.fetch()[0].get("etag")) is None:
            continue
        unchanged = asked.variant(UNCHANGED, marker="", status=304, If_None_Match=etag)
        try:
            unchanged.fetch()
        except LookupError as error:
            why = str(error)
            continue
        return [*found, unchanged], {}
    return found, {UNCHANGED: f"not met: {why}"}


def other_pages(base: Base) -> list[str]:
    """The addresses of the measured table's pages, each beginning one row after the last; all are full."""
    with base.opened():
        shown = queries.everything(RPPS, Selection("ga"), MEASURED_DOSSIERS)
    return [f"{servers.PAGE}?apres={ligne.numero}" for ligne in shown[:-queries.PAGE_SIZE]]


def section(found: Found) -> Section:
    """Rates, ratios and the goals on them."""
    ours = found.rounds[found.ours]
    goals = [_same_page(found)]
    for kind, wanted in PEER_GOALS.items():
        name, why = found.kinds.get(kind), found.absent.get(kind)
        text = f"the table page ≥ {wanted * 100:g} % of bare ASGI" if kind == BARE else (
            f"the table page ≥ {wanted:g} × {name or kind}")
        if name is not None:
            goals.append(at_least(text, compare(ours, found.rounds[name]), wanted))
        elif why is not None:
            goals.append(Goal(text, "-", False, f"absent: {why}"))
    for name, (words, wanted) in OWN_GOALS.items():
        text = f"{words} ≥ {wanted:g} × the full page"
        goals.append(Goal(text, found.unasked[name], False) if name in found.unasked
                     else at_least(text, compare(found.rounds[name], ours), wanted))
    used = found.memory[found.ours]
    goals.append(Goal(f"memory of the portal's process ≤ {MEMORY_GOAL} MB", f"{used:.0f} MB", used <= MEMORY_GOAL))
    return Section("Requests per second", _text(found), goals, found.rounds)


def _same_page(found: Found) -> Goal:
    """Every peer prints the portal's dossiers in its order, in as many bytes within 10 %."""
    ours = found.pages[found.ours]
    others = [name for name, page in found.pages.items() if not (
        stats.same_size(page["bytes"], ours["bytes"]) and page["dossiers"] == ours["dossiers"] != [])]
    weights = [page["bytes"] for page in found.pages.values()]
    said = f"{min(weights):,} to {max(weights):,} bytes" + (f"; other: {', '.join(others)}" if others else "")
    return Goal("same page: same dossiers in the same order, bytes within 10 %", said, not others)


def _text(found: Found) -> str:
    ours = found.rounds[found.ours]
    lines = [_line(found, name, rounds, ours) for name, rounds in found.rounds.items()]
    again = sum(one["again"] for rounds in found.rounds.values() for one in rounds)
    absent = "".join(f" **Absent: {why}.**" for why in found.absent.values())
    return table(("one process", "req/s: median (range)", "portal's rate over it, by round", "p50 ms", "p99 ms",
                  "CPU µs a request", "server busy", "foreign, worst", "client, worst", "bytes", "MB"), lines) + (
        "\n\nAn idle round is one where the server used less than 0.9 of its core (« client » when the load client "
        "used its own up: the rate is then the client's limit and the server's is higher); « foreign » is what other "
        f"programs took of that core; {again:.0f} measures were made again because that was more than 5 %. MB: "
        f"proportional memory (PSS) after the load, without mapped files, for everybody alike.{absent}")


def _line(found: Found, name: str, rounds: Rounds, ours: Rounds) -> tuple[str, ...]:
    idle = sum(one["server"] < BUSY for one in rounds)
    limit = ", client" if idle and median(one["client"] for one in rounds) >= BUSY else ""
    page, memory = found.pages.get(name), found.memory.get(name)
    return (
        name, figure([one["rate"] for one in rounds], "{:.0f}"), figure(compare(ours, rounds).values, "{:.2f}"),
        f"{median(one['p50'] for one in rounds):.1f}", f"{median(one['p99'] for one in rounds):.1f}",
        f"{median(one['server'] / one['rate'] for one in rounds) * 1e6:.0f}",
        f"{median(one['server'] for one in rounds):.2f}" + (f" ({idle} idle{limit})" if idle else ""),
        f"{max(one['foreign'] for one in rounds):.2f}", f"{max(one['client'] for one in rounds):.2f}",
        f"{page['bytes']:,}" if page else "", f"{memory:.0f}" if memory else "",
    )
