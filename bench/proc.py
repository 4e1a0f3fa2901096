"""What the kernel says of processes and cores (Linux)."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]


@dataclass(frozen=True)
class Meter:
    """CPU seconds at one instant: of a process with its children, of the servers' core, of this process."""

    at: float
    server: float
    core: float
    client: float

    @classmethod
    def read(cls, pid: int) -> Meter:
        return cls(time.perf_counter(), sum(map(_cpu, family(pid))), _core_busy(SERVER_CORE), time.process_time())

    def shares_since(self, before: Meter) -> dict[str, float]:
        """Shares of one core: the server's, everybody else's on its core, and this process's own."""
        seconds = self.at - before.at
        server = (self.server - before.server) / seconds
        return {
            "server": server,
            "foreign": max(0.0, (self.core - before.core) / seconds - server),
            "client": (self.client - before.client) / seconds,
        }


def family(pid: int) -> list[int]:
    """The process and its children (gunicorn's master and worker)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def memory(pid: int) -> float:
    """Proportional memory of a process and its children, in MB."""
    total = 0
    for one in family(pid):
        lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:")))
    return total / 1024


def _cpu(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICK


def _core_busy(core: int) -> float:
    for line in Path("/proc/stat").read_text().splitlines():
        name, *ticks = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _wait, irq, softirq, steal = map(int, ticks[:8])
            return (user + nice + system + irq + softirq + steal) / TICK
    raise LookupError(f"no cpu{core} in /proc/stat")


def machine() -> str:
    """The kind of machine, without its name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    memory_kb = int(Path("/proc/meminfo").read_text().split()[1])
    return f"{len(CORES)} cores ({model or platform.machine()}), {memory_kb / 1048576:.0f} GB, {platform.system()}"
