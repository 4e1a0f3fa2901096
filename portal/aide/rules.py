"""Search in the help: French words folded and stemmed, sections ranked, excerpts marked."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

WORD = re.compile(r"[^\W_]+")
_SMALL_WORDS = """
    a ai au aux avec c ce ces cet cette comment d dans de des du elle en est et faire faut il ils j je l la le
    les leur lui m ma mais mes mon n ne non nos notre nous on ou par pas pour pourquoi puis qu quand que quel
    quelle qui quoi s sa se ses si son sont sur t un une veut vos votre vous y
"""
STOP_WORDS = frozenset(_SMALL_WORDS.split())
# What physicians type -> the word this help uses for it; both are searched.
SYNONYMS = {
    "mail": "courriel", "email": "courriel", "mel": "courriel", "mdp": "passe", "password": "passe",
    "pin": "porteur", "login": "connecter", "connexion": "connecter", "connecter": "connexion", "ssr": "smr",
    "connection": "connexion", "conection": "connexion", "conexion": "connexion",
    "boitier": "lecteur", "puce": "carte", "badge": "carte", "vitale": "carte", "bloque": "bloquee",
    "telephone": "application", "portable": "application", "smartphone": "application", "sms": "code",
    "secretariat": "secretaire", "assistante": "secretaire", "remplacement": "remplacant", "interim": "remplacant",
    "maison": "ehpad", "retraite": "ehpad", "convalescence": "smr", "reeducation": "smr", "domicile": "had",
    "autisme": "tnd", "dys": "tnd", "girage": "gir", "autonomie": "aggir", "dependance": "aggir",
    "supprimer": "retirer", "effacer": "retirer", "scanner": "joindre", "telecharger": "joindre",
    "fichier": "piece", "document": "piece", "papier": "imprimer", "sortir": "deconnecter", "quitter": "deconnecter",
    "bug": "erreur", "plante": "erreur", "panne": "erreur",
    "prix": "cout", "tarif": "cout", "argent": "cout", "handicape": "handicap", "mdph": "handicap",
}
# A word that the help does not hold is read as the nearest that it holds.
MISSPELT_SHARE = 0.5
IN_TITLE, IN_ANCHOR, IN_PAGE_TITLE, IN_TEXT, PHRASE_IN_TITLE, PHRASE_IN_TEXT = 12, 6, 4, 1, 20, 6
PREFIX_SHARE = 0.6
SYNONYM_SHARE = 0.8
MAX_COUNT = 4
EXCERPT = 180
MIN_LIKENESS = 0.8
MAX_QUERY = 120
MAX_WORDS = 8


@dataclass(frozen=True)
class Entry:
    """One section, as the search knows it."""

    page: str
    url: str
    page_title: str
    anchor: str
    title: str
    text: str


@dataclass(frozen=True)
class Result:
    """A found section; title and excerpt are cut in pieces (text, is it a searched word?)."""

    entry: Entry
    title: list[tuple[str, bool]]
    excerpt: list[tuple[str, bool]]

    @property
    def href(self) -> str:
        return f"{self.entry.url}#{self.entry.anchor}"


@dataclass(frozen=True)
class Results:
    """``partial``: no section holds all the words, these hold the most. ``suggestions``: words of the help
    close to those that were not found."""

    query: str
    found: list[Result]
    partial: bool = False
    suggestions: tuple[str, ...] = ()


def fold(text: str) -> str:
    """Without accents nor case, ligatures opened, one character each or more: « Élève » -> « eleve »."""
    opened = text.lower().replace("œ", "oe").replace("æ", "ae")
    return "".join(char for char in unicodedata.normalize("NFD", opened) if not unicodedata.combining(char))


def stem(word: str) -> str:
    """A folded word without its plural, feminine or infinitive ending: bloquée, bloquer -> bloqu."""
    if len(word) <= 3 or word.isdigit():
        return word
    for ending, replaced in (("eaux", "eau"), ("aux", "al"), ("s", ""), ("x", "")):
        if word.endswith(ending):
            word = word[: -len(ending)] + replaced
            break
    for ending in ("ee", "er", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def terms(query: str) -> list[str]:
    """The words of a query that count, folded."""
    words = [fold(word) for word in WORD.findall(query[:MAX_QUERY])]
    kept = [word for word in words if word not in STOP_WORDS] or words
    return list(dict.fromkeys(kept))[:MAX_WORDS]


def match(key: str, term: str) -> float:
    """How well a stemmed word answers a searched one: 1 whole, less as its beginning or a synonym, 0 not."""
    if key == stem(term):
        return 1.0
    synonym = SYNONYMS.get(term)
    if synonym:
        # « mdp » is the password, not the beginning of « MDPH ».
        return SYNONYM_SHARE if key == stem(synonym) else 0.0
    return PREFIX_SHARE if key.startswith(term) else 0.0


class Index:
    """The words of every section, in memory; made once, then only read."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = list(entries)
        self.weights: dict[str, dict[int, float]] = defaultdict(dict)
        self.words: dict[str, str] = {}
        self.folded = [(_flat(entry.title), _flat(entry.text)) for entry in self.entries]
        for number, entry in enumerate(self.entries):
            self._add(number, entry.title, IN_TITLE)
            self._add(number, entry.anchor, IN_ANCHOR)
            self._add(number, entry.page_title, IN_PAGE_TITLE)
            self._add(number, entry.text, IN_TEXT)

    def _add(self, number: int, text: str, weight: int) -> None:
        counts: dict[str, int] = defaultdict(int)
        for word in WORD.findall(text):
            folded = fold(word)
            if folded not in STOP_WORDS:
                counts[stem(folded)] += 1
                self.words.setdefault(folded, word.lower())
        for key, count in counts.items():
            scores = self.weights[key]
            scores[number] = scores.get(number, 0) + weight * min(count, MAX_COUNT)

    def search(self, query: str, limit: int = 12) -> Results:
        """The sections that hold all the words, best first; else those that hold the most of them."""
        wanted = terms(query)
        scores = {term: self._scores(term) for term in wanted}
        hits = {number: sum(number in found for found in scores.values())
                for found in scores.values() for number in found}
        if not hits:
            return Results(query, [], suggestions=self._suggestions(wanted))
        best = max(hits.values())
        phrase = " ".join(fold(word) for word in WORD.findall(query))
        ranked = sorted(
            (-self._rank(number, phrase, scores), number) for number, count in hits.items() if count == best)
        found = [self._result(number, wanted) for _, number in ranked[:limit]]
        missing = [term for term in wanted if not any(match(key, term) for key in self.weights)]
        return Results(query, found, best < len(wanted), self._suggestions(missing))

    def _scores(self, term: str) -> dict[int, float]:
        """What each section earns for one word: whole words fully, words that begin so in part."""
        earned: dict[int, float] = {}
        for key, numbers in self.weights.items():
            share = match(key, term)
            if share:
                for number, weight in numbers.items():
                    earned[number] = max(earned.get(number, 0), weight * share)
        return earned or self._misspelt(term)

    def _misspelt(self, term: str) -> dict[int, float]:
        """What each section earns for the word of the help that is nearest to an unknown one; nothing without any."""
        nearest = difflib.get_close_matches(term, self.words, 1, MIN_LIKENESS) if len(term) > 3 else []
        return {number: weight * MISSPELT_SHARE for word in nearest
                for number, weight in self.weights[stem(word)].items()}

    def _rank(self, number: int, phrase: str, scores: dict[str, dict[int, float]]) -> float:
        title, text = self.folded[number]
        bonus = PHRASE_IN_TITLE if phrase in title else PHRASE_IN_TEXT if phrase in text else 0
        return bonus + sum(found.get(number, 0) for found in scores.values())

    def _suggestions(self, missing: list[str]) -> tuple[str, ...]:
        close = [match for term in missing for match in difflib.get_close_matches(term, self.words, 2, MIN_LIKENESS)]
        return tuple(dict.fromkeys(self.words[match] for match in close))

    def _result(self, number: int, wanted: list[str]) -> Result:
        entry = self.entries[number]
        return Result(entry, marked(entry.title, wanted), marked(_around(entry.text, wanted), wanted))


def marked(text: str, wanted: list[str]) -> list[tuple[str, bool]]:
    """The text in pieces, those that match a searched word set apart; joined, they are the text."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for found in WORD.finditer(text):
        if _matches(found[0], wanted):
            if found.start() > end:
                pieces.append((text[end:found.start()], False))
            pieces.append((found[0], True))
            end = found.end()
    if end < len(text):
        pieces.append((text[end:], False))
    return pieces


def _matches(word: str, wanted: list[str]) -> bool:
    key = stem(fold(word))
    return any(match(key, term) for term in wanted)


def _around(text: str, wanted: list[str]) -> str:
    """Some hundred characters around the first searched word, cut between words."""
    if len(text) <= EXCERPT:
        return text
    first = next((found.start() for found in WORD.finditer(text) if _matches(found[0], wanted)), 0)
    start = max(0, first - EXCERPT // 4)
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = start + EXCERPT
    cut = text[start:end].rsplit(" ", 1)[0] if end < len(text) else text[start:]
    return f"{'… ' if start else ''}{cut}{' …' if end < len(text) else ''}"


def _flat(text: str) -> str:
    return " ".join(fold(word) for word in WORD.findall(text))
