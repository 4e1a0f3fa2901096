"""Addresses of the account."""

from portal.compte import pages
from portal.compte.espace import pages as espace
from portal.compte.espace import pages_suivi as suivi
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/compte", "mon-compte", get=espace.show_information, post=espace.change_information,
         access=Access.SECRETARIAT, aide="compte#mon-compte", prepare=espace.check_password),
    Page("/compte/exercice", "compte-exercice", get=espace.show_practice, post=espace.change_practice,
         aide="compte#exercice"),
    Page("/compte/notifications", "compte-notifications", get=espace.show_notices, post=espace.change_notices,
         spaces=(Access.STRUCTURE,), aide="compte#notifications"),
    Page("/compte/securite", "compte-securite", get=espace.show_security, access=Access.SECRETARIAT,
         aide="compte#securite"),
    Page("/compte/sessions", "compte-sessions", get=suivi.show_sessions, post=suivi.close_sessions,
         access=Access.SECRETARIAT, aide="compte#sessions"),
    Page("/compte/acces", "compte-acces", get=suivi.show_accesses, aide="compte#acces"),
    Page("/compte/chartes", "compte-chartes", get=espace.show_charters, access=Access.SECRETARIAT,
         aide="compte#charte"),
    Page("/compte/export", "compte-export", get=suivi.show_export, post=suivi.download,
         access=Access.SECRETARIAT, strong=True, aide="compte#export"),
    Page("/compte/creer", "compte-creer", get=pages.show_registration, post=pages.register,
         access=Access.CARTE, aide="compte#informations"),
    Page("/compte/charte", "compte-charte", get=pages.show_charte, post=pages.accept_charte,
         access=Access.CHARTE, aide="compte#charte"),
    Page("/compte/confirmer/{jeton}", "compte-confirmer", get=pages.show_confirmation, post=pages.confirm,
         access=Access.PUBLIC, aide="compte#courriel"),
]
