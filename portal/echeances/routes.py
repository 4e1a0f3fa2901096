"""Address of the page that keeps a dossier from being archived."""

from portal.echeances import pages
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/dossiers/{module}/{numero:int}/garder", "dossier-garder", get=pages.show, post=pages.keep,
         right="preparer", spaces=(Access.STRUCTURE, Access.USAGER), aide="taches#archivage"),
]
