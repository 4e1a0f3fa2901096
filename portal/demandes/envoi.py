"""What a dossier still lacks before an establishment that waits for all of it can be asked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from portal.dossiers import porte
from portal.dossiers import queries as dossiers
from portal.dossiers import rules as dossier_rules
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.tnd import rules as tnd
from portal.volets import presenters as words
from portal.volets import queries as volets
from portal.volets import reponses, rules

# Who validates what is not administrative, and what the dossier's own page calls what is asked for.
WHOSE = {"ga": "le médecin traitant", "s": "qui conduit le dossier", "tnd": "le médecin"}
STAYS = {"ga": "Le type d’hébergement demandé", "s": "Le type de prise en charge demandé",
         "tnd": "Les bilans demandés"}


@dataclass(frozen=True)
class Manque:
    """One thing to do before sending: what, and where it is done (no address: it is somebody else's to do).

    ``champs``: the answers that are missing, with the address of each, for who may read that volet.
    """

    quoi: str
    adresse: str = ""
    champs: tuple[tuple[str, str], ...] = ()


def missing(seen: Visible, readable: Collection[str]) -> list[Manque]:
    """Everything that is missing, in the order of the page; ``readable``: the volets whose answers may be named."""
    here = porte.address(seen)
    found = [Manque(what, f"{here}/identite" if not seen.role else "") for what in _unknown(seen.dossier)]
    if why := refusal(seen):
        found.append(Manque(why, f"{here}/volets/{rules.ADMINISTRATIF}" if rules.ADMINISTRATIF in readable else ""))
    for one in volets.situations(seen):
        if one.etat == rules.VALIDE:
            continue
        name = words.title(one.code)
        if one.code not in readable:
            whose = "le référent" if rules.nature(one.code) == rules.ADMINISTRATIF else WHOSE[seen.module.code]
            found.append(Manque(f"{name}\u00a0: à valider par {whose}"))
            continue
        place = f"{here}/volets/{one.code}"
        opened = volets.opened(seen, one.code)
        lacking = reponses.completeness(opened.definition, opened.answers).missing
        found.append(Manque(_said(name, len(lacking)), place,
                            tuple((field.label, f"{place}#{field.id}") for _, field in lacking)))
    return found


def refusal(seen: Visible) -> str:
    """Why nothing of this dossier may leave, even to who reads incomplete ones; "" when it may.

    A child's request leaves with the consent of each holder of parental authority: see ``tnd.rules``. What was taken
    from another dossier and not read again was said for another request.
    """
    if seen.module.code != "tnd":
        return ""
    opened = volets.opened(seen, rules.ADMINISTRATIF)
    why = tnd.why_no_consent({name: said for name, said in opened.answers.items() if name not in opened.copies})
    return tnd.READ_AGAIN if why and not tnd.why_no_consent(opened.answers) else why


def lacking(dossier: Dossier) -> list[str]:
    """The same in few words, for the clocks: nothing decrypted but a phone number and, for a child, the consents."""
    seen = Visible(dossier, None, dossier_rules.MODULES[dossier.module], "service")
    found = _unknown(dossier) + list(filter(None, [refusal(seen)]))
    return found + [words.title(one.code) for one in volets.situations(seen) if one.etat != rules.VALIDE]


def _unknown(dossier: Dossier) -> list[str]:
    """What a dossier's own page lacks: a way to reach the person, where she lives, which stay is asked for."""
    found = []
    if not (dossiers.telephone(dossier) or dossiers.sealed(dossier, "telephone2")
            or dossiers.sealed(dossier, "courriel")):
        found.append("Un numéro de téléphone ou une adresse électronique")
    if not dossier.adresse.strip():
        found.append("L’adresse de la personne")
    if not dossier.sejours:
        found.append(STAYS[dossier.module])
    return found


def _said(name: str, n: int) -> str:
    if not n:
        return f"{name}\u00a0: complet, à valider"
    return f"{name}\u00a0: {n} réponses obligatoires à remplir" if n > 1 else f"{name}\u00a0: une réponse à remplir"
