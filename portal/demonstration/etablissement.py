"""What makes EHPAD Les Tilleuls' space worth a look: clocks, opinions, an answered complement, paper dossiers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal import clock
from portal.annuaire.models import Etablissement, Unite
from portal.db import database
from portal.db.audit import Actor
from portal.db.crypto import keys
from portal.demandes import rules
from portal.demandes.models import Demande, Pas
from portal.demonstration import espaces
from portal.espaces.etablissement.papier import commands as papier
from portal.espaces.etablissement.papier import rules as papier_rules
from portal.espaces.etablissement.papier.commands import Nouveau
from portal.espaces.etablissement.papier.models import Papier

CLAIRE = Actor(None, f"Claire DUBOIS, {espaces.TILLEULS}", "interne")
PAUL = f"Paul ROY, {espaces.TILLEULS}"
PAPERS = (
    ("LEGOFF", "Yvonne", "02 61 91 45 10", "permanent", 3, 40, papier_rules.LISTE),
    ("BERTHELOT", "Lucien", "02 61 91 45 11", "permanent", 2, 12, papier_rules.RECU),
    ("VASSEUR", "Odile", "", "temporaire", None, 90, papier_rules.CLOS),
)
ANSWER = "L’ordonnance du mois est jointe. La personne vit chez sa fille."
OPINION = "Projet de soins compatible avec l’unité. Prévoir une visite de préadmission."


def ensure() -> None:
    """Furnish the establishment's space once."""
    with database.writing():
        if Papier.select().exists():
            return
        place = espaces.tilleuls().id
        _sheet(place)
        _clocks(place)
        _opinions(place)
        _expired(place)
        for nom, prenom, telephone, sejour, gir, days, etat in PAPERS:
            made = papier.receive(CLAIRE, place, Nouveau(
                nom, prenom, telephone, sejour, gir, clock.today() - timedelta(days=days)))
            if etat != papier_rules.RECU:
                papier.move(CLAIRE, made, made.version, etat, "admissible")


def _sheet(place: int) -> None:
    Etablissement.update(incomplets=True, rappel_heures=8, services="alzheimer pasa jardin",
                         courriel="accueil@tilleuls.example").where(Etablissement.id == place).execute()
    Unite.update(places=3, places_le=clock.today()).where(Unite.etablissement_id == place).execute()


def _some(place: int, etat: str, number: int) -> list[Demande]:
    return list(Demande.select().where(Demande.etablissement_id == place, Demande.etat == etat)
                .order_by(Demande.envoyee_le.desc(), Demande.id).limit(number))


def _set(demande: Demande, **values: Any) -> None:
    Demande.update(**values).where(Demande.id == demande.id).execute()


def _clocks(place: int) -> None:
    """Promises kept and broken, an incomplete dossier, a reminder, a complement that has come."""
    now = clock.now()
    kinds: tuple[dict[str, Any], ...] = (
        {"promesse_le": now + timedelta(hours=3)}, {"promesse_le": now - timedelta(hours=5), "incomplet": True},
        {"relances": 2, "relancee_le": now - timedelta(days=1)})
    sent = _some(place, rules.ENVOYEE, len(kinds) + 1)
    for demande, values in zip(sent, kinds, strict=False):
        _set(demande, **values)
    for demande in sent[len(kinds):]:
        sealed = keys().seal(ANSWER, table="demande", row=str(demande.id), column="complement_reponse")
        _set(demande, complement_reponse=sealed)


def _opinions(place: int) -> None:
    for demande, avis in zip(_some(place, rules.LUE, 2), ("favorable", "reserve"), strict=False):
        sealed = keys().seal(OPINION, table="demande", row=str(demande.id), column="avis_texte")
        _set(demande, avis=avis, avis_texte=sealed, avis_par=PAUL, avis_le=clock.now())
        _step(demande, "avis", rules.LUE, PAUL)


def _expired(place: int) -> None:
    for demande in _some(place, rules.DECLINEE, 1):
        _set(demande, etat=rules.EXPIREE, motif="", reponse_avant=clock.today() - timedelta(days=2))
        Pas.delete().where(Pas.demande_id == demande.id, Pas.evenement == "decliner").execute()
        _step(demande, "expirer", rules.EXPIREE, "Système", rules.PROPOSEE)


def _step(demande: Demande, event: str, etat: str, par: str, left: str = "") -> None:
    Pas.insert(demande_id=demande.id, at=clock.now(), evenement=event, de=left or etat, vers=etat, par=par).execute()
