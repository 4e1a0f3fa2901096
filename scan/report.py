"""What the attacks found, held against what is explained; as text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scan.tools import Result
from scan.wire import Outcome

KNOWN = Path(__file__).with_name("known.toml")


@dataclass(frozen=True)
class Known:
    """A finding that stays, and why; ``pattern`` takes its whole line."""

    pattern: re.Pattern[str]
    why: str


def known() -> tuple[Known, ...]:
    """The explained findings."""
    rows = tomllib.loads(KNOWN.read_text("utf-8"))["known"]
    return tuple(Known(re.compile(row["finding"]), row["why"]) for row in rows)


def explained(finding: str, explanations: Iterable[Known]) -> str | None:
    """Why it stays; None for what nobody explained."""
    return next((one.why for one in explanations if one.pattern.fullmatch(finding)), None)


def wire_results(outcomes: list[Outcome]) -> list[Result]:
    """One result a door: what each attack got, and whether the victim was served."""
    found = []
    for door in dict.fromkeys(one.door for one in outcomes):
        here = [one for one in outcomes if one.door == door]
        faults = [f"wire: {door}: {one.name}: {fault}" for one in here for fault in dict.fromkeys(one.faults)]
        found.append(Result(f"hostile clients, {door}", f"{len(here)} attacks; "
                            + "; ".join(f"{one.name}: {one.detail}" for one in here if one.detail), faults))
    return found


def markdown(results: list[Result], outcomes: list[Outcome]) -> tuple[str, int]:
    """The report, and how many findings nobody explained."""
    explanations = known()
    lines = ["# Attack runs", "", "| tool | what it did | findings | not explained | seconds |",
             "|---|---|---|---|---|"]
    open_ones: list[str] = []
    for one in results:
        left = [finding for finding in one.findings if not explained(finding, explanations)]
        open_ones += left
        lines.append(f"| {one.name} | {one.figures} | {len(one.findings)} | {len(left)} | {one.seconds:.0f} |")
    lines += ["", "## Not explained", "", *([f"- {finding}" for finding in open_ones] or ["Nothing."])]
    lines += ["", "## Explained", ""]
    for reason in explanations:
        here = [finding for one in results for finding in one.findings if reason.pattern.fullmatch(finding)]
        lines += [f"- {len(here)} × `{reason.pattern.pattern}`: {reason.why}"] if here else []
    lines += ["", "## What hostile requests were answered", "", "| request | " + " | ".join(
        doors := list(dict.fromkeys(one.door for one in outcomes))) + " |", "|---" * (len(doors) + 1) + "|"]
    for name in dict.fromkeys(one.name for one in outcomes):
        told = {one.door: one.detail or ", ".join(map(str, one.statuses)) or "closed"
                for one in outcomes if one.name == name}
        lines.append(f"| {name} | " + " | ".join(told.get(door, "") for door in doors) + " |")
    return "\n".join([*lines, ""]), len(open_ones)
