"""Addresses that exist in a demonstration only."""

from portal.demonstration import acteurs, pages
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/demonstration/messages", "demonstration-messages", get=pages.messages, access=Access.PUBLIC,
         aide="demonstration#messages"),
    Page("/demonstration/acteurs", "demonstration-acteurs", get=acteurs.show, post=acteurs.enter,
         access=Access.PUBLIC, aide="demonstration#acteurs"),
]
