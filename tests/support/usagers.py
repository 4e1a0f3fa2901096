"""The patient's side in the tests: a dossier that a family leads, its people, the links in their mails."""

from __future__ import annotations

import re

from portal.db import audit, database, outbox
from portal.db.audit import Actor
from portal.dossiers import commands
from portal.dossiers.models import Dossier
from portal.espaces.models import Usager
from tests.support import espaces
from tests.support.people import LEROUX

HOME = "/espaces/usager/dossier"
LINK = re.compile(r"https?://[^/\s]+(/espaces/usager/lien/\S+)")
# What a daughter types to create her mother's dossier, by label.
ANNE = {
    "Votre adresse électronique": "anne.moreau@exemple.fr", "Votre prénom": "Anne", "Votre nom": "MOREAU",
    "Nom de naissance": "LEROUX", "Prénoms de naissance": "Josette", "Date de naissance": "17/04/1931",
    "Téléphone": "02 31 11 22 33", "Code Postal / Ville": "14000 Caen",
}
FAMILY = Actor(None, "Anne MOREAU", "lien", subject="U00000000000")
READER = Actor(10100000011, "Dr Alice MARTIN", "cps")


def given_a_family(role: str = "aidant", *, read: bool = False) -> tuple[Dossier, Usager]:
    """Mme LEROUX's dossier, led by her side, and one confirmed person of it; ``read``: a physician opened it."""
    database.connect()
    with database.writing():
        dossier = commands.open_for(FAMILY, "ga", LEROUX)
        if read:
            audit.record(READER, "dossier.ouvert", dossier=f"ga {dossier.numero}")
            audit.record(READER, "volet.ouvert", dossier=f"ga {dossier.numero}", detail="medical")
    return dossier, espaces.relative(dossier, role)


def latest_link() -> str:
    """The address of the latest mailed link."""
    database.connect()
    found = next(filter(None, (LINK.search(mail.body) for mail in outbox.latest())))
    return found[1]
