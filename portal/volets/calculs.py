"""What the answers of a sanitaire volet add up to: the AVQ grid, PALLIA-10, the Karnofsky index, body mass index.

Counts are shown as information and decide nothing. Pure: answers as a volet keeps them, those asked only.

Sources: the AVQ grid of the PMSI-SMR (six acts, 1 to 4); PALLIA-10 of the SFAP (ten questions, more than three « oui »
invite to call a palliative care team); Karnofsky and Burchenal's index (10 to 100), as the PMSI-HAD asks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from portal.volets import reponses, rules
from portal.volets.formulaire import Answers, Definition

AVQ_BODY = ("avq_habillage", "avq_deplacement", "avq_alimentation", "avq_continence")
AVQ_MIND = ("avq_comportement", "avq_relation")
AVQ_MOST = 4
PALLIA = tuple(f"pallia{rank}" for rank in range(1, 11))
PALLIA_MANY = 3
"""More « oui » than this and the questionnaire invites to think of a palliative care team."""
SANITAIRE = "s"


@dataclass(frozen=True)
class Score:
    """One result: ``titre`` with its figure, ``details`` sentences, ``reste`` answers to go, ``note`` its source."""

    code: str
    titre: str
    details: tuple[str, ...]
    reste: int
    note: str


def scores(form: Definition, answers: Answers) -> tuple[Score, ...]:
    """What there is to show beside a volet; nothing for a module or a volet that counts nothing."""
    if form.module != SANITAIRE:
        return ()
    asked = reponses.shown(form, answers)
    given = {name: value for name, value in answers.items() if name in asked and isinstance(value, str)}
    found: list[Score | None]
    match form.volet:
        case rules.SOINS:
            found = [avq(given)]
        case rules.ORIENTATION:
            found = [karnofsky(given), pallia(given)]
        case rules.MEDICAL:
            found = [imc(given)]
        case _:
            return ()
    return tuple(one for one in found if one is not None)


def avq(given: Mapping[str, str]) -> Score:
    """The AVQ total (6 to 24) with its two parts, body and mind; no total while a line is missing."""
    rated = {name: int(given[name].removeprefix("a")) for name in (*AVQ_BODY, *AVQ_MIND) if name in given}
    left = len(AVQ_BODY) + len(AVQ_MIND) - len(rated)
    parts = tuple(
        f"Dépendance {words}\u00a0: {sum(rated[name] for name in lines)} sur {AVQ_MOST * len(lines)}."
        for words, lines in (("physique", AVQ_BODY), ("cognitive", AVQ_MIND)) if all(name in rated for name in lines))
    most = AVQ_MOST * (len(AVQ_BODY) + len(AVQ_MIND))
    title = "AVQ\u00a0: pas encore de total" if left else f"AVQ\u00a0: {sum(rated.values())} sur {most}"
    return Score("avq", title, parts, left, "Grille AVQ du PMSI-SMR, de 1 (indépendance) à 4 (assistance totale).")


def pallia(given: Mapping[str, str]) -> Score | None:
    """The « oui » of PALLIA-10; None while nothing of it is answered. A « non » to its first question closes it."""
    said = [given[name] for name in PALLIA if name in given]
    if not said:
        return None
    count = said.count(reponses.YES)
    words: tuple[str, ...] = ("Pour information\u00a0: le portail ne décide de rien.",)
    if given.get(PALLIA[0]) == "non":
        words = ("Le questionnaire s’adresse à un patient dont la maladie ne guérira pas.", *words)
    elif count > PALLIA_MANY:
        words = (f"Plus de {PALLIA_MANY} oui\u00a0: le questionnaire invite à prendre l’avis d’une équipe de soins "
                 "palliatifs.", *words)
    return Score("pallia", f"PALLIA-10\u00a0: {count} oui sur {len(PALLIA)}", words, len(PALLIA) - len(said),
                 "D’après le questionnaire PALLIA-10 de la Société française d’accompagnement et de soins "
                 "palliatifs (SFAP), reformulé.")


def karnofsky(given: Mapping[str, str]) -> Score | None:
    """The index as a number, None when it was not given."""
    chosen = given.get("karnofsky", "")
    if not chosen:
        return None
    return Score("karnofsky", f"Karnofsky\u00a0: {int(chosen.removeprefix('k'))} sur 100", (), 0,
                 "Indice de Karnofsky, demandé par le PMSI-HAD.")


def imc(given: Mapping[str, str]) -> Score | None:
    """Weight over squared height, None without both."""
    if not ("poids" in given and "taille" in given):
        return None
    height = Decimal(given["taille"]) / 100
    value = (Decimal(given["poids"]) / (height * height)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    words = str(value).replace(".", ",")
    return Score("imc", f"IMC\u00a0: {words} kg/m²", (), 0, "Poids divisé par la taille au carré.")
