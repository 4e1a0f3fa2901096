"""What the clocks do to requests, besides ``commands.expire``: in the caller's transaction, audited as « Système »."""

from __future__ import annotations

from collections.abc import Callable, Collection

from portal import clock
from portal.avis import commands as avis
from portal.avis import queries as addressees
from portal.db import audit
from portal.db.audit import SYSTEM
from portal.demandes import commands, queries, rules
from portal.demandes.commands import Impossible
from portal.demandes.models import Demande, Pas
from portal.dossiers import queries as dossiers
from portal.dossiers import rules as dossier_rules
from portal.dossiers.models import Dossier

Missing = Callable[[Dossier], Collection[str]]


def remind(demande_id: int) -> bool:
    """Remind an establishment by itself; False when it has answered meanwhile.

    Neither the version nor the people's own reminders are touched: a form that somebody is filling in stays good, and
    whoever follows the dossier may still remind it himself.
    """
    demande = queries.one(demande_id)
    if demande.etat not in rules.SILENT:
        return False
    label = _label(dossiers.by_id(demande.dossier_id))
    _note(demande, "relancer", label)
    avis.tell(addressees.of_establishment(demande.etablissement_id), "relance", dossier=label, demande_id=demande.id)
    return True


def escalate(demande_id: int, missing: Missing, *, send: bool) -> bool:
    """An establishment did not call back as it had promised: those who follow the dossier are told and, if ``send``,
    the next establishment of their selection is asked. False when it has answered meanwhile.

    ``missing`` names what a dossier lacks: by itself it leaves only when it is whole, even for an establishment that
    reads others too.
    """
    demande, now = queries.one(demande_id), clock.now()
    kept = demande.promesse_le is None or demande.promesse_le > now or demande.repondue_le is not None
    if kept or demande.etat not in rules.SILENT or demande.escalade_le is not None:
        return False
    Demande.update(escalade_le=now).where(Demande.id == demande.id).execute()
    dossier = dossiers.by_id(demande.dossier_id)
    _note(demande, "escalader", _label(dossier))
    avis.tell(addressees.asking_side(dossier), "escalade", dossier=_label(dossier), demande_id=demande.id)
    if send and not missing(dossier):
        _ask_the_next(demande)
    return True


def ask_for_arrival(demande_id: int) -> bool:
    """Ask an establishment whether the patient it awaited came, and warn both sides that the request closes by itself;
    False when it has said so meanwhile, or was asked before."""
    demande = queries.one(demande_id)
    if demande.etat != rules.ACCEPTEE or demande.rappel_fin_le is not None:
        return False
    Demande.update(rappel_fin_le=clock.now()).where(Demande.id == demande.id).execute()
    dossier = dossiers.by_id(demande.dossier_id)
    to = [*addressees.asking_side(dossier), *addressees.of_establishment(demande.etablissement_id)]
    avis.tell(to, "arrivee_a_declarer", dossier=_label(dossier), demande_id=demande.id)
    return True


def tell_of_closure(demande_id: int) -> bool:
    """Tell those who follow a dossier that the establishment it waits for is no longer in the directory: the request
    stays theirs to cancel, the patient may be on his way. False when it is over meanwhile."""
    demande = queries.one(demande_id)
    if demande.etat not in rules.PENDING:
        return False
    dossier = dossiers.by_id(demande.dossier_id)
    avis.tell(addressees.asking_side(dossier), "fermeture", dossier=_label(dossier), demande_id=demande.id)
    return True


def _ask_the_next(demande: Demande) -> None:
    """The first of the selection that can be asked, for the same kind of stay."""
    chosen = Demande.select().where(
        Demande.dossier_id == demande.dossier_id, Demande.sejour == demande.sejour,
        Demande.etat == rules.NON_ENVOYEE).order_by(Demande.id)
    for one in list(chosen):
        try:
            commands.send(SYSTEM, one.id, one.version, ())
        except Impossible:
            continue
        return


def _note(demande: Demande, event: str, label: str) -> None:
    Pas.insert(demande_id=demande.id, at=clock.now(), evenement=event, de=demande.etat, vers=demande.etat,
               par=SYSTEM.signature).execute()
    audit.record(SYSTEM, f"demande.{event}", dossier=label, detail=str(demande.id))


def _label(dossier: Dossier) -> str:
    return dossier_rules.format_numero(dossier.module, dossier.numero)
