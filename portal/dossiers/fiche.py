"""The page of an accepted dossier: who it is about, where its volets stand, what may be done now and why not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from starlette.requests import Request

from portal.db import audit
from portal.demandes import acces as acces_demandes
from portal.demandes import machines
from portal.demandes import presenters as demandes_words
from portal.demandes import queries as of_demandes
from portal.demandes.presenters import Resume
from portal.dossiers import lignes, modification, porte, presenters, queries, suite
from portal.dossiers.presenters import Jour
from portal.dossiers.queries import Visible
from portal.espaces import queries as espaces
from portal.espaces.coordination import queries as coordination
from portal.espaces.usager import rules as usager
from portal.had import droits as had
from portal.handicap import rules as handicap
from portal.pieces import droits
from portal.pieces import presenters as pieces_words
from portal.pieces import queries as pieces
from portal.vagues import candidats as vagues
from portal.volets import acces, reponses, rules
from portal.volets import presenters as volets_words
from portal.volets import queries as volets
from portal.volets.queries import Ouvert
from portal.web import dates
from portal.web.session import visit

RECENT, OLDEST = 20, 100
PIECES = 3
LOCKED = "Il est validé\N{NO-BREAK SPACE}: rouvrez-le d’abord."
NO_OTHER = "Aucun autre de vos dossiers acceptés ne porte sur cette personne."
NOT_LENT_TO_ACCEPT = "Votre délégation ne comprend pas le droit d’accepter ou de refuser un dossier."
DOCTORS_ONLY = "Réservé aux médecins\N{NO-BREAK SPACE}: son contenu ne vous est pas montré."


@dataclass(frozen=True)
class Carte:
    """One volet on the dossier's page. ``manques``: label and address of each answer that is missing.

    ``action`` is the one next step, ``rouvrir`` the other thing that a validated volet allows (words, address; None
    for none); ``pourquoi`` says why not more, ``refus`` the same for each act (words, reason). ``signe``: when it was
    last validated, also when it was reopened since. ``principale``: the step that comes first of all.
    """

    code: str
    titre: str
    etat: rules.Etat
    quand: str
    signe: datetime | None = None
    fait: int = 0
    total: int = 0
    manques: tuple[tuple[str, str], ...] = ()
    action: tuple[str, str] | None = None
    rouvrir: tuple[str, str] | None = None
    principale: bool = False
    pourquoi: str = ""
    refus: tuple[tuple[str, str], ...] = ()
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
        return _one_main([_carte(request, seen, one) for one in opened.values()])
    return _one_main([
        _carte(request, seen, opened[one.code]) if one.code in opened
        else Carte(one.code, _title(one.code), rules.STATES[one.etat], _when(one), one.valide_le,
                   pourquoi=DOCTORS_ONLY, lisible=False)
        for one in volets.situations(seen)])


def _one_main(cards: list[Carte]) -> list[Carte]:
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
    signed, begun = opened.etat == rules.VALIDE, opened.etat != rules.VIDE
    writable = rules.ECRIRE in allowed and not signed
    ready = rules.VALIDER in allowed and not signed and begun and count.complete
    words = "Lire"
    if ready:
        words = "Relire et valider"
    elif writable:
        words = "Continuer" if begun else "Remplir"
    act = rules.ROUVRIR if signed else rules.ECRIRE
    return Carte(
        opened.code, _title(opened.code), rules.STATES[opened.etat], _when(opened), opened.valide_le, count.done,
        count.total, tuple((one.label, f"{here}#{one.id}") for _, one in count.missing) if writable else (),
        (words, here) if writable or begun else None,
        ("Rouvrir", f"{here}/rouvrir") if signed and rules.ROUVRIR in allowed else None, writable or ready,
        acces.reason(request, seen, opened.code, act), _refusals(request, seen, opened, len(count.missing)))


def _refusals(request: Request, seen: Visible, opened: Ouvert, missing: int) -> tuple[tuple[str, str], ...]:
    """What can't be done with a volet now (words), and why."""
    name = _low(_title(opened.code))

    def why(act: str) -> str:
        return acces.reason(request, seen, opened.code, act)

    if opened.etat == rules.VALIDE:
        locked = why(rules.ROUVRIR)
        return ((f"Rouvrir le {name}", locked),) if locked else ((f"Modifier le {name}", LOCKED),)
    if why(rules.ECRIRE):
        return ((f"Remplir le {name}", why(rules.ECRIRE)),)
    unsigned = why(rules.VALIDER)
    if not unsigned and missing:
        unsigned = (f"Il manque {missing} réponses obligatoires." if missing > 1
                    else "Il manque une réponse obligatoire.")
    return ((f"Valider le {name}", unsigned),) if unsigned else ()


def _title(code: str) -> str:
    return volets_words.title(code)


def _when(one: Ouvert | volets.Situation) -> str:
    """« validé par … le … » or « modifié par … le … »; "" for a volet that nobody has touched."""
    if one.etat == rules.VALIDE and one.valide_le:
        return f"validé par {one.valide_par} le {dates.moment(one.valide_le)}"
    return f"modifié par {one.modifie_par} le {dates.moment(one.modifie_le)}" if one.modifie_le else ""


