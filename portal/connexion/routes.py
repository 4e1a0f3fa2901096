"""Addresses of the login."""

from portal.connexion import pages
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/connexion", "connexion", get=pages.login, access=Access.PUBLIC, aide="connexion#moyens"),
    Page("/connexion/defi", "connexion-defi", post=pages.challenge, access=Access.PUBLIC),
    Page("/connexion/cps", "connexion-cps", get=pages.login, post=pages.card_login, access=Access.PUBLIC,
         aide="connexion#carte"),
    Page("/connexion/ecps", "connexion-ecps", get=pages.ecps, access=Access.PUBLIC, aide="connexion#ecps"),
    Page("/connexion/otp", "connexion-otp", get=pages.otp, access=Access.PUBLIC, aide="connexion#otp"),
    Page("/connexion/quitter", "connexion-quitter", get=pages.leave, post=pages.logout, access=Access.PUBLIC,
         aide="connexion#session"),
    Page("/connexion/prolonger", "connexion-prolonger", post=pages.stay, access=Access.PUBLIC,
         aide="connexion#session"),
]
