"""Every address of the portal with the rows of one dossier in it, and for each form something plausible to send."""

from __future__ import annotations

import re
from typing import Any

from portal.dossiers.rules import MODULES
from portal.routes import pages
from portal.settings import load
from portal.web.handlers import Page
from tests.acces.scene import Place
from tests.acces.visiteurs import Visiteur

ROUTES = [(method, page) for page in pages(load({}, demonstration=True))
          for method, handler in (("GET", page.get), ("POST", page.post)) if handler]
# The module whose dossiers alone have this page.
MODULE = {**dict.fromkeys(("orientation", "vagues", "vagues-acte", "had", "had-evaluation", "imprimer-had",
                           "imprimer-had-pdf"), "s"),
          **dict.fromkeys(("notification", "notification-reponse"), "h"),
          **dict.fromkeys(("plateforme", "parcours", "parcours-pco", "parcours-professionnel", "parcours-bilan",
                           "parcours-acte"), "tnd")}
# What any form might want, whoever reads it: each handler takes its own fields.
BODY: dict[str, Any] = {
    "version": "1", "motif": "autre", "texte": "Bonjour", "message": "Bonjour", "cle": "c" * 32, "confirmer": "oui",
    "geste": "poser", "nom": "MARTIN", "prenom": "Alice", "email": "qui@exemple.fr", "courriel": "qui@exemple.fr",
    "ville": "14000 CAEN", "code_postal": "14000", "telephone": "02 31 11 22 33", "adresse": "1 rue Neuve",
    "nom_naissance": "DUPONT", "prenoms": "Jean", "naissance": "17/04/1931", "sexe": "M", "civilite": "M",
    "sejour": "permanent", "sejour_0": "oui", "entree": "20/11/2026", "role": "famille", "lien": "fille",
    "numero": "1", "rpps": "10100000088", "jusqua": "999", "dernier": "999", "conditions": "oui",
    "mot_de_passe": "Bocage-2031", "mot_de_passe_2": "Bocage-2031", "mot_de_passe_actuel": "Bocage-2031",
    "agir": "0", "fin": "31/12/2026", "du": "01/01/2026", "au": "31/12/2030", "droit": "esms_adulte",
    "accord": "oui", "accord_le": "20/11/2026", "kind": "identite", "type": "identite", "accepte": "oui",
}
# A volet refuses inputs that it does not know.
BODY_OF: dict[str, dict[str, Any]] = {
    name: {"version": "2", "base": "{}"} for name in ("volet", "volet-valider", "volet-rouvrir", "volet-version")}


def body_of(page: Page) -> dict[str, Any]:
    """Something plausible to send to this page."""
    return BODY_OF.get(page.name, BODY)


def has_dossier(page: Page) -> bool:
    """True for an address that names a dossier, or a request."""
    return ("{numero:int}" in page.path and "{module}" in page.path) or "{demande:int}" in page.path


def path_of(page: Page, place: Place, who: Visiteur) -> str:
    """The page's address for this dossier, as the visitor would have found it."""
    dossier = place.dossier
    link = {"etablissement-attente": "attente", "etablissement-clos": "close"}.get(who.nom, "ouverte")
    return filled(page, dossier.numero, place.demandes.get(link, 999_999), module=MODULES[dossier.module].slug,
                  piece=place.pieces["medicale"], evaluation=place.evaluation)


def filled(page: Page, numero: int, demande: int, **told: str) -> str:
    """The page's address with this dossier, this request, and rows that are not there unless told."""
    values = {
        "module": "grand-age", "numero": str(numero), "jeton": "x", "application": "x", "cle": "x", "piece": "0" * 32,
        "page": "dossiers/", "guide": "dossiers", "noeud": "carte", "volet": "medical", "identifiant": "ga-medical",
        "version": "1", "demande": str(demande), "finess": "149900000", "acte": "annuler", "evaluation": "0" * 32,
        **dict.fromkeys(("membre", "usager", "papier", "avis", "professionnel"), "999999"),
    } | told
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: values[found[1]], page.path)
