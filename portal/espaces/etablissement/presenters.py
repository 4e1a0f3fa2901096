"""Words, dates and addresses of the establishment's pages: templates only print them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from portal import clock
from portal.annuaire import genres
from portal.db.audit import SYSTEM
from portal.db.base import from_millis
from portal.demandes import machines
from portal.demandes import queries as demandes
from portal.demandes import rules as of_demandes
from portal.demandes.models import Demande, Pas
from portal.dossiers import rules as dossiers
from portal.dossiers.models import Dossier
from portal.espaces.etablissement import rules
from portal.espaces.etablissement.queries import PAGE_SIZE, Ligne, Recue, Selection, Tableau
from portal.web import dates
from portal.web.render import asset

HOME = "/espaces/etablissement"
EMPTY = {
    rules.A_TRAITER: ("Aucune demande à traiter", "Une demande arrive ici dès qu’un médecin, une famille ou un service "
                      "vous l’envoie."),
    rules.LISTE: ("Personne sur la liste d’attente", "Une demande arrive ici quand vous l’inscrivez sur votre liste."),
    rules.PROPOSITIONS: ("Aucune proposition", "Une demande arrive ici quand vous proposez une place."),
    rules.ADMIS: ("Aucune entrée", "Une demande arrive ici quand vous déclarez l’entrée de la personne."),
    rules.CLOSES: ("Aucune demande close", "Une demande arrive ici quand elle est refusée ou annulée. Seul le nom y "
                   "reste."),
}

_EMPTY_UNIT = {
    rules.A_TRAITER: (EMPTY[rules.A_TRAITER][0], "Une demande arrive ici dès qu’un médecin ou un service hospitalier "
                      "vous l’envoie."),
    rules.LISTE: ("Aucun accord sans place", "Une demande arrive ici quand vous donnez votre accord sans avoir de "
                  "place."),
    rules.PROPOSITIONS: ("Aucun accord avec une date", "Une demande arrive ici quand vous donnez votre accord avec une "
                         "date."),
    rules.ADMIS: ("Aucune arrivée", "Une demande arrive ici quand vous déclarez l’arrivée du patient."),
}


@dataclass(frozen=True)
class Onglet:
    """One tab: its words, count and address."""

    code: str
    label: str
    n: int
    url: str
    active: bool


@dataclass(frozen=True)
class Rangee:
    """One row, ready to print. ``delai`` is the clock's words, ``retard`` True once a promise is broken; ``a_ouvrir``:
    the next act is to open it, which the asking side is told of."""

    adresse: str
    numero: str
    personne: str
    detail: str
    sejour: str
    gir: str
    depuis: str
    delai: str
    retard: bool
    etat: Markup
    notes: tuple[str, ...]
    suite: str
    a_ouvrir: bool
    fermee: bool


@dataclass(frozen=True)
class Vue:
    """All that the worklist's template needs."""

    selection: Selection
    onglets: list[Onglet]
    rangees: list[Rangee]
    titre: str
    annonce: str
    previous: str
    next: str
    reset: str
    vide: tuple[str, str]
    url: str
    filtres: bool
    dependance: bool


def url(chosen: Selection, **changes: Any) -> str:
    """The address of a worklist; a change of anything but the page itself goes back to the first page."""
    new = replace(chosen, **({"apres": None, "avant": None} | changes))
    start = Selection()
    shown = {name: value for name in ("onglet", "sejour", "gir", "niveau", "apres", "avant")
             if (value := getattr(new, name)) != getattr(start, name)}
    return f"{HOME}?{urlencode(shown)}" if shown else HOME


