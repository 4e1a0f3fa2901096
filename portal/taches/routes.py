"""Address of the worklist."""

from portal.taches import pages
from portal.web.handlers import Page

PAGES = [
    Page("/taches", "taches", get=pages.worklist, right="consulter", aide="taches#a-faire"),
]
