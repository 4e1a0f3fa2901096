"""Addresses of the dossiers. The fixed ones come before those with a module."""

from portal.dossiers import creation, pages
from portal.web.handlers import Page

PAGES = [
    Page("/dossiers/recherche", "dossiers-recherche", get=pages.search, aide="dossiers#recherche"),
    Page("/dossiers/creer", "dossiers-choisir", get=creation.choose, aide="dossiers#creer"),
    Page("/dossiers/{module}", "dossiers", get=pages.table, aide="dossiers#mes-dossiers"),
    Page("/dossiers/{module}/creer", "dossiers-creer", get=creation.blank, post=creation.create,
         aide="dossiers#creer"),
    Page("/dossiers/{module}/{numero:int}", "dossier", get=pages.dossier, aide="dossiers#dossier"),
    Page("/dossiers/{module}/{numero:int}/accepter", "dossier-accepter", post=pages.accept),
    Page("/dossiers/{module}/{numero:int}/refuser", "dossier-refuser", post=pages.refuse),
    Page("/dossiers/{module}/{numero:int}/retablir", "dossier-retablir", post=pages.restore),
    Page("/dossiers/{module}/{numero:int}/retirer", "dossier-retirer", get=pages.confirm_leave, post=pages.leave,
         aide="dossiers#hors-patientele"),
]
