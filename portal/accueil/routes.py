"""Addresses of the home pages."""

from portal.accueil import pages
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/", "accueil", get=pages.home, access=Access.PUBLIC, aide="accueil#espaces"),
    Page("/accueil", "mes-patients", get=pages.dashboard, right="consulter",
         aide="accueil#mes-patients"),
    Page("/accueil/en-savoir-plus", "en-savoir-plus", get=pages.about, access=Access.PUBLIC,
         aide="accueil#espaces"),
    Page("/accueil/contact", "contact", get=pages.contact, access=Access.PUBLIC, aide="accueil#contact"),
]
