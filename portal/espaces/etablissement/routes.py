"""Addresses of an establishment's space."""

from __future__ import annotations

from functools import partial

from portal.espaces.etablissement import actes, fiche, pages
from portal.espaces.etablissement.papier import pages as papier
from portal.espaces.etablissement.rules import ACTS
from portal.web.handlers import Page
from portal.web.session import Access

_HELP = "espaces/etablissement"
# An answer that only sanitaire units give is explained with the first look at the dossier.
HELP = {"etudier": "lire"}
_ONE = "/espaces/etablissement/demandes/{demande:int}"

PAGES = [
    Page("/espaces/etablissement", "etablissement-accueil", get=pages.home, access=Access.STRUCTURE,
         aide=f"{_HELP}#demandes"),
    Page(_ONE, "etablissement-demande", get=pages.show, access=Access.STRUCTURE, aide=f"{_HELP}#lire"),
    Page(f"{_ONE}/ouvrir", "etablissement-ouvrir", post=pages.open_dossier, access=Access.STRUCTURE),
    *(Page(f"{_ONE}/{code}", f"etablissement-{code}", get=partial(actes.show, code=code),
           post=partial(actes.act, code=code), access=Access.STRUCTURE, aide=f"{_HELP}#{HELP.get(code, code)}")
      for code in ACTS),
    Page("/espaces/etablissement/fiche", "etablissement-fiche", get=fiche.show, post=fiche.save,
         access=Access.STRUCTURE, aide=f"{_HELP}#fiche"),
    Page("/espaces/etablissement/papier", "etablissement-papiers", get=papier.show, access=Access.STRUCTURE,
         aide=f"{_HELP}#papier"),
    Page("/espaces/etablissement/papier/nouveau", "etablissement-papier-nouveau", get=papier.blank,
         post=papier.receive, access=Access.STRUCTURE, aide=f"{_HELP}#papier"),
    Page("/espaces/etablissement/papier/{papier:int}", "etablissement-papier", get=papier.one, post=papier.move,
         access=Access.STRUCTURE, aide=f"{_HELP}#papier"),
]
