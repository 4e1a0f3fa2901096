"""Addresses of the passkeys."""

from portal.facteurs.cles import pages, pages_connexion
from portal.web.handlers import Page
from portal.web.session import Access

# The people of structures log in by password and code too.
STRUCTURE = (Access.STRUCTURE,)
PAGES = [
    Page("/facteurs/cles", "cles", get=pages.show, post=pages.add, access=Access.SECRETARIAT, spaces=STRUCTURE,
         strong=True, aide="compte/cles#ajouter"),
    Page("/facteurs/cles/defi", "cles-defi", post=pages.challenge, access=Access.SECRETARIAT, spaces=STRUCTURE,
         strong=True),
    Page("/facteurs/cles/renforcer", "cles-renforcer", get=pages_connexion.show_strengthen,
         post=pages_connexion.strengthen, access=Access.SECRETARIAT, spaces=STRUCTURE, aide="compte/cles#renforcer"),
    Page("/facteurs/cles/renforcer/defi", "cles-renforcer-defi", post=pages_connexion.strengthen_challenge,
         access=Access.SECRETARIAT, spaces=STRUCTURE),
    Page("/facteurs/cles/{cle}", "cle", get=pages.show_one, post=pages.change_one, access=Access.SECRETARIAT,
         spaces=STRUCTURE, strong=True, aide="compte/cles#retirer"),
    Page("/connexion/otp/cle", "connexion-cle", get=pages_connexion.show_login, post=pages_connexion.login,
         access=Access.PUBLIC, aide="compte/cles#connexion"),
    Page("/connexion/otp/cle/defi", "connexion-cle-defi", post=pages_connexion.login_challenge,
         access=Access.PUBLIC),
]
