"""The mails about passkeys: subject and body. No secret, no health data."""

from __future__ import annotations

from portal.settings import Settings
from portal.web import mails


def added(settings: Settings, name: str) -> tuple[str, str]:
    """A passkey was added."""
    return _mail(settings, name, "Une clé d’accès a été ajoutée", """\
Une clé d’accès vient d’être ajoutée à votre compte.
Avec votre mot de passe, elle ouvre le portail.""")


def removed(settings: Settings, name: str) -> tuple[str, str]:
    """A passkey was removed."""
    return _mail(settings, name, "Une clé d’accès a été retirée", """\
Une clé d’accès vient d’être retirée de votre compte.
Elle n’est plus acceptée.""")


def cloned(settings: Settings, name: str) -> tuple[str, str]:
    """A passkey's counter went back: it may have been copied."""
    return _mail(settings, name, "Une clé d’accès a été refusée", """\
Une clé d’accès de votre compte vient d’être refusée : elle compte moins d’utilisations que la fois précédente.
Quelqu’un en a peut-être fait une copie. Retirez-la dans « Codes et clés de connexion », puis créez-en une autre.""")


def _mail(settings: Settings, name: str, title: str, content: str) -> tuple[str, str]:
    return f"{title} — {settings.site_name}", f"""Bonjour {name},

{content}

Vous n’êtes pas à l’origine de cette action ? Prévenez l’assistance sans attendre.
{mails.signature(settings)}"""
