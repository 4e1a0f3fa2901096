"""Reading form definitions: one TOML file a version, checked whole at start. The format: docs/dev/formulaires.md."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from portal.volets.formulaire import Condition, Definition, Field, Kind, Option, Section

FOLDER = Path(__file__).with_name("definitions")
FILE_NAME = re.compile(r"(?P<id>(?P<module>[a-z]+)-(?P<volet>[a-z]+))\.(?P<version>[1-9]\d{0,3})\.toml", re.ASCII)
ID = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
HEADER = re.compile(r"\s*\[\[\s*(sections(?:\.fields)?)\s*\]\]")
FORM_KEYS = {"title": str, "source": str, "rank": int, "sections": list}
SECTION_KEYS = {"id": str, "title": str, "help": str, "folded": bool, "fields": list}
FIELD_KEYS = {
    "id": str, "kind": str, "label": str, "help": str, "required": bool, "shown_when": dict, "required_when": dict,
    "options": list, "length": int, "unit": str, "minimum": (int, float), "maximum": (int, float), "decimals": int,
    "tense": str,
}
CHOICES = (Kind.CHOIX, Kind.CHOIX_MULTIPLE)
TEXTS = (Kind.LIGNE, Kind.TEXTE)
TENSES = ("", "passe", "futur")
LONGEST = 20_000

Registry = dict[tuple[str, int], Definition]


class DefinitionError(Exception):
    """A definition can't be used; says the file, the line and the reason."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path.name}, ligne {line} : {reason}")
        self.path, self.line, self.reason = path, line, reason


# --- what the portal asks

@cache
def registry() -> Registry:
    """The packaged definitions. Raises DefinitionError."""
    return load(FOLDER)


def of(identifier: str, version: int) -> Definition:
    """One version of a form; KeyError for an unknown one."""
    return registry()[identifier, version]


def latest(module: str, volet: str) -> Definition:
    """The newest form of a module's volet; KeyError for none."""
    for definition in volets(module):
        if definition.volet == volet:
            return definition
    raise KeyError(f"{module}-{volet}")


def volets(module: str) -> tuple[Definition, ...]:
    """The newest form of each volet of a module, in their order; empty for a module without volets."""
    newest: dict[str, Definition] = {}
    for definition in registry().values():
        if definition.module == module and definition.version >= newest.get(definition.volet, definition).version:
            newest[definition.volet] = definition
    return tuple(sorted(newest.values(), key=lambda found: found.rank))


def load(folder: Path) -> Registry:
    """Every definition of a folder by id and version. Raises DefinitionError at the first fault."""
    found: Registry = {}
    for path in sorted(folder.glob("*.toml")):
        definition = _Reader(path).definition()
        found[definition.id, definition.version] = definition
    for (identifier, version) in found:
        if version > 1 and (identifier, version - 1) not in found:
            raise DefinitionError(folder / f"{identifier}.{version}.toml", 1, f"la version {version - 1} manque")
    return found


# --- reading one file

@dataclass
class _Lines:
    """Where the file's tables begin: TOML's reader tells no line."""

    text: list[str]
    sections: list[int] = field(default_factory=list)
    fields: list[list[int]] = field(default_factory=list)

    @classmethod
    def of(cls, text: str) -> _Lines:
        found = cls(text.splitlines())
        for number, line in enumerate(found.text, 1):
            header = HEADER.match(line)
            if header and header.group(1) == "sections":
                found.sections.append(number)
                found.fields.append([])
            elif header and found.fields:
                found.fields[-1].append(number)
        return found

    def key(self, start: int, name: str) -> int:
        """The line that sets a key of the table that begins at a line; the table's own line when none does."""
        for number in range(start + 1, len(self.text) + 1):
            line = self.text[number - 1]
            if re.match(r"\s*\[\[?", line) and not re.match(r"\s*\[\s*[\"']", line) and HEADER.match(line):
                break
            if re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[=.]", line):
                return number
        return start


