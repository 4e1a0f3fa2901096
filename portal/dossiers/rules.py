"""What is true of dossiers whatever the database: modules, numbers, the link machine, tabs, statuses."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

OLDEST_BIRTH = date(1900, 1, 1)
SEXES = {"F": "Féminin", "M": "Masculin"}


@dataclass(frozen=True)
class Module:
    """One kind of dossier: its prefix, its address, the length of its numbers, its words, icon and example.

    ``tile``: it has a tile on the dashboard (the practical guide knows three).
    """

    code: str
    slug: str
    digits: int
    name: str
    title: str
    subtitle: str
    icon: str
    example: str
    heading: str
    request: str
    stay: str
    stays: tuple[str, ...]
    dependency: bool
    tile: bool = True


MODULES = {module.code: module for module in (
    Module(
        "ga", "grand-age", 8, "Personnes âgées", "Hébergement pour Personnes Agées",
        "Orientation en Etablissement d’Hébergement pour Personnes Agées Dépendantes, Unités de Soins de Longue "
        "Durée, Résidences Autonomie", "maison", "ga 43009190",
        "Dossiers de demandes d’admission médico-sociale",
        "Dossier de demande d’admission en EHPAD / EHPAN", "Type d’hébergement",
        ("Permanent", "Temporaire", "Jour", "Nuit"), dependency=True,
    ),
    Module(
        "s", "sanitaire", 7, "SSR, HAD, Soins Palliatifs", "SSR, HAD, Soins Palliatifs",
        "Orientation en Service de Soins de Suite et Réadaptation, Hospitalisation à Domicile, Unité de Soins "
        "Palliatifs", "lit", "s 2031400", "Dossiers de demandes d’admission sanitaire",
        "Dossier de demande d’admission en SSR / HAD", "Type de prise en charge",
        ("SSR", "HAD", "Soins palliatifs"), dependency=False,
    ),
    Module(
        "tnd", "tnd", 6, "Plateformes TND", "Plateforme de Coordination et d’Orientation TND",
        "Prise en charge précoce des Troubles du Neuro-Développement", "enfant", "tnd 100234",
        "Dossiers de demandes d’admission à la plateforme TND",
        "Dossier de demande à la plateforme TND", "Bilans demandés",
        ("Ergothérapie", "Psychomotricité", "Psychologie"), dependency=False,
    ),
    Module(
        "h", "handicap", 9, "Handicap", "Certificat médical pour la MDPH",
        "Certificat médical joint à une demande à la Maison Départementale des Personnes Handicapées, et suivi de la "
        "notification", "compte", "h 100000042", "Dossiers de demandes à la MDPH", "Certificat médical pour la MDPH",
        "Personne concernée", ("Adulte", "Enfant"), dependency=False, tile=False,
    ),
)}
BY_SLUG = {module.slug: module for module in MODULES.values()}


# --- numbers

@dataclass(frozen=True)
class Numero:
    """A dossier number; ``module`` is None when no module has numbers of this length."""

    module: str | None
    value: int

    def __str__(self) -> str:
        return f"{self.module} {self.value}" if self.module else str(self.value)


_NUMERO = re.compile(rf"({'|'.join(MODULES)})?(\d{{1,12}})", re.ASCII)
_BY_DIGITS = {module.digits: module.code for module in MODULES.values()}


def parse_numero(text: str) -> Numero | None:
    """Read « GA 43009190 », « ga43009190 », « 43 009 190 » (any kind of space); None for anything else.

    Without a prefix the length decides: no two modules have numbers of the same length. A prefix
    that its number's length contradicts leaves ``module`` empty: such a dossier can't exist.
    """
    found = _NUMERO.fullmatch(re.sub(r"[\s.\-°]", "", text).lower().removeprefix("n"))
    if not found:
        return None
    prefix, digits = found.groups()
    module = None if digits.startswith("0") else _BY_DIGITS.get(len(digits))
    return Numero(module if prefix in (None, module) else None, int(digits))


def format_numero(module: str, numero: int) -> str:
    """As the tables and the audit write it: « ga 43009190 »."""
    return f"{module} {numero}"


# --- what happened to a dossier, in words (the timeline and the access log say the same)

EVENTS = {
    "dossier.cree": "Dossier créé",
    "dossier.designe": "Médecin traitant désigné",
    "dossier.accepte": "Dossier accepté",
    "dossier.refuse": "Dossier refusé",
    "dossier.retabli": "Refus annulé",
    "dossier.sorti": "Patient sorti de la patientèle",
    "dossier.remplace": "Autre médecin traitant désigné",
    "dossier.ouvert": "Dossier consulté",
    "dossier.apercu": "Aperçu consulté",
    "dossier.statut": "Statut modifié",
    "dossier.lie": "Dossier lié",
    "dossier.delie": "Lien avec un autre dossier retiré",
    "dossier.imprime": "Dossier imprimé",
    "dossier.exporte": "Dossier exporté",
    "dossier.copie": "Données copiées pour la personne",
    "dossier.efface": "Dossier effacé",
    "dossier.alerte": "Archivage annoncé",
    "dossier.garde": "Dossier gardé actif",
    "dossier.reactive": "Dossier réactivé",
    "dossier.annule": "Dossier annulé",
    "dossier.rouvert": "Dossier rouvert",
    "usager.conditions": "Conditions d’utilisation acceptées",
    "usager.confirme": "Adresse électronique confirmée",
    "usager.entre": "Entrée par un lien reçu par courriel",
    "usager.invite": "Proche invité à suivre le dossier",
    "usager.retire": "Proche retiré du dossier",
    "usager.courriel_demande": "Changement d’adresse électronique demandé",
    "usager.courriel_change": "Adresse électronique changée",
    "volet.ouvert": "Volet consulté",
    "volet.modifie": "Volet modifié",
    "volet.valide": "Volet validé",
    "volet.rouvert": "Volet rouvert",
    "volet.repris": "Réponses reprises d’un autre dossier",
    "volet.version": "Volet passé à la nouvelle version de son formulaire",
    "notification.decision": "Notification de la MDPH notée",
    "notification.reponse": "Réponse d’un établissement notée",
    "notification.ouverte": "Notification consultée",
    "dossier.identite": "Identité modifiée",
    "dossier.transfert_propose": "Transfert proposé au médecin traitant",
    "dossier.transfert_annule": "Transfert annulé",
    "dossier.responsabilite": "Responsabilité du dossier prise par le médecin traitant",
    "demande.selectionner": "Établissement choisi",
    "demande.retirer": "Établissement retiré de la sélection",
    "demande.envoyer": "Demande envoyée",
    "demande.lire": "Dossier consulté par l’établissement",
    "demande.etudier": "Demande mise à l’étude",
    "demande.donner_accord": "Accord du médecin traitant",
    "demande.refuser_accord": "Désaccord du médecin traitant",
    "demande.clore": "Demande close sans arrivée déclarée",
    "demande.valider": "Parcours validé par la plateforme",
    "demande.commencer": "Bilans commencés",
    "demande.synthese": "Synthèse rendue",
    "demande.renouveler": "Parcours renouvelé",
    "demande.clore_parcours": "Parcours clos",
    "demande.reorienter": "Demande réorientée",
    "demande.demander_complement": "Informations complémentaires demandées",
    "demande.completer": "Informations complémentaires envoyées",
    "demande.inscrire": "Inscription sur liste d’attente",
    "demande.proposer": "Admission proposée",
    "demande.retirer_proposition": "Proposition retirée",
    "demande.accepter": "Proposition acceptée",
    "demande.decliner": "Proposition déclinée",
    "demande.decliner_tout": "Proposition déclinée, demande annulée",
    "demande.expirer": "Proposition expirée",
    "demande.admettre": "Entrée déclarée",
    "demande.corriger_entree": "Entrée déclarée par erreur",
    "demande.refuser": "Admission impossible",
    "demande.reactiver": "Demande réactivée",
    "demande.annuler": "Demande annulée",
    "demande.annuler_auto": "Demande annulée automatiquement",
    "demande.retablir": "Demande rétablie",
    "demande.rouvrir": "Demande rouverte",
    "demande.changement": "Établissement averti d’un changement du dossier",
    "demande.relancer": "Établissement relancé",
    "demande.avis": "Avis médical de l’établissement",
    "piece.ajoutee": "Pièce jointe ajoutée",
    "piece.ouverte": "Pièce jointe ouverte",
    "piece.retiree": "Pièce jointe retirée",
    "message.ouvert": "Messages consultés",
    "message.envoye": "Message envoyé",
    "message.lu": "Messages lus",
    "vagues.commencer": "Recherche par vagues commencée",
    "vagues.partir": "Vague de demandes partie",
    "vagues.suspendre": "Recherche par vagues suspendue",
    "vagues.reprendre": "Recherche par vagues reprise",
    "vagues.attendre": "Recherche par vagues en attente d’une réponse à un accord",
    "vagues.epuiser": "Recherche par vagues arrivée à sa fin",
    "vagues.arreter": "Recherche par vagues arrêtée",
    "parcours.professionnel": "Professionnel ajouté au parcours",
    "parcours.bilan": "Bilan du parcours mis à jour",
    "parcours.souhait": "Renouvellement du parcours demandé",
    "had.evaluee": "Éligibilité à l’HAD évaluée",
    "had.ouverte": "Évaluation de l’éligibilité à l’HAD consultée",
    "journal.ouvert": "Liste des accès au dossier consultée",
    "journal.imprime": "Liste des accès au dossier imprimée",
}


# What another module calls the same event.
_EVENTS_OF = {
    "s": {
        "demande.selectionner": "Unité choisie", "demande.retirer": "Unité retirée de la sélection",
        "demande.lire": "Dossier consulté par l’unité", "demande.inscrire": "Accord sans place",
        "demande.proposer": "Accord avec une date", "demande.retirer_proposition": "Accord retiré",
        "demande.accepter": "Accord confirmé", "demande.decliner": "Accord non retenu",
        "demande.decliner_tout": "Accord non retenu, demande annulée", "demande.expirer": "Accord expiré",
        "demande.admettre": "Arrivée déclarée", "demande.corriger_entree": "Arrivée déclarée par erreur",
        "demande.refuser": "Demande refusée", "demande.relancer": "Unité relancée",
        "demande.avis": "Avis médical de l’unité",
    },
    "tnd": {
        "demande.selectionner": "Plateforme choisie", "demande.retirer": "Plateforme retirée de la sélection",
        "demande.envoyer": "Demande transmise à la plateforme", "demande.lire": "Dossier reçu par la plateforme",
        "demande.refuser": "Demande refusée", "demande.relancer": "Plateforme relancée",
        "demande.avis": "Avis médical de la plateforme",
    },
}


def event_words(event: str, module: str) -> str:
    """What happened, in the words of a module; the event itself for one that has none."""
    return _EVENTS_OF.get(module, {}).get(event) or EVENTS.get(event, event)


# --- the link physician - dossier

@dataclass(frozen=True)
class Transition:
    """One arrow of the link machine. ``source`` None: no link yet. ``actor``: who may."""

    source: str | None
    event: str
    actor: str
    target: str


TRANSITIONS = (
    Transition(None, "creer", "medecin", "accepte"),
    Transition(None, "designer", "referent", "attente"),
    Transition("retire", "designer", "referent", "attente"),
    Transition("attente", "accepter", "medecin", "accepte"),
    Transition("attente", "refuser", "medecin", "refuse"),
    Transition("refuse", "retablir", "medecin", "attente"),
    Transition("refuse", "accepter", "medecin", "accepte"),
    Transition("accepte", "retirer", "medecin", "refuse"),
    Transition("attente", "remplacer", "referent", "retire"),
    Transition("accepte", "remplacer", "referent", "retire"),
    Transition("refuse", "remplacer", "referent", "retire"),
)
_ARROWS = {(arrow.source, arrow.event): arrow for arrow in TRANSITIONS}


def transition(state: str | None, event: str, actor: str) -> Transition | None:
    """The arrow that leaves ``state`` by ``event``, if ``actor`` may follow it."""
    arrow = _ARROWS.get((state, event))
    return arrow if arrow and arrow.actor == actor else None


def targets(event: str) -> frozenset[str]:
    """The states that an event may lead to: in one of them already, a second click changes nothing."""
    return frozenset(arrow.target for arrow in TRANSITIONS if arrow.event == event)


# --- tabs

TABS = {
    "en_cours": "Dossiers en cours",
    "admis": "Admis",
    "annules": "Annulés",
    "hors_patientele": "Hors patientèle",
    "historises": "Dossiers historisés",
}
_TAB_OF_DOSSIER = {
    "redaction": "en_cours", "actif": "en_cours", "admis": "admis", "annule": "annules", "historise": "historises",
}
DOSSIER_STATES = tuple(_TAB_OF_DOSSIER)


def tab(link: str, dossier: str) -> str | None:
    """The tab where a physician finds a dossier; None when it is no longer his to see."""
    if link == "retire":
        return None
    return "hors_patientele" if link == "refuse" else _TAB_OF_DOSSIER[dossier]


# --- statuses

@dataclass(frozen=True)
class Statut:
    """A status as the table shows it; ``bold``: an establishment is at stake. ``etat``: the dossier's own state."""

    code: str
    label: str
    bold: bool
    icon: str
    etat: str
    modules: tuple[str, ...]


