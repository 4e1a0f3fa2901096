"""The mails of a login by password and code: subject and body. No health data, no password."""

from __future__ import annotations

from datetime import datetime

from portal.clock import PARIS
from portal.settings import Settings
from portal.web import mails


def code(settings: Settings, name: str, figures: str, until: datetime) -> tuple[str, str]:
    """The code itself; it serves in the session that asked for it, and nowhere else."""
    local = until.astimezone(PARIS)
    return f"Votre code de connexion — {settings.site_name}", f"""Bonjour {name},

Votre code de connexion : {figures}

Il sert une seule fois, dans la fenêtre où vous l’avez demandé, jusqu’à {local.hour} h {local:%M}.
Ne le donnez à personne : l’assistance ne vous le demandera jamais.

Vous n’avez rien demandé ? Quelqu’un connaît votre mot de passe : prévenez l’assistance sans attendre.
{mails.signature(settings)}"""


def tries_spent(settings: Settings, name: str) -> tuple[str, str]:
    """Five wrong codes after the right password: its holder must know."""
    return f"Connexion refusée après cinq codes faux — {settings.site_name}", f"""Bonjour {name},

Cinq codes faux viennent d’être saisis pour se connecter à votre compte, après le bon mot de passe.
La connexion a été refusée.

Ce n’était pas vous ? Quelqu’un connaît votre mot de passe : prévenez l’assistance sans attendre.
Votre carte CPS, si vous en avez une, n’est pas concernée.
{mails.signature(settings)}"""
