"""The page of an accepted dossier: who it is about, where its volets stand, what may be done now and why not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from starlette.requests import Request

from portal.db import audit
from portal.dossiers import lignes, modification, porte, presenters, queries
from portal.dossiers.presenters import Acte
from portal.dossiers.queries import Visible
from portal.volets import acces, reponses, rules
from portal.volets import presenters as volets_words
from portal.volets import queries as volets
from portal.volets.queries import Ouvert
from portal.web import dates
from portal.web.session import visit

RECENT = 12
DOCTORS_ONLY = "Réservé aux médecins\N{NO-BREAK SPACE}: son contenu ne vous est pas montré."


@dataclass(frozen=True)
class Carte:
    """One volet on the dossier's page. ``manques``: label and address of each answer that is missing.

    ``action`` is the one next step (words, address), None when there is none; ``pourquoi`` says why not more.
    ``principale``: the step that comes first of all.
    """

    titre: str
    etat: rules.Etat
    quand: str
    fait: int = 0
    total: int = 0
    manques: tuple[tuple[str, str], ...] = ()
    action: tuple[str, str] | None = None
    principale: bool = False
    pourquoi: str = ""
    lisible: bool = True

    @property
    def avance(self) -> str:
        """« 12 réponses obligatoires sur 18 »."""
        return f"{self.fait} sur {self.total} réponses obligatoires"


@dataclass
class Possible:
    """What may be done with the dossier now (words, address), and what may not (words, reason)."""

    oui: list[tuple[str, str]] = field(default_factory=list)
    non: list[tuple[str, str]] = field(default_factory=list)

    def add(self, words: str, address: str, reason: str) -> None:
        """One action: on offer when there is no reason against it."""
        if reason:
            self.non.append((words, reason))
        else:
            self.oui.append((words, address))


@dataclass(frozen=True)
class Autre:
    """Another dossier of the same person: its number, its module's name, its status as the table prints it."""

    numero: str
    adresse: str
    module: str
    statut: str
    lie: bool
    accepte: bool


def cartes(request: Request, seen: Visible) -> list[Carte]:
    """The dossier's volets by rank; only those that this person may read are decrypted."""
    readable = acces.readable(request, seen)
    opened = {one.code: one for one in volets.all_of(seen, readable)}
    if not _others(seen, readable):
        return _first_first([_carte(request, seen, one) for one in opened.values()])
    return _first_first([
        _carte(request, seen, opened[one.code]) if one.code in opened
        else Carte(_title(one.code), rules.STATES[one.etat], _when(one), pourquoi=DOCTORS_ONLY, lisible=False)
        for one in volets.situations(seen)])


def _first_first(cards: list[Carte]) -> list[Carte]:
    """Of the volets still to be filled, the first one's step is the page's main button."""
    first = next((card for card in cards if card.principale), None)
    return [replace(card, principale=card is first) for card in cards]


def _others(seen: Visible, readable: tuple[str, ...]) -> bool:
    """True when the dossier has volets besides those that may be read."""
    return any(volets.has(seen, code) for code in rules.VOLETS if code not in readable)


def _carte(request: Request, seen: Visible, opened: Ouvert) -> Carte:
    allowed = acces.acts(request, seen, opened.code)
    here = f"{porte.address(seen)}/volets/{opened.code}"
    count = reponses.completeness(opened.definition, opened.answers)
    writable = rules.ECRIRE in allowed and opened.etat != rules.VALIDE
    words = "Lire"
    if writable:
        words = "Remplir" if opened.etat == rules.VIDE else "Relire et valider" if count.complete else "Continuer"
    return Carte(
        _title(opened.code), rules.STATES[opened.etat], _when(opened), count.done, count.total,
        tuple((one.label, f"{here}#{one.id}") for _, one in count.missing) if writable else (),
        (words, here) if writable or opened.etat != rules.VIDE else None, writable,
        "" if opened.etat == rules.VALIDE else acces.reason(request, seen, opened.code, rules.ECRIRE))


def _title(code: str) -> str:
    return volets_words.title(code)


def _when(one: Ouvert | volets.Situation) -> str:
    """« validé par … le … » or « modifié par … le … »; "" for a volet that nobody has touched."""
    if one.etat == rules.VALIDE and one.valide_le:
        return f"validé par {one.valide_par} le {dates.moment(one.valide_le)}"
    return f"modifié par {one.modifie_par} le {dates.moment(one.modifie_le)}" if one.modifie_le else ""


def possible(request: Request, seen: Visible, shown: list[Carte]) -> Possible:
    """What can be done with the dossier besides its volets' next steps, and why the rest can't be now."""
    here, module, found = porte.address(seen), seen.module.code, Possible()
    me = visit(request)
    for card in shown:
        if card.pourquoi:
            found.add(f"{'Remplir' if card.lisible else 'Lire'} le {_low(card.titre)}", "", card.pourquoi)
    found.add("Imprimer ou exporter", f"{here}/imprimer", "")
    lent = "" if me.may("preparer", module) else "Votre délégation ne comprend pas le droit de préparer les dossiers."
    found.add("Corriger l’identité", f"{here}/identite", lent or modification.closed(request, seen))
    found.add("Retirer le lien avec un autre dossier" if seen.dossier.lie_id
              else "Lier à un autre dossier de cette personne", f"{here}/lier", lent)
    found.add("Sortir ce patient de la patientèle", f"{here}/retirer",
              "" if me.may("accepter", module) else "Votre délégation ne comprend pas le droit d’accepter ou de "
                                                   "refuser un dossier.")
    return found


def _low(title: str) -> str:
    return title[0].lower() + title[1:]


def autres(request: Request, seen: Visible) -> list[Autre]:
    """The same person's other dossiers that are this physician's, the linked one first."""
    statuts, me = presenters.statuts_html(), visit(request)
    found = [Autre(one.label, porte.address(one), one.module.name, statuts[one.dossier.statut],
                   one.dossier.id == seen.dossier.lie_id, one.accepted)
             for one in queries.same_person(porte.physician(request), seen.dossier)
             if me.may("consulter", one.module.code)]
    return sorted(found, key=lambda one: not one.lie)


def referent(request: Request, seen: Visible) -> str:
    """Who leads the request, as the person who asks reads it."""
    mandate = visit(request).actor.mandate
    label = lignes.referent_label(seen.dossier, porte.physician(request))
    return mandate.name if mandate and label == lignes.YOU else label


def historique(request: Request, seen: Visible) -> tuple[list[Acte], list[Acte]]:
    """The latest acts on the dossier, and those before them."""
    acts = presenters.timeline(audit.timeline(seen.label, limit=200), visit(request).actor)
    return acts[:RECENT], acts[RECENT:]
