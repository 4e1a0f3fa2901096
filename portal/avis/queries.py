"""Questions about notices: to whom, and which wait."""

from __future__ import annotations

from portal.avis.models import Avis
from portal.db.base import rows
from portal.dossiers import queries as dossiers
from portal.dossiers.models import Dossier
from portal.espaces import queries as espaces


def medecin(rpps: int) -> str:
    """The addressee that a physician is."""
    return f"medecin:{rpps}"


def structure(structure_id: int) -> str:
    """The addressee that a structure is."""
    return f"structure:{structure_id}"


def usager(usager_id: int) -> str:
    """The addressee that a person of the patient's side is."""
    return f"usager:{usager_id}"


def asking_side(dossier: Dossier, besides: str | None = None) -> list[str]:
    """Who follows a dossier's requests: its physicians who accepted it, the structures that lead or follow it, the
    patient and relatives whose address is confirmed.

    ``besides``: the subject (or « 8 » and RPPS number) of who acts, who needs not be told.
    """
    found = [medecin(rpps) for rpps, etat in dossiers.physicians(dossier).items()
             if etat == "accepte" and f"8{rpps}" != besides]
    found += [structure(one.id) for one in espaces.following(dossier.id)]
    found += [usager(one.id) for one in espaces.usagers(dossier.id) if one.confirme_le and one.subject != besides]
    return found


def professionals(dossier: Dossier) -> list[str]:
    """``asking_side`` without the patient's side: who is told of what patients do not read."""
    return [one for one in asking_side(dossier) if not one.startswith("usager:")]


def physicians(dossier: Dossier) -> list[str]:
    """The physicians who follow a dossier: what waits for one of them alone."""
    return [medecin(rpps) for rpps, etat in dossiers.physicians(dossier).items() if etat == "accepte"]


def of_establishment(etablissement_id: int) -> list[str]:
    """The addressee that an establishment is; none while it has no account here."""
    found = espaces.structure_of_establishment(etablissement_id)
    return [structure(found.id)] if found else []


# --- what waits for one addressee

def unread(destinataire: str) -> tuple[int, int]:
    """How many notices he has not read, and the latest one's row (0: none): one statement on an index."""
    found = rows("SELECT count(*), coalesce(max(id), 0) FROM avis WHERE destinataire = ? AND lu_le IS NULL",
                 destinataire)
    return int(found[0][0]), int(found[0][1])


def latest(destinataire: str, limit: int) -> list[Avis]:
    """His latest notices, newest first, read or not."""
    return list(Avis.select().where(Avis.destinataire == destinataire).order_by(Avis.at.desc(), Avis.id.desc())
                .limit(limit))


def of(destinataire: str, avis_id: int) -> Avis | None:
    """One notice of this addressee; None for an absent one and for another's alike."""
    return Avis.get_or_none(Avis.id == avis_id, Avis.destinataire == destinataire)
