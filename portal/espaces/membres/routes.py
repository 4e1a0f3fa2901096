"""Addresses of the structures' accounts."""

from portal.espaces.membres import pages
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/espaces", "espaces", get=pages.home, access=Access.STRUCTURE, aide="espaces#espaces"),
    Page("/espaces/membres", "membres", get=pages.show, post=pages.invite, access=Access.STRUCTURE,
         aide="espaces#membres"),
    Page("/espaces/membres/{membre:int}", "membre", get=pages.one, post=pages.change, access=Access.STRUCTURE,
         aide="espaces#membres"),
    Page("/espaces/invitation/{jeton}", "membre-invitation", get=pages.show_link, post=pages.accept_link,
         prepare=pages.prepare_link, access=Access.PUBLIC, aide="espaces#invitation"),
]
