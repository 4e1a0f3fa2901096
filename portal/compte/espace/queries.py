"""Questions behind the sections of « Mon compte »."""

from __future__ import annotations

from dataclasses import dataclass

from portal.compte.espace.rules import CODES, REFUSALS
from portal.compte.models import Appareil, Compte, Preference
from portal.db.audit import Trace

HISTORY_PAGE = 20


@dataclass(frozen=True)
class Slice:
    """Some acts, newest first; ``older``: the id to go on before, None at the end."""

    traces: list[Trace]
    older: int | None


def preferences(compte_id: int) -> Preference:
    """What an account chose, or the defaults."""
    return Preference.get_or_none(Preference.compte_id == compte_id) or Preference(compte_id=compte_id)


def wants(compte_id: int, kind: str) -> bool:
    """True when an account takes the mails of this kind, a code of ``rules.NOTICES``.

    Raises KeyError for an unknown kind: a mail that nobody can decline is not sent by mistake.
    """
    if kind not in CODES:
        raise KeyError(kind)
    return kind not in str(preferences(compte_id).sans_avis).split()


def history(compte: Compte, before: int | None = None) -> Slice:
    """The logins to an account and the codes refused to it, before the act of this id if one is given."""
    own = Trace.rpps == compte.rpps if compte.rpps else Trace.subject == compte.subject
    of_login = Trace.event.startswith("connexion.") | Trace.event.in_(list(REFUSALS))
    where = [own, of_login] + ([Trace.id < before] if before else [])
    found = list(Trace.select().where(*where).order_by(Trace.id.desc()).limit(HISTORY_PAGE + 1))
    return sliced(found, HISTORY_PAGE)


def devices(compte_id: int) -> list[Appareil]:
    """The browsers that have opened an account, oldest first."""
    return list(Appareil.select().where(Appareil.compte_id == compte_id).order_by(Appareil.created, Appareil.hash))


def is_login(trace: Trace) -> bool:
    """True for an act that ``history`` shows."""
    return trace.event.startswith("connexion.") or trace.event in REFUSALS


def acts(compte: Compte) -> list[Trace]:
    """All that this person did himself, oldest first."""
    own = Trace.rpps == compte.rpps if compte.rpps else Trace.subject == compte.subject
    return list(Trace.select().where(own).order_by(Trace.id))


def sliced(found: list[Trace], size: int) -> Slice:
    """One page of ``size`` acts out of one more, which tells that there are older ones."""
    return Slice(found[:size], int(found[size - 1].id) if len(found) > size else None)
