"""Makes the table of communes (``portal/annuaire/communes.csv.xz``).

    npm pack @etalab/decoupage-administratif
    python tools/communes.py etalab-decoupage-administratif-6.0.0.tgz   (or the unpacked package)

Each line is ``postal code,_compared_name_,INSEE code,name``, without a header; ``portal.annuaire.queries``
says why. Current communes come first, the most populated at the top, then the other names by which they are
known: former communes (déléguées, associées), arrondissements (« Paris 11e Arrondissement ») and Corsican
INSEE codes. Run it by hand once a year: the same input gives the same bytes.
"""

from __future__ import annotations

import json
import lzma
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from portal.annuaire.queries import TABLE
from portal.annuaire.rules import key

MEMBER = "package/data/communes.json"
Row = dict[str, Any]


def source(path: Path) -> list[Row]:
    """The rows of ``communes.json``, from npm's archive or from the unpacked package."""
    if path.is_dir():
        return json.loads((path / "data" / "communes.json").read_bytes())
    with tarfile.open(path) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        return json.load(member)


def table(rows: list[Row]) -> list[str]:
    """The lines of the table; places without a postal code (Kerguelen…) have none."""
    current = [row for row in rows if row["type"] == "commune-actuelle"]
    towns = {row["code"]: row for row in current if row.get("codesPostaux")}
    districts = [row for row in rows if row["type"] == "arrondissement-municipal"]
    lines: dict[str, None] = {}
    for names in (official(towns, districts), other(towns, districts, rows)):
        for _, _, line in sorted(names):
            lines[line] = None
    return list(lines)


def official(towns: dict[str, Row], districts: list[Row]) -> Iterator[tuple[int, str, str]]:
    """Each town with each of its postal codes; Paris, Lyon and Marseille by arrondissement."""
    divided = {row["commune"] for row in districts}
    for town in towns.values():
        if town["code"] not in divided:
            for code in town["codesPostaux"]:
                yield entry(town, code, town["nom"], town["code"])
    for row in districts:
        for code in row["codesPostaux"]:
            yield entry(towns[row["commune"]], code, towns[row["commune"]]["nom"], row["code"])


def other(towns: dict[str, Row], districts: list[Row], rows: list[Row]) -> Iterator[tuple[int, str, str]]:
    """Names that lead to a current commune without being its own."""
    for row in rows:
        town = towns.get(row.get("chefLieu", ""))
        if town and key(row["nom"]) != key(town["nom"]):
            for code in town["codesPostaux"]:
                yield entry(town, code, row["nom"], town["code"])
    for row in districts:
        for code in row["codesPostaux"]:
            yield entry(towns[row["commune"]], code, row["nom"], row["code"])
    for town in towns.values():
        if town["code"].startswith(("2A", "2B")):
            for code in town["codesPostaux"]:
                yield entry(town, code, town["code"], town["code"])


def entry(town: Row, postal: str, name: str, insee: str) -> tuple[int, str, str]:
    """A line with its place: the most populated first, then by postal code."""
    compared = key(name).replace(" ", "_")
    return -int(town.get("population") or 0), postal, f"{postal},_{compared}_,{insee},{town['nom']}"


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    lines = table(source(Path(sys.argv[1])))
    content = "".join(f"{line}\n" for line in lines).encode()
    TABLE.write_bytes(lzma.compress(content, format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC32, preset=9))
    print(f"{TABLE.name} : {len(lines)} lignes, {len(content)} octets, {TABLE.stat().st_size} compressés")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
