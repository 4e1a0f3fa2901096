"""What an account must satisfy: password, e-mail, phone; and the charter's versions.

Standard library only; nothing here reads the database or the network.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MAX_PASSWORD = 128
DIFFERENT = "Les deux mots de passe ne sont pas les mêmes : saisissez deux fois le même."
MAX_EMAIL = 254
MAX_ADDRESS = 200


class Invalid(ValueError):
    """A value that can't be kept; the message is French and says what to do."""


# --- Password -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """One rule of a password policy.

    ``text`` is its line in the list of rules, ``error`` what to do where it is broken; ``live`` tells the
    browser how to tick it while one types (empty: only the server can judge); ``holds`` gets the normalised
    password and the context words.
    """

    key: str
    text: str
    error: str
    holds: Callable[[str, tuple[str, ...]], bool]
    live: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """A rule and whether a password keeps it."""

    rule: Rule
    ok: bool


@dataclass(frozen=True)
class Policy:
    """A preset: its one-sentence hint and its rules, in the order they are shown."""

    name: str
    hint: str
    rules: tuple[Rule, ...]


def normalised(password: str) -> str:
    """The form in which a password is checked, hashed and compared: NFC, else exactly as typed (RFC 8265)."""
    return unicodedata.normalize("NFC", password)


def check(password: str, policy: str, context: Iterable[str] = ()) -> list[Result]:
    """Hold a password against each rule of the preset ``fiche``, ``cnil`` or ``nist``.

    ``context`` are the words of ``context_words``: what others know of the physician.
    """
    typed, words = normalised(password), tuple(context)
    return [Result(rule, rule.holds(typed, words)) for rule in POLICIES[policy].rules]


def password_errors(password: str, again: str, policy: str, words: Iterable[str]) -> dict[str, str]:
    """What is wrong with a new password typed twice, by field; ``words``: see ``context_words``."""
    broken = [result.rule.error for result in check(password, policy, words) if not result.ok]
    if not password:
        return {"mot_de_passe": "Choisissez un mot de passe."}
    if broken:
        return {"mot_de_passe": " ".join(["Ce mot de passe ne peut pas être accepté.", *broken])}
    if normalised(password) != normalised(again):
        return {"mot_de_passe_2": DIFFERENT}
    return {}


def context_words(
    *, names: Iterable[str] = (), rpps: int | None = None, email: str = "", town: str = "",
) -> tuple[str, ...]:
    """The folded words a password must not contain: names, RPPS, e-mail, town, name of the site.

    Words under four letters are left out: « Le » would refuse half of all passwords.
    """
    local = email.partition("@")[0]
    raw = ["viatrajectoire", str(rpps or ""), email, local, town, *names]
    for compound in (local, *names):
        raw += re.split(r"[\W\d_]+", compound)
    words = dict.fromkeys(_letters(word) for word in raw)
    return tuple(word for word in words if len(word) >= 4)


def folded(text: str) -> str:
    """Without capitals and accents: « Été » and « ete » are the same guess."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def _letters(text: str) -> str:
    """Folded, without what people put between words."""
    return re.sub(r"[\s\-_.’'@]", "", folded(text))


_LEET = str.maketrans("@43€1!0$57", "aaeeiiosst")
_EDGES = re.compile(r"^[\W\d_]*|[\W\d_]*$")
_REPEATED = re.compile(r"(.+?)\1+", re.DOTALL)
MAX_TRIMMED = 6  # a year and a sign, a day of birth


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """The folded common passwords (``tools/motsdepasse.py`` made the file)."""
    return frozenset(gzip.decompress((HERE / "motsdepasse.txt.gz").read_bytes()).decode().splitlines())


