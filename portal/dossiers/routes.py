"""Addresses of the dossiers. The fixed ones come before those with a module."""

from portal.dossiers import creation, liaison, modification, pages, suite
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/dossiers/recherche", "dossiers-recherche", get=pages.search, right="consulter", aide="dossiers#recherche"),
    Page("/dossiers/creer", "dossiers-choisir", get=creation.choose, right="preparer",
         aide="dossiers/creer#creer-un-dossier"),
    Page("/dossiers/{module}", "dossiers", get=pages.table, right="consulter", aide="dossiers#mes-dossiers",
         prompt=pages.table_is_prompt, ahead=True),
    Page("/dossiers/{module}/creer", "dossiers-creer", get=creation.blank, post=creation.create, once=True,
         right="preparer", aide="dossiers/creer#creer-un-dossier"),
    Page("/dossiers/{module}/creer/doublons", "dossiers-doublons", get=creation.back, post=creation.ask, asks=True,
         right="preparer", aide="dossiers/creer#creer-un-dossier"),
    Page("/dossiers/{module}/{numero:int}", "dossier", get=pages.dossier, right="consulter",
         spaces=(Access.STRUCTURE, Access.USAGER), aide="dossiers#dossier"),
    Page("/dossiers/{module}/{numero:int}/identite", "dossier-identite", get=modification.show,
         post=modification.save, right="preparer", aide="dossiers/creer#identite"),
    Page("/dossiers/{module}/{numero:int}/lier", "dossier-lier", get=liaison.show, post=liaison.link,
         right="preparer", aide="dossiers#lier"),
    Page("/dossiers/{module}/{numero:int}/autre-demande", "dossier-autre-demande", get=suite.show, post=suite.create,
         once=True, right="preparer", aide="dossiers#autre-demande"),
    Page("/dossiers/{module}/{numero:int}/delier", "dossier-delier", post=liaison.unlink, right="preparer"),
    Page("/dossiers/{module}/{numero:int}/accepter", "dossier-accepter", post=pages.accept, right="accepter"),
    Page("/dossiers/{module}/{numero:int}/refuser", "dossier-refuser", post=pages.refuse, right="accepter"),
    Page("/dossiers/{module}/{numero:int}/retablir", "dossier-retablir", post=pages.restore, right="accepter"),
    Page("/dossiers/{module}/{numero:int}/retirer", "dossier-retirer", get=pages.confirm_leave, post=pages.leave,
         right="accepter", aide="dossiers#hors-patientele"),
]