def view(chosen: Selection, found: Tableau, roles: frozenset[str], unread: Mapping[int, int],
         modules: Collection[str] = ("ga",)) -> Vue:
    """The worklist's page, ready to print; ``unread``: messages not read yet, by request; ``modules``: those that the
    establishment's units read."""
    tabs = rules.tabs(modules)
    lignes = found.lignes
    total, shown = found.counts[chosen.onglet], len(lignes)
    noun = "demande" if total < 2 else "demandes"
    filtered = chosen.filtered and chosen.onglet != rules.CLOSES
    return Vue(
        selection=chosen, titre=tabs[chosen.onglet],
        rangees=[_row(ligne, roles, unread.get(ligne.id, 0)) for ligne in lignes],
        onglets=[Onglet(code, words, found.counts[code], url(chosen, onglet=code), code == chosen.onglet)
                 for code, words in tabs.items()],
        annonce=f"{shown} {noun} sur {total}" if total > PAGE_SIZE else f"{total} {noun}",
        previous=url(chosen, avant=lignes[0].id) if found.before and lignes else "",
        next=url(chosen, apres=lignes[-1].id) if found.after and lignes else "",
        reset=url(Selection(chosen.onglet)) if filtered else "",
        dependance="ga" in modules,
        vide=("Aucune demande de cet onglet ne correspond", "Les nombres des autres onglets disent où vos filtres en "
              "trouvent.") if filtered else (EMPTY if "ga" in modules else EMPTY | _EMPTY_UNIT)[chosen.onglet],
        url=url(chosen, apres=chosen.apres, avant=chosen.avant), filtres=chosen.onglet != rules.CLOSES,
    )


def _row(ligne: Ligne, roles: frozenset[str], unread: int) -> Rangee:
    name = dossiers.patient_label(ligne.nom_naissance, ligne.nom_usage, ligne.prenom, ligne.civilite)
    closed = rules.closed(ligne.etat)
    age = dossiers.age_text(date.fromisoformat(ligne.naissance), clock.today())
    since, late = ("", False) if closed else clock_words(ligne)
    opens = ligne.etat == of_demandes.ENVOYEE
    return Rangee(
        adresse=f"{HOME}/demandes/{ligne.id}", numero=dossiers.format_numero(ligne.module, ligne.numero),
        personne=name, detail="" if closed else f"{age}, {ligne.ville.upper()}",
        sejour="" if closed else genres.SEJOURS.get(ligne.sejour, ligne.sejour), gir="" if closed else gir(ligne.gir),
        depuis=dates.day(from_millis(ligne.updated if closed else ligne.envoyee_le)), delai=since, retard=late,
        etat=states_html(ligne.module)[ligne.etat], notes=_notes(ligne, unread), a_ouvrir=opens, fermee=closed,
        suite="" if opens else rules.next_words(ligne.module, ligne.etat, roles, ligne.avis))


def _notes(ligne: Ligne, unread: int) -> tuple[str, ...]:
    if rules.closed(ligne.etat):
        return (rules.motive(ligne.motif),) if ligne.motif else ()
    return tuple(words for words in (
        _on_list(ligne.module, ligne.niveau, ligne.rang) if ligne.etat == of_demandes.LISTE else "",
        AGREEMENTS.get(ligne.accord, "Accord du médecin traitant attendu") if _at_home(ligne) else "",
        "Complément reçu" if ligne.complete and ligne.etat in (of_demandes.ENVOYEE, of_demandes.LUE) else "",
        "Dossier incomplet" if ligne.incomplet else "",
        f"Avis médical\u00a0: {of_demandes.OPINIONS[ligne.avis].lower()}" if ligne.avis else "",
        "Avis médical attendu" if ligne.etat == of_demandes.LUE and not ligne.avis else "",
        times(ligne.relances), messages(unread),
    ) if words)


AGREEMENTS = {"donne": "Médecin traitant d’accord", "refuse": "Désaccord du médecin traitant"}


def _at_home(ligne: Ligne) -> bool:
    return ligne.sejour in machines.of(ligne.module).at_home and ligne.etat in of_demandes.PENDING


