"""The five states a physician may find his reader in, with what to do in each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from portal.agent.cps3 import Cps3
from portal.agent.errors import CardError, LockedCard, MuteCard, NoReader, UnusableCard
from portal.agent.transport import Reader, TracedCard


class Etat(Enum):
    """Anchor of the help page, title, what to do."""

    LECTEUR_ABSENT = (
        "lecteur-absent", "Aucun lecteur",
        "Branchez le lecteur directement sur ce poste, puis attendez quelques secondes.",
    )
    CARTE_ABSENTE = (
        "carte-absente", "Aucune carte",
        "Insérez votre carte CPS dans le lecteur jusqu’à la butée, puce vers l’avant.",
    )
    CARTE_ILLISIBLE = (
        "carte-illisible", "Carte illisible",
        "Retirez la carte, vérifiez que c’est bien une carte CPS et son sens, puis remettez-la.",
    )
    CARTE_BLOQUEE = (
        "carte-bloquee", "Carte bloquée",
        "Plus aucun essai\u00a0: débloquez-la avec le code de déblocage reçu avec la carte, dans le logiciel "
        "de gestion de votre poste, ou contactez l’Agence du numérique en santé (ANS), qui l’a délivrée.",
    )
    CARTE_PRETE = (
        "carte-prete", "Carte prête",
        "La carte est lue. Revenez sur le portail et cliquez sur «\u00a0Se connecter par CPS\u00a0».",
    )

    def __init__(self, anchor: str, title: str, advice: str) -> None:
        self.anchor = anchor
        self.title = title
        self.advice = advice


@dataclass(frozen=True)
class Situation:
    """The reader's state; ``tries`` is known for a card that answered."""

    etat: Etat
    tries: int | None = None


def look(reader: Reader) -> Situation:
    """What is in the reader now. Never raises: whatever a card does, it is one of the five states."""
    try:
        with reader.connect() as card:
            tries = Cps3(TracedCard(card)).tries_left()
    except CardError as error:
        return Situation(of(error))
    return Situation(Etat.CARTE_PRETE, tries) if tries else Situation(Etat.CARTE_BLOQUEE, 0)


def of(error: CardError) -> Etat:
    """The state that an error shows; a card that left is no longer there."""
    if isinstance(error, NoReader):
        return Etat.LECTEUR_ABSENT
    if isinstance(error, LockedCard):
        return Etat.CARTE_BLOQUEE
    if isinstance(error, MuteCard | UnusableCard):
        return Etat.CARTE_ILLISIBLE
    return Etat.CARTE_ABSENTE
