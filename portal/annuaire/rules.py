"""A town as it is typed, compared and shown. Pure: the table of towns is read by ``queries``."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# The longest name has 45 letters; what is longer than this names no town.
MAX_TYPED = 80
FULL_CODE = 5

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_SHORT_SAINT = re.compile(r"\bst(e?s?)\b")
_SPLIT_CODE = re.compile(r"\b(\d\d) (\d{3})\b")
_CEDEX = re.compile(r"\bcedex\b.*")
_NUMBER = re.compile(r"\b\d{1,5}\b")


@dataclass(frozen=True, slots=True)
class Commune:
    """A town with one of its postal codes.

    In Paris, Lyon and Marseille ``insee`` is the arrondissement's code and ``nom`` the town's name.
    """

    insee: str
    nom: str
    code_postal: str

    @property
    def label(self) -> str:
        """As an address is written, and as the database keeps it: « 61140 BAGNOLES DE L'ORNE »."""
        return f"{self.code_postal} {self.nom.upper()}"

    @property
    def nice(self) -> str:
        """As a sentence says it: « Caen (14000) »."""
        return f"{self.nom.replace(chr(39), '’')} ({self.code_postal})"


@dataclass(frozen=True, slots=True)
class Lieu:
    """A birth place: a commune of France or a country, by its INSEE code.

    ``connu`` is False for a commune's code that today's table does not hold: a former commune.
    """

    insee: str
    nom: str
    connu: bool = True

    @property
    def label(self) -> str:
        """As forms and the dossier show it: « CAEN (14118) », « ALGÉRIE (99352) », « 14999 »."""
        return f"{self.nom.upper()} ({self.insee})" if self.nom else self.insee

    @property
    def nice(self) -> str:
        """As a sentence says it: « Caen (14118) »."""
        return f"{self.nom.replace(chr(39), '’')} ({self.insee})" if self.nom else f"code Insee {self.insee}"


@dataclass(frozen=True, slots=True)
class Typed:
    """What someone typed: the postal code or its beginning, the words, and all of it as words."""

    code: str
    words: str
    whole: str


def arrondissement(insee: str) -> str:
    """« 12e » with a space before it for the code of an arrondissement of Paris, Lyon or Marseille, or ""."""
    for town, first, last in (("751", 75101, 75120), ("693", 69381, 69389), ("132", 13201, 13216)):
        if insee.startswith(town) and first <= int(insee) <= last:
            rank = int(insee) - first + 1
            return f" {rank}{'er' if rank == 1 else 'e'}"
    return ""


def key(text: str) -> str:
    """The name as it is compared: « l hay les roses » for « L'Haÿ-les-Roses », « saint lo » for « St-Lô »."""
    return _SHORT_SAINT.sub(r"saint\1", plain(text))


def plain(text: str) -> str:
    """Small unaccented letters and digits, one space between words."""
    letters = unicodedata.normalize("NFKD", text.lower().translate(_LIGATURES))
    without_accents = "".join(char for char in letters if not unicodedata.combining(char))
    return _NOT_A_WORD.sub(" ", without_accents).strip()


def read(text: str) -> Typed:
    """Postal code and name of « 14000 Caen », « CAEN 14 000 » or « Caen (14000) »; a cedex is dropped."""
    whole = _CEDEX.sub("", _SPLIT_CODE.sub(r"\1\2", plain(text[:MAX_TYPED]))).strip()
    numbers = list(_NUMBER.finditer(whole))
    if not numbers:
        return Typed("", whole, whole)
    code = next((number for number in numbers if len(number[0]) == FULL_CODE), numbers[0])
    words = " ".join((whole[:code.start()] + whole[code.end():]).split())
    return Typed(code[0], words, whole)
