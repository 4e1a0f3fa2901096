"""The addresses of health: outside the pages' table, since no person opens them and no session counts."""

from __future__ import annotations

from starlette.routing import Route

from portal.sante import pages

ROUTES = [
    Route("/sante", pages.whole, name="sante"),
    Route("/sante/vivant", pages.alive, name="sante-vivant"),
    Route("/sante/pret", pages.ready, name="sante-pret"),
]
