"""Changes to paper dossiers: each in the caller's transaction, each with its audit row, which names nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal import clock
from portal.db import audit
from portal.db.audit import Actor
from portal.db.crypto import keys
from portal.espaces.etablissement.papier import rules
from portal.espaces.etablissement.papier.models import Papier
from portal.espaces.etablissement.papier.queries import TABLE


class Stale(Exception):
    """The paper dossier changed since it was shown; ``now`` is how it stands."""

    def __init__(self, now: Papier) -> None:
        super().__init__("stale")
        self.now = now


class Impossible(Exception):
    """It can't go there from where it stands; the message is a French sentence."""


@dataclass(frozen=True)
class Nouveau:
    """A dossier that came on paper: whose, for which stay, when."""

    nom: str
    prenom: str
    telephone: str
    sejour: str
    gir: int | None
    recu_le: date


def receive(actor: Actor, etablissement_id: int, new: Nouveau) -> Papier:
    """Note down a paper dossier. Nothing else follows from it: no automatic cancelling, no search for duplicates."""
    now = clock.now()
    made: Papier = Papier.create(
        etablissement_id=etablissement_id, sejour=new.sejour, gir=new.gir, recu_le=new.recu_le, etat=rules.RECU,
        created=now, updated=now, par=actor.signature)
    sealed = {column: _seal(made, column, getattr(new, column)) for column in ("nom", "prenom", "telephone")}
    Papier.update(**sealed).where(Papier.id == made.id).execute()
    audit.record(actor, "papier.recevoir", detail=str(made.id))
    return made


def move(actor: Actor, papier: Papier, version: int, etat: str, niveau: str = "", entree: date | None = None) -> None:
    """Say where a paper dossier stands now. Raises Stale, Impossible."""
    if papier.version != version:
        raise Stale(papier)
    if etat not in rules.ETATS[papier.etat].targets:
        known = ", ".join(f"«\u00a0{one.label}\u00a0»" for one in rules.targets(papier.etat))
        raise Impossible(f"Ce dossier papier est à l’état «\u00a0{rules.ETATS[papier.etat].label}\u00a0»\u00a0: il ne "
                         f"peut passer qu’à {known}.")
    Papier.update(
        etat=etat, niveau=niveau if etat == rules.LISTE else "", entree=entree if etat == rules.ADMIS else None,
        version=version + 1, updated=clock.now(), par=actor.signature).where(Papier.id == papier.id).execute()
    audit.record(actor, "papier.deplacer", detail=f"{papier.id} {papier.etat} {etat}")


def _seal(papier: Papier, column: str, text: str) -> bytes | None:
    return keys().seal(text, table=TABLE, row=str(papier.id), column=column) if text else None
