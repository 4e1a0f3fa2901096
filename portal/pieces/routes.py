"""Addresses of the pieces. Each handler asks which of them may be read or changed (droits)."""

from portal.pieces import pages
from portal.settings import PIECE_CEILING
from portal.web.handlers import Page
from portal.web.session import Access

SPACES = (Access.STRUCTURE, Access.USAGER)
PIECES = "/dossiers/{module}/{numero:int}/pieces"
PAGES = [
    Page(PIECES, "pieces", get=pages.show, post=pages.add, prepare=pages.examine, admit=pages.admit,
         upload=PIECE_CEILING, right="consulter", spaces=SPACES, aide="pieces#joindre"),
    Page(f"{PIECES}/{{piece}}", "piece", get=pages.download, right="consulter", spaces=SPACES, aide="pieces#ouvrir"),
    Page(f"{PIECES}/{{piece}}/retirer", "piece-retirer", get=pages.confirm_removal, post=pages.remove,
         right="consulter", spaces=SPACES, aide="pieces#retirer"),
]
