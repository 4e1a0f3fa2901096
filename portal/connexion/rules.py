"""Who a card says its holder is, and why a login is refused.

Standard library only: certificates are read elsewhere, here their subject is a list of pairs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from pathlib import Path

COUNTRY, TITLE, COMMON_NAME = "2.5.4.6", "2.5.4.12", "2.5.4.3"
SURNAME, GIVEN_NAME = "2.5.4.4", "2.5.4.42"
ORGANIZATION, UNIT = "2.5.4.10", "2.5.4.11"
PHYSICIAN = "Médecin"
NATIONAL_ID = re.compile(r"8(\d{11})", re.ASCII)
SPECIALTY_CODE = re.compile(r"SM\d{2}", re.ASCII)
MAX_NAME = 100

_CARD_HELP = "connexion/carte#certificat-refuse"
_START_AGAIN = "Cliquez de nouveau sur « Se connecter par CPS » et allez jusqu’au bout sans fermer la page."
_SUPPORT = "Si cela se reproduit, appelez l’assistance et lisez-lui ce message."


class Refusal(Enum):
    """Why a card login is refused: code, title, explanation, what to do, section of the help site."""

    SANS_SCRIPT = (
        "C01",
        "La carte n’a pas été lue",
        "La page n’a pas pu dialoguer avec le lecteur de carte : son script n’a pas fonctionné.",
        "Autorisez JavaScript pour l’adresse de ce portail, rechargez la page, puis recommencez.",
        "connexion/carte#programme-lecteur",
    )
    JETON_ILLISIBLE = (
        "C02",
        "La réponse du lecteur de carte est illisible",
        "Le portail n’a pas compris ce que le programme du lecteur de carte a envoyé.",
        f"Vérifiez que ce programme est à jour, puis recommencez. {_SUPPORT}",
        "connexion/carte#programme-lecteur",
    )
    ALGORITHME = (
        "C03",
        "Le type de signature n’est pas accepté",
        "Le programme du lecteur de carte a signé d’une façon que ce portail n’accepte pas.",
        f"Mettez ce programme à jour, puis recommencez. {_SUPPORT}",
        "connexion/carte#programme-lecteur",
    )
    DEFI_ABSENT = (
        "C04",
        "Cette demande de connexion a déjà servi",
        "Chaque demande ne sert qu’une fois et seulement dans la fenêtre qui l’a faite : celle-ci "
        "a déjà servi, ou vient d’une autre fenêtre.",
        _START_AGAIN,
        "connexion#carte",
    )
    DEFI_EXPIRE = (
        "C05",
        "La demande de connexion a expiré",
        "Il s’est passé trop de temps entre votre clic et la saisie du code porteur.",
        _START_AGAIN,
        "connexion#carte",
    )
    DEFI_REMPLACE = (
        "C06",
        "Une demande plus récente a pris la place de celle-ci",
        "La connexion a été lancée ensuite dans un autre onglet ou une autre fenêtre : seule la dernière demande "
        "peut aboutir.",
        "Terminez dans l’onglet où vous avez cliqué en dernier, ou recliquez ici sur « Se connecter par CPS ».",
        "connexion#carte",
    )
    DEFI_HORLOGE = (
        "C07",
        "La durée de la demande ne peut pas être vérifiée",
        "L’horloge du portail a été corrigée entre votre clic et la réponse de votre carte.",
        _START_AGAIN,
        "connexion#carte",
    )
    SIGNATURE_FAUSSE = (
        "C08",
        "La preuve donnée par la carte n’est pas valable",
        "La carte n’a pas signé la demande de cette page. Cela arrive quand la connexion est lancée dans deux "
        "onglets à la fois, ou quand la page ouverte n’est pas la vraie page du portail.",
        f"Vérifiez l’adresse affichée par votre navigateur, puis recommencez dans un seul onglet. {_SUPPORT}",
        _CARD_HELP,
    )
    AUTORITE_ABSENTE = (
        "C09",
        "La connexion par carte n’est pas encore ouverte",
        "Aucune autorité de certification n’est installée sur ce portail : il ne peut vérifier aucune carte.",
        "Votre carte n’est pas en cause. Prévenez l’assistance.",
        _CARD_HELP,
    )
    AUTORITE_INCONNUE = (
        "C10",
        "La carte vient d’une autorité inconnue",
        "Cette carte n’a pas été émise par une autorité que ce portail reconnaît.",
        "Utilisez votre carte CPS. Une carte de test ou de démonstration ne passe pas sur un portail réel, "
        "ni l’inverse.",
        _CARD_HELP,
    )
    CERTIFICAT_EXPIRE = (
        "C11",
        "La carte a expiré",
        "La date de fin de votre carte est passée.",
        "Utilisez la carte de remplacement qui vous a été envoyée. Si vous ne l’avez pas reçue, "
        "adressez-vous à l’Agence du numérique en santé.",
        _CARD_HELP,
    )
    CERTIFICAT_FUTUR = (
        "C12",
        "La carte n’est pas encore valable",
        "La date de début de votre carte n’est pas encore arrivée.",
        "Utilisez votre carte actuelle jusqu’à cette date.",
        _CARD_HELP,
    )
    CERTIFICAT_SIGNATURE = (
        "C13",
        "Le mauvais certificat a été présenté",
        "La carte a présenté son certificat de signature au lieu de son certificat d’authentification.",
        f"Mettez à jour le programme du lecteur de carte, puis recommencez. {_SUPPORT}",
        _CARD_HELP,
    )
    USAGE_REFUSE = (
        "C14",
        "Ce certificat ne sert pas à se connecter",
        "Le certificat présenté n’est pas prévu pour l’authentification d’une personne.",
        f"Vérifiez que la carte insérée est votre carte CPS, puis recommencez. {_SUPPORT}",
        _CARD_HELP,
    )
    CERTIFICAT_REVOQUE = (
        "C15",
        "La carte a été révoquée",
        "Votre carte a été déclarée perdue, volée ou remplacée ; elle ne peut plus servir, même retrouvée.",
        "Utilisez votre nouvelle carte. Si vous n’avez rien déclaré, adressez-vous à l’Agence du numérique "
        "en santé.",
        _CARD_HELP,
    )
    LISTE_PERIMEE = (
        "C16",
        "La validité de la carte n’a pas pu être vérifiée",
        "La liste des cartes révoquées dont dispose ce portail n’est plus à jour : par prudence, aucune "
        "carte n’est acceptée.",
        "Votre carte n’est pas en cause. Réessayez plus tard ou prévenez l’assistance.",
        _CARD_HELP,
    )
    CARTE_EMPLOYE = (
        "C17",
        "Cette carte n’est pas celle d’un médecin",
        "La carte insérée est une carte d’établissement (CPE, CPA ou CDE), et non une carte CPS personnelle.",
        "Insérez votre propre carte CPS de médecin.",
        _CARD_HELP,
    )
    AUTRE_PROFESSION = (
        "C18",
        "Cet espace est réservé aux médecins",
        "La carte insérée est celle d’un professionnel d’une autre profession.",
        "Insérez une carte CPS de médecin.",
        _CARD_HELP,
    )
    IDENTITE_INCOMPLETE = (
        "C19",
        "L’identité lue sur la carte est incomplète",
        "Le certificat ne porte pas un numéro RPPS, un nom et un prénom lisibles.",
        f"Vérifiez que la carte insérée est votre carte CPS. {_SUPPORT}",
        _CARD_HELP,
    )

    def __init__(self, code: str, title: str, explanation: str, advice: str, aide: str) -> None:
        self.code = code
        self.title = title
        self.explanation = explanation
        self.advice = advice
        self.aide = aide


class Freshness(Enum):
    """Whether the revocation lists let cards in: on time, late but tolerated for now, or too late (or absent)."""

    A_JOUR = 0
    TOLEREE = 1
    PERIMEE = 2


def freshness(ends: Iterable[datetime | None], grace: timedelta, now: datetime) -> Freshness:
    """The worst of several lists, each by the instant of its promised successor (None: no list at all)."""
    states = [
        Freshness.PERIMEE if end is None or now > end + grace
        else Freshness.TOLEREE if now > end else Freshness.A_JOUR
        for end in ends
    ]
    return max(states, key=lambda state: state.value, default=Freshness.PERIMEE)


class Refused(Exception):
    """A login that ends here, with the reason that its page shows."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.name)
        self.reason = reason


