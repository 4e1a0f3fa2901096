"""Addresses of the coordination teams' and hospital services' space, and of the physician's half of a transfer."""

from portal.espaces.coordination import pages, transfert
from portal.web.handlers import Page
from portal.web.session import Access

_HERE, _ONE = "/espaces/coordination", "/espaces/coordination/dossiers/{module}/{numero:int}"
_HELP = "espaces/coordination"
PAGES = [
    Page(_HERE, "coordination", get=pages.home, access=Access.STRUCTURE, aide=f"{_HELP}#dossiers"),
    Page(f"{_HERE}/creer/{{module}}", "coordination-creer", get=pages.blank, post=pages.create, once=True,
         access=Access.STRUCTURE, aide=f"{_HELP}#creer"),
    Page(_ONE, "coordination-dossier", get=pages.show, access=Access.STRUCTURE, aide=f"{_HELP}#dossier"),
    Page(f"{_ONE}/medecin", "coordination-medecin", get=pages.show_physician, post=pages.search_physician, asks=True,
         access=Access.STRUCTURE, aide=f"{_HELP}#medecin"),
    Page(f"{_ONE}/medecin/choisir", "coordination-medecin-choisir", post=pages.choose_physician,
         access=Access.STRUCTURE),
    Page(f"{_ONE}/transfert", "coordination-transfert", get=transfert.confirm, post=transfert.offer,
         access=Access.STRUCTURE, aide=f"{_HELP}#transferer"),
    Page("/dossiers/{module}/{numero:int}/prise-en-charge", "dossier-prise-en-charge", get=transfert.show,
         post=transfert.take, right="consulter", aide=f"{_HELP}#prendre"),
]
