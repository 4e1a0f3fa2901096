"""The whole URL map on one screen: each feature brings its pages."""

from __future__ import annotations

from portal.accueil import routes as accueil
from portal.aide import routes as aide
from portal.annuaire import routes as annuaire
from portal.assistance import routes as assistance
from portal.avis import routes as avis
from portal.compte import routes as compte
from portal.compte.motdepasse import routes as motdepasse
from portal.connexion import routes as connexion
from portal.delegations import routes as delegations
from portal.demandes import routes as demandes
from portal.demonstration import routes as demonstration
from portal.diagnostic import routes as diagnostic
from portal.dossiers import routes as dossiers
from portal.echeances import routes as echeances
from portal.espaces.coordination import routes as coordination
from portal.espaces.etablissement import routes as etablissement
from portal.espaces.membres import routes as membres
from portal.espaces.usager import routes as usager
from portal.facteurs import routes as facteurs
from portal.facteurs.cles import routes as cles
from portal.had import routes as had
from portal.handicap import routes as handicap
from portal.impression import routes as impression
from portal.messages import routes as messages
from portal.orientation import routes as orientation
from portal.parcours import routes as parcours
from portal.pieces import routes as pieces
from portal.settings import Settings
from portal.taches import routes as taches
from portal.vagues import routes as vagues
from portal.visite import routes as visite
from portal.volets import routes as volets
from portal.web.handlers import Page
from portal.web.session import Access

# Where a visitor stands who asks for more than he may: the next thing for him to do.
DOORS = {
    Access.PUBLIC: "/connexion",
    Access.CARTE: "/compte/creer",
    Access.CHARTE: "/compte/charte",
    Access.SECRETARIAT: "/delegations",
    Access.MEDECIN: "/accueil",
    Access.STRUCTURE: "/espaces",
    Access.USAGER: "/espaces/usager/dossier",
}


def pages(settings: Settings) -> list[Page]:
    """Every page of this installation."""
    # Looked through in this order: first where people are all day. A thread's address stands before those of a
    # request's acts (« demandes/{n}/{act} »), which would take it.
    features = [accueil, dossiers, avis, connexion, compte, motdepasse, facteurs, cles, delegations, annuaire,
                messages, demandes, vagues, volets, pieces, impression, had, handicap, parcours, aide, taches,
                echeances, membres, coordination, etablissement, orientation, usager, visite,
                assistance, diagnostic]
    if settings.demonstration:
        features.append(demonstration)
    return [page for feature in features for page in feature.PAGES]
