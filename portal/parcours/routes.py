"""Addresses of the paths: the platform's, and those of a child's dossier. Each handler asks who may."""

from portal.parcours import pages, plateforme, territoire
from portal.web.handlers import Page
from portal.web.session import Access

_ONE = "/espaces/etablissement/parcours/{demande:int}"
_DOSSIER = "/dossiers/{module}/{numero:int}"
SPACES = (Access.STRUCTURE, Access.USAGER)
PAGES = [
    Page(_ONE, "parcours-pco", get=pages.show, access=Access.STRUCTURE, aide="espaces/pco#suivre"),
    # Before the acts, whose address would take it.
    Page(f"{_ONE}/professionnel", "parcours-professionnel", get=pages.blank, post=pages.add, access=Access.STRUCTURE,
         aide="espaces/pco#professionnels"),
    Page(f"{_ONE}/professionnels/{{professionnel:int}}", "parcours-bilan", get=pages.bilan, post=pages.date_bilan,
         access=Access.STRUCTURE, aide="espaces/pco#professionnels"),
    Page(f"{_ONE}/{{acte}}", "parcours-acte", get=pages.confirm, post=pages.act, access=Access.STRUCTURE,
         aide="espaces/pco#valider"),
    Page("/espaces/etablissement/territoire", "parcours-territoire", get=territoire.show, post=territoire.save,
         access=Access.STRUCTURE, aide="espaces/pco#territoire"),
    Page(f"{_DOSSIER}/plateforme", "plateforme", get=plateforme.show, post=plateforme.choose, right="consulter",
         spaces=SPACES, aide="parcours#plateforme"),
    Page(f"{_DOSSIER}/parcours", "parcours", get=plateforme.follow, post=plateforme.wish, right="consulter",
         spaces=SPACES, aide="parcours#suivre"),
]
