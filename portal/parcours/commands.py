"""Changes to paths: one verb each, in the caller's transaction, beside the step of the request that it belongs to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from portal import clock
from portal.avis import commands as avis
from portal.avis import queries as addressees
from portal.db import audit
from portal.db.audit import Actor
from portal.db.crypto import keys
from portal.demandes import commands as demandes
from portal.demandes import queries as of_demandes
from portal.demandes.models import Demande
from portal.dossiers import queries as dossiers
from portal.dossiers import rules as dossier_rules
from portal.parcours import queries, rules
from portal.parcours.models import Parcours, Professionnel
from portal.tnd import rules as tnd

Impossible, Stale = demandes.Impossible, demandes.Stale
NO_PATH = "Aucun parcours n’est ouvert pour cette demande\u00a0: la plateforme la valide d’abord."
NO_PROFESSIONAL = ("Aucun professionnel ne participe encore au parcours\u00a0: ajoutez-en un avant de commencer les "
                   "bilans.")


# --- the platform

def validate(actor: Actor, demande_id: int, version: int, debut: date, points: Collection[str]) -> Parcours:
    """Open the path, every point of ``rules.CONFORMITE`` having been checked. Raises Stale, Impossible."""
    if set(points) != set(rules.CONFORMITE):
        raise Impossible("Un parcours s’ouvre quand tous les points sont vérifiés.")
    demandes.follow(actor, demande_id, version, "valider")
    values = {
        "debut": debut, "fin": rules.end(debut, tnd.at(debut).duree.mois), "points": " ".join(rules.CONFORMITE),
        "valide_par": actor.signature, "valide_le": clock.now(), "souhait_par": "", "souhait_le": None,
        "synthese": None, "synthese_par": "", "synthese_le": None}
    # A request that was sent again after its end opens its path anew.
    known = queries.of_demande(demande_id)
    if known:
        Parcours.update(**values).where(Parcours.id == known.id).execute()
    else:
        Parcours.insert(demande_id=demande_id, **values).execute()
    return _path(demande_id)


def begin(actor: Actor, demande_id: int, version: int) -> None:
    """Say that the bilans have begun. Raises Stale, Impossible without a professional."""
    path = queries.of_demande(demande_id)
    if path is None or not queries.professionals(path):
        raise Impossible(NO_PROFESSIONAL)
    demandes.follow(actor, demande_id, version, "commencer")


def add(actor: Actor, demande_id: int, nom: str, mode: str, bilan_le: date | None) -> Professionnel:
    """Add a professional to an open path, paid as the settings of the day say. Raises Impossible."""
    demande, path = _open(demande_id)
    profession, objet, euros = rules.modes(clock.today())[mode]
    made: Professionnel = Professionnel.create(
        parcours_id=path.id, mode=mode, profession=profession, objet=objet, euros=euros, bilan_le=bilan_le,
        created=clock.now())
    made.nom = keys().seal(nom, table="parcours_professionnel", row=str(made.id), column="nom")
    made.save()
    _record(actor, demande, "parcours.professionnel", str(made.id))
    return made


def date_bilan(actor: Actor, demande_id: int, professional_id: int, version: int, etat: str,
               bilan_le: date | None) -> None:
    """Say where a professional's bilan stands. Raises Impossible, also when it changed since it was shown."""
    demande, path = _open(demande_id)
    row = queries.professional(path, professional_id).row
    if row.version != version:
        raise Impossible("Ce bilan a changé depuis que vous l’avez ouvert\u00a0: relisez-le, puis recommencez.")
    Professionnel.update(etat=etat, bilan_le=bilan_le, version=version + 1).where(Professionnel.id == row.id).execute()
    _record(actor, demande, "parcours.bilan", f"{row.id} {etat}")


def conclude(actor: Actor, demande_id: int, version: int, text: str) -> None:
    """Give the synthesis back to who sent the child; sealed. Raises Stale, Impossible."""
    demandes.follow(actor, demande_id, version, "synthese")
    path = _path(demande_id)
    sealed = keys().seal(text, table="parcours", row=str(path.id), column="synthese")
    Parcours.update(synthese=sealed, synthese_par=actor.signature, synthese_le=clock.now()).where(
        Parcours.id == path.id).execute()


def renew(actor: Actor, demande_id: int, version: int) -> None:
    """Renew the path once, for as long as it lasted. Raises Stale, Impossible the second time."""
    demandes.renew(actor, demande_id, version)
    path = _path(demande_id)
    Parcours.update(fin=rules.end(path.debut, 2 * tnd.at(path.debut).duree.mois), renouvele_par=actor.signature,
                    renouvele_le=clock.now()).where(Parcours.id == path.id).execute()


def end(actor: Actor, demande_id: int, version: int, event: str, motif: str, text: str = "") -> None:
    """Close a path or reorient a request, for a reason; ``text``: towards whom. Raises Stale, Impossible."""
    demandes.follow(actor, demande_id, version, event, motif=motif, text=text)


# --- the asking side

def wish_renewal(actor: Actor, demande_id: int) -> None:
    """Ask the platform to renew the path; it decides. Raises Impossible when it can't, or was asked already."""
    demande = of_demandes.one(demande_id)
    path = queries.of_demande(demande_id)
    if path is None:
        raise Impossible(NO_PATH)
    why = rules.why_not_renewed(demande.etat, demande.renouvellements, clock.today())
    if not why and path.souhait_le:
        why = "Le renouvellement est déjà demandé\u00a0: la plateforme ne l’a pas encore décidé."
    if why:
        raise Impossible(why)
    Parcours.update(souhait_par=actor.signature, souhait_le=clock.now()).where(Parcours.id == path.id).execute()
    avis.tell(addressees.of_establishment(demande.etablissement_id), "renouvellement",
              dossier=_label(demande), demande_id=demande.id)
    _record(actor, demande, "parcours.souhait", str(demande.id))


def _open(demande_id: int) -> tuple[Demande, Parcours]:
    demande, path = of_demandes.one(demande_id), queries.of_demande(demande_id)
    if path is None:
        raise Impossible(NO_PATH)
    if demande.etat not in rules.OPEN:
        raise Impossible("Ce parcours est terminé\u00a0: ses professionnels ne changent plus.")
    return demande, path


def _path(demande_id: int) -> Parcours:
    found = queries.of_demande(demande_id)
    if found is None:
        raise Impossible(NO_PATH)
    return found


def _label(demande: Demande) -> str:
    dossier = dossiers.by_id(demande.dossier_id)
    return dossier_rules.format_numero(dossier.module, dossier.numero)


def _record(actor: Actor, demande: Demande, event: str, detail: str) -> None:
    audit.record(actor, event, dossier=_label(demande), detail=detail)
