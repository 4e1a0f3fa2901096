"""Datasette's plugin: what the template prints around the rows, and the portal's headers."""

from __future__ import annotations

import secrets
from types import SimpleNamespace

from datasette import hookimpl

from bench.peers import page
from portal.dossiers import rules

COUNTS = ("SELECT onglet, n FROM django_app_compteur WHERE module = :module AND medecin_id = "
          "(SELECT id FROM django_app_medecin WHERE username = :rpps)")
ALICE = SimpleNamespace(name="Dr Alice MARTIN")


def _lien(row):
    """A row of the canned query, shaped as the templates read it."""
    kind, own = row["referent_kind"], row["referent_medecin_id"] == row["medecin_id"]
    referent = {"patient": "Le patient", "structure": row["structure"]}.get(
        kind, "Vous" if own else f"Dr {row['first_name']} {row['last_name']}")
    label = rules.patient_label(row["nom_naissance"], row["nom_usage"], row["prenom"], row["civilite"])
    lie = row["lie_module"] and SimpleNamespace(
        module=row["lie_module"], numero=row["lie_numero"], slug=rules.MODULES[row["lie_module"]].slug)
    commune = SimpleNamespace(code_postal=row["code_postal"], nom=row["ville"])
    return SimpleNamespace(
        numero=row["numero"], etat=row["etat"], referent=referent,
        dossier=SimpleNamespace(numero=row["numero"], words=rules.STATUTS[row["statut"]], lie=lie,
                                patient=SimpleNamespace(label=label, commune=commune)))


@hookimpl
def extra_template_vars(datasette, request, database, view_name):
    """A function for the canned query's template: its context from the query's rows."""
    async def liste(found):
        asked = {"rpps": request.args["rpps"], "module": request.args["module"]}
        counts = await datasette.get_database(database).execute(COUNTS, asked)
        module = rules.MODULES[asked["module"]]
        return page.context(module, request.args["onglet"], dict(tuple(row) for row in counts.rows),
                            [_lien(row) for row in found])

    return {"liste": liste, "user": ALICE, "jeton": secrets.token_hex(16)}


@hookimpl
def asgi_wrapper(datasette):
    """The portal's headers on each answer."""
    added = [(name.encode(), value.encode()) for name, value in page.SECURITY.items()]

    def wrap(app):
        async def wrapped(scope, receive, send):
            async def with_headers(message):
                if message["type"] == "http.response.start":
                    message = {**message, "headers": [*message["headers"], *added]}
                await send(message)

            await app(scope, receive, with_headers)

        return wrapped

    return wrap
