"""Addresses of the directories."""

from portal.annuaire import pages
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    # Public data, asked before the account exists; without the database it never prolongs a session.
    Page("/annuaire/communes", "communes", get=pages.communes, access=Access.PUBLIC, database=False),
    Page("/annuaire/lieux", "lieux", get=pages.lieux, access=Access.PUBLIC, database=False),
]
