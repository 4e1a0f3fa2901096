"""Addresses of the login by password and code."""

from portal.connexion.otp import pages
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/connexion/otp", "connexion-otp", get=pages.show_password, post=pages.password, access=Access.PUBLIC,
         prepare=pages.check_password, aide="connexion/otp#mot-de-passe"),
    Page("/connexion/otp/code", "connexion-otp-code", get=pages.show_code, post=pages.code, access=Access.PUBLIC,
         aide="connexion/otp#code"),
]
