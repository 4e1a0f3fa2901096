"""FHIR files: one volet, all that may be read of a dossier, and the forms themselves."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.dossiers import porte
from portal.impression import queries, verification
from portal.settings import Settings
from portal.volets import acces, definitions, fhir, rules
from portal.volets import queries as volets
from portal.web import errors, handlers

MEDIA_TYPE = "application/fhir+json; fhirVersion=4.3"


class Vide(errors.PageError):
    """There is nothing yet to export."""

    code = "E28"
    status = 409
    title = "Rien à exporter"
    explanation = "Rien n’est encore saisi dans ce que vous demandez."
    advice = "Remplissez au moins un volet, puis recommencez."
    aide = "impression#fhir"


def volet(request: Request) -> Response:
    """One volet as a QuestionnaireResponse."""
    seen, code = porte.accepted(request), request.path_params["volet"]
    acces.must(request, seen, code, rules.LIRE)
    opened = volets.opened(seen, code)
    if opened.etat == rules.VIDE:
        raise Vide()
    made = fhir.questionnaire_response(
        opened.definition, opened.answers, queries.instance(seen, opened), _base(request))
    answer = _file(made, f"{seen.label.replace(' ', '-')}-{code}")
    handlers.note(request, "dossier.exporte", dossier=seen.label, detail=code)
    return answer


def dossier(request: Request) -> Response:
    """Every volet this person may read, with its form, as a Bundle."""
    seen, base = porte.accepted(request), _base(request)
    begun = [one for one in volets.all_of(seen, acces.readable(request, seen)) if one.etat != rules.VIDE]
    if not begun:
        raise Vide()
    made = []
    for one in begun:
        made += [fhir.questionnaire(one.definition, base),
                 fhir.questionnaire_response(one.definition, one.answers, queries.instance(seen, one), base)]
    answer = _file(fhir.bundle(made, clock.now()), seen.label.replace(" ", "-"))
    handlers.note(request, "dossier.exporte", dossier=seen.label, detail=", ".join(one.code for one in begun))
    return answer


def formulaire(request: Request) -> Response:
    """One version of a form as a Questionnaire: it holds nothing of anybody."""
    identifier, version = request.path_params["identifiant"], request.path_params["version"]
    try:
        definition = definitions.of(identifier, version)
    except KeyError:
        raise errors.NotFound() from None
    return _file(fhir.questionnaire(definition, _base(request)), f"formulaire-{identifier}-{version}")


def _file(resource: fhir.Resource, name: str) -> Response:
    verification.check(resource)
    return Response(json.dumps(resource, ensure_ascii=False, indent=2), media_type=MEDIA_TYPE, headers={
        "content-disposition": f'attachment; filename="{name}.fhir.json"'})


def _base(request: Request) -> str:
    settings: Settings = request.app.state.settings
    return settings.origin
