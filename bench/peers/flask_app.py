"""The table page with Flask and SQLAlchemy: Flask's own signed session, one scoped database session a request."""

from __future__ import annotations

import secrets

from flask import Flask, Response, abort, g, redirect, render_template, request, session
from flask.sessions import SecureCookieSessionInterface

from bench.peers import orm, page
from portal.compte.rules import CHARTE
from portal.dossiers import rules

app = Flask(__name__, template_folder="templates")
app.secret_key = "only for measuring"


@app.before_request
def log_in() -> Response | None:
    """The physician of the session, or the login page."""
    g.db = orm.NewSession()
    g.user = orm.medecin(g.db, session["rpps"]) if "rpps" in session else None
    if g.user is None or g.user.charte != CHARTE.version:
        return redirect("/connexion")
    return None


@app.teardown_request
def close(_error: BaseException | None) -> None:
    """Give the connection back."""
    g.db.close()


@app.after_request
def secure(response: Response) -> Response:
    """The portal's headers."""
    response.headers.update(page.SECURITY)
    return response


@app.get("/dossiers/<slug>")
def liste(slug: str) -> str:
    """One tab of a module's table, newest first."""
    module, onglet = rules.BY_SLUG.get(slug), request.args.get("onglet", "en_cours")
    if module is None or onglet not in rules.TABS:
        abort(404)
    liens = orm.liens(g.db, g.user, module.code, onglet)
    counts = orm.counts(g.db, g.user, module.code)
    return render_template("liste.html", user=g.user, csrf=session["csrf"],
                           **page.context(module, onglet, counts, liens))


def cookie(rpps: str) -> str:
    """A logged-in session's cookie."""
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return f"session={signer.dumps({'rpps': rpps, 'csrf': secrets.token_hex(16)})}"
