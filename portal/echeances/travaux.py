"""Every job of the portal on one screen: its name, how often it runs, what it does."""

from __future__ import annotations

from datetime import timedelta

from portal.avis import envoi
from portal.conservation import travaux as conservation
from portal.demandes import statistiques
from portal.echeances import archives, delegations, journal, menage, relances
from portal.echeances.registre import Job
from portal.espaces.usager import echeances as usager
from portal.vagues import echeances as vagues

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)

JOBS: tuple[Job, ...] = (
    Job("propositions", "Propositions dont la date est passée", QUARTER, relances.expire),
    Job("courriels", "Courriels d’avis écrits", timedelta(minutes=1), envoi.dispatch),
    Job("promesses", "Promesses de rappel non tenues", timedelta(minutes=5), relances.escalate),
    Job("vagues", "Recherches par vagues avancées", timedelta(minutes=5), vagues.leave),
    Job("arrivees", "Arrivées demandées aux unités", HOUR, relances.ask_for_arrivals),
    Job("clotures", "Demandes closes faute d’arrivée déclarée", HOUR, relances.close_unfinished),
    Job("fermetures", "Fermetures signalées à ceux qui attendent une réponse", HOUR, relances.tell_of_closures),
    Job("relances", "Relances des établissements", HOUR, relances.remind),
    Job("silences", "Silences signalés à ceux qui suivent le dossier", HOUR, relances.tell),
    Job("reveils", "Archivages annoncés puis retirés", HOUR, archives.withdraw),
    Job("alertes", "Archivages annoncés", HOUR, archives.warn),
    Job("archives", "Dossiers archivés", HOUR, archives.archive),
    Job("delegations", "Fins de délégation annoncées", HOUR, delegations.announce),
    Job("adresses-rappel", "Adresses à confirmer rappelées", HOUR, usager.remind_unconfirmed),
    Job("adresses", "Dossiers annulés faute d’adresse confirmée", HOUR, usager.cancel_unconfirmed),
    Job("statistiques", "Délais et motifs de réponse des établissements recomptés", DAY, statistiques.refresh,
        whole=True),
    Job("avis", "Anciens avis effacés", DAY, menage.notices),
    Job("memoire", "Anciennes traces des travaux effacées", DAY, menage.memories),
    Job("conservation", "Données dont la durée est passée, effacées", DAY, conservation.apply),
    Job("ancre", "Journal des accès ancré hors de la base", HOUR, journal.anchor),
    Job("purge-audit", "Anciennes lignes du journal des accès retirées", DAY, journal.purge, whole=True),
)