_GA, _S, _TND, _ALL = ("ga",), ("s",), ("tnd",), ("ga", "s", "tnd")
_EVERY = (*_ALL, "h")
STATUTS = {statut.code: statut for statut in (
    Statut("non_envoyee", "Non envoyée", False, "crayon", "redaction", _GA),
    Statut("en_redaction", "En cours de rédaction", False, "crayon", "redaction", ("s", "tnd", "h")),
    Statut("demande_envoyee", "Demande envoyée", True, "envoi", "actif", _GA),
    Statut("transmise", "Transmise à la plateforme", True, "envoi", "actif", _TND),
    Statut("attente_reponse", "Attente de réponse", True, "attente", "actif", ("s", "tnd")),
    Statut("consulte", "Dossier consulté", True, "oeil", "actif", _ALL),
    Statut("etude", "À l’étude", True, "attente", "actif", _S),
    Statut("complement", "Informations complémentaires demandées", True, "question", "actif", _ALL),
    Statut("liste_attente", "Liste d’attente", True, "attente", "actif", ("ga", "s")),
    Statut("admission_proposee", "Admission proposée", True, "valide", "actif", _GA),
    Statut("proposition_acceptee", "Proposition acceptée", True, "valide", "actif", _GA),
    Statut("proposition_declinee", "Proposition déclinée", True, "refus", "actif", _GA),
    Statut("accord_recu", "Accord reçu", True, "valide", "actif", _S),
    Statut("accord_decline", "Accord non retenu", True, "refus", "actif", _S),
    Statut("accord_confirme", "Accord confirmé", True, "valide", "actif", _S),
    Statut("parcours_valide", "Parcours validé", True, "valide", "actif", _TND),
    Statut("bilans_en_cours", "Bilans en cours", True, "attente", "actif", _TND),
    Statut("synthese_recue", "Synthèse reçue", True, "valide", "actif", _TND),
    Statut("parcours_renouvele", "Parcours renouvelé", True, "attente", "actif", _TND),
    Statut("refusee", "Admission impossible", True, "refus", "actif", ("ga", "s")),
    Statut("demande_refusee", "Demande refusée", True, "refus", "actif", _TND),
    Statut("reorientee", "Réorientée", True, "refus", "actif", _TND),
    Statut("non_finalisee", "Arrivée non confirmée", False, "attente", "admis", _S),
    Statut("parcours_clos", "Parcours clos", False, "valide", "admis", _TND),
    Statut("admis", "Admis", False, "valide", "admis", _ALL),
    Statut("annule", "Annulé", False, "refus", "annule", _EVERY),
    Statut("historise", "Historisé", False, "archive", "historise", _EVERY),
)}
RANKS = {code: rank for rank, code in enumerate(STATUTS)}
FIRST_STATUS = {"ga": "non_envoyee", "s": "en_redaction", "tnd": "en_redaction", "h": "en_redaction"}


