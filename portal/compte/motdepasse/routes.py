"""Addresses of the password."""

from portal.compte.motdepasse import pages
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/compte/mot-de-passe", "mot-de-passe", get=pages.show_change, post=pages.change,
         access=Access.SECRETARIAT, prepare=pages.prepare_change, aide="compte/mot-de-passe#nouveau"),
    Page("/compte/mot-de-passe/oublie", "mot-de-passe-oublie", get=pages.show_ask, post=pages.ask,
         access=Access.PUBLIC, aide="compte/mot-de-passe#demander"),
    Page("/compte/mot-de-passe/nouveau/{jeton}", "mot-de-passe-nouveau", get=pages.show_reset, post=pages.reset,
         access=Access.PUBLIC, prepare=pages.prepare_reset, aide="compte/mot-de-passe#choisir"),
]