class _Reader:
    """One file, from its text to a Definition."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = FILE_NAME.fullmatch(path.name)
        if self.name is None:
            self.fail(1, "le nom du fichier s’écrit module-volet.version.toml, par exemple ga-medical.1.toml")
        try:
            self.text = path.read_bytes().decode()
            self.raw = tomllib.loads(self.text)
        except UnicodeDecodeError:
            self.fail(1, "le fichier n’est pas en UTF-8")
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"line (\d+)", str(error))
            self.fail(int(at.group(1)) if at else 1 + self.text.count("\n"), f"TOML illisible ({error})")
        except RecursionError:
            self.fail(1, "TOML illisible (trop de niveaux)")
        self.lines = _Lines.of(self.text)

    def fail(self, line: int, reason: str) -> Any:
        raise DefinitionError(self.path, line, reason)

    def definition(self) -> Definition:
        """The whole form, checked."""
        assert self.name is not None
        self.keys(self.raw, FORM_KEYS, 0, needed=("title", "source", "rank", "sections"))
        if len(self.lines.sections) != len(self.raw["sections"]):
            self.fail(1, "chaque section commence par une ligne [[sections]]")
        sections = tuple(self.section(rank, raw) for rank, raw in enumerate(self.raw["sections"]))
        made = Definition(
            id=self.name["id"], version=int(self.name["version"]), module=self.name["module"],
            volet=self.name["volet"], rank=self.raw["rank"], title=self.raw["title"], source=self.raw["source"],
            sections=sections)
        self.unique(sections)
        for one in made.fields.values():
            self.conditions(one, made)
        self.no_cycle(made)
        return made

    def section(self, rank: int, raw: Any) -> Section:
        line = self.lines.sections[rank]
        if not isinstance(raw, dict):
            self.fail(line, "une section est une table")
        self.keys(raw, SECTION_KEYS, line, needed=("id", "title", "fields"))
        starts = self.lines.fields[rank]
        if len(starts) != len(raw["fields"]):
            self.fail(line, "chaque question commence par une ligne [[sections.fields]]")
        return Section(
            id=self.identifier(raw, line), title=raw["title"], help=raw.get("help", ""),
            folded=raw.get("folded", False),
            fields=tuple(self.field(one, start) for one, start in zip(raw["fields"], starts, strict=True)))

    def field(self, raw: Any, line: int) -> Field:
        if not isinstance(raw, dict):
            self.fail(line, "une question est une table")
        self.keys(raw, FIELD_KEYS, line, needed=("id", "kind", "label"))
        if raw["kind"] not in set(Kind):
            self.fail(self.lines.key(line, "kind"), f"type de question inconnu : {raw['kind']}")
        kind = Kind(raw["kind"])
        self.fitting(raw, kind, line)
        bounds = {name: Decimal(str(raw[name])) for name in ("minimum", "maximum") if name in raw}
        if len(bounds) == 2 and bounds["minimum"] > bounds["maximum"]:
            self.fail(self.lines.key(line, "maximum"), "le maximum est inférieur au minimum")
        return Field(
            id=self.identifier(raw, line), kind=kind, label=raw["label"], line=line, help=raw.get("help", ""),
            required=raw.get("required", False), shown_when=self.condition(raw, "shown_when", line),
            required_when=self.condition(raw, "required_when", line), options=self.options(raw, kind, line),
            length=raw.get("length", 0), unit=raw.get("unit", ""), decimals=raw.get("decimals", 0),
            tense=raw.get("tense", ""), **bounds)

    def keys(self, raw: Mapping[str, Any], known: Mapping[str, Any], line: int, *, needed: tuple[str, ...]) -> None:
        """Every key known and of its type, the needed ones there and not empty."""
        for name, value in raw.items():
            at = self.lines.key(line, name)
            if name not in known:
                self.fail(at, f"clé inconnue : {name}")
            wanted = known[name]
            if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
                self.fail(at, f"la valeur de {name} n’est pas du bon type")
        for name in needed:
            if raw.get(name) in (None, "", []):
                self.fail(self.lines.key(line, name) or 1, f"il manque {name}")

    def fitting(self, raw: Mapping[str, Any], kind: Kind, line: int) -> None:
        """Keys that belong to other kinds of questions, and limits out of sense."""
        belongs = {"length": TEXTS, "unit": (Kind.NOMBRE,), "minimum": (Kind.NOMBRE,), "maximum": (Kind.NOMBRE,),
                   "decimals": (Kind.NOMBRE,), "tense": (Kind.DATE,), "options": CHOICES}
        for name, kinds in belongs.items():
            if name in raw and kind not in kinds:
                self.fail(self.lines.key(line, name), f"{name} n’a pas de sens pour une question « {kind} »")
        if "length" in raw and not 1 <= raw["length"] <= LONGEST:
            self.fail(self.lines.key(line, "length"), f"length va de 1 à {LONGEST}")
        if not 0 <= raw.get("decimals", 0) <= 6:
            self.fail(self.lines.key(line, "decimals"), "decimals va de 0 à 6")
        if raw.get("tense", "") not in TENSES:
            self.fail(self.lines.key(line, "tense"), "tense est « passe » ou « futur »")
        if raw.get("required") and "required_when" in raw:
            self.fail(self.lines.key(line, "required_when"), "required suffit : required_when est de trop")

    def identifier(self, raw: Mapping[str, Any], line: int) -> str:
        if not ID.fullmatch(raw["id"]):
            self.fail(self.lines.key(line, "id"), f"identifiant invalide : {raw['id']}")
        return str(raw["id"])

    def options(self, raw: Mapping[str, Any], kind: Kind, line: int) -> tuple[Option, ...]:
        given = raw.get("options", [])
        at = self.lines.key(line, "options")
        if kind in CHOICES and len(given) < 2:
            self.fail(at, "une question à choix a au moins deux options")
        made: dict[str, Option] = {}
        for one in given:
            if not (isinstance(one, list) and len(one) in (2, 3) and all(isinstance(part, str) for part in one)):
                self.fail(at, "une option s’écrit [\"code\", \"libellé\"]")
            code, label = one[0], one[1]
            if not ID.fullmatch(code) or not label.strip():
                self.fail(at, f"option invalide : {code}")
            if code in made:
                self.fail(at, f"option en double : {code}")
            made[code] = Option(*one)
        return tuple(made.values())

    def condition(self, raw: Mapping[str, Any], name: str, line: int) -> tuple[Condition, ...]:
        found = []
        for other, values in raw.get(name, {}).items():
            if not (isinstance(values, list) and values and all(isinstance(value, str) for value in values)):
                self.fail(self.lines.key(line, name), f"{name} s’écrit {{ question = [\"code\"] }}")
            found.append(Condition(other, frozenset(values)))
        return tuple(found)

    # --- what can be seen only with the whole form

    def unique(self, sections: tuple[Section, ...]) -> None:
        known: set[str] = set()
        for rank, section in enumerate(sections):
            if section.id in {other.id for other in sections[:rank]}:
                self.fail(self.lines.sections[rank], f"section en double : {section.id}")
            for one in section.fields:
                if one.id in known:
                    self.fail(one.line, f"question en double : {one.id}")
                known.add(one.id)

    def conditions(self, one: Field, form: Definition) -> None:
        for name, conditions in (("shown_when", one.shown_when), ("required_when", one.required_when)):
            for condition in conditions:
                other, at = form.fields.get(condition.field), self.lines.key(one.line, name)
                if other is None:
                    self.fail(at, f"{name} nomme une question inconnue : {condition.field}")
                elif other.kind not in CHOICES:
                    self.fail(at, f"{name} ne peut dépendre que d’une question à choix : {condition.field}")
                elif unknown := sorted(condition.values - other.labels.keys()):
                    self.fail(at, f"{condition.field} n’a pas l’option {unknown[0]}")

    def no_cycle(self, form: Definition) -> None:
        """No question waits, through others, for its own answer."""
        waits = {one.id: [condition.field for condition in (*one.shown_when, *one.required_when)]
                 for one in form.fields.values()}
        done: set[str] = set()
        for start in waits:
            path: list[str] = []
            for name in _walk(start, waits, done, path):
                one = form.fields[name]
                self.fail(one.line, "les conditions tournent en rond : " + " → ".join([*path[path.index(name):], name]))


def _walk(start: str, waits: Mapping[str, list[str]], done: set[str], path: list[str]) -> Iterator[str]:
    """Go through what ``start`` waits for; yields the first question met twice on one path."""
    if start in path:
        yield start
        return
    if start in done:
        return
    path.append(start)
    for name in waits[start]:
        yield from _walk(name, waits, done, path)
    path.pop()
    done.add(start)
