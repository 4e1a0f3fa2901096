"""Notices become mails: first one row for each person concerned, then one mail for all that waits for a person.

Both steps are made under the write lock, in transactions of their own: two processes never mail the same notice twice,
and one that dies in between leaves the rest to the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal import clock
from portal.avis import courriel, horaire
from portal.avis.horaire import Horaire
from portal.avis.models import Avis, AvisEnvoi
from portal.avis.rules import CODES
from portal.compte import queries as comptes
from portal.compte.espace import queries as preferences
from portal.db import database, outbox
from portal.espaces import queries as espaces
from portal.espaces import rules as roles
from portal.espaces.models import Usager
from portal.settings import Settings

BATCH, ROUNDS = 200, 10
"""The mails that one run writes at most, and the notices that it shares out in one transaction and in all, so that it
ends long before its lease and never keeps the write lock for long."""
STALE = timedelta(days=3)
"""After a long stop, what is older is no news any more: it stays in the portal and is not mailed."""
# Of a structure, those whose work a notice is.
TOLD_ROLES = {roles.ETABLISSEMENT: (roles.ADMISSIONS, roles.MEDICAL), roles.COORDINATION: (roles.DOSSIERS,),
              roles.HOSPITALIER: (roles.DOSSIERS,)}
COMPTE, USAGER = "compte", "usager"


@dataclass(frozen=True)
class Person:
    """Somebody to mail: his address ("" for none now), when he takes mails, which kinds he declines."""

    email: str
    horaire: Horaire
    declined: frozenset[str] = frozenset()

    def takes(self, code: str) -> bool:
        """True for a notice (a code of ``rules.CODES``) that he wants by mail."""
        known = CODES.get(code)
        return bool(self.email) and known is not None and known.notice not in self.declined


def dispatch(settings: Settings) -> int:
    """Share out the new notices, then mail what is due; returns the number of mails. Run again, it does nothing."""
    for _ in range(ROUNDS):
        if _share_out() < BATCH:
            break
    with database.reading():
        due = [row.cible for row in AvisEnvoi.select(AvisEnvoi.cible).where(AvisEnvoi.du <= clock.now())
               .distinct().order_by(AvisEnvoi.cible).limit(BATCH)]
    return sum(_mail(cible, settings) for cible in due)


# --- who is concerned

def _share_out() -> int:
    with database.writing():
        new = list(Avis.select().where(Avis.poste_le.is_null()).order_by(Avis.at).limit(BATCH))
        for avis in new:
            _concern(avis)
        Avis.update(poste_le=clock.now()).where(Avis.id.in_([one.id for one in new])).execute()
    return len(new)


def _concern(avis: Avis) -> None:
    if avis.lu_le is not None or avis.at < clock.now() - STALE:
        return
    for cible in _targets(str(avis.destinataire)):
        person = _person(cible)
        if person.takes(avis.code):
            AvisEnvoi.insert(avis_id=avis.id, cible=cible, du=horaire.leaves(avis.at, person.horaire)
                             ).on_conflict_ignore().execute()


def _targets(destinataire: str) -> Iterable[str]:
    """The people behind an addressee: « medecin:10100000011 », « structure:3 » or « usager:7 »."""
    kind, _, number = destinataire.partition(":")
    if kind == "medecin":
        compte = comptes.by_rpps(int(number))
        return [f"{COMPTE}:{compte.id}"] if compte else []
    if kind == "structure":
        of = espaces.structure(int(number))
        wanted = TOLD_ROLES[of.kind] if of else ()
        members = {one for role in wanted for one in espaces.members_with(int(number), role)}
        return [f"{COMPTE}:{one}" for one in sorted(members)]
    return [f"{USAGER}:{number}"]


def _person(cible: str) -> Person:
    kind, _, number = cible.partition(":")
    if kind == USAGER:
        one = Usager.get_or_none(
            Usager.id == int(number), Usager.retire_le.is_null(), Usager.confirme_le.is_null(False))
        return Person(espaces.email(one) if one and one.avis else "", Horaire())
    compte = comptes.get(int(number))
    if compte is None or compte.blocked_at is not None:
        return Person("", Horaire())
    chosen = preferences.preferences(compte.id)
    calme = None if chosen.calme_debut is None else (chosen.calme_debut, chosen.calme_fin)
    return Person(compte.email, Horaire(chosen.quotidien, calme), frozenset(str(chosen.sans_avis).split()))


# --- the mail

def _mail(cible: str, settings: Settings) -> int:
    """Mail one person all that waits for him; 1 when a mail was written."""
    with database.writing():
        now, person = clock.now(), _person(cible)
        # Read again under the lock: another process may have mailed it, he may have changed his mind meanwhile.
        waiting = _waiting(cible)
        if not waiting or min(due for _, due in waiting) > now:
            return 0
        later = horaire.again(now, person.horaire)
        if later > now and person.email:
            AvisEnvoi.update(du=later).where(AvisEnvoi.cible == cible, AvisEnvoi.du <= now).execute()
            return 0
        AvisEnvoi.delete().where(AvisEnvoi.cible == cible).execute()
        told = [avis for avis, _ in waiting if avis.lu_le is None and person.takes(avis.code)]
        if not told:
            return 0
        account = cible.startswith(COMPTE)
        outbox.send(person.email, *courriel.waiting(settings, told, account=account))
        return 1


def _waiting(cible: str) -> list[tuple[Avis, datetime]]:
    rows = {row.avis_id: row.du for row in AvisEnvoi.select().where(AvisEnvoi.cible == cible)}
    found = Avis.select().where(Avis.id.in_(list(rows))).order_by(Avis.at, Avis.id)
    return [(avis, rows[avis.id]) for avis in found]