def clock_words(ligne: Ligne) -> tuple[str, bool]:
    """What the clock says of a row, and whether a promise is broken."""
    if ligne.etat == of_demandes.ADMIS and ligne.entree:
        return f"Entrée le {dates.day(date.fromisoformat(ligne.entree))}", False
    if ligne.etat == of_demandes.PROPOSEE and ligne.reponse_avant:
        return f"Réponse attendue avant le {dates.day(date.fromisoformat(ligne.reponse_avant))}", False
    if ligne.etat == of_demandes.ACCEPTEE and ligne.entree_prevue:
        planned = date.fromisoformat(ligne.entree_prevue)
        late = ligne.module == "s" and planned < clock.today()
        return f"{'Arrivée attendue' if late else 'Entrée prévue'} le {dates.day(planned)}", late
    if ligne.promesse_le and ligne.repondue_le is None and ligne.etat in of_demandes.SILENT:
        return promise(from_millis(ligne.promesse_le))
    return f"Reçue {ago(from_millis(ligne.envoyee_le))}", False


def promise(until: datetime) -> tuple[str, bool]:
    """What is left of a promise to call back, or by how much it is exceeded (then True)."""
    left = until - clock.now()
    if left <= timedelta():
        return f"Rappel promis dépassé de {_length(-left)}", True
    return f"À rappeler avant le {dates.moment(until)} (reste {_length(left)})", False


