"""Words of the account's pages."""

from __future__ import annotations

from portal.settings import Settings

LEVELS = {
    "cps": "Carte CPS",
    "ecps": "e-CPS",
    "cle": "Mot de passe et clé d’accès",
    "otp": "Mot de passe et code à usage unique",
    "courriel": "Mot de passe et code reçu par courriel",
}


def email_taken(settings: Settings) -> str:
    """The error of an address that another account has."""
    return ("Cette adresse électronique sert déjà à un autre compte. Indiquez-en une autre ; "
            f"si c’est bien la vôtre, appelez l’assistance au {settings.support_phone}.")


def mail_sent(email: str) -> str:
    """What follows any change of address."""
    return f"Un courriel vient d’être envoyé à {email} pour confirmer votre adresse."


def closed(sessions: int) -> str:
    """What follows a change that ended as many other sessions: a sentence after another, or nothing."""
    if not sessions:
        return ""
    return " L’autre session ouverte a été fermée." if sessions == 1 else \
        f" Les {sessions} autres sessions ont été fermées."
