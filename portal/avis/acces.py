"""Whose notices a request is about."""

from __future__ import annotations

from starlette.requests import Request

from portal.avis import queries
from portal.espaces import queries as espaces
from portal.web import errors
from portal.web.session import Access, visit


def addressee(request: Request) -> str | None:
    """Under which name who asks is told of things, in his own name; None for who is told of nothing (a visitor, a
    secretary, somebody removed from his structure)."""
    here = visit(request)
    if here.state is Access.MEDECIN and here.rpps is not None:
        return queries.medecin(here.rpps)
    if here.state is Access.STRUCTURE:
        member = espaces.member(here.compte_id)
        return queries.structure(member.structure.id) if member else None
    if here.state is Access.USAGER:
        usager = espaces.usager(here.subject)
        return queries.usager(usager.id) if usager else None
    return None


def own(request: Request) -> str:
    """``addressee``; raises NotFound where there is none."""
    found = addressee(request)
    if found is None:
        raise errors.NotFound()
    return found


def whose(request: Request) -> str | None:
    """Whose notices a deed settles: the physician's for whom somebody acts, else his own."""
    holder = visit(request).actor.holder
    return queries.medecin(holder) if holder is not None else addressee(request)


def waiting(request: Request) -> int | None:
    """How many notices wait for who asks, for the page's head; None where it shows none."""
    found = addressee(request)
    return None if found is None else queries.unread(found)[0]
