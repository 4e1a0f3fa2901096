"""The mails about delegations: subject and body. No patient is ever named."""

from __future__ import annotations

from datetime import date

from portal.settings import Settings
from portal.web import dates, mails


def received(settings: Settings, principal: str, name: str, starts: date, ends: date | None) -> tuple[str, str]:
    """Tells the delegate what he was lent, and where to begin."""
    return f"Une délégation du {principal} — {settings.site_name}", f"""Bonjour {name},

Le {principal} vous confie l’accès à ses dossiers {settings.site_name}, {period(starts, ends)}.
Connectez-vous avec votre propre carte, puis choisissez « Agir pour le {principal} » :

{settings.origin}/delegations

Tout ce que vous ferez sera écrit à votre nom, par délégation du {principal}.
{mails.signature(settings)}"""


def given(settings: Settings, name: str, delegate: str, starts: date, ends: date | None) -> tuple[str, str]:
    """Tells the physician what he has lent, in case it was not he."""
    return f"Vous avez créé une délégation — {settings.site_name}", f"""Bonjour {name},

Vous confiez l’accès à vos dossiers {settings.site_name} à : {delegate}, {period(starts, ends)}.
Vous pouvez y mettre fin à tout moment :

{settings.origin}/delegations

Si vous n’êtes pas à l’origine de cette délégation, révoquez-la et prévenez l’assistance sans attendre.
{mails.signature(settings)}"""


def revoked(settings: Settings, name: str, other: str, *, by: str) -> tuple[str, str]:
    """Tells either of the two that it has ended, and by whom."""
    return f"Une délégation a pris fin — {settings.site_name}", f"""Bonjour {name},

La délégation entre vous et {other} a pris fin à l’instant. Elle a été révoquée par : {by}.
L’historique reste visible dans « Mes délégations » :

{settings.origin}/delegations
{mails.signature(settings)}"""


def moved(settings: Settings, name: str, other: str, ends: date) -> tuple[str, str]:
    """Tells either of the two that the last day has changed."""
    return f"Une délégation change de date de fin — {settings.site_name}", f"""Bonjour {name},

La délégation entre vous et {other} se termine désormais le {dates.day(ends)} à minuit, heure de Paris.
{mails.signature(settings)}"""


def ending(settings: Settings, name: str, other: str, ends: date, *, today: date) -> tuple[str, str]:
    """Tells either of the two, before the last day or on it, that nothing more is to be done, or how to prolong."""
    when = "ce soir" if ends == today else f"le {dates.day(ends)}"
    return f"Une délégation se termine {when} — {settings.site_name}", f"""Bonjour {name},

La délégation entre vous et {other} se termine {when} à minuit, heure de Paris.
Elle s’arrête d’elle-même. Celui qui a confié ses dossiers peut changer cette date jusque-là :

{settings.origin}/delegations
{mails.signature(settings)}"""


def invitation(settings: Settings, name: str, principal: str, jeton: str) -> tuple[str, str]:
    """Invites a secretary; the link opens her account, or joins the one she has."""
    days = max(1, settings.invitation_life.days)
    return f"Le {principal} vous invite sur {settings.site_name}", f"""Bonjour {name},

Le {principal} vous invite à préparer ses dossiers sur {settings.site_name}.
Pour accepter, ouvrez ce lien :

{settings.origin}/delegations/invitation/{jeton}

Il sert une seule fois et reste valable {days} jour{"s" if days > 1 else ""}.
Si vous ne connaissez pas ce médecin, n’ouvrez pas le lien.
{mails.signature(settings)}"""


def joined(settings: Settings, name: str, secretary: str) -> tuple[str, str]:
    """Tells the physician that his secretary has accepted."""
    return f"Votre secrétariat a accepté votre invitation — {settings.site_name}", f"""Bonjour {name},

{secretary} a accepté votre invitation et peut désormais préparer vos dossiers.
Le volet médical lui reste fermé. Vous pouvez mettre fin à cet accès à tout moment :

{settings.origin}/delegations
{mails.signature(settings)}"""


def period(starts: date, ends: date | None) -> str:
    """« du 01/12/2026 au 24/12/2026 inclus », or « à partir du … »."""
    if ends is None:
        return f"à partir du {dates.day(starts)}"
    return f"du {dates.day(starts)} au {dates.day(ends)} inclus"
