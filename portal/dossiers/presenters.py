"""Words, dates and addresses of the dossiers' pages: templates only print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

from markupsafe import Markup

from portal import clock
from portal.annuaire.rules import Lieu
from portal.db.audit import Actor, Trace
from portal.dossiers import bornes, choix, identite, queries, rules
from portal.dossiers.lignes import YOU
from portal.dossiers.queries import PAGE_SIZE, Ligne, Selection, Tableau, Visible
from portal.dossiers.rules import Module
from portal.volets.presenters import title as volet_title
from portal.volets.rules import VOLETS
from portal.web import dates
from portal.web.render import asset
from portal.web.session import Visit

# Sortable columns: label and the order it asks for; the others are plain headings.
COLUMNS = (
    ("N° de dossier", "numero"), ("Patient", "patient"), ("Référent actuel du dossier", "referent"), ("Action", ""),
    ("Dossier accepté", ""), ("Statut", "statut"), ("Dossier lié", ""),
)
EMPTY = {
    "en_cours": ("Aucun dossier en cours", "Un dossier arrive ici quand un patient ou un service vous désigne comme "
                 "médecin traitant, ou quand vous en créez un."),
    "admis": ("Aucun dossier admis", "Un dossier arrive ici quand le patient entre dans un établissement ou que sa "
              "prise en charge commence."),
    "annules": ("Aucun dossier annulé", "Un dossier arrive ici quand la demande est arrêtée avant d’aboutir."),
    "hors_patientele": ("Aucun dossier hors patientèle", "Un dossier que vous refusez arrive ici, et vous pouvez "
                        "changer d’avis."),
    "historises": ("Aucun dossier historisé", "Les dossiers anciens sont gardés ici, en lecture."),
}
# The acceptance screen's three sentences (practical guide): the first names the module, the others are common.
FIRST_SENTENCE = {
    "ga": "Un(e) patient(e) vous a désigné comme médecin traitant ou référent lors de la constitution de son "
          "dossier d’admission en EHPAD.",
    "s": "Un(e) patient(e) vous a désigné comme médecin traitant ou référent lors de la constitution de son "
         "dossier d’admission en SSR ou en HAD.",
    "tnd": "La famille d’un(e) enfant vous a désigné comme médecin traitant ou référent lors de la constitution de "
           "son dossier à la plateforme TND.",
    "h": "Un(e) patient(e) vous a désigné comme médecin traitant pour le certificat de sa demande à la MDPH.",
}
SECOND_SENTENCE = (
    "Si vous êtes d’accord, vous devez accepter le dossier pour voir les informations et remplir le volet médical "
    "avec votre patient."
)
THIRD_SENTENCE = (
    "Vous pouvez refuser, vous ne verrez pas le dossier, mais celui-ci restera accessible depuis la page d’accueil "
    "(bandeau « dossiers refusés »)."
)


@cache
def statuts_html() -> dict[str, Markup]:
    """Each status as the table prints it (icon and words), made once: a row looks it up."""
    tag = Markup('<span class="statut statut-{}{}"><svg class="icone" aria-hidden="true"><use href="{}#{}"></use>'
                 "</svg>{}</span>")
    words = {True: Markup("<strong>{}</strong>"), False: Markup("<span>{}</span>")}
    sprite = asset("img/icones.svg")
    return {
        statut.code: tag.format(statut.icon, " statut-fort" if statut.bold else "", sprite, statut.icon,
                                words[statut.bold].format(statut.label))
        for statut in rules.STATUTS.values()
    }


# Who reads, the RPPS number of the physician whose dossiers he reads, and that physician's name if he is another.
Reader = tuple[str | None, int | None, str | None]


@dataclass(frozen=True)
class Onglet:
    """One tab: its words, count and address."""

    code: str
    label: str
    n: int
    url: str
    active: bool


@dataclass(frozen=True)
class Colonne:
    """One heading: ``aria`` is its aria-sort, ``url`` the order that a click asks for."""

    label: str
    tri: str
    url: str
    aria: str
    next_order: str


@dataclass(frozen=True)
class Vue:
    """All that the table's templates need besides the rows; ``bornee``: how many dossiers the filter looked at in each
    tab, if not at all of them."""

    module: Module
    selection: Selection
    tableau: Tableau
    onglets: list[Onglet]
    colonnes: list[Colonne]
    path: str
    previous: str
    next: str
    waiting: int
    waiting_url: str
    sort_reset: str
    filters_reset: str
    vide: tuple[str, str]
    onglet: str
    annonce: str
    bornee: str

    def export(self, kind: str) -> str:
        """The address of these rows, of all pages, as a file: « csv » or « pdf »."""
        path, mark, query = choix.url(self.selection).partition("?")
        return f"{path}/tableau.{kind}{mark}{query}"


def shown(here: Visit, chosen: Selection, found: Tableau) -> dict[str, Any]:
    """All that a table's part of the page prints, its reader first: see ``web.morceaux``, and ``results``."""
    return {
        "lecteur": _reader(here), "choisi": tuple(vars(chosen).values()),
        "lignes": tuple(found.lignes), "nombres": tuple(found.counts.items()),
        "avant": found.before, "apres": found.after, "borne": found.bounded, "lire": here.may("lire", chosen.module),
        "preparer": here.may("preparer", chosen.module)}


