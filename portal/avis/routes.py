"""Addresses of the notices: each person's own, whoever he acts for."""

from __future__ import annotations

from portal.avis import pages
from portal.web.handlers import Page
from portal.web.session import Access

SPACES = (Access.STRUCTURE, Access.USAGER)
PAGES = [
    Page("/avis", "avis", get=pages.show, post=pages.read_all, spaces=SPACES, aide="messages#avis"),
    Page("/avis/etat", "avis-etat", get=pages.state, spaces=SPACES, quiet=True, aide="messages#avis"),
    Page("/avis/courriels", "avis-courriels", post=pages.mails, access=Access.USAGER),
    Page("/avis/{avis:int}", "avis-suivre", post=pages.follow, spaces=SPACES),
]
