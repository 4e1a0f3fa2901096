"""The patient's side of a demonstration: a person and her daughter, who follow one dossier by mailed links."""

from __future__ import annotations

from portal import clock
from portal.db import database
from portal.db.crypto import keys
from portal.dossiers.models import Dossier
from portal.espaces import queries
from portal.espaces.models import Usager

# Role, tie, first name ("" : the person's own names), mail.
PEOPLE = (
    ("patient", "", "", "personne@famille.example"),
    ("aidant", "Fils ou fille", "Anne", "anne@famille.example"),
)


def ensure() -> None:
    """Let them follow the first living dossier that a patient leads; nothing when somebody follows one already."""
    with database.writing():
        dossier = followed()
        if dossier is None or Usager.select().exists():
            return
        for rank, (role, lien, prenom, email) in enumerate(PEOPLE, 1):
            subject = f"U9{rank:010d}"
            Usager.create(
                subject=subject, dossier_id=dossier.id, role=role, lien=lien, prenom=prenom or dossier.prenom,
                nom=dossier.nom_usage or dossier.nom_naissance, confirme_le=clock.now(), created=clock.now(),
                courriel=keys().seal(email, table="usager", row=subject, column="courriel"),
                courriel_empreinte=queries.fingerprint(email))


def followed() -> Dossier | None:
    """The dossier whose number and birth date the documentation of the demonstration gives."""
    return (Dossier.select().where(Dossier.module == "ga", Dossier.referent_kind == "patient",
                                   Dossier.etat.in_(("redaction", "actif"))).order_by(Dossier.id).first())
