"""Addresses of the account."""

from portal.compte import pages
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/compte", "mon-compte", get=pages.show_account, post=pages.change_account, access=Access.SECRETARIAT,
         aide="compte#mon-compte"),
    Page("/compte/creer", "compte-creer", get=pages.show_registration, post=pages.register,
         access=Access.CARTE, aide="compte#informations"),
    Page("/compte/charte", "compte-charte", get=pages.show_charte, post=pages.accept_charte,
         access=Access.CHARTE, aide="compte#charte"),
    Page("/compte/confirmer/{jeton}", "compte-confirmer", get=pages.show_confirmation, post=pages.confirm,
         access=Access.PUBLIC, aide="compte#courriel"),
]
