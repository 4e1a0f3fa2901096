"""Addresses of the readers' opinions and of the support's space."""

from portal.assistance import pages
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/assistance", "assistance", get=pages.home, access=Access.STRUCTURE, aide="espaces/assistance#assistance"),
    Page("/assistance/avis", "aide-avis", get=pages.ask, post=pages.answer, access=Access.PUBLIC,
         aide="espaces/assistance#avis"),
]
