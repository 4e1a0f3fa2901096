"""The report's picture: the median rate of each row and its range, on a logarithmic scale, as SVG."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import median
from xml.etree import ElementTree as ET

from bench.sections import Rounds

WIDTH, LEFT, RIGHT, STEP, TOP = 860, 230, 110, 26, 46
OURS, THEIRS = "#0b5394", "#7a7a7a"


def write(path: Path, rounds: dict[str, Rounds]) -> None:
    """Draw the rates of every row, the fastest first."""
    ET.ElementTree(draw({name: [one["rate"] for one in found] for name, found in rounds.items()})).write(
        path, "utf-8", xml_declaration=True)


def draw(rates: dict[str, list[float]]) -> ET.Element:
    """A line from the lowest to the highest rate of each row, a dot at the median. ``rates``: requests per second."""
    lowest = 10 ** math.floor(math.log10(min(map(min, rates.values()))))
    highest = 10 ** math.ceil(math.log10(max(map(max, rates.values()))))
    height = TOP + STEP * len(rates) + 20

    def across(rate: float) -> str:
        return f"{LEFT + (WIDTH - LEFT - RIGHT) * math.log(rate / lowest) / math.log(highest / lowest):.1f}"

    svg = ET.Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {height}", "font-family": "sans-serif",
        "font-size": "13", "role": "img"})
    ET.SubElement(svg, "title").text = "Requests per second of one process, logarithmic scale"
    ET.SubElement(svg, "rect", {"width": str(WIDTH), "height": str(height), "fill": "#fff"})
    _write(svg, "10", "20", "Requests per second of one process (logarithmic; line: all rounds, dot: median)")
    for power in range(round(math.log10(lowest)), round(math.log10(highest)) + 1):
        at = across(10.0 ** power)
        _line(svg, at, at, TOP - 8, height - 16, "#ddd", 1)
        _write(svg, at, str(height - 4), f"{10 ** power:,}", "middle")
    for row, (name, found) in enumerate(sorted(rates.items(), key=lambda one: -median(one[1]))):
        y, colour = TOP + STEP * row + 10, OURS if name.startswith("portal") else THEIRS
        _write(svg, str(LEFT - 12), str(y + 4), name, "end")
        _line(svg, across(min(found)), across(max(found)), y, y, colour, 3)
        ET.SubElement(svg, "circle", {"cx": across(median(found)), "cy": str(y), "r": "5", "fill": colour})
        _write(svg, str(WIDTH - RIGHT + 12), str(y + 4), f"{median(found):,.0f}")
    return svg


def _line(svg: ET.Element, x1: str, x2: str, y1: int, y2: int, colour: str, width: int) -> None:
    ET.SubElement(svg, "line", {"x1": x1, "x2": x2, "y1": str(y1), "y2": str(y2), "stroke": colour,
                                "stroke-width": str(width), "stroke-linecap": "round"})


def _write(svg: ET.Element, x: str, y: str, text: str, anchor: str = "start") -> None:
    ET.SubElement(svg, "text", {"x": x, "y": y, "text-anchor": anchor, "fill": "#222"}).text = text
