"""The states a physician may find his reader in, with what to do in each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from portal.agent.errors import (
    BusyCard,
    CardError,
    ContactlessCard,
    ForeignCard,
    LockedCard,
    MissingSupport,
    MuteCard,
    NoReader,
    NoService,
    UnusableCard,
)
from portal.agent.preuve import Source


class Etat(Enum):
    """Code told on the phone (none when all is well), anchor of the help page, title, what to do."""

    COMPOSANT_ABSENT = (
        "A01",
        "composant-absent", "Programme incomplet",
        "Il manque un composant au programme du lecteur\u00a0: demandez à la personne qui l’a installé de suivre "
        "l’aide «\u00a0Installer le programme\u00a0».",
    )
    SERVICE_ABSENT = (
        "A02",
        "service-absent", "Service des cartes arrêté",
        "Branchez le lecteur et attendez quelques secondes. Si ce message reste, démarrez le service des cartes "
        "à puce de ce poste («\u00a0Carte à puce\u00a0» sous Windows, pcscd sous Linux).",
    )
    LECTEUR_ABSENT = (
        "A03",
        "lecteur-absent", "Aucun lecteur",
        "Branchez le lecteur directement sur ce poste, puis attendez quelques secondes.",
    )
    CARTE_ABSENTE = (
        "A04",
        "carte-absente", "Aucune carte",
        "Insérez votre carte CPS dans le lecteur jusqu’à la butée, puce vers l’avant.",
    )
    CARTE_ILLISIBLE = (
        "A05",
        "carte-illisible", "Carte illisible",
        "Retirez la carte, vérifiez que c’est bien une carte CPS et son sens, puis remettez-la.",
    )
    CARTE_OCCUPEE = (
        "A06",
        "carte-occupee", "Carte utilisée ailleurs",
        "Un autre logiciel de ce poste se sert de la carte. Attendez qu’il ait fini, ou fermez-le, puis réessayez.",
    )
    CARTE_BLOQUEE = (
        "A07",
        "carte-bloquee", "Carte bloquée",
        "Plus aucun essai\u00a0: débloquez-la avec le code de déblocage reçu avec la carte, dans le logiciel "
        "de gestion de votre poste, ou contactez l’Agence du numérique en santé (ANS), qui l’a délivrée.",
    )
    CARTE_PRETE = (
        "",
        "carte-prete", "Carte prête",
        "La carte est lue. Revenez sur le portail et cliquez sur «\u00a0Se connecter par CPS\u00a0».",
    )

    def __init__(self, code: str, anchor: str, title: str, advice: str) -> None:
        self.code = code
        self.anchor = anchor
        self.title = title
        self.advice = advice


FOREIGN = (
    "La carte insérée n’est pas une carte CPS\u00a0: c’est peut-être une carte Vitale, une carte bancaire ou une carte "
    "d’un autre organisme. Retirez-la et insérez votre carte CPS."
)
CONTACTLESS = "La carte CPS est posée sur la zone sans contact\u00a0: insérez-la dans la fente du lecteur."


@dataclass(frozen=True)
class Situation:
    """The reader's state; ``tries`` is known for most cards that answered, ``presence`` for any card.

    ``advice`` replaces the state's own where more is known.
    """

    etat: Etat
    tries: int | None = None
    presence: str = ""
    special: str = ""

    @property
    def advice(self) -> str:
        """What to do."""
        return self.special or self.etat.advice


def look(source: Source) -> Situation:
    """What is in the reader now. Never raises: whatever a card does, it is one of these states."""
    try:
        with source.open() as card:
            # Asked while the card is held: it can't be another one's.
            presence = source.presence()
            tries = card.tries_left()
    except CardError as error:
        return of(error)
    return Situation(Etat.CARTE_BLOQUEE if tries == 0 else Etat.CARTE_PRETE, tries, presence)


def of(error: CardError) -> Situation:
    """The situation that an error shows; a card that left is no longer there."""
    for kinds, etat in (
        (MissingSupport, Etat.COMPOSANT_ABSENT), (NoService, Etat.SERVICE_ABSENT), (NoReader, Etat.LECTEUR_ABSENT),
        (LockedCard, Etat.CARTE_BLOQUEE), (BusyCard, Etat.CARTE_OCCUPEE),
    ):
        if isinstance(error, kinds):
            return Situation(etat)
    if isinstance(error, ForeignCard):
        return Situation(Etat.CARTE_ILLISIBLE, special=FOREIGN)
    if isinstance(error, ContactlessCard):
        return Situation(Etat.CARTE_ILLISIBLE, special=CONTACTLESS)
    if isinstance(error, MuteCard | UnusableCard):
        return Situation(Etat.CARTE_ILLISIBLE)
    return Situation(Etat.CARTE_ABSENTE)
