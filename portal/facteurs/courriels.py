"""The mails about second factors: subject and body. No code, no secret, no health data."""

from __future__ import annotations

from portal.facteurs.rules import FEW_RECOVERY_CODES
from portal.settings import Settings
from portal.web import mails


def application_added(settings: Settings, name: str) -> tuple[str, str]:
    """An authenticator application was enrolled."""
    return _mail(settings, name, "Une application d’authentification a été ajoutée", """\
Une application d’authentification vient d’être ajoutée à votre compte.
Elle donne les codes que le portail demande après votre mot de passe.""")


def application_removed(settings: Settings, name: str, *, last: bool) -> tuple[str, str]:
    """An application was removed; with the ``last`` one the recovery codes went too."""
    more = """
C’était la dernière : vos codes de secours ont été supprimés avec elle.""" if last else ""
    return _mail(settings, name, "Une application d’authentification a été retirée", f"""\
Une application d’authentification vient d’être retirée de votre compte.
Ses codes ne sont plus acceptés.{more}""")


def all_removed(settings: Settings, name: str) -> tuple[str, str]:
    """The support removed every second factor."""
    return _mail(settings, name, "Vos codes et vos clés ont été retirés", """\
À votre demande, l’assistance a retiré les applications, les codes de secours et les clés d’accès de votre compte.
Un médecin se reconnecte avec sa carte ; une secrétaire demande une nouvelle invitation à son médecin.""")


def recovery_made(settings: Settings, name: str) -> tuple[str, str]:
    """Recovery codes were made; former ones are worthless."""
    return _mail(settings, name, "De nouveaux codes de secours ont été créés", """\
De nouveaux codes de secours viennent d’être créés pour votre compte.
Les précédents, s’il y en avait, ne sont plus acceptés.""")


def recovery_used(settings: Settings, name: str, left: int) -> tuple[str, str]:
    """A recovery code has served; says how many are left, and what to do when they are few."""
    return _mail(settings, name, "Un code de secours a été utilisé", f"""\
Un code de secours vient de servir à se connecter à votre compte.
{_left(left)}""")


def _left(left: int) -> str:
    if left > FEW_RECOVERY_CODES:
        return f"Il vous en reste {left}."
    few = {0: "Il ne vous en reste aucun", 1: "Il ne vous en reste qu’un"}
    count = few.get(left, f"Il ne vous en reste que {left}")
    return f"{count} : créez-en de nouveaux dans « Mon compte », « Mot de passe et codes »."


def _mail(settings: Settings, name: str, title: str, content: str) -> tuple[str, str]:
    return f"{title} — {settings.site_name}", f"""Bonjour {name},

{content}

Vous n’êtes pas à l’origine de ce changement ? Prévenez l’assistance sans attendre.
{mails.signature(settings)}"""
