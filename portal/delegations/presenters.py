"""Words of the delegations' pages."""

from __future__ import annotations

from dataclasses import dataclass

from portal.compte.queries import Compte
from portal.delegations import rules
from portal.delegations.models import Invitation
from portal.delegations.queries import Lent
from portal.dossiers.rules import MODULES
from portal.web import dates

UNKNOWN_RPPS = ("Aucun compte n’a ce numéro RPPS. Votre confrère doit d’abord ouvrir son compte avec sa propre carte "
                "CPS et accepter la charte ; ensuite, recommencez.")
NOT_ELEVEN = "Un numéro RPPS compte 11 chiffres : vérifiez-le."
HIMSELF = "C’est votre propre numéro RPPS : indiquez celui de votre confrère."
NO_DATE = "Indiquez une date, comme 24/12/2026."
PAST_START = "La délégation ne peut pas commencer avant aujourd’hui."
FAR_START = "Une délégation se prépare un an à l’avance au plus : vérifiez l’année."
END_BEFORE = "Le dernier jour vient avant le premier : vérifiez les deux dates."
NO_MODULE = "Choisissez au moins un module."
NO_RIGHT = "Choisissez au moins un droit."
NEEDS_READING = "Rédiger, valider, envoyer et répondre demandent aussi le droit « Lire »."
NAME_NEEDED = "Indiquez ce nom."
EMAIL_REFUSED = "Cette adresse ne peut pas être invitée : indiquez l’adresse professionnelle de votre secrétaire."
NO_FACTOR = ("Ajoutez d’abord une application de codes ou une clé d’accès : sans elle vous ne pourriez plus vous "
             "reconnecter.")
NOT_HERS = "Ce mot de passe n’est pas celui de votre compte."
ENDED = "Cette délégation a pris fin : vous ne pouvez plus agir sous elle."
ALREADY_OVER = "Cette délégation avait déjà pris fin : rien n’a changé."


def too_long(months: int, latest: str) -> str:
    """The last day lies beyond what may be lent."""
    return f"Une délégation dure {months} mois au plus : choisissez le {latest} au plus tard."


@dataclass(frozen=True)
class Row:
    """One delegation as a list shows it, from the side of whoever looks."""

    id: int
    who: str
    kind: str
    period: str
    modules: str
    rights: str
    etat: str
    mot: str
    over: bool
    active: bool
    lasting: bool


def row(lent: Lent, other: Compte) -> Row:
    """A delegation for a page; ``other`` is the account that is not the reader's."""
    one = lent.delegation
    return Row(
        one.id, other.name, one.kind, period(lent), modules(lent.modules), rights(lent),
        lent.state.kind, lent.state.label, lent.state.over, lent.state is rules.State.ACTIVE, one.ends is None)


def period(lent: Lent) -> str:
    """« du 01/12/2026 au 24/12/2026 », « depuis le 01/12/2026 »."""
    one = lent.delegation
    ended = f", révoquée le {dates.moment(one.revoked_at)}" if one.revoked_at else ""
    if one.ends is None:
        return f"depuis le {dates.day(one.starts)}{ended}"
    return f"du {dates.day(one.starts)} au {dates.day(one.ends)}{ended}"


def modules(codes: frozenset[str]) -> str:
    """The modules by name, in the house's order."""
    return ", ".join(module.name for module in MODULES.values() if module.code in codes)


def rights(lent: Lent) -> str:
    """The rights by name, in the order they are offered."""
    if lent.delegation.kind == rules.SECRETAIRE:
        return "Préparer la partie administrative"
    return ", ".join(right.label for right in rules.RIGHTS.values() if right.code in lent.rights)


def invited(one: Invitation) -> tuple[str, str, str]:
    """Key, who, and until when an invitation waits."""
    return one.key, f"{one.prenom} {one.nom} ({one.email})", dates.day(one.until)
