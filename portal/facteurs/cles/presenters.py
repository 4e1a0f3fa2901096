"""Words of the passkeys' pages."""

from __future__ import annotations

from portal import clock
from portal.facteurs.cles import rules
from portal.facteurs.cles.rules import Reason
from portal.web import dates

LONG_NAME = f"Raccourcissez le nom : {rules.MAX_NAME} caractères maximum."
NO_NAME = "Donnez un nom à cette clé."
FULL = (f"Vous avez déjà {rules.MAX_KEYS} clés d’accès. Retirez celle que vous n’utilisez plus, "
        "puis recommencez.")
LAST = ("C’est votre seul moyen de connexion, et vous n’avez pas de carte : sans cette clé vous ne pourriez plus "
        "entrer. Ajoutez-en d’abord une autre, ou une application d’authentification.")
NO_PLACE = "Les clés d’accès ne fonctionnent pas à cette adresse du portail."
NO_KEY = "Ce compte n’a pas de clé d’accès."
GONE = "Plus de dix minutes ont passé depuis votre mot de passe : indiquez-le de nouveau."

REFUSALS = {
    Reason.SANS_SCRIPT: (
        "Les clés d’accès ont besoin de JavaScript. Autorisez-le pour l’adresse de ce portail, puis recommencez, ou "
        "prenez un autre moyen."),
    Reason.ILLISIBLE: (
        "La réponse de votre clé n’a pas pu être lue. Recommencez ; si cela se répète, mettez votre navigateur à "
        "jour ou prenez un autre moyen."),
    Reason.REJOUE: (
        "Cette réponse a déjà servi, ou une demande plus récente l’a remplacée. Recommencez dans cette fenêtre "
        "seulement."),
    Reason.EXPIRE: (
        "Plus de cinq minutes ont passé depuis la demande. Recommencez, et répondez tout de suite à votre "
        "navigateur."),
    Reason.ORIGINE: (
        "Votre clé a répondu à un autre site que ce portail. Vérifiez l’adresse en haut du navigateur ; si elle "
        "n’est pas celle du portail, fermez la page et prévenez l’assistance."),
    Reason.DOMAINE: (
        "Cette clé a été créée pour un autre site. Choisissez celle de ce portail, ou prenez un autre moyen."),
    Reason.SANS_VERIFICATION: (
        "Votre clé n’a pas vérifié que c’était vous. Déverrouillez-la par son code, votre empreinte ou votre "
        "visage, puis recommencez."),
    Reason.INCONNUE: (
        "Cette clé n’est pas une des clés de ce compte. Choisissez-en une autre, ou prenez un autre moyen."),
    Reason.SIGNATURE: (
        "La signature de cette clé n’est pas juste : elle n’a pas été acceptée. Recommencez, ou prenez un autre "
        "moyen."),
    Reason.COMPTEUR: (
        "Cette clé compte moins d’utilisations que la fois précédente : elle a peut-être été copiée. Elle est "
        "refusée et un courriel vous le dit. Entrez par un autre moyen, puis retirez-la."),
    Reason.DEJA_LA: (
        "Cette clé est déjà enregistrée dans le portail. Prenez-en une autre."),
}


def default_name() -> str:
    """The name of a key that was given none."""
    return f"Clé du {dates.day(clock.today())}"
