"""The mail about what waits: subject and body. Numbers of dossiers, no name, no word of health."""

from __future__ import annotations

from collections.abc import Sequence

from portal.avis.models import Avis
from portal.avis.rules import CODES
from portal.settings import Settings
from portal.web import mails

MOST = 20


def waiting(settings: Settings, found: Sequence[Avis], *, account: bool) -> tuple[str, str]:
    """Subject and body for one person's notices, the first one first; ``account``: he can change what he is sent."""
    lines = list(dict.fromkeys(f"- Dossier {one.dossier}\u00a0: {CODES[one.code].sentence}" for one in found))
    more = len(lines) - MOST
    told = "\n".join(lines[:MOST]) + (f"\n- et {more} autre{'s' if more > 1 else ''}" if more > 0 else "")
    subject = "Quelque chose vous attend" if len(lines) == 1 else f"{len(lines)} choses vous attendent"
    where = "/avis" if account else "/espaces/usager"
    change = (f"Choisir ces courriels et leurs heures\u00a0: {settings.origin}/compte/notifications\n" if account else
              "Pour arrêter ces courriels\u00a0: page «\u00a0Avis\u00a0» de votre espace.\n")
    return f"{settings.site_name}\u00a0: {subject[0].lower()}{subject[1:]}", f"""Bonjour,

{told}

Pour en savoir plus, connectez-vous\u00a0: {settings.origin}{where}

{change}Par sécurité, ce courriel ne contient ni nom ni donnée de santé.
{mails.signature(settings)}"""
