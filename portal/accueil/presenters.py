"""Words of the home pages: tiles and frequent questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.dossiers.rules import Module


@dataclass(frozen=True)
class Tile:
    """One module on the dashboard, with how many dossiers are there for this physician."""

    module: Module
    en_cours: int
    a_accepter: int
    refuses: int


@dataclass(frozen=True)
class Question:
    """A frequent question, its answer, and the help section that says more; ``code`` names its own section."""

    code: str
    question: str
    answer: str
    aide: str


QUESTIONS = (
    Question(
        "carte",
        "Ma carte CPS n’est pas reconnue.",
        "Sur la page de connexion, « Comment faire ? » ouvre un diagnostic de votre lecteur et de votre carte : "
        "il dit ce qui manque et quoi faire.",
        "connexion/carte/#comment-faire",
    ),
    Question(
        "patient",
        "Je ne vois pas mon patient.",
        "Seuls les dossiers qui vous désignent comme médecin traitant apparaissent. Demandez au patient, à son "
        "proche ou au service de vous désigner, puis recherchez le dossier par son numéro.",
        "dossiers/#recherche",
    ),
    Question(
        "refuse",
        "J’ai refusé un dossier par erreur.",
        "Il reste dans l’onglet « Hors patientèle » et depuis le bandeau « dossiers refusés » de l’accueil : "
        "ouvrez-le et acceptez-le.",
        "dossiers/#hors-patientele",
    ),
    Question(
        "famille",
        "La famille peut-elle lire le volet médical ?",
        "Non. La personne ou son proche peut créer un dossier grand âge, mais n’a pas accès aux volets médical "
        "et autonomie, qui restent du ressort des médecins.",
        "dossiers/#dossier",
    ),
    Question(
        "session-fermee",
        "Ma session s’est fermée pendant que j’écrivais.",
        "Reconnectez-vous avec votre carte : ce que vous aviez envoyé est conservé et vous est proposé de nouveau.",
        "connexion/#session",
    ),
    Question(
        "remplacer",
        "Je remplace un confrère.",
        "Il vous confie ses dossiers par une délégation, pour la durée du remplacement. Vous l’acceptez, puis vous "
        "choisissez « Agir pour » dans votre compte : chaque acte porte vos deux noms.",
        "remplacant/",
    ),
    Question(
        "secretaire-fin",
        "Ma secrétaire quitte le cabinet.",
        "Révoquez sa délégation dans « Délégations » : son accès cesse à l’instant, ce qu’elle a préparé reste.",
        "delegations/",
    ),
    Question(
        "reponse-attendue",
        "Un établissement ne répond pas.",
        "La page de la demande dit depuis quand elle attend, et quand vous pourrez la relancer d’un bouton. Son "
        "téléphone est sur sa fiche.",
        "demandes/",
    ),
)


def tile(module: Module, counts: Mapping[str, int]) -> Tile:
    """A module's tile with one physician's counts (keys of ``dossiers.queries.counts``)."""
    return Tile(module, counts["en_cours"], counts["a_accepter"], counts["hors_patientele"])
