"""Addresses of the directories."""

from portal.annuaire import pages, pages_cout, pages_recherche
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    # Public data, asked before the account exists; without the database it never prolongs a session.
    Page("/annuaire/communes", "communes", get=pages.communes, access=Access.PUBLIC, database=False),
    Page("/annuaire/lieux", "lieux", get=pages.lieux, access=Access.PUBLIC, database=False),
    Page("/annuaire/etablissements", "annuaire", get=pages_recherche.etablissements, access=Access.PUBLIC,
         aide="annuaire#chercher"),
    Page("/annuaire/etablissements/{finess}", "annuaire-fiche", get=pages_recherche.fiche, access=Access.PUBLIC,
         aide="annuaire#fiche"),
    Page("/annuaire/etablissements/{finess}/cout", "annuaire-cout", get=pages_cout.question,
         post=pages_cout.answer, asks=True, access=Access.PUBLIC, aide="annuaire#cout"),
]
