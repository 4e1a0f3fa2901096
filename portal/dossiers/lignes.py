"""The list row of a dossier in one physician's table: the copies that ``Lien`` holds."""

from __future__ import annotations

from typing import Any

from portal.dossiers import rules
from portal.dossiers.models import Dossier

YOU, PATIENT = "Vous", "Le patient"


def referent_label(dossier: Dossier, rpps: int | None) -> str:
    """Who leads the request, as this physician reads it (None: somebody else)."""
    if dossier.referent_kind == "patient":
        return PATIENT
    if dossier.referent_kind == "medecin" and rpps is not None and dossier.referent_rpps == rpps:
        return YOU
    return str(dossier.referent_texte)


def copies(dossier: Dossier, rpps: int, etat: str, linked: tuple[str, int] | None) -> dict[str, Any]:
    """The columns of ``Lien`` that follow from the dossier, for a link in state ``etat``.

    ``linked``: module and number of the linked dossier, when this physician may see it too.
    """
    patient = rules.patient_label(dossier.nom_naissance, dossier.nom_usage, dossier.prenom, dossier.civilite)
    ville = dossier.ville.upper()
    referent = referent_label(dossier, rpps)
    words = rules.fold(f"{dossier.module} {dossier.numero} {patient} {dossier.code_postal} {ville}")
    return {
        "module": dossier.module, "numero": dossier.numero, "onglet": rules.tab(etat, dossier.etat),
        "patient": patient, "code_postal": dossier.code_postal, "ville": ville, "referent": referent,
        "statut": dossier.statut, "lie_module": linked[0] if linked else None,
        "lie_numero": linked[1] if linked else None, "maj": dossier.updated, "tri_patient": rules.fold(patient),
        "tri_referent": rules.fold(referent), "rang": rules.RANKS[dossier.statut], "mots": f" {words}",
        "naissance": dossier.naissance.isoformat(),
    }


def buckets(etat: str, onglet: str | None) -> tuple[str, ...]:
    """The counters that a link counts in: its tab and, while unanswered and in progress, « a_accepter »."""
    if onglet is None:
        return ()
    return (onglet, "a_accepter") if etat == "attente" and onglet == "en_cours" else (onglet,)
