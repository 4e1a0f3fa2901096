"""A small world in which every sealed column of the database holds something, written by the portal's own commands."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from portal import clock
from portal.compte import commands as comptes
from portal.compte.commands import Contact
from portal.db import database
from portal.db.audit import Actor
from portal.db.crypto import keys
from portal.demandes import commands as demandes
from portal.demandes import rules
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.espaces.etablissement.papier import commands as papier
from portal.espaces.models import Usager
from portal.espaces.usager import commands as usagers
from portal.espaces.usager.commands import Person
from portal.facteurs import commands as facteurs
from portal.had import commands as had
from portal.had import definitions as of_had
from portal.handicap import commands as handicap
from portal.messages import commands as messages
from portal.parcours import commands as parcours
from portal.parcours import rules as of_parcours
from portal.pieces import commands as pieces
from portal.pieces.rules import FORMATS
from portal.settings import Settings
from portal.volets import commands as of_volets
from tests.support import codes, espaces, sessions, volets
from tests.support.people import IDENTITY, LEROUX
from tests.support.volets import ALICE_ACTS

NIR = "231041411800155"
MEDICAL = "Insuffisance cardiaque, chimiothérapie en cours"
COMPLEMENT = "Depuis la phlébite de mars."
# What lies under the seals, or would betray what does: codes of answers, numbers and names of people, secrets.
SEEDED = (
    "Insuffisance", "chimioth", "Mirtazapine", "Tournebride", NIR, NIR[:13], "02 31 11 22 33", "0231112233",
    "06 12 34 56 78", "rosalie.tournebride@exemple.fr", "coherence_communication", "AAAAAAAA", "phlébite", "Haldol",
    "escarres", "Trachéotomie", "Quesnelle", "06 98 76 54 32", "Ostéosarcome", "ostéosarcome.pdf", "bilan vestibulaire",
    "Ysaline", "Kerbrat", "14-2026-0042", "esms_adulte", "EAM Les Érables", "06 55 44 33 22", "06 77 88 99 00",
    codes.SECRET, "Zwyxwort",
)


@dataclass(frozen=True)
class Monde:
    """Where the things are: number of the grand âge dossier, a session's cookie and a mailed link's signed part."""

    numero: int
    cookie: str


def furnish(settings: Settings) -> Monde:
    """Write into every sealed column twice at least, in an open database."""
    found = [_person(settings, rank) for rank in range(2)]
    return found[0]


def _person(settings: Settings, rank: int) -> Monde:
    new = replace(LEROUX, nir=NIR, telephone2="06 12 34 56 78", courriel="rosalie.tournebride@exemple.fr")
    with database.writing():
        dossier = dossiers.create(ALICE_ACTS, "ga", new)
    _volets(dossier.numero)
    _requests(dossier)
    _relatives(dossier, settings, rank)
    _pieces(dossier, settings)
    _handicap()
    _child()
    with database.writing():
        grille = of_had.latest()
        had.keep(ALICE_ACTS, volets.seen(dossier.numero), grille,
                 {one.id: one.options[-1].code for one in grille.criteres})
    return Monde(dossier.numero, _account(settings, rank))


def _volets(numero: int) -> None:
    volets.write(ALICE_ACTS, numero, {"antecedents": MEDICAL, "ordonnance": "texte", "traitements": "Mirtazapine"})
    volets.write(ALICE_ACTS, numero, {"contact1_nom": "Rosalie Tournebride"}, "administratif")
    for code in ("medical", "autonomie"):
        full = volets.complete(numero, code)
        with database.writing():
            of_volets.validate(ALICE_ACTS, volets.seen(numero), code, full.version)


def _requests(dossier: Dossier) -> None:
    one = espaces.demande(dossier, espaces.etablissement(), rules.LUE)
    with database.writing():
        one = demandes.give_opinion(espaces.ANSWERS, one.id, one.version, "reserve", "Soins d’escarres")
        one = demandes.ask(espaces.ANSWERS, one.id, one.version, "Depuis quand l’Haldol ?")
        one = demandes.complete(espaces.ASKS, one.id, one.version, COMPLEMENT)
        for rank in range(2):
            messages.send(espaces.ASKS, dossier, one, "demandeur", "Trachéotomie depuis mai", f"{rank:032x}")
        one = demandes.cancel(espaces.ASKS, one.id, one.version, "157", "Phlébite récidivante")
        papier.receive(espaces.ANSWERS, one.etablissement_id, papier.Nouveau(
            "Quesnelle", "Quesnelle", "06 98 76 54 32", "permanent", 3, date(2026, 11, 2)))


def _relatives(dossier: Dossier, settings: Settings, rank: int) -> None:
    with database.writing():
        who = Person("famille", "fille", "Anne", "MOREAU", f"proche{rank}.de.josette@exemple.fr")
        one = usagers.invite(ALICE_ACTS, dossier, who, settings)
        usagers.ask_change(usagers.actor_of(one), one, f"autre{rank}.de.josette@exemple.fr", settings)
        # No page asks for it yet.
        Usager.update(telephone=keys().seal("06 77 88 99 00", table="usager", row=one.subject, column="telephone")
                      ).where(Usager.id == one.id).execute()


def _pieces(dossier: Dossier, settings: Settings) -> None:
    new = pieces.prepare(volets.seen(dossier.numero), "ordonnance", FORMATS["application/pdf"], "ostéosarcome.pdf",
                         "Ostéosarcome".encode())
    with database.writing():
        pieces.add(ALICE_ACTS, volets.seen(dossier.numero), new, settings, medical=True)


def _handicap() -> None:
    with database.writing():
        dossier = dossiers.create(ALICE_ACTS, "h", replace(LEROUX, sejours=("Adulte",)))
        handicap.declare(ALICE_ACTS, dossier, 0, numero="14-2026-0042", droit="esms_adulte", du=date(2026, 1, 1),
                         au=date(2030, 12, 31), accord_le=date(2026, 11, 20))
        for _ in range(2):
            handicap.add(ALICE_ACTS, dossier, nom="EAM Les Érables", statut="42", unite="", motif="",
                         le=date(2026, 11, 21))


def _child() -> None:
    with database.writing():
        child = dossiers.create(ALICE_ACTS, "tnd", replace(
            LEROUX, nom_naissance="MERCIER", prenom="LÉO", naissance=date(2024, 9, 1), nom_usage="", civilite="",
            sejours=("Psychomotricité",)))
    one = espaces.demande(child, espaces.etablissement("PCO de la Baie", genre="pco"), rules.LUE)
    now: Any = one
    with database.writing():
        parcours.validate(espaces.ANSWERS, one.id, now.version, clock.today(), set(of_parcours.CONFORMITE))
        for _ in range(2):
            parcours.add(espaces.ANSWERS, one.id, "Ysaline Kerbrat", "psychomot_bilan", None)
        parcours.begin(espaces.ANSWERS, one.id, now.version + 1)
        parcours.conclude(espaces.ANSWERS, one.id, now.version + 2, "bilan vestibulaire à refaire")


def _account(settings: Settings, rank: int) -> str:
    rpps = 10100000011 + 11 * rank
    contact = Contact(f"{rpps}@exemple.fr", "06 55 44 33 22", "", "14118", "14000", "CAEN")
    with database.writing():
        compte = comptes.create(Actor(rpps, "Dr", "cps"), f"8{rpps}", IDENTITY, contact, "Bocage-2031", None)
        actor = Actor(rpps, compte.name, "cps", subject=compte.subject)
        facteurs.make_recovery_codes(actor, compte, settings)
    codes.given_an_application(compte.id, settings)
    return sessions.open_session(settings, rpps, "Dr", compte_id=compte.id, reprise=json.dumps("Zwyxwort"))
