"""What a demonstration needs before its first page: cards, accounts, dossiers, help."""

from __future__ import annotations

from portal.aide import construction
from portal.db import crypto, database
from portal.demonstration import (
    capacites,
    comptes,
    demandes,
    dossiers,
    espaces,
    etablissement,
    etablissements,
    handicap,
    hopital,
    pco,
    pki,
    recherches,
    tnd,
    usagers,
    volets,
    volets_sanitaire,
)
from portal.settings import Settings


def prepare(settings: Settings) -> None:
    """Make what is missing; a second start finds it all there and costs almost nothing."""
    settings.data.mkdir(parents=True, exist_ok=True)
    pki.ensure(settings)
    crypto.load_keys(settings)
    database.open_database(settings)
    database.migrate()
    comptes.ensure()
    dossiers.ensure()
    volets.ensure()
    volets_sanitaire.ensure()
    tnd.ensure()
    etablissements.ensure()
    espaces.ensure()
    capacites.ensure()
    demandes.ensure()
    etablissement.ensure()
    hopital.ensure()
    pco.ensure()
    usagers.ensure()
    handicap.ensure()
    recherches.ensure()
    database.close()
    if construction.possible() and construction.is_stale(settings, settings.help_site):
        construction.build(settings, settings.help_site)


def welcome(settings: Settings) -> str:
    """What the terminal says once all is ready: where to go and what to try first."""
    return f"""
ViaTrajectoire — démonstration, données fictives

  Portail            {settings.origin}
  Plateau du lecteur {settings.agent_url}/plateau   (choisir la carte insérée)
  Courriels          {settings.origin}/demonstration/messages
  Aide               {settings.origin}/aide/

À essayer : la carte du Dr Alice Martin est dans le lecteur ; sur le portail, « Espace médecins
libéraux », « Se connecter par CPS », code porteur 1234. Ctrl-C pour arrêter.
"""