def _uncommon(password: str, _context: tuple[str, ...]) -> bool:
    """Not a common password, not one with a few digits around it (« Soleil2026! »), not one repeated."""
    guess = folded(password[:MAX_PASSWORD])
    repeated = _REPEATED.fullmatch(guess)
    unit = repeated.group(1) if repeated else guess
    if repeated and len(unit) <= 3:
        return False
    guesses = {guess, unit}
    core = _EDGES.sub("", unit)
    if len(core) >= 4 and len(unit) - len(core) <= MAX_TRIMMED:
        guesses.add(core)
    guesses |= {one.translate(_LEET) for one in guesses}
    return guesses.isdisjoint(common_passwords())


def _without_context(password: str, context: tuple[str, ...]) -> bool:
    spelled = _letters(password)
    plain = _letters(password.translate(_LEET))
    return not any(word in spelled or word in plain for word in context)


def _readable(password: str, _context: tuple[str, ...]) -> bool:
    return not any(unicodedata.category(char) in ("Cc", "Cs") for char in password)


_CLASSES: dict[str, Callable[[str], bool]] = {
    "minuscule": lambda char: unicodedata.category(char) == "Ll",
    "majuscule": lambda char: unicodedata.category(char) == "Lu",
    "chiffre": lambda char: unicodedata.category(char) == "Nd",
    "autre": lambda char: unicodedata.category(char) not in ("Ll", "Lu", "Nd"),
}


def _classes(password: str) -> int:
    return sum(any(map(belongs, password)) for belongs in _CLASSES.values())


def _strong(password: str, _context: tuple[str, ...]) -> bool:
    """One of the three 80-bit forms of the CNIL's délibération 2022-100."""
    length, kinds = len(password), _classes(password)
    words = {word for word in re.split(r"[\s\-]+", folded(password)) if word}
    return (length >= 12 and kinds == 4) or (length >= 14 and kinds >= 3) or len(words) >= 7


def _length(least: int) -> Rule:
    return Rule("longueur", f"{least} caractères minimum", f"Allongez-le : {least} caractères minimum.",
                lambda text, _: len(text) >= least, {"regle": "longueur", "min": str(least)})


def _holds_one(kind: str) -> Rule:
    return Rule(kind, f"au moins 1 {kind}", f"Ajoutez au moins 1 {kind}.",
                lambda text, _: any(map(_CLASSES[kind], text)), {"regle": "classe", "classe": kind})


_ALWAYS = (
    Rule("courant", "pas un mot de passe courant",
         "Ce mot de passe est trop courant : choisissez-en un que personne ne peut deviner.", _uncommon),
    Rule("contexte", "ni votre nom, ni votre RPPS, ni votre adresse électronique, ni votre ville, "
                     "ni « viatrajectoire »",
         "Retirez-en ce que d’autres savent de vous : nom, RPPS, adresse électronique, ville, "
         "« viatrajectoire ».",
         _without_context),
    Rule("maximum", f"{MAX_PASSWORD} caractères maximum",
         f"Raccourcissez-le : {MAX_PASSWORD} caractères maximum.",
         lambda text, _: len(text) <= MAX_PASSWORD, {"regle": "maximum", "max": str(MAX_PASSWORD)}),
    Rule("lisible", "aucun caractère invisible",
         "Retirez-en le caractère invisible (retour à la ligne, tabulation…).",
         _readable),
)
_STRENGTH = ("12 caractères avec minuscules, majuscules, chiffres et autres signes, ou 14 caractères "
             "avec trois de ces familles, ou une phrase d’au moins 7 mots différents")

POLICIES = {policy.name: policy for policy in (
    Policy("fiche", "8 caractères minimum, comportant au moins 1 minuscule, 1 majuscule et 1 chiffre",
           (_length(8), *map(_holds_one, ("minuscule", "majuscule", "chiffre")), *_ALWAYS)),
    Policy("cnil", _STRENGTH,
           (Rule("force", _STRENGTH, f"Renforcez-le : {_STRENGTH}.", _strong, {"regle": "force"}), *_ALWAYS)),
    Policy("nist", "15 caractères minimum, de toute sorte : une phrase que vous retenez convient",
           (_length(15), *_ALWAYS)),
)}


# --- E-mail and phone ---------------------------------------------------------------------------

