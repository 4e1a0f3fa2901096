"""The mails about an account: subject and body. No health data, no password."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.settings import Settings
from portal.web import dates, mails


def confirmation(settings: Settings, name: str, jeton: str) -> tuple[str, str]:
    """Asks to confirm the address by its link."""
    return f"Confirmez votre adresse électronique — {settings.site_name}", f"""Bonjour {name},

Vous avez indiqué cette adresse dans votre compte {settings.site_name}.
Pour la confirmer, ouvrez ce lien, puis cliquez sur « Confirmer mon adresse » :

{settings.origin}/compte/confirmer/{jeton}

Ce lien est valable {_days(settings.email_link_life)}.
Si vous n’êtes pas à l’origine de cette demande, n’ouvrez pas le lien et prévenez l’assistance.
{mails.signature(settings)}"""


def address_changed(settings: Settings, name: str) -> tuple[str, str]:
    """Tells the former address that it was replaced (the new one is not named)."""
    return f"Votre adresse électronique a été modifiée — {settings.site_name}", f"""Bonjour {name},

L’adresse électronique de votre compte {settings.site_name} vient d’être remplacée par une autre.
Cette adresse-ci ne recevra plus de courriel du portail.
Si vous n’êtes pas à l’origine de ce changement, prévenez l’assistance sans attendre.
{mails.signature(settings)}"""


def new_device(settings: Settings, name: str, *, at: datetime, device: str, level: str) -> tuple[str, str]:
    """Tells of a login from a browser that this account had never been opened from."""
    return f"Nouvelle connexion à votre compte — {settings.site_name}", f"""Bonjour {name},

Votre compte {settings.site_name} vient d’être ouvert depuis un navigateur que nous ne connaissions pas.

Quand : le {dates.moment(at)}
Navigateur : {device}
Moyen de connexion : {level}

C’était vous ? Vous n’avez rien à faire.
Ce n’était pas vous ? Fermez cette session dans « Mon compte », puis appelez l’assistance :

{settings.origin}/compte/sessions
{mails.signature(settings)}"""


def _days(life: timedelta) -> str:
    hours = max(1, int(life.total_seconds() // 3600))
    if hours < 48:
        return f"{hours} heure{'s' if hours > 1 else ''}"
    return f"{hours // 24} jours"
