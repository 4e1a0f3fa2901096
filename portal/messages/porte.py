"""The two doors of a thread: the side that asks comes by the dossier, an establishment by the request it received."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from portal.delegations.rules import SECRETAIRE
from portal.demandes import queries as demandes
from portal.demandes import rules as of_demandes
from portal.demandes.models import Demande
from portal.dossiers import porte
from portal.dossiers import rules as dossiers
from portal.dossiers.queries import Visible
from portal.espaces.etablissement import porte as espaces
from portal.espaces.etablissement import queries as etablissement
from portal.espaces.rules import ADMISSIONS, MEDICAL
from portal.messages import rules
from portal.volets import acces
from portal.web import errors
from portal.web.session import visit

SECRETARY = ("Les messages avec les établissements peuvent parler de santé\u00a0: ils sont lus par les médecins, "
             "pas par le secrétariat.")
NOT_READ = "Votre délégation ne comprend pas le droit de lire les échanges d’un dossier."
NOT_WRITTEN = "Votre délégation permet de lire ces messages, sans y répondre."


@dataclass(frozen=True)
class Contact:
    """Whom one may call instead: what he is, his name, his telephone ("" when it is not known)."""

    quoi: str
    nom: str
    telephone: str


@dataclass(frozen=True)
class Fil:
    """A thread as who asks may come to it: his side, its address, where it hangs, who is across.

    ``refus``: why he may not write, "" when he may.
    """

    side: str
    ici: str
    vu: Visible
    demande: Demande
    contacts: list[Contact]
    refus: str

    @property
    def shut(self) -> bool:
        """True once the establishment sees no more of the dossier than its label."""
        return self.side == rules.RECEVEUR and self.demande.etat not in of_demandes.READABLE


class ToOpen(Exception):
    """The establishment has not opened the dossier yet: its messages wait with it."""


def asking(request: Request) -> Fil:
    """The thread of the address for who asks; raises NotFound, NotLent."""
    seen = dossier(request)
    found = demandes.of(seen.dossier.id, request.path_params["demande"])
    if found.demande.envoyee_le is None:
        raise errors.NotFound()
    return Fil(rules.DEMANDEUR, f"{porte.address(seen)}/demandes/{found.demande.id}/messages", seen, found.demande,
               [Contact("Établissement", found.nom, found.telephone)], _refusal(request, found.demande))


def dossier(request: Request) -> Visible:
    """The dossier of the address, if who asks reads its messages; raises NotFound, NotLent."""
    seen, actor = porte.accepted(request), visit(request).actor
    if actor.mandate and actor.mandate.kind == SECRETAIRE:
        raise errors.NotLent(SECRETARY)
    if acces.role(actor, seen) not in rules.ASKING_ROLES:
        raise errors.NotFound()
    if actor.mandate and "lire" not in actor.mandate.rights:
        raise errors.NotLent(NOT_READ)
    return seen


def receiving(request: Request) -> Fil:
    """The thread of a request that this member's establishment received; raises NotFound, NotYours, ToOpen."""
    member, one = espaces.received(request, ADMISSIONS, MEDICAL)
    if one.demande.etat == of_demandes.ENVOYEE:
        raise ToOpen()
    home = f"/espaces/etablissement/demandes/{one.demande.id}"
    role = "receveur_medical" if MEDICAL in member.roles else "receveur"
    seen = Visible(one.dossier, None, dossiers.MODULES[one.dossier.module], role, home)
    across = [] if one.closed else [Contact(who.quoi, who.nom, who.telephone)
                                    for who in etablissement.contacts(one.dossier)]
    return Fil(rules.RECEVEUR, f"{home}/messages", seen, one.demande, across,
               rules.why_closed(one.demande.module, one.demande.etat, rules.RECEVEUR))


def _refusal(request: Request, demande: Demande) -> str:
    mandate = visit(request).actor.mandate
    closed = rules.why_closed(demande.module, demande.etat, rules.DEMANDEUR)
    if closed or mandate is None or "repondre" in mandate.rights:
        return closed
    return NOT_WRITTEN
