"""The demonstration's certificates for the MDPH: one begun, and one notification of each validity."""

from __future__ import annotations

from datetime import date, timedelta

from portal import clock
from portal.db import database
from portal.demonstration.volets import ALICE
from portal.dossiers import commands as dossiers
from portal.dossiers import queries
from portal.dossiers.commands import Nouveau
from portal.dossiers.models import Dossier
from portal.handicap import commands as notifications
from portal.volets import commands
from portal.volets.formulaire import Value

CERTIFICATE: dict[str, Value] = {
    "pathologies": "Sclérose en plaques, forme rémittente, suivie depuis 2014.",
    "histoire": "Deux poussées en 2024, récupération partielle.",
    "signes": "Fatigabilité, troubles de l’équilibre, faiblesse du membre inférieur droit.",
    "frequence": "permanents", "evolution": "imprevisible", "duree": "definitive", "ordonnance": "jointe",
    "suivis": ["kine", "infirmier"], "marcher": "b", "deplacer_dedans": "b", "deplacer_dehors": "c", "gestes_fins": "b",
    "toilette": "b", "habillage": "b", "courses": "c", "menage": "c",
    "travail": "Arrêt de travail depuis mars, reprise à temps partiel envisagée.",
    "besoins": "Aide humaine pour les déplacements extérieurs.",
}
# Who, born when, and the days left to the notification (None: the certificate is only begun).
PEOPLE = (
    ("HAMEL", "CÉCILE", "F", date(1984, 6, 11), 700), ("LEMOINE", "STÉPHANE", "M", date(1979, 1, 30), 45),
    ("BINET", "CLAIRE", "F", date(1991, 9, 2), -20), ("ROGER", "THOMAS", "M", date(1996, 12, 8), None),
)


def ensure() -> None:
    """Make them; nothing if some are there."""
    with database.writing():
        if Dossier.select().where(Dossier.module == "h").exists():
            return
        for nom, prenom, sexe, birth, left in PEOPLE:
            made = dossiers.create(ALICE, "h", Nouveau(
                civilite="M" if sexe == "M" else "MME", nom_naissance=nom, nom_usage="", prenom=prenom, naissance=birth,
                sexe=sexe, telephone="02 31 00 61 00", adresse="8 rue de Bretagne", insee="14118",
                code_postal="14000", ville="CAEN", sejours=("Adulte",), prenoms=prenom.capitalize()))
            _fill(made, left)


def _fill(made: Dossier, left: int | None) -> None:
    commands.first(ALICE, made, "certificat", CERTIFICATE)
    if left is None:
        return
    seen = queries.visible_dossier(ALICE.rpps or 0, "h", made.numero)
    commands.validate(ALICE, seen, "certificat", 1)
    today = clock.today()
    notifications.declare(ALICE, made, 0, numero="", droit="esms_adulte", du=today - timedelta(days=800),
                          au=today + timedelta(days=left), accord_le=today - timedelta(days=30))
    notifications.add(ALICE, made, nom="EAM de la Baie", statut="42", unite="182", motif="",
                      le=today - timedelta(days=25))
    notifications.add(ALICE, made, nom="SAMSAH du Bocage", statut="45", unite="", motif="114",
                      le=today - timedelta(days=10))
