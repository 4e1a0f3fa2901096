"""Addresses of the volets. What may be done with which is asked by each handler (acces)."""

from portal.volets import lecture, pages, reprises
from portal.web.handlers import Page

VOLET = "/dossiers/{module}/{numero:int}/volets/{volet}"
PAGES = [
    Page(VOLET, "volet", get=pages.show, post=pages.save, right="consulter", aide="volets#ouvrir"),
    # Also read: where someone comes back to whose session expired while he validated.
    Page(f"{VOLET}/valider", "volet-valider", get=pages.show, post=pages.validate, right="consulter",
         aide="volets#valider"),
    Page(f"{VOLET}/rouvrir", "volet-rouvrir", get=lecture.confirm_reopen, post=lecture.reopen, right="consulter",
         aide="volets#rouvrir"),
    Page(f"{VOLET}/reprendre", "volet-reprendre", get=reprises.choose, post=reprises.copy, right="consulter",
         aide="volets#reprendre"),
    Page(f"{VOLET}/nouvelle-version", "volet-version", get=reprises.confirm_upgrade, post=reprises.upgrade,
         right="consulter", aide="volets#nouvelle-version"),
]
