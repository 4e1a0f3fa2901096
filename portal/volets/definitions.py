"""Reading form definitions: one TOML file a version, checked whole at start. The format: docs/dev/formulaires.md."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from portal.volets import controle, reperes
from portal.volets.controle import CHOICES
from portal.volets.formulaire import Condition, Definition, Field, Kind, Option, Section

FOLDER = Path(__file__).with_name("definitions")
FILE_NAME = re.compile(r"(?P<id>(?P<module>[a-z]+)-(?P<volet>[a-z]+))\.(?P<version>[1-9]\d{0,3})\.toml", re.ASCII)
ID = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
FORM_KEYS = {"title": str, "source": str, "rank": int, "sections": list}
SECTION_KEYS = {"id": str, "title": str, "help": str, "folded": bool, "fields": list}
FIELD_KEYS = {
    "id": str, "kind": str, "label": str, "help": str, "required": bool, "shown_when": dict, "required_when": dict,
    "options": list, "length": int, "unit": str, "minimum": (int, float), "maximum": (int, float), "decimals": int,
    "tense": str,
}
TYPES = {str: "un texte", int: "un nombre entier", bool: "true ou false", list: "une liste", dict: "une table",
         (int, float): "un nombre"}
# Keys that only some kinds of questions have.
BELONGS = {"length": (Kind.LIGNE, Kind.TEXTE), "unit": (Kind.NOMBRE,), "minimum": (Kind.NOMBRE,),
           "maximum": (Kind.NOMBRE,), "decimals": (Kind.NOMBRE,), "tense": (Kind.DATE,), "options": CHOICES}
# Longest words, in characters: what a page of 320 px still shows.
WORDS = {"title": 120, "source": 200, "label": 200, "help": 300, "unit": 20}
TENSES = ("passe", "futur")
LONGEST = 20_000
# As long as the numbers that are read: reponses takes nine digits.
LARGEST = 999_999_999

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
    newest: dict[str, _Reader] = {}
    for path in sorted(folder.glob("*.toml")):
        reader = _Reader(path)
        made = reader.definition()
        found[made.id, made.version] = made
        if made.version >= max(version for identifier, version in found if identifier == made.id):
            newest[made.id] = reader
    for identifier, version in found:
        if version > 1 and (identifier, version - 1) not in found:
            raise DefinitionError(folder / f"{identifier}.{version}.toml", 1, f"la version {version - 1} manque")
    ranks: dict[tuple[str, int], str] = {}
    for reader in newest.values():
        before = ranks.setdefault((reader.name["module"], reader.raw["rank"]), reader.name["id"])
        if before != reader.name["id"]:
            reader.fail(reader.lines.key(0, "rank"), f"rang déjà pris par {before} : {reader.raw['rank']}")
    return found


class _Reader:
    """One file, from its text to a Definition."""

    def __init__(self, path: Path) -> None:
        self.path = path
        name = FILE_NAME.fullmatch(path.name)
        if name is None:
            self.fail(1, "le nom du fichier s’écrit module-volet.version.toml, par exemple ga-medical.1.toml")
        self.name = name
        self.raw, self.lines = self.parsed()

    def fail(self, line: int, reason: str) -> NoReturn:
        raise DefinitionError(self.path, line, reason)

    def parsed(self) -> tuple[dict[str, Any], reperes.Reperes]:
        """The file as TOML has it, and where things stand in it."""
        try:
            text = self.path.read_bytes().decode()
            return tomllib.loads(text), reperes.find(text)
        except OSError as error:
            self.fail(1, f"fichier illisible ({error.strerror})")
        except UnicodeDecodeError as error:
            self.fail(1 + error.object[:error.start].count(b"\n"), "le fichier n’est pas en UTF-8")
        except RecursionError:
            self.fail(1, "TOML illisible (trop de niveaux)")
        except ValueError as error:  # TOMLDecodeError, and the int() of a number of thousands of digits
            at = re.search(r"\(at line (\d+), column \d+\)", str(error))
            last = 1 + text.rstrip().count("\n")
            self.fail(int(at[1]) if at else last, f"TOML illisible : {re.sub(r' *[(]at [^)]*[)]', '', str(error))}")

    def definition(self) -> Definition:
        """The whole form, checked."""
        raw = self.raw
        self.keys(raw, FORM_KEYS, 0, needed=("title", "source", "rank", "sections"))
        if not 1 <= raw["rank"] <= 99:
            self.fail(self.lines.key(0, "rank"), "rank va de 1 à 99")
        if len(self.lines.sections) != len(raw["sections"]):
            self.fail(self.lines.key(0, "sections"), "chaque section commence par une ligne [[sections]]")
        made = Definition(
            id=self.name["id"], version=int(self.name["version"]), module=self.name["module"],
            volet=self.name["volet"], rank=raw["rank"], title=raw["title"], source=raw["source"],
            sections=tuple(self.section(rank, section) for rank, section in enumerate(raw["sections"])))
        for line, reason in controle.faults(made, self.lines):
            self.fail(line, reason)
        return made

    def section(self, rank: int, raw: dict[str, Any]) -> Section:
        line = self.lines.sections[rank]
        self.keys(raw, SECTION_KEYS, line, needed=("id", "title", "fields"))
        starts = self.lines.fields[rank]
        if len(starts) != len(raw["fields"]):
            self.fail(line, "chaque question commence par une ligne [[sections.fields]]")
        return Section(
            id=self.identifier(raw, line), title=raw["title"], help=raw.get("help", ""),
            folded=raw.get("folded", False),
            fields=tuple(self.field(one, start) for one, start in zip(raw["fields"], starts, strict=True)))

    def field(self, raw: dict[str, Any], line: int) -> Field:
        self.keys(raw, FIELD_KEYS, line, needed=("id", "kind", "label"))
        if raw["kind"] not in set(Kind):
            self.fail(self.lines.key(line, "kind"), f"type de question inconnu : {raw['kind']}")
        kind = Kind(raw["kind"])
        self.fitting(raw, kind, line)
        return Field(
            id=self.identifier(raw, line), kind=kind, label=raw["label"], line=line, help=raw.get("help", ""),
            required=raw.get("required", False), shown_when=self.conditions(raw, "shown_when", line),
            required_when=self.conditions(raw, "required_when", line),
            options=self.options(raw, line) if kind in CHOICES else (), length=raw.get("length", 0),
            unit=raw.get("unit", ""), decimals=raw.get("decimals", 0), tense=raw.get("tense", ""),
            **self.bounds(raw, line))

    def keys(self, raw: Mapping[str, Any], known: Mapping[str, Any], line: int, *, needed: tuple[str, ...]) -> None:
        """Every key known and of its type, the needed ones there, no value empty, words fit to be read."""
        for name, value in raw.items():
            at = self.lines.key(line, name)
            if name not in known:
                self.fail(at, f"clé inconnue : {name}")
            if not isinstance(value, known[name]) or (isinstance(value, bool) and known[name] is not bool):
                self.fail(at, f"{name} attend {TYPES[known[name]]}")
            if value in ("", [], {}):
                self.fail(at, f"{name} est vide")
            if name in WORDS:
                self.words(value, at, name)
        for name in needed:
            if name not in raw:
                self.fail(max(line, 1), f"il manque {name}")

    def words(self, text: str, line: int, name: str) -> None:
        """Words that people read: short enough, and written as French is."""
        if len(text) > WORDS[name]:
            self.fail(line, f"{name} a {WORDS[name]} caractères au plus, il en compte {len(text)}")
        if reason := controle.words(text):
            self.fail(line, f"{name} : {reason}")

    def fitting(self, raw: Mapping[str, Any], kind: Kind, line: int) -> None:
        """Keys that belong to other kinds of questions, missing options, and limits out of sense."""
        for name, kinds in BELONGS.items():
            if name in raw and kind not in kinds:
                self.fail(self.lines.key(line, name), f"{name} n’a pas de sens pour une question « {kind} »")
        if kind in CHOICES and len(raw.get("options", ())) < 2:
            self.fail(self.lines.key(line, "options"), "une question à choix a au moins deux options")
        if not 1 <= raw.get("length", 1) <= LONGEST:
            self.fail(self.lines.key(line, "length"), f"length va de 1 à {LONGEST}")
        if not 0 <= raw.get("decimals", 0) <= 6:
            self.fail(self.lines.key(line, "decimals"), "decimals va de 0 à 6")
        if raw.get("tense", "passe") not in TENSES:
            self.fail(self.lines.key(line, "tense"), "tense est « passe » ou « futur »")
        if raw.get("required") and "required_when" in raw:
            self.fail(self.lines.key(line, "required_when"), "required suffit : required_when est de trop")

    def bounds(self, raw: Mapping[str, Any], line: int) -> dict[str, Decimal]:
        """The smallest and the largest number, as far as they are given."""
        found: dict[str, Decimal] = {}
        for name in ("minimum", "maximum"):
            if name not in raw:
                continue
            if not -LARGEST <= raw[name] <= LARGEST:  # false for nan too
                self.fail(self.lines.key(line, name), f"{name} va de -{LARGEST} à {LARGEST}")
            found[name] = Decimal(str(raw[name]))
            if found[name] != round(found[name], raw.get("decimals", 0)):
                self.fail(self.lines.key(line, name), f"{name} a plus de décimales que les réponses (decimals)")
        if len(found) == 2 and found["minimum"] > found["maximum"]:
            self.fail(self.lines.key(line, "maximum"), "le maximum est inférieur au minimum")
        return found

    def identifier(self, raw: Mapping[str, Any], line: int) -> str:
        if not ID.fullmatch(raw["id"]):
            self.fail(self.lines.key(line, "id"), "un identifiant s’écrit en minuscules sans accent, chiffres et _")
        return str(raw["id"])

    def options(self, raw: Mapping[str, Any], line: int) -> tuple[Option, ...]:
        made: dict[str, Option] = {}
        for one in raw["options"]:
            if not (isinstance(one, list) and len(one) in (2, 3) and all(isinstance(part, str) for part in one)):
                self.fail(self.lines.key(line, "options"), "une option s’écrit [\"code\", \"libellé\"]")
            code, label = one[0], one[1]
            at = self.lines.word(line, "options", code, 2 if code in made else 1)
            if not ID.fullmatch(code) or not label:
                self.fail(at, "une option a un code (minuscules sans accent, chiffres, _) et un libellé")
            if code in made:
                self.fail(at, f"option en double : {code}")
            for part in one[1:]:
                self.words(part, at, "label")
            made[code] = Option(*one)
        return tuple(made.values())

    def conditions(self, raw: Mapping[str, Any], name: str, line: int) -> tuple[Condition, ...]:
        found = []
        for other, values in raw.get(name, {}).items():
            if not (isinstance(values, list) and values and all(isinstance(value, str) for value in values)):
                self.fail(self.lines.key(line, name), f"{name} s’écrit {{ question = [\"code\"] }}")
            found.append(Condition(other, frozenset(values)))
        return tuple(found)
