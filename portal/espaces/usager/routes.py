"""Addresses of the person's space. The door and the creation are for everybody; the rest is hers."""

from portal.espaces.usager import entree, famille, medecin, pages, proches
from portal.web.handlers import Page
from portal.web.session import Access

_HELP, _HERE = "espaces/usager", "/espaces/usager"

PAGES = [
    Page(_HERE, "usager-entrer", get=entree.show, post=entree.ask, access=Access.PUBLIC, aide=f"{_HELP}#entrer"),
    Page(f"{_HERE}/lien/{{jeton}}", "usager-lien", get=entree.show_link, post=entree.use_link, access=Access.PUBLIC,
         aide=f"{_HELP}#entrer"),
    Page(f"{_HERE}/creer", "usager-creer", get=entree.blank, post=entree.create, access=Access.PUBLIC,
         once=True, aide=f"{_HELP}#creer"),
    Page(f"{_HERE}/cree", "usager-cree", get=entree.created, access=Access.PUBLIC, aide=f"{_HELP}#confirmer"),
    Page(f"{_HERE}/dossier", "usager-dossier", get=pages.home, access=Access.USAGER, aide=f"{_HELP}#dossier"),
    Page(f"{_HERE}/dossier/annuler", "usager-annuler", get=pages.confirm_cancel, post=pages.cancel,
         access=Access.USAGER, aide=f"{_HELP}#annuler"),
    Page(f"{_HERE}/dossier/rouvrir", "usager-rouvrir", post=pages.reopen, access=Access.USAGER),
    Page(f"{_HERE}/medecin", "usager-medecin", get=medecin.show, post=medecin.search, asks=True,
         access=Access.USAGER, aide=f"{_HELP}#medecin"),
    Page(f"{_HERE}/medecin/choisir", "usager-medecin-choisir", post=medecin.name, access=Access.USAGER),
    Page(f"{_HERE}/proches", "usager-proches", get=proches.show, post=proches.invite, access=Access.USAGER,
         aide=f"{_HELP}#proches"),
    Page(f"{_HERE}/proches/{{usager:int}}/retirer", "usager-retirer", get=proches.confirm_removal,
         post=proches.remove, access=Access.USAGER, aide=f"{_HELP}#proches"),
    # The asking side opens the patient's.
    Page("/dossiers/{module}/{numero:int}/famille", "dossier-famille", get=famille.show, post=famille.invite,
         right="consulter", spaces=(Access.STRUCTURE,), aide=f"{_HELP}#ouvrir"),
    Page(f"{_HERE}/courriel", "usager-courriel", get=proches.show_address, post=proches.change_address,
         access=Access.USAGER, aide=f"{_HELP}#courriel"),
    Page(f"{_HERE}/ouvertures", "usager-ouvertures", get=pages.opened, access=Access.USAGER,
         aide=f"{_HELP}#ouvertures"),
    Page(f"{_HERE}/lettre", "usager-lettre", get=pages.letter, access=Access.USAGER, aide=f"{_HELP}#lettre"),
]
