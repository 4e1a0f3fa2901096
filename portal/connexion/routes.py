"""Addresses of the login."""

from portal.connexion import pages
from portal.connexion.ecps import pages as ecps_pages
from portal.connexion.ecps import routes as ecps
from portal.connexion.otp import routes as otp
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/connexion", "connexion", get=pages.login, access=Access.PUBLIC, aide="connexion#moyens"),
    Page("/connexion/defi", "connexion-defi", post=pages.challenge, access=Access.PUBLIC),
    Page("/connexion/cps", "connexion-cps", get=pages.login, post=pages.card_login, access=Access.PUBLIC,
         aide="connexion#carte"),
    *ecps.PAGES,
    *otp.PAGES,
    Page("/connexion/quitter", "connexion-quitter", get=pages.leave, post=pages.logout,
         prepare=ecps_pages.farewell, access=Access.PUBLIC, aide="connexion#session"),
    Page("/connexion/prolonger", "connexion-prolonger", post=pages.stay, access=Access.PUBLIC,
         aide="connexion#session"),
]
