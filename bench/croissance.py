"""Whether anything takes longer in a larger base: each page of the same physicians among few and many dossiers of
others, on both databases. ``python -m bench.croissance``, or the part « croissance » of ``make bench``.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from urllib.parse import quote

from bench import bulk, client, data, servers, stats, stores
from bench.sections import Goal, Pace, Run, Section, table
from bench.servers import Server
from bench.stores import Store
from bench.wire import Target
from portal.db.base import rows
from portal.dossiers import rules
from portal.dossiers.choix import TRIS
from tests.support import postgres

SIZES, LARGEST = (10_000, 100_000, 1_000_000), 10_000_000
GOAL = 1.3
DATABASES = SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "section#resultats"}
PACE = Pace(connections=1, rounds=1, warmup=0, seconds=0, latency_rounds=3, requests=40)


@dataclass(frozen=True)
class Asked:
    """One thing that a physician does: its name, its address and what proves the answer."""

    name: str
    path: str
    marker: str = "</section>"
    fragment: bool = False
    status: int = 200

    def of(self, server: Server, cookie: str) -> Server:
        """The same server, asked for this by who holds the cookie."""
        return Server(server.name, replace(server.target, path=self.path, marker=self.marker, status=self.status,
                                           cookie=cookie, headers=FRAGMENT if self.fragment else {}))


@dataclass
class Found:
    """Median and p99 (ms) of each size by (database, physician's dossiers, what was asked), and the sizes."""

    sizes: Sequence[int]
    requests: int
    times: dict[tuple[str, int, str], list[dict[str, float]]] = field(default_factory=dict)
    ratios: dict[tuple[str, int, str], float] = field(default_factory=dict)


def asked(store: Store, count: int) -> list[Asked]:
    """Everything that is measured, for the physician who has so many dossiers."""
    with store.opened():
        found = rows("SELECT numero, tri_patient FROM lien WHERE rpps = ? AND module = 'ga' AND onglet = 'en_cours' "
                     "AND etat = 'accepte' ORDER BY numero", bulk.actor(count).rpps)
    numero, patient = found[len(found) // 2]
    home = servers.PAGE
    return [
        Asked("page", home), Asked("fragment", home, fragment=True),
        Asked("page from the middle", f"{home}?apres={numero}"),
        *(Asked(f"sort {tri}", f"{home}?tri={tri}", fragment=True) for tri in sorted(TRIS - {"recent"})),
        *(Asked(f"tab {tab}", f"{home}?onglet={tab}", fragment=True) for tab in rules.TABS if tab != "en_cours"),
        Asked("filter by status", f"{home}?statut=non_envoyee", fragment=True),
        Asked("filter « à accepter »", f"{home}?attente=1", fragment=True),
        Asked("search by number", f"/dossiers/recherche?numero={numero}", marker="", status=303),
        Asked("typed: a number", f"{home}?q={numero}", fragment=True),
        Asked("typed: three letters", f"{home}?q={quote(patient[:3])}", fragment=True),
        Asked("typed: nobody's name", f"{home}?q=xyzxyz", fragment=True),
        Asked("dossier page", f"{home}/{numero}", marker="Historique"),
        Asked("worklist", "/taches", marker="</main>"), Asked("dashboard", "/accueil", marker="</main>"),
    ]


def measured(found: Found, database: str, kept: Sequence[Store], pace: Pace, physicians: Sequence[int]) -> None:
    """Add the times of one database: the sizes take turns, request by request."""
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(_serving(store)) for store in kept]
        for count in physicians:
            cookies = [store.cookie(count) for store in kept]
            for one in asked(kept[0], count):
                targets = [one.of(server, cookie) for server, cookie in zip(running, cookies, strict=True)]
                rounds = list(client.latency(targets, pace).values())
                key = (database, count, one.name)
                found.times[key] = [{name: median(time[name] for time in times) for name in ("p50", "p99")}
                                    for times in rounds]
                found.ratios[key] = median(stats.ratios([time["p50"] for time in rounds[-1]],
                                                        [time["p50"] for time in rounds[0]]))
                shown = "  ".join(f"{time['p50']:7.2f}" for time in found.times[key])
                print(f"{database:<10} {count:>6}  {one.name:<24} {shown}  × {found.ratios[key]:.2f}", flush=True)


@contextlib.contextmanager
def _serving(store: Store) -> Iterator[Server]:
    port = servers.free_port()
    with servers.running(("-m", "portal", "serve"), store.environment | {"PORT": str(port)}) as pid:
        cookie = store.cookie(bulk.MEASURED[0])
        yield servers.ready(Server(store.name, Target(port, servers.PAGE, cookie, servers.MARKER, pid)))


def found_in(sizes: Sequence[int], pace: Pace, databases: Sequence[str],
             physicians: Sequence[int] = bulk.MEASURED) -> Found:
    """Make what is not there yet, and measure."""
    (data.FOLDER / servers.SAID).unlink(missing_ok=True)
    found = Found(sizes, pace.requests * pace.latency_rounds)
    if SQLITE in databases:
        measured(found, SQLITE, [stores.sqlite(size) for size in sizes], pace, physicians)
    if POSTGRESQL in databases:
        cluster = stores.Cluster()
        try:
            measured(found, POSTGRESQL, [cluster.store(size) for size in sizes], pace, physicians)
        finally:
            cluster.server.halt()
    return found


def measure(run: Run) -> Found:
    """As a part of the bench: PostgreSQL too where it is installed."""
    sizes = (*SIZES, LARGEST) if run.large else SIZES
    pace = replace(PACE, latency_rounds=min(PACE.latency_rounds, run.pace.latency_rounds))
    return found_in(sizes, pace, DATABASES if postgres.available() else DATABASES[:1])


def section(found: Found) -> Section:
    """A table a database, a goal a database: the worst ratio counts."""
    parts, goals = [], []
    for database in dict.fromkeys(key[0] for key in found.times):
        keys = [key for key in found.times if key[0] == database]
        lines = [(f"{key[1]:,}", key[2], *(f"{time['p50']:.2f} / {time['p99']:.2f}" for time in found.times[key]),
                  f"{found.ratios[key]:.2f}") for key in keys]
        head = ("dossiers of the physician", "asked", *(f"{size:,}: p50 / p99 ms" for size in found.sizes), "ratio")
        parts.append(f"### {database}\n\n{table(head, lines)}")
        worst = max(keys, key=lambda key: found.ratios[key])
        text = f"{database}: median × {GOAL} at most from {found.sizes[0]:,} to {found.sizes[-1]:,} dossiers"
        said = f"{found.ratios[worst]:.2f} at worst ({worst[2]}, {worst[1]:,} dossiers)"
        goals.append(Goal(text, said, found.ratios[worst] <= GOAL))
    parts.append(f"{found.requests} requests to each size, one at a time, the sizes taking turns; the ratio is the "
                 "median of the rounds'. The dossiers of the three measured physicians are the same at every size and "
                 "come on top of it.")
    return Section("Growth", "\n\n".join(parts), goals)


def main() -> int:
    """Measure and print; returns 1 when a goal is not met."""
    parser = argparse.ArgumentParser(prog="python -m bench.croissance", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[*SIZES, LARGEST], help=f"multiples of {bulk.BLOCK:,}")
    parser.add_argument("--databases", choices=DATABASES, nargs="+", default=DATABASES)
    parser.add_argument("--physicians", type=int, choices=bulk.MEASURED, nargs="+", default=bulk.MEASURED,
                        help="by how many dossiers they have")
    parser.add_argument("--requests", type=int, default=PACE.requests, help="of each kind, to each size, in each round")
    options = parser.parse_args()
    found = found_in(options.sizes, replace(PACE, requests=options.requests), options.databases,
                     options.physicians)
    shown = section(found)
    print(shown.text, *(f"{goal.text}: {goal.measured}, {goal.verdict}" for goal in shown.goals), sep="\n\n")
    return 0 if all(goal.kept for goal in shown.goals) else 1


if __name__ == "__main__":
    raise SystemExit(main())
