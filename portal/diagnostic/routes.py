"""Addresses of the questions and of the workstation's check; all public, none needs the database."""

from portal.diagnostic import pages
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/diagnostic", "diagnostic", get=pages.home, access=Access.PUBLIC, aide="diagnostic#diagnostic"),
    Page("/diagnostic/poste", "diagnostic-poste", get=pages.workstation, access=Access.PUBLIC,
         aide="diagnostic#poste"),
    Page("/diagnostic/debit", "diagnostic-debit", get=pages.measure, access=Access.PUBLIC, aide="diagnostic#poste",
         database=False),
    Page("/diagnostic/{noeud}", "diagnostic-etape", get=pages.step, access=Access.PUBLIC, aide="diagnostic#suivre"),
]