def possible(request: Request, seen: Visible, shown: list[Carte], others: list[Autre]) -> Possible:
    """What can be done with the dossier besides its volets' next steps, and why the rest can't be now."""
    here, module, found = porte.address(seen), seen.module.code, Possible()
    me = visit(request)
    for card in shown:
        found.non.extend(card.refus)
        if not card.lisible:
            found.add(f"Lire le {_low(card.titre)}", "", card.pourquoi)
    _add_own(request, seen, found)
    if coordination.transfer(seen.dossier) is not None:
        found.add("Prendre la responsabilité du dossier", f"{here}/prise-en-charge",
                  "" if me.may("accepter", module) else NOT_LENT_TO_ACCEPT)
    found.add("Joindre une pièce", f"{here}/pieces", droits.why_not(request, seen))
    found.add("Imprimer ou exporter", f"{here}/imprimer", "")
    found.add("Imprimer la lettre au patient", f"{here}/imprimer/lettre", "")
    lent = "" if me.may("preparer", module) else "Votre délégation ne comprend pas le droit de préparer les dossiers."
    found.add("Corriger l’identité", f"{here}/identite", lent or modification.closed(request, seen))
    if seen.dossier.lie_id:
        found.add("Retirer le lien avec un autre dossier", f"{here}/lier", lent)
    else:
        alone = "" if any(one.accepte for one in others) else NO_OTHER
        found.add("Lier à un autre dossier de cette personne", f"{here}/lier", lent or alone)
    if module in suite.OTHER:
        found.add(suite.WORDS[suite.OTHER[module]], f"{here}/autre-demande", lent or suite.why_not(request, seen))
    archived = seen.dossier.etat == "historise"
    if archived or seen.dossier.alerte_le is not None:
        found.add("Réactiver ce dossier" if archived else "Garder ce dossier de l’archivage", f"{here}/garder", lent)
    found.add("Sortir ce patient de la patientèle", f"{here}/retirer",
              "" if me.may("accepter", module) else NOT_LENT_TO_ACCEPT)
    return found


def _add_own(request: Request, seen: Visible, found: Possible) -> None:
    """What only this module's dossiers know."""
    here, module = porte.address(seen), seen.module.code
    sends = acces_demandes.reason(request, seen, "envoyer")
    if module in machines.MODULES:
        words, place = (("Trouver la plateforme de l’enfant", "plateforme") if module == "tnd" else
                        ("Choisir des établissements", "demandes/choisir"))
        found.add(words, f"{here}/{place}", sends)
    if module in usager.MODULES:
        found.add("Inviter la personne ou un proche", f"{here}/famille", sends)
    if module == vagues.MODULE:
        found.add("Aide à l’orientation", f"{here}/orientation", "")
        found.add("Solliciter par vagues", f"{here}/vagues", sends)
        found.add("Évaluer l’éligibilité à l’HAD", f"{here}/had", had.reason(request, seen, rules.LIRE))
    if module == handicap.MODULE:
        found.add("Suivre la notification", f"{here}/notification",
                  acces.reason(request, seen, rules.CERTIFICAT, rules.LIRE))


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


def demandes(request: Request, seen: Visible) -> Resume | None:
    """The requests of the dossier; None in a module whose dossiers are not sent to establishments."""
    if seen.module.code not in machines.MODULES:
        return None
    return demandes_words.summary(of_demandes.of_dossier(seen.dossier.id), f"{porte.address(seen)}/demandes",
                                  lambda event: acces_demandes.may(request, seen, event))


def referent(request: Request, seen: Visible) -> str:
    """Who leads the request, as the person who asks reads it."""
    mandate = visit(request).actor.mandate
    label = lignes.referent_label(seen.dossier, porte.physician(request))
    return mandate.name if mandate and label == lignes.YOU else label


def gir(seen: Visible, shown: list[Carte]) -> str:
    """« GIR 4, évalué le 22/11/2026 », with what happened to the evaluation since; « Non évalué »."""
    if not seen.dossier.gir:
        return "Non évalué"
    rated = next((card for card in shown if card.code == rules.AUTONOMIE and card.signe), None)
    words = f"GIR {seen.dossier.gir}"
    if rated is None or rated.signe is None:
        return words
    again = ", volet rouvert depuis" if rated.etat.code == rules.ROUVERT else ""
    return f"{words}, évalué le {dates.day(rated.signe)}{again}"


def jointes(request: Request, seen: Visible) -> tuple[list[pieces_words.Ligne], int]:
    """The latest pieces that this person may read, and how many he may read in all."""
    if not droits.may_read(request, seen, medical=False):
        return [], 0
    found = pieces.listed(seen, droits.may_read(request, seen, medical=True))
    return [pieces_words.line(one) for one in found[:PIECES]], len(found)


def historique(request: Request, seen: Visible) -> tuple[list[Jour], list[Jour], bool]:
    """The latest acts on the dossier and those before them, by day; True when there are older ones yet."""
    traces = audit.timeline(seen.label, limit=OLDEST)
    acts = presenters.timeline(traces, visit(request).actor, espaces.names(traces))
    return presenters.by_day(acts[:RECENT]), presenters.by_day(acts[RECENT:]), len(traces) == OLDEST