def _length(span: timedelta) -> str:
    """« 3 jours », « 2 h », « 15 min »."""
    if span >= timedelta(days=1):
        return f"{span.days} jour{'s' if span.days > 1 else ''}"
    minutes = max(1, int(span.total_seconds()) // 60)
    return f"{minutes // 60}\u00a0h" if minutes >= 60 else f"{minutes}\u00a0min"


def ago(at: datetime) -> str:
    """« aujourd’hui », « hier », « il y a 12 jours »."""
    days = (clock.today() - at.astimezone(clock.PARIS).date()).days
    if days <= 0:
        return "aujourd’hui"
    return "hier" if days == 1 else f"il y a {days} jours"


def gir(rated: int | None) -> str:
    """« GIR 2 »; « Non évalué »."""
    return f"GIR {rated}" if rated else "Non évalué"


def _on_list(module: str, niveau: str, rang: int | None) -> str:
    """A unit's list has ranks and no levels."""
    if module == "ga":
        return level(niveau, rang)
    return f"Rang {rang}" if rang else ""


def level(niveau: str, rang: int | None) -> str:
    """« Admissible, rang 3 »."""
    words = of_demandes.LEVELS.get(niveau, "")
    return f"{words}, rang {rang}" if words and rang else words


def messages(unread: int) -> str:
    """« 2 messages non lus »; "" for none."""
    if not unread:
        return ""
    return "1 message non lu" if unread == 1 else f"{unread} messages non lus"


def times(relances: int) -> str:
    """« Relancée 2 fois »; "" for never."""
    if not relances:
        return ""
    return "Relancée une fois" if relances == 1 else f"Relancée {relances} fois"


@cache
def states_html(module: str) -> dict[str, Markup]:
    """Each state as a row prints it (icon and words), made once."""
    tag = Markup('<span class="statut statut-{}{}"><svg class="icone" aria-hidden="true"><use href="{}#{}"></use>'
                 "</svg><span>{}</span></span>")
    sprite = asset("img/icones.svg")
    return {code: tag.format(etat.icon, " statut-fort" if etat.bold else "", sprite, etat.icon,
                             rules.label(module, code)) for code, etat in machines.of(module).etats.items()}


# --- one request

@dataclass(frozen=True)
class Evenement:
    """One step of a request's history."""

    at: str
    iso: str
    quoi: str
    motif: str
    par: str


def history(pas: list[Pas], module: str) -> list[Evenement]:
    """The steps of this request alone, the latest first."""
    return [Evenement(dates.moment(one.at), one.at.isoformat(), rules.step(module, one.evenement),
                      rules.motive(one.motif), "" if one.par == SYSTEM.name else one.par) for one in reversed(pas)]


def price(cents: int | None) -> str:
    """« 65,40 € par jour »; "" for none."""
    return "" if cents is None else f"{cents // 100},{cents % 100:02}\u00a0€ par jour"


def facts(one: Recue, *, medical: bool, unit: str = "") -> dict[str, str]:
    """Where a request stands, fact by fact; empty ones are left out. ``medical``: who reads has the medical role;
    ``unit``: the unit that is asked for."""
    demande, dossier = one.demande, one.dossier
    assert demande.envoyee_le is not None  # what was received was sent
    listed = demande.etat == of_demandes.LISTE
    since, _ = promise(demande.promesse_le) if _promised(demande) and demande.promesse_le else ("", False)
    values = {
        "Séjour demandé": genres.SEJOURS.get(demande.sejour, demande.sejour), "Unité demandée": unit,
        "Dépendance": gir(dossier.gir) if dossier.module == "ga" else "",
        "Accord du médecin traitant": demandes.agreement(demande),
        "Reçue": f"le {dates.moment(demande.envoyee_le)}, {ago(demande.envoyee_le)}", "Délai de rappel": since,
        "Relances": times(demande.relances), "Dossier": "Envoyé incomplet" if demande.incomplet else "Envoyé complet",
        "Liste d’attente": _on_list(demande.module, demande.niveau, demande.rang) if listed else "",
        "Avis médical": _opinion(demande, medical=medical),
        "Complément demandé": demandes.words(demande, "complement"),
        "Complément reçu": demandes.words(demande, "complement_reponse"),
    }
    return {name: words for name, words in (values | _place(demande)).items() if words}


def _promised(demande: Demande) -> bool:
    return demande.promesse_le is not None and demande.repondue_le is None and demande.etat in of_demandes.SILENT


def _opinion(demande: Demande, *, medical: bool) -> str:
    if not demande.avis or demande.avis_le is None:
        return ""
    said = f"{of_demandes.OPINIONS[demande.avis]}, par {demande.avis_par} le {dates.day(demande.avis_le)}"
    text = demandes.words(demande, "avis_texte") if medical else ""
    return f"{said}\u00a0: {text}" if text else said


def _place(demande: Demande) -> dict[str, str]:
    """What was proposed and came of it."""
    offered = demande.etat in (of_demandes.PROPOSEE, of_demandes.ACCEPTEE, of_demandes.DECLINEE, of_demandes.EXPIREE)
    return {
        "Entrée proposée": f"le {dates.day(demande.entree_prevue)}" if offered and demande.entree_prevue else "",
        "Chambre": demande.chambre if offered else "", "Prix": price(demande.tarif) if offered else "",
        "Réponse attendue": f"avant le {dates.day(demande.reponse_avant)}" if offered and demande.reponse_avant else "",
        "Motif du refus de la place": rules.motive(demande.motif) if demande.etat == of_demandes.DECLINEE else "",
        "Entrée": f"le {dates.day(demande.entree)}" if demande.etat == of_demandes.ADMIS and demande.entree else "",
    }


def person(dossier: Dossier) -> str:
    """« LEROUX JOSETTE »."""
    return dossiers.patient_label(dossier.nom_naissance, dossier.nom_usage, dossier.prenom, dossier.civilite)


def closing(demande: Demande) -> str:
    """Why a request is over, in one line: « Demande annulée, Admis ailleurs »."""
    motive = rules.motive(demande.motif)
    words = rules.label(demande.module, demande.etat)
    return f"{words}\u00a0: {motive.lower()}" if motive else words


def what_happened(seen: Demande, last: Pas, subject: str | None) -> str:
    """Who changed a request meanwhile, what and when, from where to where; ``subject``: who asks."""
    if subject and last.subject == subject:
        who = "Vous avez déjà agi, depuis un autre écran"
    else:
        who = "La demande a changé avant vous" if last.par == SYSTEM.name else f"{last.par} a agi avant vous"
    what = rules.step(seen.module, last.evenement) if last.evenement in rules.STEPS else "Changement"
    said = f"{what}, le {dates.moment(last.at)}"
    now = rules.label(seen.module, seen.etat)
    moved = (f"La demande est passée de «\u00a0{rules.label(seen.module, last.de)}\u00a0» à «\u00a0{now}\u00a0»."
             if last.de != seen.etat else f"La demande reste à l’état «\u00a0{now}\u00a0».")
    return f"{who}\u00a0: {said}. {moved}"
