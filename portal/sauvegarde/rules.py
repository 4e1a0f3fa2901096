"""What a backup says of itself, when it may be restored, and how backups are named and kept."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

FORMAT = 1
SUFFIX = ".vts"
_NAME = re.compile(r"portail-\d{8}T\d{6}Z(-\d+)?\.vts", re.ASCII)


class Refused(Exception):
    """The backup can't be made or restored; the text is French and says why, and what to do."""


@dataclass(frozen=True)
class Manifest:
    """The head of a backup, sealed with the rest.

    ``engine``: « sqlite » (the payload is the database file) or « postgresql » (pg_dump's custom format).
    ``migrations``: the names of those applied. ``keys``: ids of the ring's keys when it was made. ``rows``: how many
    in each table. ``audit``: id and code (hexadecimal) of the last row of the chain, None of an empty one.
    """

    version: str
    created: str
    engine: str
    migrations: tuple[str, ...]
    keys: tuple[str, ...]
    rows: dict[str, int]
    audit: tuple[int, str] | None

    def text(self) -> str:
        """As JSON."""
        return json.dumps({"format": FORMAT} | asdict(self), ensure_ascii=False)

    @classmethod
    def of(cls, text: str) -> Manifest:
        """Read ``text`` again; raises Refused for a later format."""
        raw = json.loads(text)
        if raw.pop("format") != FORMAT:
            raise Refused("Cette sauvegarde vient d’une version plus récente du portail : mettez-le d’abord à jour.")
        audit = (int(raw["audit"][0]), str(raw["audit"][1])) if raw["audit"] else None
        return cls(**raw | {"migrations": tuple(raw["migrations"]), "keys": tuple(raw["keys"]), "audit": audit})

    @property
    def total(self) -> int:
        """How many rows it holds."""
        return sum(self.rows.values())


def refusal(manifest: Manifest, *, engine: str, migrations: Collection[str], keys: Collection[str]) -> str | None:
    """Why this portal can't take this backup, in French; None when it can.

    ``migrations``: those that this version knows; ``keys``: ids of the ring at hand.
    """
    if manifest.engine != engine:
        return (f"Cette sauvegarde vient d’une base {manifest.engine} et le réglage database désigne une base "
                f"{engine} : donnez une base du même genre.")
    newer = [name for name in manifest.migrations if name not in migrations]
    if newer:
        return (f"Cette sauvegarde vient du portail {manifest.version}, plus récent que celui-ci "
                f"(étape « {newer[0]} » inconnue) : installez cette version, puis recommencez.")
    absent = [name for name in manifest.keys if name not in keys]
    if absent:
        return (f"Il manque au trousseau la clé « {absent[0]} » qui protégeait ces données : remettez le fichier de "
                "clés gardé avec cette sauvegarde, puis recommencez.")
    return None


def differences(manifest: Manifest, rows: dict[str, int], audit: tuple[int, str] | None) -> list[str]:
    """What a restored database holds that its manifest does not say, one French line each."""
    found = [f"table {name} : {rows.get(name, 0)} lignes au lieu de {manifest.rows.get(name, 0)}"
             for name in sorted(rows.keys() | manifest.rows.keys()) if rows.get(name, 0) != manifest.rows.get(name, 0)]
    return found + (["journal d’audit : sa fin n’est pas celle de la sauvegarde"] if audit != manifest.audit else [])


def name(at: datetime, taken: Collection[str] = ()) -> str:
    """« portail-20261122T120000Z.vts », numbered where that is taken: names sort as their instants."""
    stem = f"portail-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    wanted, rank = stem + SUFFIX, 1
    while wanted in taken:
        rank += 1
        wanted = f"{stem}-{rank}{SUFFIX}"
    return wanted


def outdated(names: Iterable[str], keep: int) -> list[str]:
    """The backups to remove so that the ``keep`` latest stay; a file of another name is nobody's to remove."""
    ours = sorted((one for one in names if _NAME.fullmatch(one)), key=_order)
    return ours[:-keep] if keep else []


def _order(one: str) -> tuple[str, int]:
    stamp, _, rank = one.removeprefix("portail-").removesuffix(SUFFIX).partition("-")
    return stamp, int(rank or 1)
