"""Why an e-CPS login is refused: what is shown, and whether it counts as an attempt."""

from __future__ import annotations

from enum import Enum

_AGAIN = "Recommencez depuis la page de connexion."
_SUPPORT = "Si cela se reproduit, appelez l’assistance et lisez-lui ce message."
_CARD = "Vous pouvez aussi vous connecter avec votre carte CPS."
_PROOF = "connexion/ecps#preuve-refusee"


class Refusal(Enum):
    """Code, title, explanation, what to do, section of the help site, status; ``counted``: it delays the next try."""

    FERMEE = (
        "P01",
        "L’e-CPS n’est pas proposée ici",
        "Ce portail n’est pas raccordé à Pro Santé Connect.",
        "Connectez-vous avec votre carte CPS.",
        "connexion/ecps#sans-reponse",
    )
    INJOIGNABLE = (
        "P02",
        "Pro Santé Connect ne répond pas",
        "Le service qui vérifie les e-CPS n’a pas répondu à temps. Votre e-CPS n’est pas en cause.",
        f"Réessayez dans quelques minutes. {_CARD}",
        "connexion/ecps#sans-reponse",
        503,
    )
    RACCORDEMENT = (
        "P03",
        "Pro Santé Connect ne reconnaît pas ce portail",
        "Le raccordement entre ce portail et Pro Santé Connect est mal réglé. Votre e-CPS n’est pas en cause.",
        f"Prévenez l’assistance. {_CARD}",
        "connexion/ecps#sans-reponse",
        503,
    )
    REPONSE_ILLISIBLE = (
        "P04",
        "La réponse de Pro Santé Connect est illisible",
        "Le portail n’a pas compris ce que Pro Santé Connect a envoyé.",
        f"Réessayez dans quelques minutes. {_SUPPORT}",
        "connexion/ecps#sans-reponse",
        503,
    )
    ANNULEE = (
        "P05",
        "Connexion annulée",
        "Vous avez refusé la demande, ou vous ne l’avez pas approuvée à temps. Rien n’a changé.",
        f"Recommencez quand vous voulez. {_CARD} Si vous n’êtes pas à l’origine de cette demande, vous avez bien "
        "fait de la refuser.",
        "connexion/ecps#annulee",
        200,
    )
    REFUS_DU_FOURNISSEUR = (
        "P06",
        "Pro Santé Connect n’a pas pu vous connecter",
        "Pro Santé Connect a interrompu la connexion sans confirmer qui vous êtes.",
        f"{_AGAIN} {_SUPPORT}",
        "connexion/ecps#sans-reponse",
    )
    DEMANDE_ABSENTE = (
        "P07",
        "Cette demande de connexion a déjà servi",
        "Chaque demande ne sert qu’une fois, dans le navigateur qui l’a faite : celle-ci a déjà servi, ou vient "
        "d’ailleurs.",
        f"{_AGAIN} N’utilisez ni favori ni bouton « Précédent ».",
        "connexion/ecps#demande-perdue",
        403,
        True,
    )
    DEMANDE_EXPIREE = (
        "P08",
        "La demande de connexion a expiré",
        "Il s’est passé plus de dix minutes entre votre clic et votre accord sur le téléphone.",
        _AGAIN,
        "connexion/ecps#demande-perdue",
    )
    CODE_REFUSE = (
        "P09",
        "Pro Santé Connect a refusé cette demande",
        "Le code rendu par Pro Santé Connect a déjà servi ou n’est plus valable.",
        f"{_AGAIN} {_SUPPORT}",
        "connexion/ecps#demande-perdue",
        403,
        True,
    )
    JETON_ILLISIBLE = (
        "P10",
        "La preuve de Pro Santé Connect est illisible",
        "Le portail n’a pas pu lire l’attestation qui dit qui vous êtes.",
        f"{_AGAIN} {_SUPPORT}",
        _PROOF,
        403,
        True,
    )
    ALGORITHME = (
        "P11",
        "Le type de signature n’est pas accepté",
        "L’attestation de Pro Santé Connect est signée d’une façon que ce portail n’accepte pas.",
        f"Votre e-CPS n’est pas en cause. {_SUPPORT}",
        _PROOF,
        403,
        True,
    )
    SIGNATURE = (
        "P12",
        "La signature de Pro Santé Connect n’est pas valable",
        "L’attestation reçue n’est pas signée par Pro Santé Connect : le portail ne peut pas s’y fier.",
        f"{_AGAIN} {_SUPPORT}",
        _PROOF,
        403,
        True,
    )
    EMETTEUR = (
        "P13",
        "L’attestation vient d’un autre service",
        "L’attestation reçue n’a pas été émise par le service Pro Santé Connect de ce portail.",
        f"Vérifiez l’adresse affichée par votre navigateur, puis recommencez. {_SUPPORT}",
        _PROOF,
        403,
        True,
    )
    DESTINATAIRE = (
        "P14",
        "L’attestation est destinée à un autre site",
        "L’attestation reçue a été faite pour un autre site que ce portail.",
        f"Vérifiez l’adresse affichée par votre navigateur, puis recommencez. {_SUPPORT}",
        _PROOF,
        403,
        True,
    )
    PERIMEE = (
        "P15",
        "L’attestation n’est pas valable à cette heure",
        "L’attestation reçue a expiré, ou porte une date à venir.",
        f"{_AGAIN} {_SUPPORT}",
        _PROOF,
        403,
        True,
    )
    NONCE = (
        "P16",
        "L’attestation répond à une autre demande",
        "L’attestation reçue ne correspond pas à la demande faite par cette page.",
        f"Recommencez dans un seul onglet. {_SUPPORT}",
        _PROOF,
        403,
        True,
    )
    NIVEAU = (
        "P17",
        "La connexion n’est pas assez sûre",
        "Pro Santé Connect n’a pas confirmé le niveau de sûreté que ce portail demande.",
        f"Choisissez l’e-CPS dans la page de Pro Santé Connect et approuvez sur votre téléphone. {_CARD}",
        "connexion/ecps#niveau",
        403,
        True,
    )
    JETON_ACCES = (
        "P18",
        "Les réponses de Pro Santé Connect ne vont pas ensemble",
        "L’attestation reçue et la clé d’accès qui l’accompagne n’ont pas été faites l’une pour l’autre.",
        f"{_AGAIN} {_SUPPORT}",
        _PROOF,
        403,
        True,
    )
    AUTRE_PERSONNE = (
        "P19",
        "Les réponses de Pro Santé Connect ne parlent pas de la même personne",
        "L’attestation et l’identité reçues ne désignent pas la même personne : par prudence, le portail s’arrête.",
        f"{_AGAIN} {_SUPPORT}",
        _PROOF,
        403,
        True,
    )
    IDENTITE_ILLISIBLE = (
        "P20",
        "L’identité reçue est incomplète",
        "Pro Santé Connect n’a pas donné un numéro RPPS, un nom, un prénom et une profession lisibles.",
        f"{_CARD} {_SUPPORT}",
        "connexion/ecps#identite",
    )
    AUTRE_PROFESSION = (
        "P21",
        "Cet espace est réservé aux médecins",
        "Pro Santé Connect ne vous connaît pas d’exercice de médecin.",
        "Si vous êtes médecin, vérifiez vos exercices auprès du conseil de l’Ordre, puis recommencez.",
        "connexion/ecps#identite",
    )
    PREMIERE_CONNEXION = (
        "P22",
        "La première connexion se fait avec la carte CPS",
        "Votre e-CPS est valable, mais aucun compte de ce portail ne porte encore votre numéro RPPS.",
        "Connectez-vous une fois avec votre carte CPS pour créer votre compte : votre e-CPS le retrouvera ensuite.",
        "connexion/ecps#premiere-connexion",
    )

    def __init__(self, code: str, title: str, explanation: str, advice: str, aide: str, status: int = 403,
                 counted: bool = False) -> None:
        self.code = code
        self.title = title
        self.explanation = explanation
        self.advice = advice
        self.aide = aide
        self.status = status
        self.counted = counted


class Refused(Exception):
    """A login that ends here, with the reason that its page shows."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.name)
        self.reason = reason