def results(*, lecteur: Reader, choisi: tuple[Any, ...], lignes: tuple[Ligne, ...],
            nombres: tuple[tuple[str, int], ...], avant: bool, apres: bool, borne: bool,
            **may: bool) -> dict[str, Any]:
    """What the template of a table's part needs, made of what ``shown`` says and of nothing else."""
    lines = as_read_by(list(lignes), lecteur[2])
    view = _view(Selection(*choisi), Tableau(lines, dict(nombres), before=avant, after=apres, bounded=borne))
    return {"vue": view, "statuts": statuts_html(), "modules": rules.MODULES, **may}


def narrowed(here: Visit, chosen: Selection) -> dict[str, Any]:
    """All that the form above a table prints, its reader first: what he typed is his."""
    return {
        "lecteur": _reader(here), "path": f"/dossiers/{rules.MODULES[chosen.module].slug}", "q": chosen.q,
        "statut": chosen.statut, "statuts": _statuts(chosen.module)}


@cache
def _statuts(module: str) -> tuple[tuple[str, str], ...]:
    return tuple((one.code, one.label) for one in rules.statuses(module))


def _reader(here: Visit) -> Reader:
    actor = here.actor
    return actor.subject, actor.holder, actor.mandate.name if actor.mandate else None


def _view(chosen: Selection, found: Tableau) -> Vue:
    rows, module = found.lignes, rules.MODULES[chosen.module]
    return Vue(
        module=module, selection=chosen, tableau=found, path=f"/dossiers/{module.slug}",
        onglets=[Onglet(code, label, found.counts[code], choix.url(chosen, onglet=code, attente=False),
                        code == chosen.onglet) for code, label in rules.TABS.items()],
        colonnes=[_column(chosen, label, tri) for label, tri in COLUMNS],
        previous=choix.url(chosen, avant=rows[0].numero) if found.before and rows else "",
        next=choix.url(chosen, apres=rows[-1].numero) if found.after and rows else "",
        waiting=found.counts["a_accepter"] if chosen.onglet == "en_cours" else 0,
        waiting_url=choix.url(chosen, attente=not chosen.attente),
        sort_reset=choix.url(chosen, tri="recent") if chosen.tri != "recent" else "",
        filters_reset=choix.url(Selection(chosen.module, chosen.onglet, chosen.tri)) if chosen.filtered else "",
        vide=_empty(chosen), onglet=rules.TABS[chosen.onglet], annonce=_announced(chosen, found),
        bornee=f"{bornes.LOOKED_AT:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if found.bounded else "",
    )


def _column(chosen: Selection, label: str, tri: str) -> Colonne:
    """Clicks go round: ascending, descending, then the usual order (newest first)."""
    if not tri:
        return Colonne(label, "", "", "", "")
    if chosen.tri == tri:
        return Colonne(label, tri, choix.url(chosen, tri=f"-{tri}"), "ascending", "trier dans l’autre sens")
    if chosen.tri == f"-{tri}":
        return Colonne(label, tri, choix.url(chosen, tri="recent"), "descending", "revenir aux plus récents")
    return Colonne(label, tri, choix.url(chosen, tri=tri), "none", "trier")


def _empty(chosen: Selection) -> tuple[str, str]:
    if not chosen.filtered:
        return EMPTY[chosen.onglet]
    return (f"Aucun dossier de l’onglet « {rules.TABS[chosen.onglet]} » ne correspond",
            "Les nombres des autres onglets disent où votre recherche trouve des dossiers.")


def _announced(chosen: Selection, found: Tableau) -> str:
    total, shown = found.counts[chosen.onglet], len(found.lignes)
    noun = "dossier" if total < 2 else "dossiers"
    return f"{shown} {noun} sur {total}" if total > PAGE_SIZE else f"{total} {noun}"


# --- one dossier

@dataclass(frozen=True)
class Acte:
    """One line of the timeline; ``times`` when the same person did the same thing several times."""

    jour: str
    at: str
    iso: str
    what: str
    who: str
    times: int


@dataclass(frozen=True)
class Jour:
    """The acts of one day (« Aujourd’hui », « 22/11/2026 »), newest first."""

    label: str
    actes: list[Acte]


def as_read_by(lines: list[Ligne], principal: str | None) -> list[Ligne]:
    """The rows for whoever acts in the place of ``principal``: « Vous » is somebody else there. None: he himself."""
    if principal is None:
        return lines
    return [line._replace(referent=principal) if line.referent == YOU else line for line in lines]


