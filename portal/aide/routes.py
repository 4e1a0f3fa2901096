"""The addresses of the help; all public, none needs the database."""

from __future__ import annotations

from portal.aide import pages
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/aide/recherche", "aide-recherche", get=pages.search, access=Access.PUBLIC, aide="index#trouver",
         database=False),
    Page("/aide/pdf/{guide:path}", "aide-pdf", get=pages.as_pdf, access=Access.PUBLIC, aide="index#aide",
         database=False),
    Page("/aide/", "aide", get=pages.show, access=Access.PUBLIC, aide="index#aide", database=False),
    Page("/aide/{page:path}", "aide-page", get=pages.show, access=Access.PUBLIC, aide="index#aide",
         database=False),
]
