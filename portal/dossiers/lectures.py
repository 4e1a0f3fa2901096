"""What counts as looking into a dossier, and the words of each look: for who reads who opened what."""

from __future__ import annotations

from collections.abc import Iterator

from portal.db.audit import DENIED, FAILED, PAGE_READ, REFUSED, Trace
from portal.dossiers import rules
from portal.dossiers.queries import SEARCH_FAILED

READS = ("dossier.ouvert", "dossier.apercu", PAGE_READ, "volet.ouvert", "piece.ouverte", "demande.lire",
         "dossier.imprime", "dossier.exporte", "notification.ouverte", "had.ouverte", "message.ouvert",
         "journal.ouvert", "journal.imprime")
"""The events that a person's question « who opened my dossier? » is about."""

# A page of a dossier by its name in the route table; one that has no word here is « Page du dossier ».
_PAGES = {
    "dossier-identite": "Identité", "dossier-lier": "Lien avec un autre dossier",
    "dossier-autre-demande": "Autre demande pour la même personne", "dossier-retirer": "Sortie de la patientèle",
    "dossier-garder": "Archivage annoncé", "dossier-famille": "Proches qui suivent le dossier",
    "dossier-prise-en-charge": "Responsabilité du dossier", "messages": "Liste des messages", "message": "Messages",
    "demandes": "Demandes", "demandes-choisir": "Choix des établissements", "demandes-envoyer": "Envoi des demandes",
    "demande": "Demande", "demande-acte": "Réponse à une demande", "orientation": "Aide à l’orientation",
    "vagues": "Recherche par vagues", "volet": "Volet", "volet-reprendre": "Reprise de réponses",
    "volet-version": "Nouvelle version d’un volet", "pieces": "Liste des pièces jointes",
    "piece-retirer": "Retrait d’une pièce jointe", "imprimer": "Choix d’impression", "had": "Éligibilité à l’HAD",
    "notification": "Notification de la MDPH", "plateforme": "Choix de la plateforme", "parcours": "Suivi du parcours",
    "coordination-medecin": "Médecin traitant", "coordination-transfert": "Transfert du dossier",
    "etablissement-demande": "Demande reçue, sans le dossier", "parcours-pco": "Parcours de l’enfant",
    "usager-lettre": "Lettre avec le numéro", "usager-ouvertures": "Qui a ouvert le dossier",
}


def of_dossier(label: str) -> Iterator[Trace]:
    """Every act on a dossier (« ga 43084209 »), the latest first, refusals included; vain searches are none."""
    return iter(Trace.select().where(Trace.dossier == label, Trace.event != SEARCH_FAILED)
                .order_by(Trace.id.desc()).iterator())


def words(trace: Trace) -> str:
    """What was done; an act that has no words yet is told as such, for no access may be left out."""
    if trace.event == PAGE_READ:
        return f"Page consultée\u00a0: {_PAGES.get(trace.detail, 'page du dossier')}"
    if trace.event == DENIED:
        return "Accès demandé"
    if trace.event == "dossier.statut" and trace.detail in rules.STATUTS:
        return f"Statut\u00a0: {rules.STATUTS[trace.detail].label}"
    if trace.event not in rules.EVENTS:
        return "Autre action"
    return rules.event_words(trace.event, str(trace.dossier).partition(" ")[0])


def result(trace: Trace) -> str:
    """What came of it; acts older than the column were all done."""
    return {REFUSED: "Refusé", FAILED: "Échec"}.get(str(trace.result), "Fait")
