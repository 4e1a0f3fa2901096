"""What is well and what is not, each in French words."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from portal import clock
from portal.aide.queries import Site
from portal.db import crypto, database, outbox
from portal.db.base import rows
from portal.echeances import registre
from portal.echeances.travaux import JOBS
from portal.sante import arret
from portal.settings import Settings
from portal.web.session import Session

log = logging.getLogger("portal.sante")

# A mail that waits longer than this is worth telling.
LONG = timedelta(minutes=15)
FAILED = "Ne répond pas."


@dataclass(frozen=True)
class Check:
    """One part: its name, whether it is well, words. ``vital``: without it no page can be served."""

    name: str
    good: bool
    words: str
    vital: bool = True


@dataclass(frozen=True)
class Figures:
    """What is counted in the database: mails that wait and those that wait too long, late jobs, open sessions."""

    mails: int
    overdue: int
    late: int
    sessions: int


def checks(settings: Settings, site: Site) -> list[Check]:
    """Every check, the vital ones first. None of them raises."""
    return [
        _stopping(),
        _asked("base", _database),
        _asked("cles", _keys),
        _asked("disque", lambda: _disk(settings)),
        Check("aide", bool(site.files), "Elle est construite." if site.files else
              "Elle n’est pas construite\u00a0: lancez «\u00a0portal aide\u00a0».", vital=False),
        _asked("echeances", _clocks, vital=False),
        _asked("courriels", lambda: _mails(settings), vital=False),
    ]


def figures() -> Figures:
    """The database's figures. Raises what the database raises."""
    now = clock.now()
    with database.reading():
        waiting = outbox.Courriel.select().where(outbox.Courriel.sent.is_null()).count()
        return Figures(waiting, outbox.overdue(LONG), len(registre.late(JOBS)),
                       Session.select().where(Session.ends > now).count())


def _asked(name: str, ask: Callable[[], tuple[bool, str]], *, vital: bool = True) -> Check:
    try:
        good, words = ask()
    except Exception as error:
        # Whatever it is, it is the answer; its words stay out of it and out of the log.
        log.warning("check %s failed (%s)", name, type(error).__name__)
        good, words = False, FAILED
    return Check(name, good, words, vital)


def _stopping() -> Check:
    stopping = arret.stopping()
    return Check("service", not stopping, "Il s’arrête." if stopping else "Il fonctionne.")


def _database() -> tuple[bool, str]:
    with database.reading():
        rows("SELECT 1")
        pending = database.pending()
    if pending:
        return False, "Elle attend une mise à jour\u00a0: lancez «\u00a0portal migrate\u00a0»."
    return True, "Elle répond."


def _keys() -> tuple[bool, str]:
    return bool(crypto.keys().secret), "Elles sont chargées."


def _disk(settings: Settings) -> tuple[bool, str]:
    free = shutil.disk_usage(settings.data).free
    good = free >= settings.disk_min
    return good, "Il reste de la place." if good else f"Il ne reste que {free // 2**20}\u00a0Mio."


def _clocks() -> tuple[bool, str]:
    with database.reading():
        late = len(registre.late(JOBS))
    return not late, f"En retard\u00a0: {late}." if late else "À l’heure."


def _mails(settings: Settings) -> tuple[bool, str]:
    if not settings.smtp_url:
        return settings.demonstration, "Aucun serveur de courriel n’est réglé\u00a0: rien ne part."
    with database.reading():
        late = outbox.overdue(LONG)
    return not late, f"Attendent depuis plus d’un quart d’heure\u00a0: {late}." if late else "Aucun ne tarde."
