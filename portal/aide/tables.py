"""The help's entries of statuses, states and motives, made from the codes that the portal itself uses.

Their meanings stand in ``etats.toml``; a code without an entry, or an entry without a code, stops the help's build.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from portal.demandes import machines
from portal.demandes.rules import MOTIFS
from portal.dossiers.rules import MODULES, STATUTS
from portal.volets import definitions
from portal.web.corrections import genres

SOURCE = Path(__file__).with_name("etats.toml")
# In the order of the page; every module whose requests have a machine.
MODULE_WORDS = {"ga": "Grand Âge", "s": "Sanitaire", "tnd": "TND"}
# How the acts that ask for a motive are named to a reader.
ACTS = {"refuser": "refuser la demande", "annuler": "annuler la demande", "decliner": "décliner une proposition",
        "decliner_tout": "décliner et arrêter", "annuler_auto": "annulation par le portail",
        "clore_parcours": "clore un parcours", "reorienter": "réorienter un enfant"}


def anchor(kind: str, code: str) -> str:
    """The section of the page « etats » for a code: ``anchor("motif", "S1")`` is « motif-s1 »."""
    return f"{kind}-{code}".lower().replace("_", "-")


def markdown() -> str:
    """The page's sections. Raises KeyError for a code without its entry, ValueError for an entry without its code."""
    words = tomllib.loads(SOURCE.read_text("utf-8"))
    parts = ["## Les statuts d’un dossier { #statuts }",
             "Un statut en gras met en jeu un établissement ou une plateforme ; un statut maigre est un brouillon ou "
             "un dossier clos.".replace(" ;", "\u202f;")]
    parts += _entries("statut", words["statuts"], (
        (statut.code, statut.label, f"Module {', '.join(MODULES[code].name for code in statut.modules)}.")
        for statut in STATUTS.values()))
    for module in MODULE_WORDS:
        parts.append(f"## Les états d’une demande, module {MODULE_WORDS[module]} {{ #etats-{module} }}")
        parts += _entries(f"etat-{module}", words["etats"][module], (
            (etat.code, etat.label, "") for etat in machines.of(module).etats.values()))
    parts += ["## Les motifs { #motifs }",
              "Ceux dont le code est un nombre viennent de la nomenclature nationale TRE_R358 (Agence du numérique en "
              "santé) ; les autres, en S et en T, sont propres à ce portail.".replace(" ;", "\u202f;")]
    parts += _entries("motif", words["motifs"], (
        (motif.code, motif.label, f"Code {motif.code}, pour {_acts(motif.code)}.") for motif in MOTIFS.values()))
    return "\n\n".join(parts)


def rubriques() -> str:
    """The sections of the page « rubriques »: what each part of each volet asks, in the newest form's words."""
    parts = []
    for module in MODULES.values():
        for volet in definitions.volets(module.code):
            parts.append(f"## {module.name}, {volet.title.lower()} {{ #{volet.id} }}")
            for section in volet.sections:
                parts.append(f"### {section.title} {{ #{rubrique(volet.id, section.id)} }}")
                if section.help:
                    parts.append(section.help)
                parts.append("\n".join(f"- {field.label}" + (f" — {field.help}" if field.help else "")
                                       for field in section.fields))
    return "\n\n".join(parts)


def rubrique(form: str, section: str) -> str:
    """The section of the page « rubriques »: ``rubrique("ga-medical", "etat_sante")`` is « ga-medical-etat-sante »."""
    return f"{form}-{section}".replace("_", "-")


def corrections() -> str:
    """The sections of the page « corrections »: each kind of message a form may show."""
    return "\n\n".join(
        f"## {one.titre} {{ #{one.code.lower()} }}\n\n*Code\u00a0: {one.code}.*\n\n"
        f"{one.sens}\n\n**À faire**\u00a0: {one.faire}"
        for one in sorted(genres(), key=lambda one: one.code))


def _entries(kind: str, words: Mapping[str, list[str]], known: Iterable[tuple[str, str, str]]) -> list[str]:
    """A heading, a meaning, an advice and a note for each (code, label, note), in their order."""
    found = list(known)
    strangers = words.keys() - {code for code, _, _ in found}
    if strangers:
        raise ValueError(f"{SOURCE.name}: {kind} {sorted(strangers)[0]} is no code of the portal")
    lines = []
    for code, label, note in found:
        meaning, advice = words[code]
        lines += [f"### {label} {{ #{anchor(kind, code)} }}", f"{meaning}\n\n**À faire**\u00a0: {advice}"]
        if note:
            lines.append(f"*{note}*")
    return lines


def _acts(code: str) -> str:
    """The acts that a motive serves, each once, in words."""
    acts = [ACTS[event] for module in MODULE_WORDS for event, codes in machines.of(module).motives_of.items()
            if code in codes]
    return ", ".join(dict.fromkeys(acts))
