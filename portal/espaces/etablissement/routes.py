"""Addresses of an establishment's space."""

from __future__ import annotations

from functools import partial

from portal.espaces.etablissement import actes, pages
from portal.espaces.etablissement.rules import ACTS
from portal.web.handlers import Page
from portal.web.session import Access

_HELP = "espaces/etablissement"
_ONE = "/espaces/etablissement/demandes/{demande:int}"

PAGES = [
    Page("/espaces/etablissement", "etablissement", get=pages.home, access=Access.STRUCTURE, aide=f"{_HELP}#demandes"),
    Page(_ONE, "etablissement-demande", get=pages.show, access=Access.STRUCTURE, aide=f"{_HELP}#lire"),
    Page(f"{_ONE}/ouvrir", "etablissement-ouvrir", post=pages.open_dossier, access=Access.STRUCTURE),
    *(Page(f"{_ONE}/{code}", f"etablissement-{code}", get=partial(actes.show, code=code),
           post=partial(actes.act, code=code), access=Access.STRUCTURE, aide=f"{_HELP}#{code}") for code in ACTS),
]
