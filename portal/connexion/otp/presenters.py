"""Words of the login by password and code."""

from __future__ import annotations

from datetime import datetime

from portal.clock import PARIS
from portal.connexion.otp import rules
from portal.facteurs.commands import Outcome

WRONG_CREDENTIALS = ("Adresse électronique ou mot de passe incorrect. Vérifiez les deux, puis recommencez ; "
                  "si vous n’avez pas encore de compte, connectez-vous d’abord avec votre carte CPS.")
NO_EMAIL = "Indiquez l’adresse électronique de votre compte."
NOTHING_TYPED = "Indiquez votre mot de passe."
NO_CODE = "Indiquez le code."
EXPIRED = "Plus de dix minutes ont passé depuis votre mot de passe : indiquez-le de nouveau."
TRIES_SPENT = ("Cinq codes faux : cette connexion est arrêtée. Recommencez par votre mot de passe ; "
               "un courriel prévient le titulaire du compte.")
TOO_MANY_MAILS = ("Plusieurs codes viennent déjà de partir. Regardez dans les indésirables et saisissez le dernier "
                  "reçu, ou prenez un autre moyen.")
CLOSED = "Ce portail n’ouvre pas la connexion par mot de passe et code."
CLOSED_ADVICE = "Connectez-vous avec votre carte CPS."

_REFUSED = {
    "application": "Ce code n’est pas celui de votre application. Saisissez celui qu’elle affiche à l’instant",
    "secours": "Ce code de secours n’est pas valable, ou il a déjà servi. Essayez-en un autre de votre liste",
    "courriel": ("Ce code n’est pas celui du dernier courriel, ou son délai est passé. Vérifiez-le, ou demandez-en "
                 "un autre"),
}


def refusal(kind: str, outcome: Outcome, tries: int) -> str:
    """What is wrong with a code, what to do, and how many tries are left."""
    left = rules.MAX_TRIES - tries
    remaining = f"il reste {left} essai{'s' if left > 1 else ''}"
    if outcome is Outcome.REPLAYED:
        return f"Ce code a déjà servi. Attendez que votre application affiche le suivant ; {remaining}."
    return f"{_REFUSED[kind]} ; {remaining}."


def clock_time(at: datetime) -> str:
    """« 14 h 03 » of an aware instant, in Paris."""
    local = at.astimezone(PARIS)
    return f"{local.hour}\u00a0h\u00a0{local:%M}"
