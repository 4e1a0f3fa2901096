"""The table page with FastAPI and SQLAlchemy: ``def`` endpoints, dependencies for the session and the user."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from bench.peers import orm, page
from portal.compte.rules import CHARTE
from portal.dossiers import rules

app = FastAPI(openapi_url=None)
templates = Jinja2Templates(Path(__file__).parent / "templates")
# As Flask does in production: no look at the files at each request.
templates.env.auto_reload = False
signer = URLSafeTimedSerializer("only for measuring")
MAX_AGE = 12 * 3600


def database() -> Iterator[Session]:
    """One database session a request."""
    with orm.NewSession() as session:
        yield session


Database = Annotated[Session, Depends(database)]


def current_user(request: Request, db: Database) -> orm.Medecin:
    """The physician of the signed cookie; raises 401."""
    try:
        rpps = signer.loads(request.cookies.get("session", ""), max_age=MAX_AGE)
    except BadSignature as error:
        raise HTTPException(401) from error
    found = orm.medecin(db, rpps)
    if found is None or found.charte != CHARTE.version:
        raise HTTPException(401)
    return found


User = Annotated[orm.Medecin, Depends(current_user)]


@app.get("/dossiers/{slug}", response_class=HTMLResponse)
def liste(request: Request, slug: str, db: Database, user: User, onglet: str = "en_cours") -> HTMLResponse:
    """One tab of a module's table, newest first."""
    module = rules.BY_SLUG.get(slug)
    if module is None or onglet not in rules.TABS:
        raise HTTPException(404)
    liens = orm.liens(db, user, module.code, onglet)
    counts = orm.counts(db, user, module.code)
    shown = page.context(module, onglet, counts, liens) | {"user": user, "csrf": secrets.token_hex(16)}
    return templates.TemplateResponse(request, "liste.html", shown, headers=page.SECURITY)


def cookie(rpps: str) -> str:
    """A logged-in session's cookie."""
    return f"session={signer.dumps(rpps)}"
