"""Addresses of the requests of a dossier, for those who ask. Each handler asks what may be done (acces)."""

from portal.demandes import choix, pages
from portal.web.handlers import Page
from portal.web.session import Access

SPACES = (Access.STRUCTURE, Access.USAGER)
DEMANDES = "/dossiers/{module}/{numero:int}/demandes"
PAGES = [
    Page(DEMANDES, "demandes", get=pages.show, right="consulter", spaces=SPACES, aide="demandes#suivre"),
    Page(f"{DEMANDES}/choisir", "demandes-choisir", get=choix.choose, post=choix.add, right="consulter",
         spaces=SPACES, aide="demandes#choisir"),
    Page(f"{DEMANDES}/envoyer", "demandes-envoyer", get=choix.prepare, post=choix.send, right="consulter", once=True,
         spaces=SPACES, aide="demandes#envoyer"),
    Page(f"{DEMANDES}/{{demande:int}}", "demande", get=pages.one, right="consulter", spaces=SPACES,
         aide="demandes#suivre"),
    Page(f"{DEMANDES}/{{demande:int}}/{{acte}}", "demande-acte", get=pages.confirm, post=pages.act, right="consulter",
         once=True, spaces=SPACES, aide="demandes#agir"),
]
