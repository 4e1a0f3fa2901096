"""Addresses of the searches in waves. Each handler asks who may see or conduct one."""

from portal.vagues import pages
from portal.web.handlers import Page
from portal.web.session import Access

SPACES = (Access.STRUCTURE,)
VAGUES = "/dossiers/{module}/{numero:int}/vagues"
PAGES = [
    Page(VAGUES, "vagues", get=pages.show, post=pages.begin, right="consulter", spaces=SPACES, aide="vagues#preparer"),
    Page(f"{VAGUES}/{{acte}}", "vagues-acte", post=pages.act, right="consulter", spaces=SPACES, aide="vagues#agir"),
]
