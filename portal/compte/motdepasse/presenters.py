"""Words of the password's pages."""

from __future__ import annotations

from portal.compte.presenters import closed

NOW_NEEDED = "Saisissez votre mot de passe actuel."
NOW_WRONG = "Ce n’est pas votre mot de passe actuel : rien n’a été changé. Saisissez-le de nouveau."
SAME = "C’est déjà votre mot de passe : choisissez-en un autre."
MEANWHILE = ("Votre mot de passe vient d’être changé ailleurs. Si ce n’était pas vous, prévenez l’assistance "
             "sans attendre.")
EMAIL_WRONG = "Indiquez l’adresse électronique de votre compte, comme nom@exemple.fr."

RESET = ("Votre mot de passe est changé et toutes les sessions du compte sont fermées. Connectez-vous : "
         "une seconde preuve reste demandée.")


def changed(sessions: int) -> str:
    """What follows a change: the sessions that were closed with it."""
    return f"Votre mot de passe est changé.{closed(sessions)}"
