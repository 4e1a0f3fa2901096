"""Addresses of the helper. Each handler asks who may read or make an evaluation (droits)."""

from portal.had import pages
from portal.web.handlers import Page
from portal.web.session import Access

SPACES = (Access.STRUCTURE,)
HAD = "/dossiers/{module}/{numero:int}/had"
PAGES = [
    Page(HAD, "had", get=pages.ask, post=pages.evaluate, right="consulter", spaces=SPACES, aide="had#evaluer"),
    Page(f"{HAD}/{{evaluation}}", "had-evaluation", get=pages.show, right="consulter", spaces=SPACES,
         aide="had#lire"),
]
