"""Words and pictures of the second factors' pages."""

from __future__ import annotations

from dataclasses import dataclass

import segno

from portal import clock
from portal.facteurs import rules
from portal.facteurs.cles.models import Cle
from portal.facteurs.models import Application
from portal.web import dates

MISSING_CODE = "Indiquez le code à six chiffres que votre application affiche."
WRONG_CODE = ("Ce code n’est pas celui de votre application. Vérifiez que l’heure de votre téléphone se règle "
              "automatiquement, puis saisissez le code affiché à l’instant.")
LONG_NAME = f"Raccourcissez le nom : {rules.MAX_NAME} caractères maximum."
FULL = (f"Vous avez déjà {rules.MAX_APPLICATIONS} applications. Retirez celle que vous n’utilisez plus, "
        "puis recommencez.")
LAST = ("C’est votre seule application, et vous n’avez pas de carte : sans elle vous ne pourriez plus vous connecter. "
        "Ajoutez-en d’abord une autre.")
NOT_STARTED = "Recommencez l’ajout : le code QR précédent n’est plus valable."


@dataclass(frozen=True)
class Row:
    """An application or a passkey as its list shows it."""

    key: str
    nom: str
    added: str
    used: str


def row(found: Application | Cle) -> Row:
    """One line of the list."""
    return Row(found.key, found.nom, dates.day(found.created),
               dates.moment(found.used) if found.used else "jamais")


def default_name() -> str:
    """The name of an application that was given none."""
    return f"Application du {dates.day(clock.today())}"


def qr_image(secret: str, site: str, account: str) -> str:
    """The QR code of an enrolment as a ``data:`` address: dark on white in both looks, with its quiet zone."""
    uri = rules.key_uri(rules.unbase32(secret), site, account)
    image: str = segno.make(uri, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
    return image
