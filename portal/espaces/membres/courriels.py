"""The mails about a structure's accounts: subject and body. No patient is ever named."""

from __future__ import annotations

from portal.settings import Settings
from portal.web import mails


def invitation(settings: Settings, name: str, structure: str, par: str, jeton: str) -> tuple[str, str]:
    """Invites somebody to work for a structure; the link opens his account."""
    days = max(1, settings.invitation_life.days)
    return f"{structure} vous invite sur {settings.site_name}", f"""Bonjour {name},

{par} vous invite à travailler sur {settings.site_name} pour : {structure}.
Pour ouvrir votre compte, suivez ce lien :

{settings.origin}/espaces/invitation/{jeton}

Il sert une seule fois et reste valable {days} jour{"s" if days > 1 else ""}.
Si vous ne connaissez pas cette structure, n’ouvrez pas le lien.
{mails.signature(settings)}"""


def removed(settings: Settings, name: str, structure: str) -> tuple[str, str]:
    """Tells somebody that he no longer works for a structure here."""
    return f"Votre accès est retiré — {settings.site_name}", f"""Bonjour {name},

Votre accès à {settings.site_name} pour {structure} vient d’être retiré par son référent.
Si c’est une erreur, adressez-vous à lui.
{mails.signature(settings)}"""


def changed(settings: Settings, name: str, structure: str) -> tuple[str, str]:
    """Tells somebody that what he may do has changed."""
    return f"Vos rôles ont changé — {settings.site_name}", f"""Bonjour {name},

Le référent de {structure} a changé vos rôles sur {settings.site_name}.
Ils sont visibles dans « Membres et rôles » :

{settings.origin}/espaces/membres
{mails.signature(settings)}"""
