"""Who asks on the patient's side, her dossier, and what her role lets her do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from portal.dossiers import queries as dossiers
from portal.dossiers import rules as dossier_rules
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.espaces import acces
from portal.espaces.models import Usager
from portal.espaces.usager import rules
from portal.volets.presenters import bandeau
from portal.web import errors, traces

HOME = "/espaces/usager/dossier"


class Suit(errors.PageError):
    """A relative who only follows, or a dossier that somebody else leads."""

    code = "E25"
    status = 403
    title = "Cette action n’est pas la vôtre"
    explanation = "Vous suivez ce dossier sans pouvoir le modifier."
    advice = "Demandez à la personne qui s’occupe du dossier de le faire, ou de vous donner ce rôle."
    aide = "espaces/usager#proches"


@dataclass(frozen=True)
class Moi:
    """Somebody of the patient's side and the one dossier she sees."""

    usager: Usager
    vu: Visible

    @property
    def dossier(self) -> Dossier:
        return self.vu.dossier

    @property
    def agit(self) -> bool:
        """True for the person herself and who helps her; a relative only follows."""
        return self.usager.role in rules.ACTING

    @property
    def conduit(self) -> bool:
        """True when the dossier is led by the patient's side, and she may act in it."""
        return self.agit and self.dossier.referent_kind == "patient"

    @property
    def page(self) -> dict[str, Any]:
        """What each page prints around its own part."""
        return {"nav": "usager", "vu": self.vu, "ici": "/espaces/usager", "bandeau": bandeau(self.vu),
                "agit": self.agit, "conduit": self.conduit}


def of(request: Request) -> Moi:
    """Who asks; raises NotFound for anybody else."""
    one = acces.usager(request)
    dossier = dossiers.by_id(one.dossier_id)
    found = Visible(dossier, None, dossier_rules.MODULES[dossier.module], one.role, HOME)
    traces.saw(request, found.label)
    return Moi(one, found)


def acting(request: Request) -> Moi:
    """Who asks, if she may write in the dossier; raises Suit."""
    moi = of(request)
    if not moi.agit:
        raise Suit()
    return moi


def leading(request: Request, *, etats: frozenset[str] | None = None) -> Moi:
    """Who asks, if her side leads the dossier; raises Suit, or Conflict when it is in none of these states."""
    moi = acting(request)
    if not moi.conduit:
        raise Suit(f"Ce dossier est conduit par\u00a0: {moi.vu.referent}.",
                   "Demandez-lui de le faire\u00a0: il est votre interlocuteur pour ce dossier.")
    if etats is not None and moi.dossier.etat not in etats:
        raise errors.Conflict("L’état de ce dossier ne le permet plus.", "Revenez à votre dossier.")
    return moi
