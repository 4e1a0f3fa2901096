"""Addresses of the e-CPS login."""

from portal.connexion.ecps import commands, pages
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/connexion/ecps", "connexion-ecps", get=pages.explain, post=pages.begin, prepare=pages.provider,
         access=Access.PUBLIC, aide="connexion#ecps"),
    Page(commands.RETURN, "connexion-ecps-retour", get=pages.returned, post=pages.enter, prepare=pages.identify,
         access=Access.PUBLIC, aide="connexion/ecps#retour"),
    Page(commands.EXIT, "connexion-ecps-sortie", get=pages.left, access=Access.PUBLIC,
         aide="connexion/ecps#deconnexion"),
]
