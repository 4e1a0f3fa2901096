"""From a dossier to the person's other request: what its volets already say of a Grand Âge or a sanitaire dossier.

The same question has the same id in both modules; what is asked otherwise is in ``SAME``. Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.volets import copie, rules
from portal.volets.copie import Town
from portal.volets.formulaire import Answers, Definition, Value

# For each module that a dossier can be prepared in: its volets, and those of the other module that feed each.
SOURCES: dict[str, dict[str, tuple[str, ...]]] = {
    "ga": {rules.ADMINISTRATIF: (rules.ADMINISTRATIF,), rules.MEDICAL: (rules.MEDICAL, rules.SOINS)},
    "s": {rules.ADMINISTRATIF: (rules.ADMINISTRATIF,), rules.MEDICAL: (rules.MEDICAL,), rules.SOINS: (rules.MEDICAL,),
          rules.DEMANDEUR: (), rules.ORIENTATION: ()},
}
# Remarks are written to one reader.
OWN = frozenset({"commentaire"})


@dataclass(frozen=True)
class Meme:
    """An answer of the source that says one of the target in other words; ``valeur``: a code or codes."""

    volet: str
    champ: str
    codes: frozenset[str]
    cible: str
    question: str
    valeur: Value


def _same(volet: str, champ: str, codes: str, cible: str, question: str, valeur: Value) -> Meme:
    return Meme(volet, champ, frozenset(codes.split()), cible, question, valeur)


SAME: dict[str, tuple[Meme, ...]] = {
    "ga": (
        _same(rules.DEMANDEUR, "origine", "hospitalise urgences", rules.MEDICAL, "motif", "hospitalisation"),
        _same(rules.DEMANDEUR, "origine", "hospitalise", rules.ADMINISTRATIF, "lieu_vie", "hopital"),
    ),
    "s": (
        _same(rules.ADMINISTRATIF, "lieu_vie", "domicile proche", rules.DEMANDEUR, "origine", "domicile"),
        _same(rules.ADMINISTRATIF, "lieu_vie", "hopital", rules.DEMANDEUR, "origine", "hospitalise"),
        _same(rules.ADMINISTRATIF, "lieu_vie", "ehpad autonomie", rules.DEMANDEUR, "origine", "etablissement"),
    ),
}
# What asking for a stay already says: by module, and by the word of « Créer un dossier ».
STAYS = {
    "ga": {"Permanent": "permanent", "Temporaire": "temporaire", "Jour": "jour", "Nuit": "nuit"},
    "s": {"SSR": "smr", "HAD": "had", "Soins palliatifs": "usp"},
}
# Of these, what the person who asks has just chosen: nothing to read again.
CHOSEN = frozenset({"sejours", "prise_en_charge"})

Whole = Mapping[str, tuple[Definition, Answers]]
"""The volets of a source that may be read, by code."""


def carry(module: str, forms: Mapping[str, Definition], source: Whole, today: date, town: Town,
          ) -> dict[str, dict[str, Value]]:
    """The answers that a new dossier of ``module`` (its ``forms`` by volet) can take from the source's volets."""
    found: dict[str, dict[str, Value]] = {}
    for code, from_codes in SOURCES[module].items():
        answers: dict[str, Value] = {}
        for other in from_codes:
            if other in source:
                form, offered = source[other]
                kept = {name: value for name, value in offered.items() if code == other or name not in OWN}
                answers |= copie.plan(forms[code], answers, form, kept, today, town)
        found[code] = answers
    for same in SAME[module]:
        said = source[same.volet][1].get(same.champ) if same.volet in source else None
        if isinstance(said, str) and said in same.codes:
            found[same.cible].setdefault(same.question, same.valeur)
    return {code: answers for code, answers in found.items() if answers}


def asked(module: str, stays: tuple[str, ...], ville: str) -> dict[str, dict[str, Value]]:
    """What the request itself says: the kinds of stay, and for a sanitaire one where to look (« 14000 CAEN ») and
    that a place to live is asked for as well."""
    codes = [STAYS[module][name] for name in stays if name in STAYS[module]]
    if module == "ga":
        return {rules.ADMINISTRATIF: {"sejours": codes}} if codes else {}
    where: dict[str, Value] = {"lieu_recherche": ville, "lieu_nature": "domicile"}
    care: dict[str, Value] = {"prise_en_charge": codes[0]} if len(codes) == 1 else {}
    return {rules.ORIENTATION: where | care, rules.SOINS: {"projet_sortie": "ehpad", "ehpad_demande": "oui"}}
