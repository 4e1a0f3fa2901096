"""What the printed pages say: the identity, each volet with its state, what is missing, the patient's letter."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from portal import clock
from portal.clock import PARIS
from portal.compte.queries import Compte
from portal.dossiers import identite, rules
from portal.dossiers import queries as dossiers
from portal.dossiers.queries import Visible
from portal.tnd.reperage import Bilan
from portal.volets import aggir_vue, calculs, reperage_vue, reponses
from portal.volets import rules as volets
from portal.volets.presenters import title
from portal.volets.queries import Ouvert
from portal.web import dates

MISSING = "Non renseigné"
# The request in words that tell nothing of health: « soins palliatifs » or a disorder's name has no place in a letter.
REQUESTS = {
    "ga": "une demande d’hébergement ou d’accueil pour personnes âgées",
    "s": "une demande d’orientation vers un établissement ou un service",
    "tnd": "une demande d’accompagnement pour votre enfant",
    "h": "une demande à la maison départementale",
}
SOURCES = {"ga": "Rubriques du Cerfa n°\u00a014732*03, dans son ordre. Ce document ne le remplace pas."}
CIVILITIES = {"M": "Monsieur", "MME": "Madame"}


@dataclass(frozen=True)
class Ligne:
    """A question and what was answered; ``manque``: needed, and not answered."""

    label: str
    mots: str
    manque: bool = False


@dataclass(frozen=True)
class Feuillet:
    """One volet on paper; printed elsewhere, it shows none of its words. ``fait``: who signed or wrote last, when;
    ``gir``, ``reperage`` and ``scores``: what the grids give, for the volet that has one."""

    code: str
    titre: str
    valide: bool
    etat: str
    fait: str
    sections: list[tuple[str, list[Ligne]]] = field(repr=False)
    manques: int
    gir: aggir_vue.Direct | None = field(repr=False)
    reperage: Bilan | None = field(repr=False)
    scores: tuple[calculs.Score, ...] = field(repr=False)


def stamp(name: str, at: datetime) -> str:
    """« Édité par Dr Alice MARTIN le 22/11/2026 à 14:32 »."""
    return f"Édité par {name} le {dates.day(at)} à {at.astimezone(PARIS):%H:%M}"


def file_name(seen: Visible, what: str) -> str:
    """« dossier-ga-43009190.pdf »: no name in it."""
    return f"{what}-{seen.label.replace(' ', '-')}.pdf"


def identity(seen: Visible, *, with_nir: bool) -> list[Ligne]:
    """The identity block, in the order of the Cerfa; ``with_nir`` only for who may change the identity."""
    one = seen.dossier
    birth = one.naissance
    number = dossiers.sealed(one, "nir") if with_nir else ""
    values = [
        ("Civilité", CIVILITIES.get(one.civilite.upper(), "")), ("Nom de naissance", one.nom_naissance),
        ("Nom d’usage", one.nom_usage), ("Prénoms", one.prenoms or one.prenom),
        ("Prénom utilisé", one.prenom if one.prenoms and one.prenoms != one.prenom else ""),
        ("Sexe", rules.SEXES.get(one.sexe, "")),
        ("Date de naissance", f"{dates.day(birth)} ({rules.age_text(birth, clock.today())})"),
        ("Lieu de naissance", one.naissance_lieu),
        ("Numéro de sécurité sociale", identite.read_nir(number).ecrit if number else ""),
        ("Identité", identite.STATUTS[one.ins_statut].label if one.ins_statut in identite.STATUTS else ""),
        ("Adresse", one.adresse), ("Code postal et ville", f"{one.code_postal} {one.ville.upper()}".strip()),
        *((label, dossiers.sealed(one, column)) for label, column in (
            ("Téléphone", "telephone"), ("Autre téléphone", "telephone2"), ("Courriel", "courriel"))),
    ]
    return [Ligne(label, text) for label, text in values if text]


def request_lines(seen: Visible) -> list[Ligne]:
    """What is asked, by whom, where it stands.

    An establishment reads no status: it comes from all the requests, and would tell what others answered.
    """
    one, module = seen.dossier, seen.module
    stands = "" if seen.role.startswith("receveur") else rules.STATUTS[one.statut].label
    values = [("Numéro du dossier", seen.label), (module.stay, one.sejours), ("Statut", stands),
              ("Référent du dossier", referent(seen))]
    return [Ligne(label, text) for label, text in values if text]


def referent(seen: Visible) -> str:
    """Who leads the request, as a paper says it: nobody is « vous » there."""
    return "Le patient" if seen.dossier.referent_kind == "patient" else str(seen.dossier.referent_texte)


def sheet(seen: Visible, opened: Ouvert) -> Feuillet:
    """One volet: each question asked that has an answer or needs one."""
    definition, answers = opened.definition, opened.answers
    asked, needed = reponses.shown(definition, answers), set(reponses.required(definition, answers))
    sections = []
    for section in definition.sections:
        lines = [
            Ligne(one.label, reponses.words(one, answers[one.id])) if answers.get(one.id)
            else Ligne(one.label, MISSING, manque=True)
            for one in section.fields if one.id in asked and (answers.get(one.id) or one.id in needed)]
        if lines:
            sections.append((section.title, lines))
    return Feuillet(
        opened.code, title(opened.code), opened.etat == volets.VALIDE, volets.STATES[opened.etat].label,
        last_act(opened), sections, sum(line.manque for _, lines in sections for line in lines),
        aggir_vue.live(answers) if opened.code == volets.AUTONOMIE else None, reperage_vue.live(seen, opened),
        calculs.scores(definition, answers))


def last_act(opened: Ouvert) -> str:
    """Who validated it and when; else who wrote last, and that an earlier version was signed."""
    if opened.etat == volets.VALIDE and opened.valide_le:
        return f"Validé par {opened.valide_par} le {dates.moment(opened.valide_le)}"
    if not opened.modifie_le:
        return "Rien n’y est encore saisi"
    words = f"Modifié par {opened.modifie_par} le {dates.moment(opened.modifie_le)}"
    if opened.etat == volets.ROUVERT and opened.valide_le:
        words += (f"\u00a0; une version antérieure a été validée par {opened.valide_par} "
                  f"le {dates.moment(opened.valide_le)}")
    return words


def absent(codes: Collection[str], chosen: Collection[str], refusals: dict[str, str]) -> list[tuple[str, str]]:
    """The volets that this paper has not, each with the reason."""
    return [(title(code), refusals.get(code) or "Non choisi pour cette impression.")
            for code in codes if code not in chosen]


# --- the letter

@dataclass(frozen=True)
class Lettre:
    """The patient's letter: whom it is for, what it is about, who signs; ``referent`` empty for the patient."""

    destinataire: str
    adresse: list[str]
    appel: str
    demande: str
    referent: str
    lieu: str
    jour: str
    signature: list[str] = field(default_factory=list)


def letter(seen: Visible, account: Compte | None, physician: str) -> Lettre:
    """No word of health. A child's letter is for the parents. ``physician``: the name of who signs, when there is no
    account to take it from."""
    one, child = seen.dossier, seen.module.code == "tnd"
    title_ = CIVILITIES.get(one.civilite.upper(), "")
    name = f"{one.prenom} {one.nom_usage or one.nom_naissance}".strip()
    signs = [account.name, account.specialite, f"RPPS {account.rpps}", account.adresse,
             f"{account.code_postal} {account.ville}".strip()] if account else [physician]
    leader = "" if one.referent_kind == "patient" else referent(seen)
    return Lettre(
        f"Aux parents de {name}" if child else f"{title_} {name}".strip(),
        [line for line in (one.adresse, f"{one.code_postal} {one.ville.upper()}".strip()) if line],
        "Madame, Monsieur" if child or not title_ else title_, REQUESTS[seen.module.code], leader,
        account.ville if account else "", dates.day(clock.today()), [line for line in signs if line])
