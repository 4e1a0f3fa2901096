"""Words of the home pages: spaces, tiles and frequent questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Space:
    """A door of the public home; ``url`` is empty where this installation has no such space."""

    title: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class Tile:
    """One module on the dashboard, in the words of the practical guide."""

    code: str
    module: str
    title: str
    subtitle: str
    icon: str
    example: str
    name: str
    en_cours: int = 0
    a_accepter: int = 0
    refuses: int = 0


@dataclass(frozen=True)
class Question:
    """A frequent question, its answer, and the help section that says more."""

    question: str
    answer: str
    aide: str


SPACES = (
    Space(
        "Espace médecins libéraux",
        "Suivez les dossiers de vos patients, acceptez ceux qui vous désignent comme médecin traitant et "
        "demandez une orientation.",
        "/connexion",
    ),
)

TILES = (
    Tile(
        "ga", "grand-age", "Hébergement pour Personnes Agées",
        "Orientation en Etablissement d’Hébergement pour Personnes Agées Dépendantes, Unités de Soins de "
        "Longue Durée, Résidences Autonomie", "maison", "ga 43009190", "grand âge",
    ),
    Tile(
        "s", "sanitaire", "SSR, HAD, Soins Palliatifs",
        "Orientation en Service de Soins de Suite et Réadaptation, Hospitalisation à Domicile, Unité de "
        "Soins Palliatifs", "lit", "s 2031400", "sanitaire",
    ),
    Tile(
        "tnd", "tnd", "Plateforme de Coordination et d’Orientation TND",
        "Prise en charge précoce des Troubles du Neuro-Développement", "enfant", "tnd 100234", "TND",
    ),
)

QUESTIONS = (
    Question(
        "Ma carte CPS n’est pas reconnue.",
        "Sur la page de connexion, « Comment faire ? » ouvre un diagnostic de votre lecteur et de votre carte : "
        "il dit ce qui manque et quoi faire.",
        "connexion/carte/#comment-faire",
    ),
    Question(
        "Je ne vois pas mon patient.",
        "Seuls les dossiers qui vous désignent comme médecin traitant apparaissent. Demandez au patient, à son "
        "proche ou au service de vous désigner, puis recherchez le dossier par son numéro.",
        "dossiers/#recherche",
    ),
    Question(
        "J’ai refusé un dossier par erreur.",
        "Il reste dans l’onglet « Hors patientèle » et depuis le bandeau « dossiers refusés » de l’accueil : "
        "ouvrez-le et acceptez-le.",
        "dossiers/#hors-patientele",
    ),
    Question(
        "La famille peut-elle lire le volet médical ?",
        "Non. La personne ou son proche peut créer un dossier grand âge, mais n’a pas accès aux volets médical "
        "et autonomie, qui restent du ressort des médecins.",
        "dossiers/#dossier",
    ),
    Question(
        "Ma session s’est fermée pendant que j’écrivais.",
        "Reconnectez-vous avec votre carte : ce que vous aviez envoyé est conservé et vous est proposé de nouveau.",
        "connexion/#session",
    ),
)


def filled(tile: Tile, counts: Mapping[str, int]) -> Tile:
    """A tile with one physician's counts (keys of ``dossiers.queries.counts``)."""
    return replace(tile, en_cours=counts["en_cours"], a_accepter=counts["a_accepter"],
                   refuses=counts["hors_patientele"])