@dataclass(frozen=True)
class Identity:
    """The holder of a verified card.

    ``subject`` is the 12-digit national id, which outlives the card. The specialty is read from the
    card’s data and not signed: shown as such, it gives no right.
    """

    subject: str
    rpps: int
    nom: str
    prenom: str
    profession: str = PHYSICIAN
    specialite_code: str = ""

    @property
    def specialite(self) -> str:
        return specialty(self.specialite_code)

    @property
    def display_name(self) -> str:
        return f"Dr {self.prenom} {self.nom}"


def identity(attributes: Iterable[tuple[str, str]], specialite_code: str = "") -> Identity:
    """Read a certificate’s subject, given as (dotted OID, value) pairs of all its RDNs.

    Only a liberal physician’s personal card passes: country FR, title Médecin, a CN of 8 and the RPPS
    number, neither organisation nor unit (IGC-Santé). Raises Refused.
    """
    values: dict[str, list[str]] = {}
    for oid, value in attributes:
        values.setdefault(oid, []).append(_clean(value))
    if ORGANIZATION in values or UNIT in values or any("/" in name for name in values.get(COMMON_NAME, ())):
        raise Refused(Refusal.CARTE_EMPLOYE)
    if values.get(TITLE) != [PHYSICIAN]:
        raise Refused(Refusal.AUTRE_PROFESSION)
    single = {oid: found[0] for oid, found in values.items() if len(found) == 1 and found[0]}
    number = NATIONAL_ID.fullmatch(single.get(COMMON_NAME, ""))
    if not number or single.get(COUNTRY) != "FR" or SURNAME not in single or GIVEN_NAME not in single:
        raise Refused(Refusal.IDENTITE_INCOMPLETE)
    return Identity(
        subject=number.group(), rpps=int(number.group(1)), nom=single[SURNAME].upper()[:MAX_NAME],
        prenom=_given_name(single[GIVEN_NAME])[:MAX_NAME], specialite_code=specialite_code,
    )


def specialty(code: str) -> str:
    """The label of a specialty code (``SM26``), or the code itself where the table does not know it."""
    return specialties().get(code, code)


@lru_cache(maxsize=1)
def specialties() -> dict[str, str]:
    """Physicians' specialties by code: an extract of the national nomenclature TRE_R38 (ANS, 2026)."""
    text = (Path(__file__).parent / "specialites.tsv").read_text("utf-8")
    return dict(line.split("\t") for line in text.splitlines())


def specialty_code(value: object) -> str:
    """The code a card reader sent, or nothing when it is not one: it is unsigned, hence never trusted."""
    return value if isinstance(value, str) and SPECIALTY_CODE.fullmatch(value) else ""


def _clean(value: str) -> str:
    text = unicodedata.normalize("NFC", value)
    return " ".join("".join(char for char in text if unicodedata.category(char)[0] != "C").split())


def _given_name(text: str) -> str:
    """Cards write « JEAN-PIERRE »; screens write « Jean-Pierre »."""
    if not text.isupper():
        return text
    return re.sub(r"[^\W\d_]+", lambda word: word.group().capitalize(), text)
