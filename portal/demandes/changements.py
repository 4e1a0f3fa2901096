"""What changed in a dossier after a request had left: who is told, and what the two signed versions say.

Only signed versions are compared: what a volet said when the request was sent, and what it says now. The content stays
in the volets; a notice, a step and an audit row only say that something changed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from portal import clock
from portal.avis import commands as avis
from portal.avis import queries as addressees
from portal.db import audit
from portal.db.audit import Actor
from portal.demandes import rules
from portal.demandes.models import Demande, Pas
from portal.dossiers.queries import Visible
from portal.volets import queries as volets
from portal.volets import reponses
from portal.volets.formulaire import Answers, Definition, Value
from portal.volets.queries import Signe

EVENT = "changement"
# Who has not opened a request has read nothing of it yet.
READ = rules.READABLE - {rules.ENVOYEE}


@dataclass(frozen=True)
class Reponse:
    """One question whose answer changed, in words; "" for no answer."""

    question: str
    avant: str = field(repr=False)
    apres: str = field(repr=False)


@dataclass(frozen=True)
class Change:
    """A volet signed again since a request left; ``reponses`` is empty for who may not read it."""

    volet: str
    signe: Signe = field(repr=False)
    reponses: tuple[Reponse, ...] = field(default=(), repr=False)


def tell(actor: Actor, seen: Visible, code: str) -> int:
    """Tell each establishment that reads the dossier that this volet, just signed, says something else than before.

    Returns how many were told. In the caller's transaction; called again for the same signature, it tells nobody.
    """
    signed = volets.signatures(seen, code)
    reading = Demande.select().where(Demande.dossier_id == seen.dossier.id, Demande.etat.in_(sorted(READ)))
    told = [one for one in list(reading) if signed and _news(one, signed)]
    now = clock.now()
    for one in told:
        Pas.insert(demande_id=one.id, at=now, evenement=EVENT, de=one.etat, vers=one.etat, par=actor.signature,
                   subject=actor.subject or "").execute()
        audit.record(actor, f"demande.{EVENT}", dossier=seen.label, detail=str(one.id))
        avis.tell(addressees.of_establishment(one.etablissement_id), EVENT, dossier=seen.label, demande_id=one.id)
    return len(told)


def since_sent(demande: Demande, seen: Visible, readable: Collection[str]) -> list[Change]:
    """What was signed otherwise since a request left, volet by volet, with both answers of those in ``readable``."""
    found = []
    for one in volets.situations(seen):
        if demande.envoyee_le is None or one.valide_le is None or one.valide_le <= demande.envoyee_le:
            continue
        signed = volets.signatures(seen, one.code)
        after, before = signed[0], _before(signed, demande)
        changed = compare(before, after)
        if changed:
            found.append(Change(one.code, after, tuple(changed) if one.code in readable else ()))
    return found


def compare(before: Signe | None, after: Signe) -> list[Reponse]:
    """The questions whose answers differ, in the order of the present form, then those that it no longer asks."""
    now: tuple[Definition, Answers] = (after.definition, after.answers)
    old: tuple[Definition, Answers] = (before.definition, before.answers) if before else (after.definition, {})
    names = dict.fromkeys([*now[0].fields, *old[0].fields])
    return [_reponse(name, old, now) for name in names
            if reponses.digest(old[1].get(name)) != reponses.digest(now[1].get(name))]


def _reponse(name: str, old: tuple[Definition, Answers], now: tuple[Definition, Answers]) -> Reponse:
    asked = now[0].fields.get(name) or old[0].fields[name]
    return Reponse(asked.label, _words(old, name), _words(now, name))


def _words(form: tuple[Definition, Answers], name: str) -> str:
    definition, answers = form
    value: Value | None = answers.get(name)
    return reponses.words(definition.fields[name], value) if value and name in definition.fields else ""


def _before(signed: Collection[Signe], demande: Demande) -> Signe | None:
    """What the volet said when the request left; None when nobody had signed it yet. ``signed``: the latest first."""
    return next((one for one in signed if demande.envoyee_le and one.le <= demande.envoyee_le), None)


def _news(demande: Demande, signed: list[Signe]) -> bool:
    """True when the latest signature came after the request left, says something else than the one before, and the
    establishment was not told of it yet."""
    latest, former = signed[0], signed[1] if len(signed) > 1 else None
    if demande.envoyee_le is None or latest.le <= demande.envoyee_le or not compare(former, latest):
        return False
    return not Pas.select().where(Pas.demande_id == demande.id, Pas.evenement == EVENT, Pas.at >= latest.le).exists()
