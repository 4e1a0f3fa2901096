"""Addresses of the notification."""

from portal.handicap import pages
from portal.web.handlers import Page

_HERE = "/dossiers/{module}/{numero:int}/notification"
PAGES = [
    Page(_HERE, "notification", get=pages.show, post=pages.declare, right="consulter", aide="handicap#notification"),
    Page(f"{_HERE}/reponse", "notification-reponse", post=pages.add, right="consulter"),
]
