"""All that the portal holds about a person, as one archive (RGPD, articles 15 and 20): JSON, files, a page to read."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

from portal import clock
from portal.conservation.rules import OF_DOSSIER, Branche
from portal.db import audit
from portal.db.base import db, from_millis, rows
from portal.db.crypto import SealBroken, keys
from portal.db.scelles import SEALED, Sealed
from portal.dossiers import rules as dossiers
from portal.dossiers.models import Dossier
from portal.espaces import queries as espaces
from portal.volets import definitions, reponses

# Copies of the above for tables and searches, keys of forms and links: nothing that the person does not find elsewhere.
LEFT_OUT = frozenset({"lien", "session", "lien_usager", "volet_envoi", "avis_envoi", "creation_usager"})
_TECHNICAL = ("empreinte", "hash", "nir_empreinte", "courriel_empreinte", "cle")
# Any number above is an instant in milliseconds: the largest of the others, an RPPS number, has eleven digits.
_INSTANT = 10**11
BROKEN = "[illisible\u00a0: le sceau est rompu]"


@dataclass
class Copie:
    """One dossier: ``tables``, rows by table as JSON takes them; ``volets``, title, state and answers in words;
    ``pieces``, files by name in the archive."""

    label: str
    tables: dict[str, list[dict[str, Any]]]
    acces: list[dict[str, Any]]
    volets: list[tuple[str, str, list[tuple[str, list[tuple[str, str]]]]]] = field(repr=False)
    pieces: dict[str, bytes] = field(repr=False)


def of(dossier: Dossier) -> Copie:
    """Everything that hangs from a dossier, opened, and who opened it."""
    label = dossiers.format_numero(dossier.module, dossier.numero)
    found, files = {}, {}
    for branch in reversed(OF_DOSSIER):
        if branch.table == "piece_contenu":
            files = _files(branch, dossier.id)
        elif branch.table not in LEFT_OUT:
            found[branch.table] = _table(branch, dossier.id)
    volets = [_words(row) for row in found["volet"]]
    names = {row["id"]: f"pieces/{row['id']}-{_safe(row['nom'] or 'piece')}" for row in found["piece"]}
    return Copie(label, {name: lines for name, lines in found.items() if lines}, _accesses(label), volets,
                 {names[piece]: content for piece, content in files.items()})


def archive(copies: Iterable[Copie], page: Callable[[Copie], str]) -> bytes:
    """The ZIP file: for each dossier ``donnees.json``, ``dossier.html`` (made by ``page``) and its pieces."""
    now, buffer = clock.now(), BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as folder:
        for one in copies:
            place = one.label.replace(" ", "-")
            data = {"dossier": one.label, "copie_du": now.isoformat(), "tables": one.tables, "acces": one.acces}
            folder.writestr(_entry(f"{place}/donnees.json", now), json.dumps(data, ensure_ascii=False, indent=2))
            folder.writestr(_entry(f"{place}/dossier.html", now), page(one))
            for name, content in one.pieces.items():
                folder.writestr(_entry(f"{place}/{name}", now), content)
    return buffer.getvalue()


def _table(branch: Branche, dossier_id: int) -> list[dict[str, Any]]:
    params = [dossier_id] * branch.where.count("?")
    columns = [column.name for column in db.get_columns(branch.table)]
    names = ", ".join(f'"{name}"' for name in columns)
    lines = rows(f"SELECT {names} FROM {branch.table} WHERE {branch.where}", *params)  # noqa: S608  # our own words
    opened = {one.column: (one.key, _opened(one, branch, params)) for one in SEALED if one.table == branch.table}
    made = []
    for line in lines:
        row = dict(zip(columns, line, strict=True))
        clear = {name: _readable(values.get(row[key])) for name, (key, values) in opened.items()}
        made.append({name: clear[name] if name in clear else _plain(value) for name, value in row.items()
                     if name not in _TECHNICAL})
    return made


def _opened(one: Sealed, branch: Branche, params: list[int]) -> dict[Any, bytes | None]:
    """The clear bytes of a sealed column by the key of its row; None for a broken seal."""
    place = ", ".join(one.place)
    sql = (f"SELECT t.{one.key}, t.{one.column}, {place} FROM {one.table} t {one.join} "  # noqa: S608  # our own words
           f"WHERE t.{one.column} IS NOT NULL AND t.{one.key} IN "
           f"(SELECT {one.key} FROM {branch.table} WHERE {branch.where})")
    return {key: _unsealed(one, sealed, " ".join(map(str, words))) for key, sealed, *words in rows(sql, *params)}


def _unsealed(one: Sealed, sealed: bytes, row: str) -> bytes | None:
    try:
        return keys().open_bytes(sealed, table=one.seal_table, row=row, column=one.column)
    except SealBroken:
        return None


def _readable(clear: bytes | None) -> Any:
    if clear is None:
        return ""
    text = clear.decode()
    return json.loads(text) if text.startswith("{") else text


def _plain(value: Any) -> Any:
    if isinstance(value, int) and value > _INSTANT:
        return from_millis(value).isoformat()
    return BROKEN if isinstance(value, bytes | memoryview) else value


def _files(branch: Branche, dossier_id: int) -> dict[str, bytes]:
    one = next(one for one in SEALED if one.table == "piece_contenu")
    return {key: content for key, content in _opened(one, branch, [dossier_id]).items() if content is not None}


def _words(row: dict[str, Any]) -> tuple[str, str, list[tuple[str, list[tuple[str, str]]]]]:
    """A volet as people read it: title, state, sections of questions and answers."""
    definition = definitions.of(row["definition"], row["definition_version"])
    kept = row["contenu"] or {"reponses": {}}
    sections = [(section.title, [(one.label, said) for one, said in said_of])
                for section, said_of in reponses.summary(definition, kept["reponses"])]
    return definition.title, str(row["etat"]), sections


def _accesses(label: str) -> list[dict[str, Any]]:
    """Who did what with the dossier, the latest first, by the names that are known."""
    traces = audit.timeline(label, limit=10**6)
    names, module = espaces.names(traces), label.partition(" ")[0]
    return [{"le": one.at.isoformat(), "qui": names.get(one.subject or "", one.name), "moyen": one.level,
             "acte": dossiers.event_words(one.event, module), "evenement": one.event} for one in traces]


def _safe(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in ".-_" else "_" for letter in name)[-80:].lstrip(".")


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry
