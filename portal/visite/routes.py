"""Address of the first visit."""

from portal.visite import pages
from portal.web.handlers import Page

PAGES = [
    Page("/visite", "visite", get=pages.show, post=pages.act, aide="visite#visite"),
]
