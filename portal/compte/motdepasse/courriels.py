"""The mails about a password: subject and body. No password, no health data."""

from __future__ import annotations

from datetime import timedelta

from portal.settings import Settings
from portal.web import mails


def link(settings: Settings, name: str, jeton: str) -> tuple[str, str]:
    """The link that sets a forgotten password anew."""
    return f"Choisissez un nouveau mot de passe — {settings.site_name}", f"""Bonjour {name},

Un nouveau mot de passe a été demandé pour votre compte {settings.site_name}.
Pour le choisir, ouvrez ce lien :

{settings.origin}/compte/mot-de-passe/nouveau/{jeton}

Il est valable {life(settings.reset_link_life)} et ne sert qu’une fois. Une nouvelle demande le remplace.
Vous n’avez rien demandé ? Ne l’ouvrez pas : votre mot de passe reste le même.
Si ces courriels se répètent, prévenez l’assistance.
{mails.signature(settings)}"""


def changed(settings: Settings, name: str, *, by_link: bool = False) -> tuple[str, str]:
    """The password was changed by whoever was logged in, or set anew by a mailed link."""
    how = "par le lien envoyé à cette adresse. Toutes les sessions ouvertes ont été fermées" if by_link else \
        "dans « Mon compte ». Les autres sessions ouvertes ont été fermées"
    return f"Votre mot de passe a été changé — {settings.site_name}", f"""Bonjour {name},

Le mot de passe de votre compte {settings.site_name} vient d’être changé,
{how}.

C’était vous ? Vous n’avez rien à faire.
Ce n’était pas vous ? Prévenez l’assistance sans attendre : elle peut bloquer le compte.
{mails.signature(settings)}"""


def life(span: timedelta) -> str:
    """« 24 heures », « 30 minutes »: how long a link is good for."""
    minutes = max(1, int(span.total_seconds() // 60))
    number, unit = (minutes // 60, "heure") if minutes >= 60 else (minutes, "minute")
    return f"{number} {unit}{'s' if number > 1 else ''}"
