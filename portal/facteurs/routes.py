"""Addresses of the second factors."""

from portal.facteurs import pages
from portal.web.handlers import Page
from portal.web.session import Access

# The people of structures log in by password and code too.
STRUCTURE = (Access.STRUCTURE,)
PAGES = [
    Page("/facteurs", "facteurs", get=pages.show, access=Access.SECRETARIAT, spaces=STRUCTURE, strong=True,
         aide="facteurs#liste"),
    Page("/facteurs/application", "facteurs-application", get=pages.show_application, post=pages.application,
         access=Access.SECRETARIAT, spaces=STRUCTURE, strong=True, aide="facteurs#application"),
    Page("/facteurs/application/{application}/retirer", "facteurs-application-retirer", get=pages.show_removal,
         post=pages.remove, access=Access.SECRETARIAT, spaces=STRUCTURE, strong=True, aide="facteurs#retirer"),
    Page("/facteurs/secours", "facteurs-secours", get=pages.show_recovery, post=pages.recovery,
         access=Access.SECRETARIAT, spaces=STRUCTURE, strong=True, aide="facteurs#secours"),
]
