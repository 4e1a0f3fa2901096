"""Addresses of the volets. What may be done with which is asked by each handler (acces)."""

from portal.volets import lecture, pages, reprises
from portal.web.handlers import Page
from portal.web.session import Access

# The administrative volet is a patient's and a coordination team's to fill; an establishment reads what it was sent.
SPACES = (Access.STRUCTURE, Access.USAGER)

VOLET = "/dossiers/{module}/{numero:int}/volets/{volet}"
PAGES = [
    Page(VOLET, "volet", get=pages.show, post=pages.save, right="consulter", spaces=SPACES,
         aide="volets#ouvrir"),
    # Also read: where someone comes back to whose session expired while he validated.
    Page(f"{VOLET}/valider", "volet-valider", get=pages.show, post=pages.validate, right="consulter",
         spaces=SPACES, aide="volets#valider"),
    Page(f"{VOLET}/rouvrir", "volet-rouvrir", get=lecture.confirm_reopen, post=lecture.reopen, right="consulter",
         spaces=SPACES, aide="volets#rouvrir"),
    Page(f"{VOLET}/reprendre", "volet-reprendre", get=reprises.choose, post=reprises.copy, right="consulter",
         aide="volets#reprendre"),
    Page(f"{VOLET}/nouvelle-version", "volet-version", get=reprises.confirm_upgrade, post=reprises.upgrade,
         right="consulter", spaces=SPACES, aide="volets#nouvelle-version"),
]