_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_TOP = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}")
_EXAMPLE = "par exemple prenom.nom@exemple.fr"


def email(text: str) -> str:
    """The address in lower case; raises Invalid. Dot-atoms of RFC 5321 only, no look-up."""
    address = text.strip().lower()
    if not address:
        raise Invalid(f"Indiquez votre adresse électronique, {_EXAMPLE}.")
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        raise Invalid(f"Indiquez une adresse électronique complète, {_EXAMPLE}.")
    labels = domain.split(".")
    well_formed = (
        len(address) <= MAX_EMAIL and len(local) <= 64 and len(labels) >= 2 and _LOCAL.fullmatch(local)
        and all(map(_LABEL.fullmatch, labels)) and _TOP.fullmatch(labels[-1])
    )
    if not well_formed:
        raise Invalid(f"Cette adresse électronique n’est pas valable : corrigez-la, {_EXAMPLE}.")
    return address


# Prefix after +: digits of a subscriber's number. The first group dials like the mainland (0590 …).
_AS_MAINLAND = {"33": 9, "262": 9, "508": 6, "590": 9, "594": 9, "596": 9}
_OTHER_FRENCH = {"681": 6, "687": 6, "689": 8}
_PHONE_ERROR = "Indiquez un numéro de téléphone français à dix chiffres, par exemple 02 31 00 00 00."


def phone(text: str) -> str:
    """A French number as it is written (« 02 31 00 00 00 »), or "" for none; raises Invalid."""
    if not text.strip():
        return ""
    if re.search(r"[^\d\s.\-/()+]", text, re.ASCII):
        raise Invalid(_PHONE_ERROR)
    compact = re.sub(r"[\s.\-/]", "", text).replace("(0)", "")
    number = re.sub(r"^00", "+", compact)
    if re.fullmatch(r"0[1-9]\d{8}", number, re.ASCII):
        return _pairs(number)
    international = re.fullmatch(r"\+(33|262|508|590|594|596|681|687|689)(\d{6,9})", number, re.ASCII)
    if not international:
        raise Invalid(_PHONE_ERROR)
    prefix, rest = international.groups()
    if len(rest) != (_AS_MAINLAND | _OTHER_FRENCH)[prefix] or (prefix != "508" and rest.startswith("0")):
        raise Invalid(_PHONE_ERROR)
    if prefix in _OTHER_FRENCH:
        return f"+{prefix} {_pairs(rest)}"
    return _pairs(f"0{prefix}{rest}" if prefix == "508" else f"0{rest}")


def _pairs(digits: str) -> str:
    return " ".join(digits[start:start + 2] for start in range(0, len(digits), 2))


# --- Charter ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Section:
    """A numbered section: its title, paragraphs, then points of a list (may be empty)."""

    title: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...]


@dataclass(frozen=True)
class Charte:
    """One published version of the charter, never edited afterwards: ``sha256`` proves what was accepted."""

    version: str
    published: date
    title: str
    sections: tuple[Section, ...]

    @property
    def text(self) -> str:
        """The words alone, one a line, as they are hashed."""
        lines = [self.title]
        for section in self.sections:
            lines += [section.title, *section.paragraphs, *section.points]
        return "\n".join(lines)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(unicodedata.normalize("NFC", self.text).encode()).hexdigest()


def read_charte(content: dict[str, Any]) -> Charte:
    """A charter from its TOML: version, date, titre, and section tables (titre, paragraphes, points)."""
    sections = tuple(
        Section(raw["titre"], tuple(raw["paragraphes"]), tuple(raw.get("points", ())))
        for raw in content["section"])
    return Charte(content["version"], content["date"], content["titre"], sections)


def _published() -> dict[str, Charte]:
    files = sorted((HERE / "chartes").glob("*.toml"))
    chartes = (read_charte(tomllib.loads(path.read_text("utf-8"))) for path in files)
    return {charte.version: charte for charte in chartes}


CHARTES = _published()
CHARTE = CHARTES[max(CHARTES)]
