"""Datasette's metadata: one canned query that gives a physician's tab, as its documentation shows."""

from __future__ import annotations

from typing import Any

from bench.peers.page import PAGE_SIZE

SQL = f"""
SELECT l.numero, l.etat, d.module, d.statut, d.referent_kind, d.referent_medecin_id, l.medecin_id,
       p.civilite, p.nom_naissance, p.nom_usage, p.prenom, c.code_postal, c.nom AS ville,
       m.first_name, m.last_name, s.nom AS structure, o.module AS lie_module, o.numero AS lie_numero
FROM django_app_lien l
JOIN django_app_dossier d ON d.id = l.dossier_id
JOIN django_app_patient p ON p.id = d.patient_id
JOIN django_app_commune c ON c.id = p.commune_id
LEFT JOIN django_app_medecin m ON m.id = d.referent_medecin_id
LEFT JOIN django_app_structure s ON s.id = d.referent_structure_id
LEFT JOIN django_app_dossier o ON o.id = d.lie_id
WHERE l.medecin_id = (SELECT id FROM django_app_medecin WHERE username = :rpps)
  AND l.module = :module AND l.onglet = :onglet
ORDER BY l.maj DESC, l.numero DESC LIMIT {PAGE_SIZE + 1}
"""


def metadata(database: str) -> dict[str, Any]:
    """Datasette's metadata for the database of this name."""
    return {"databases": {database: {"queries": {"liste": {"sql": SQL}}}}}