def statuses(module: str) -> list[Statut]:
    """The statuses a module knows, in the order of a dossier's life."""
    return [statut for statut in STATUTS.values() if module in statut.modules]


# --- people and words

def age(birth: date, today: date) -> int:
    """Age in whole years."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def age_text(birth: date, today: date) -> str:
    """« 100 ans », and months before the second birthday."""
    years = age(birth, today)
    if years >= 2:
        return f"{years} ans"
    months = (today.year - birth.year) * 12 + today.month - birth.month - (today.day < birth.day)
    return f"{months} mois"


def fold(text: str) -> str:
    """Words for sorting and searching: lower case, no accents, single spaces between."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9]+", plain.lower().replace("œ", "oe").replace("æ", "ae")))


def patient_label(nom_naissance: str, nom_usage: str, prenom: str, civilite: str) -> str:
    """As the table prints a person: « DUPONT NEE JEAN JEAN », « LEROUX JOSETTE »."""
    birth_name = f"{nom_usage} {'ne' if civilite == 'M' else 'nee'} {nom_naissance}" if nom_usage else nom_naissance
    return f"{birth_name} {prenom}".strip().upper()


def full_name(nom_naissance: str, nom_usage: str, prenom: str, sexe: str) -> str:
    """As the identity banner names a person: « LEROUX née DUPONT JOSETTE », both surnames told apart."""
    born = "née" if sexe == "F" else "né"
    surname = f"{nom_usage.upper()} {born} {nom_naissance.upper()}" if nom_usage else nom_naissance.upper()
    return f"{surname} {prenom.upper()}".strip()