def timeline(traces: list[Trace], actor: Actor, names: Mapping[str, str]) -> list[Acte]:
    """The audit of a dossier, newest first, as ``actor`` reads it; ``names``: the patient's side by subject.

    Within a day, what a person did several times in a row is one line; so are his autosaves of a volet, whatever
    came between.
    """
    acts: list[Acte] = []
    typed: dict[tuple[str, str, str], int] = {}
    for trace in traces:
        if trace.event not in rules.EVENTS:
            continue
        day, what = dates.day(trace.at), _what(trace)
        own = trace.rpps is not None and trace.rpps == actor.rpps and trace.on_behalf_of is None
        key = (day, what, "vous" if own else names.get(trace.subject or "", trace.name))
        last = acts[-1] if acts else None
        rank = len(acts) - 1 if last and (last.jour, last.what, last.who) == key else typed.get(key)
        if rank is None:
            acts.append(Acte(day, dates.hour(trace.at), trace.at.isoformat(), what, key[2], 1))
            if trace.event == "volet.modifie":
                typed[key] = len(acts) - 1
        else:
            acts[rank] = replace(acts[rank], times=acts[rank].times + 1)
    return acts


def _what(trace: Trace) -> str:
    """« Volet médical validé », « Statut : Admis », « Dossier consulté »."""
    what = rules.event_words(trace.event, str(trace.dossier).partition(" ")[0])
    if trace.event == "dossier.statut" and trace.detail in rules.STATUTS:
        return f"Statut\u00a0: {rules.STATUTS[trace.detail].label}"
    if trace.detail in VOLETS:
        name = volet_title(trace.detail)
        return what.replace("Volet", name, 1) if what.startswith("Volet") else f"{name}\u00a0: {what.lower()}"
    return what


def by_day(acts: list[Acte]) -> list[Jour]:
    """The lines of a timeline under the day of each."""
    today = dates.day(clock.today())
    return [Jour("Aujourd’hui" if day == today else f"Le {day}", list(found))
            for day, found in groupby(acts, key=lambda act: act.jour)]


def age_text(birth: date) -> str:
    """« 100 ans », and months for the smallest."""
    return rules.age_text(birth, clock.today())


def numero_of(linked: tuple[str, int]) -> str:
    """« s 2034705 » of a linked dossier's module and number."""
    return rules.format_numero(*linked)


@dataclass(frozen=True)
class Apercu:
    """All of a dossier that may be seen before it is accepted."""

    personne: str
    lieu: str
    sejours: str
    gir: str
    statut: str
    phrases: tuple[str, ...]


def preview(seen: Visible) -> Apercu:
    """Civility and first name, age, town, kind of stay, dependency, status: nothing else leaves the server."""
    dossier = seen.dossier
    who = f"{dossier.civilite} {dossier.prenom.upper()}".strip()
    return Apercu(
        f"{who} – {age_text(dossier.naissance)}", f"{dossier.code_postal} {dossier.ville.upper()}", dossier.sejours,
        f"GIR {dossier.gir}" if dossier.gir else "", rules.STATUTS[dossier.statut].label,
        (FIRST_SENTENCE[seen.module.code], SECOND_SENTENCE, THIRD_SENTENCE),
    )


ANSWERS = {"accepte": "accepté", "refuse": "refusé", "attente": "remis en attente", "retire": "retiré"}


def what_happened(seen: Visible, actor: Actor) -> str:
    """Who answered before, what and when: the explanation of a conflict."""
    lien = seen.lien
    if lien.decide_le is None or (lien.etat == "attente" and lien.decide_par is None):
        return "Ce dossier a changé depuis que vous l’avez affiché."
    if lien.decide_par == actor.rpps:
        who = "Vous avez"
    elif actor.mandate:
        who = f"Le {actor.mandate.name}, ou quelqu’un qui agit pour lui, a"
    else:
        who = "Vous avez" if lien.decide_par is None else "Une personne qui agit pour vous a"
    return f"{who} {ANSWERS[lien.etat]} ce dossier le {dates.moment(lien.decide_le)}, depuis un autre écran."


def identity(seen: Visible) -> dict[str, str]:
    """The patient's block of an accepted dossier; empty values are left out."""
    dossier, nir = seen.dossier, queries.nir(seen.dossier)
    born_in = Lieu(dossier.naissance_insee, dossier.naissance_lieu).nice if dossier.naissance_insee else ""
    values = {
        "Nom de naissance": dossier.nom_naissance, "Nom d’usage": dossier.nom_usage, "Prénom": dossier.prenom,
        "Prénoms de naissance": dossier.prenoms if dossier.prenoms != dossier.prenom else "",
        "Sexe": rules.SEXES[dossier.sexe], "Lieu de naissance": born_in,
        "Numéro de sécurité sociale": nir.ecrit if nir else "",
        "Statut de l’identité": identite.STATUTS[dossier.ins_statut].label, "Téléphone": queries.telephone(dossier),
        "Autre téléphone": queries.sealed(dossier, "telephone2"),
        "Adresse électronique": queries.sealed(dossier, "courriel"), "Adresse": dossier.adresse,
        "Code postal et ville": f"{dossier.code_postal} {dossier.ville.upper()}",
    }
    return {label: value for label, value in values.items() if value}
