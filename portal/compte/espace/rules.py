"""What « Mon compte » lets an account choose. Standard library and the account's rules only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from portal.compte.rules import Invalid, email

MIN_RADIUS, MAX_RADIUS = 1, 200
MAX_SIGNATURE, MAX_SIGNATURE_LINES = 400, 6
SILENCES, DEFAULT_SILENCE = (3, 7, 14, 30), 7
# The operators that the health agency admits write one of these in their domain's name.
SECURE_DOMAINS = ("mssante", "apicrypt")


MEDECIN, DEMANDEUR, ETABLISSEMENT = "medecin", "demandeur", "etablissement"
"""Who is told of things: a physician, a team that leads requests, an establishment that receives them."""


@dataclass(frozen=True)
class Notice:
    """One kind of mail that may be declined: its code, its name, when it is sent, who is sent it."""

    code: str
    label: str
    text: str
    who: frozenset[str] = frozenset({MEDECIN, DEMANDEUR})


NOTICES = (
    Notice("nouveau", "Nouveau dossier", "Un patient ou un service vous désigne comme médecin traitant."),
    Notice("demande", "Demandes reçues", "Une demande vous est adressée, ou quelque chose y a changé.",
           frozenset({ETABLISSEMENT})),
    Notice("message", "Message", "Quelqu’un vous a écrit au sujet d’une demande.",
           frozenset({MEDECIN, DEMANDEUR, ETABLISSEMENT})),
    Notice("lecture", "Lecture par un établissement", "Un établissement ouvre un dossier, ou l’inscrit sur sa liste."),
    Notice("complement", "Complément demandé", "Un établissement vous demande une précision ou une pièce."),
    Notice("proposition", "Proposition", "Un établissement propose une place ou un rendez-vous."),
    Notice("refus", "Refus", "Un établissement refuse une demande."),
    Notice("admission", "Admission", "Un de vos patients entre dans un établissement."),
    Notice("silence", "Demande sans réponse", "Une demande envoyée reste sans réponse au-delà du délai choisi."),
)
RHYTHMS = (("immediat", "Au fil de l’eau, groupés par cinq minutes"), ("quotidien", "Un courriel par jour, à 8\u00a0h"))
HOURS = tuple((str(hour), f"{hour}\u00a0h") for hour in range(24))
"""The hours of a day, as they are chosen."""
PERIODS: dict[str, tuple[str, timedelta | None]] = {
    "": ("Toute la durée conservée", None), "7": ("7 derniers jours", timedelta(days=7)),
    "30": ("30 derniers jours", timedelta(days=30)), "365": ("12 derniers mois", timedelta(days=365)),
}
"""How far back « Accès à mes dossiers » goes, by the value of its field."""
# What the history of logins shows besides those that succeeded (« connexion.<level> »): a right password, then…
REFUSALS = {
    "otp.code_refuse": "Code refusé",
    "otp.essais_epuises": "Abandonnée : trop de codes faux",
    "facteur.cle_refusee": "Clé d’accès refusée",
}
CODES = tuple(notice.code for notice in NOTICES)
DELEGATIONS = "Délégation donnée, reçue, modifiée ou terminée."
ALWAYS = (
    "Connexion depuis un navigateur que vous n’aviez pas encore utilisé.",
    "Changement de votre adresse électronique ou de votre mot de passe.",
    DELEGATIONS,
    "Ajout, retrait ou échecs répétés d’un code ou d’une clé de connexion.",
)


def notices(who: str) -> tuple[Notice, ...]:
    """The kinds of mail that this kind of person may be sent."""
    return tuple(one for one in NOTICES if who in one.who)


def always(who: str) -> tuple[str, ...]:
    """What this kind of person is always mailed: only physicians delegate."""
    return ALWAYS if who == MEDECIN else tuple(one for one in ALWAYS if one != DELEGATIONS)


def hour(text: str) -> int | None:
    """An hour of ``HOURS``; None for anything else."""
    return int(text) if text in dict(HOURS) else None


def radius(text: str) -> int:
    """A distance in km, written « 30 » or « 30 km »; raises Invalid."""
    found = re.fullmatch(r"(\d{1,4})\s*(?:km)?", text.strip(), re.ASCII | re.IGNORECASE)
    if not found or not MIN_RADIUS <= int(found.group(1)) <= MAX_RADIUS:
        raise Invalid(f"Indiquez un nombre entier de kilomètres, de {MIN_RADIUS} à {MAX_RADIUS}.")
    return int(found.group(1))


def secure_address(text: str) -> str:
    """An address of the secure health mail (MSSanté) in lower case, or "" for none; raises Invalid."""
    if not text.strip():
        return ""
    address = email(text)
    domain = address.rpartition("@")[2]
    if not any(word in domain for word in SECURE_DOMAINS):
        raise Invalid("Indiquez une adresse de messagerie sécurisée de santé, par exemple "
                      "prenom.nom@medecin.mssante.fr, ou laissez ce champ vide.")
    return address


def signature(text: str) -> str:
    """The lines under a letter, without empty ends; raises Invalid."""
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    if len(lines) > MAX_SIGNATURE_LINES:
        raise Invalid(f"Raccourcissez la signature\u00a0: {MAX_SIGNATURE_LINES} lignes au plus.")
    kept = "\n".join(lines)
    if len(kept) > MAX_SIGNATURE:
        raise Invalid(f"Raccourcissez la signature\u00a0: {MAX_SIGNATURE} caractères au plus.")
    return kept
