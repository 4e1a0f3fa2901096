"""Words of the person's page: where her dossier stands, what to do now, who opened it. Short sentences."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from portal.db.audit import PAGE_READ, Trace
from portal.dossiers.rules import STATUTS
from portal.espaces import queries as espaces
from portal.espaces.models import Usager
from portal.espaces.usager import rules
from portal.espaces.usager.moi import Moi
from portal.volets import presenters as volet_words
from portal.volets import queries as volets
from portal.volets import rules as volet_rules
from portal.web import dates

HERE = "/espaces/usager"
DONE, NOW, LATER = "fait", "maintenant", "ensuite"


@dataclass(frozen=True)
class Medecin:
    """The médecin traitant that was named: what his answer means in words."""

    rpps: int
    nom: str
    detail: str
    etat: str
    reponse: str


@dataclass(frozen=True)
class Etape:
    """One step of the dossier: its words, whether it is done, and the address where one does it."""

    titre: str
    texte: str
    etat: str
    action: tuple[str, str] | None = None


@dataclass(frozen=True)
class Ouverture:
    """Somebody opened the dossier: who, what, when."""

    qui: str
    quoi: str
    quand: str
    moi: bool


ANSWERS = {
    "attente": "Il n’a pas encore répondu.",
    "accepte": "Il a accepté de suivre ce dossier.",
    "refuse": "Il a répondu qu’il n’était pas le médecin traitant. Choisissez-en un autre.",
}
WHERE = {
    "non_envoyee": "Votre dossier n’est pas encore envoyé.",
    "demande_envoyee": "Votre dossier est envoyé. Les établissements vont répondre.",
    "consulte": "Un établissement lit votre dossier.",
    "complement": "Un établissement demande une précision.",
    "liste_attente": "Vous êtes sur une liste d’attente.",
    "admission_proposee": "Une place vous est proposée.",
    "proposition_acceptee": "Vous avez accepté une place.",
    "proposition_declinee": "Une proposition n’a pas été retenue.",
    "refusee": "Aucun établissement n’a pu donner de place pour l’instant.",
    "admis": "La personne est entrée dans un établissement.",
    "annule": "Ce dossier est annulé.",
    "historise": "Ce dossier est archivé.",
}
OPENED = {
    "dossier.ouvert": "a ouvert le dossier", "dossier.apercu": "a vu l’aperçu du dossier",
    "volet.ouvert": "a lu une partie du dossier", "piece.ouverte": "a ouvert un document joint",
    "demande.lire": "a ouvert le dossier pour répondre à la demande", "dossier.imprime": "a imprimé le dossier",
    "dossier.exporte": "a enregistré une copie du dossier", PAGE_READ: "a vu une page du dossier",
    "notification.ouverte": "a lu la décision de la MDPH", "had.ouverte": "a lu une évaluation",
    "message.ouvert": "a lu les messages", "journal.ouvert": "a lu la liste des ouvertures",
    "journal.imprime": "a imprimé la liste des ouvertures",
}


def where(moi: Moi) -> str:
    """Where the dossier stands, in one sentence."""
    return WHERE.get(moi.dossier.statut, STATUTS[moi.dossier.statut].label)


def physician(moi: Moi) -> Medecin | None:
    """The médecin traitant that was named, None while nobody is."""
    found = espaces.physician(moi.dossier)
    return Medecin(found.rpps, found.nom, found.detail, found.etat, ANSWERS[found.etat]) if found else None


def steps(moi: Moi, medecin: Medecin | None, envoyees: int, choisies: int) -> list[Etape]:
    """The dossier's way, in four steps; the first one not done is the one to do now."""
    here = f"/dossiers/{moi.vu.module.slug}/{moi.dossier.numero}"
    situations = {one.code: one for one in volets.situations(moi.vu)}
    mine = situations[volet_rules.ADMINISTRATIF]
    filled = mine.etat == volet_rules.VALIDE
    named = medecin is not None and medecin.etat != "refuse"
    theirs = [one for one in situations.values() if volet_rules.nature(one.code) == volet_rules.MEDICAL]
    written = all(one.etat == volet_rules.VALIDE for one in theirs)
    accepted = medecin is not None and medecin.etat == "accepte"
    # Done; hers to do now, as far as it goes; its words; where it is done, for who may.
    found = [
        (filled, moi.agit, "La partie administrative",
         _filled(mine) if filled else "La partie administrative est à remplir.",
         ("Relire" if filled else "Remplir", f"{here}/volets/administratif") if moi.agit else None),
        (accepted, moi.conduit and not named, "Le médecin traitant",
         f"{medecin.nom}. {medecin.reponse}" if medecin else "Le médecin traitant est à choisir.",
         ("Changer de médecin" if named else "Choisir mon médecin", f"{HERE}/medecin") if moi.conduit else None),
        (written, False, "La partie du médecin", _theirs(theirs), None),
        (bool(envoyees), moi.agit, "Les établissements", _asked(envoyees, choisies),
         ("Voir les établissements", f"{here}/demandes") if choisies else
         ("Choisir des établissements", f"{here}/demandes/choisir") if moi.agit else None),
    ]
    first = next((rank for rank, (done, hers, *_) in enumerate(found) if not done and hers), None)
    return [Etape(title, text, DONE if done else NOW if rank == first else LATER, action)
            for rank, (done, _, title, text, action) in enumerate(found)]


def _filled(one: volets.Situation) -> str:
    return f"Remplie le {dates.day(one.valide_le)}." if one.valide_le else "Remplie."


def _theirs(parts: Collection[volets.Situation]) -> str:
    """When the physician filled his volets, and nothing of what he wrote."""
    words = []
    for one in parts:
        name = volet_words.title(one.code)
        said = f"rempli le {dates.day(one.valide_le)}" if one.etat == volet_rules.VALIDE and one.valide_le else \
            "à remplir par votre médecin"
        words.append(f"{name}\u00a0: {said}.")
    return " ".join(words)


def _asked(envoyees: int, choisies: int) -> str:
    if envoyees:
        return "Une demande est partie." if envoyees == 1 else f"{envoyees} demandes sont parties."
    return "Des établissements sont choisis, rien n’est parti." if choisies else "Les établissements sont à choisir."


def openings(found: Collection[Trace], mine: str, names: Mapping[str, str]) -> list[Ouverture]:
    """Who opened the dossier, in words; ``mine``: the subject of who reads; ``names``: her side's, by subject."""
    return [Ouverture("Vous" if one.subject == mine else names.get(one.subject or "", one.name),
                      _you(OPENED[one.event]) if one.subject == mine else OPENED[one.event], dates.moment(one.at),
                      one.subject == mine) for one in found]


def _you(words: str) -> str:
    return f"avez {words.removeprefix('a ')}"


def people(found: Collection[Usager], me: int) -> list[tuple[Usager, str, str]]:
    """Who follows the dossier: the person, her role in words, whether she has come."""
    roles = {"patient": "La personne elle-même", "aidant": "Aide\u00a0: remplit et répond",
             "famille": "Suit sans modifier"}
    return [(one, roles[one.role] + (f" ({one.lien})" if one.lien else ""),
             "Vous" if one.id == me else f"Depuis le {dates.day(one.confirme_le)}" if one.confirme_le else
             "Invitation envoyée, pas encore ouverte") for one in found]


def motive(code: str) -> str:
    """Why a dossier was cancelled."""
    return rules.MOTIVE_WORDS.get(code, "")
