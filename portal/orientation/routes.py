"""Address of the orientation help; its handlers ask who may see it."""

from portal.orientation import pages
from portal.web.handlers import Page
from portal.web.session import Access

SPACES = (Access.STRUCTURE,)
PAGES = [
    Page("/dossiers/{module}/{numero:int}/orientation", "orientation", get=pages.show, post=pages.choose,
         right="consulter", spaces=SPACES, aide="orientation#lire"),
]
