"""Where things stand in the text of a form's definition: TOML's reader gives values without their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# Strings and comments, longest first. The text was read as TOML before, so each begins and ends as it should.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL)
_TABLE = re.compile(r"\s*\[\[\s*(sections|sections\s*\.\s*fields)\s*\]\]")


@dataclass(frozen=True)
class Reperes:
    """The lines (from 1) of a definition: where each section and each of its questions begins."""

    text: tuple[str, ...]
    sections: list[int] = field(default_factory=list)
    fields: list[list[int]] = field(default_factory=list)

    def block(self, start: int) -> range:
        """The lines of the table that begins at ``start``, its own included; 0: those before the first section."""
        end = start + 1
        while end <= len(self.text) and not _TABLE.match(self.text[end - 1]):
            end += 1
        return range(max(start, 1), end)

    def key(self, start: int, name: str) -> int:
        """The line that sets ``name`` in the table that begins at ``start``; the table's own line when none does."""
        word = rf"(?:{re.escape(name)}|\"{re.escape(name)}\"|'{re.escape(name)}')"
        header = re.compile(rf"\s*\[\[?(?:[^\]\"']*\.)?\s*{word}\s*\]")
        setting = re.compile(rf"\s*{word}\s*[=.]")
        for number in self.block(start):
            if number != start and (setting.match(self.text[number - 1]) or header.match(self.text[number - 1])):
                return number
        if start == 0:
            return next((at for at, line in enumerate(self.text, 1) if header.match(line)), 1)
        return start

    def word(self, start: int, name: str, text: str, nth: int = 1) -> int:
        """The line of the nth « text » in the value of ``name``; the line of ``name`` when it is not to be seen."""
        first = self.key(start, name)
        quoted = re.compile(rf"[\"']{re.escape(text)}[\"']")
        for number in self.block(start):
            if number >= first:
                nth -= len(quoted.findall(self.text[number - 1]))
                if nth <= 0:
                    return number
        return first


def find(text: str) -> Reperes:
    """The lines of a readable TOML text; what stands in comments and in texts of several lines is not looked at."""
    found = Reperes(tuple(_TOKEN.sub(_blank, text.replace("\r\n", "\n")).split("\n")))
    for number, line in enumerate(found.text, 1):
        header = _TABLE.match(line)
        if header and header[1] == "sections":
            found.sections.append(number)
            found.fields.append([])
        elif header and found.fields:
            found.fields[-1].append(number)
    return found


def _blank(token: re.Match[str]) -> str:
    kept = not token[0].startswith(("#", '"""', "'''"))
    return token[0] if kept else "\n" * token[0].count("\n")
