"""Words of the asking side's pages: rows, steps, facts, and what to do now."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from markupsafe import Markup

from portal import clock
from portal.annuaire import genres
from portal.demandes import actes, machines, queries, rules
from portal.demandes.actes import Acte
from portal.demandes.commands import Stale
from portal.demandes.models import Demande, Pas
from portal.demandes.queries import Vue
from portal.dossiers.rules import event_words
from portal.web import dates
from portal.web.render import asset

NBSP = "\u00a0"


@dataclass(frozen=True)
class Ligne:
    """One request of a dossier, ready to print. ``suite``: the one thing to do now (words, address), None for none;
    ``proposition`` when a place is offered; ``attente``: how long the establishment has been silent."""

    id: int
    version: int
    nom: str
    finess: str
    lieu: str
    telephone: str
    sejour: str
    etat: Markup
    code: str
    depuis: str
    attente: str
    incomplet: bool
    adresse: str
    ferme: bool
    suite: tuple[str, str] | None = None
    autres: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Etape:
    """One step of a request in words: when, what, by whom, why."""

    quand: str
    quoi: str
    par: str
    motif: str


@dataclass(frozen=True)
class Resume:
    """What a dossier's requests come to: how many wait to be sent, are away, call for an act."""

    lignes: list[Ligne] = field(default_factory=list)
    a_envoyer: int = 0
    en_cours: int = 0
    a_faire: list[Ligne] = field(default_factory=list)

    @property
    def closes(self) -> int:
        """How many are over."""
        return len(self.lignes) - self.a_envoyer - self.en_cours


@cache
def states_html(module: str) -> dict[str, Markup]:
    """Each state as a row prints it (icon and words), made once."""
    tag = Markup('<span class="statut statut-{}{}"><svg class="icone" aria-hidden="true"><use href="{}#{}"></use>'
                 "</svg><span>{}</span></span>")
    sprite = asset("img/icones.svg")
    return {code: tag.format(etat.icon, " statut-fort" if etat.bold else "", sprite, etat.icon, etat.label)
            for code, etat in machines.of(module).etats.items()}


def summary(vues: Collection[Vue], base: str, may: Callable[[str], bool]) -> Resume:
    """The requests of a dossier; ``base``: the address of their page, ``may``: whether who asks may do an event."""
    lines = [line(vue, base, may) for vue in vues]
    due = {rules.COMPLEMENT, rules.PROPOSEE}
    return Resume(lines, sum(one.code == rules.NON_ENVOYEE for one in lines),
                  sum(one.code in rules.PENDING for one in lines),
                  [one for one in lines if one.code in due and one.suite])


def line(vue: Vue, base: str, may: Callable[[str], bool]) -> Ligne:
    """One row."""
    demande = vue.demande
    here = f"{base}/{demande.id}"
    allowed = actes.possible(demande.module, demande.etat, demande.sejour, demande.accord)
    mine = [acte for acte in allowed if may(acte.event)]
    ready = [acte for acte in mine if acte.code != "relancer" or _may_remind(demande)]
    first = next((acte for acte in ready if acte.main), None)
    if demande.etat == rules.PROPOSEE and first:
        suite: tuple[str, str] | None = ("Décider", here)
    elif demande.etat == rules.NON_ENVOYEE:
        suite = ("Envoyer", f"{base}/envoyer") if may("envoyer") else None
    else:
        suite = (first.title, f"{here}/{first.code}") if first else None
    others = tuple((acte.title, f"{here}/{acte.code}") for acte in ready if acte is not first)
    return Ligne(
        demande.id, demande.version, vue.nom, vue.finess, f"{vue.code_postal} {vue.ville}".strip(), vue.telephone,
        genres.SEJOURS.get(demande.sejour, demande.sejour), states_html(demande.module)[demande.etat], demande.etat,
        dates.moment(demande.updated), silence(demande), demande.incomplet, here,
        vue.ferme and demande.etat in rules.PENDING, suite, others)


def silence(demande: Demande) -> str:
    """« sans réponse depuis 9 jours »; "" when the establishment has answered, or was asked today."""
    if demande.etat not in rules.SILENT or demande.envoyee_le is None:
        return ""
    days = (clock.now() - demande.envoyee_le).days
    return f"sans réponse depuis {days} {'jours' if days > 1 else 'jour'}" if days else ""


def steps(found: Collection[Pas], module: str) -> list[Etape]:
    """What happened to a request of this module, the latest first."""
    return [Etape(dates.moment(one.at), event_words(f"demande.{one.evenement}", module), one.par, motive(one.motif))
            for one in reversed(list(found)) if one.evenement != "avis"]


def motive(code: str) -> str:
    """The words of a motive, "" for none."""
    return rules.MOTIFS[code].label if code in rules.MOTIFS else ""


def facts(vue: Vue, *, words: bool) -> dict[str, str]:
    """What a request says besides its state. ``words``: whether who reads may read what people wrote in it."""
    one = vue.demande
    price = f"{one.tarif // 100},{one.tarif % 100:02}{NBSP}€ par jour" if one.tarif else ""
    shown = {
        "Type d’accueil": genres.SEJOURS.get(one.sejour, one.sejour),
        "Envoyée": _on(one.envoyee_le), "Dossier consulté": _on(one.lue_le),
        "Relances": f"{one.relances}, la dernière le {dates.moment(one.relancee_le)}" if one.relancee_le else "",
        "Rappel promis": _before(one.promesse_le) if one.etat in rules.SILENT else "",
        "Liste d’attente": rules.LEVELS.get(one.niveau, "") if one.etat == rules.LISTE else "",
        "Motif": motive(one.motif) if one.etat in (rules.REFUS, rules.ANNULEE, rules.ANNULEE_AUTO,
                                                   rules.DECLINEE, rules.CLOS, rules.REORIENTEE) else "",
        "Précisions": queries.words(one, "motif_texte") if words else "",
        "Entrée": f"le {dates.day(one.entree)}" if one.entree else "",
        "Accord du médecin traitant": queries.agreement(one),
    }
    if one.etat in (rules.PROPOSEE, rules.ACCEPTEE, rules.DECLINEE, rules.EXPIREE) and one.entree_prevue:
        shown |= {"Entrée proposée": f"le {dates.day(one.entree_prevue)}", "Chambre": one.chambre, "Prix": price,
                  "Réponse attendue": f"avant la fin du {dates.day(one.reponse_avant)}" if one.reponse_avant else ""}
    return {label: text for label, text in shown.items() if text}


def conflict(stale: Stale, mine: str) -> str:
    """Who did what and when, instead of the act that was asked."""
    last = stale.last
    who = "Vous avez agi" if last.par == mine else f"{last.par} a agi"
    what = event_words(f"demande.{last.evenement}", stale.now.module)
    return (f"{who} sur cette demande le {dates.moment(last.at)}{NBSP}: «{NBSP}{what}{NBSP}». Elle est maintenant à "
            f"l’état «{NBSP}{machines.of(stale.now.module).etats[stale.now.etat].label}{NBSP}».")


def choices(acte: Acte, module: str) -> list[tuple[str, str]]:
    """The motives that an act's form offers."""
    return [("", "Choisir…"), *((motif.code, motif.label) for motif in machines.of(module).motives(acte.event))]


def _may_remind(demande: Demande) -> bool:
    return queries.may_remind_on(demande).total_seconds() <= 0


def _on(at: datetime | None) -> str:
    return f"le {dates.moment(at)}" if at else ""


def _before(at: datetime | None) -> str:
    return f"avant le {dates.moment(at)}" if at else ""
