"""``--diagnostic``: what this workstation sees, in French, without asking for a code."""

from __future__ import annotations

import platform
from collections.abc import Callable
from datetime import UTC, datetime

from portal.agent import certificat
from portal.agent.actions import VERSION
from portal.agent.errors import CardError
from portal.agent.etats import Etat, Situation, look
from portal.agent.preuve import Source


def run(source: Source, write: Callable[[str], None] = print) -> int:
    """Print the report and stop the source; 0 when a card is ready to be used, else 1."""
    try:
        situation = look(source)
        for line in report(source, situation, datetime.now(UTC)):
            write(line)
    finally:
        source.close()
    return 0 if situation.etat is Etat.CARTE_PRETE else 1


def report(source: Source, situation: Situation, now: datetime) -> list[str]:
    """The report's lines."""
    lines = [f"Programme du lecteur\u00a0: {VERSION}",
             f"Python {platform.python_version()}, {platform.system()} {platform.release()}", *source.describe()]
    if source.notice:
        lines.append(source.notice)
    if situation.presence:
        lines += _card(source, now)
    if situation.tries is not None:
        lines.append(f"Essais restants\u00a0: {situation.tries}")
    return [*lines, f"Résultat\u00a0: {situation.etat.title}.", situation.advice]


def _card(source: Source, now: datetime) -> list[str]:
    try:
        with source.open() as card:
            found = [f"Pilote choisi\u00a0: {card.name}"]
            certificates = [certificat.read(der) for der in card.certificates()]
    except CardError as error:
        return [f"Lecture interrompue\u00a0: {error or type(error).__name__}"]
    found.append(f"Certificats\u00a0: {len(certificates)}")
    for one in certificates:
        late = " (expiré)" if one.ends < now else ""
        found += [
            f"  {one.holder}",
            f"    numéro {one.serial}",
            f"    valable du {one.starts:%d/%m/%Y} au {one.ends:%d/%m/%Y}{late}",
            f"    usage\u00a0: {', '.join(one.usages) or 'non précisé'}",
        ]
    return found
