"""FHIR resources held against the models of ``fhir.resources`` (extra ``fhir``) before they leave.

The structure of R4B is checked: cardinalities, types, codes that the standard itself fixes. The profiles of FR Core
and outside terminologies are not: both need a server.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from portal.web.errors import PageError

log = logging.getLogger("portal.erreur")


class Invalide(PageError):
    """A resource of ours that R4B refuses: nothing of it is sent."""

    code = "E27"
    title = "Cet export n’est pas conforme"
    explanation = "Le contrôle du format FHIR a refusé cet export\u00a0: il n’a pas été envoyé."
    advice = "Appelez l’assistance\u00a0: le formulaire est à corriger, vos réponses ne sont pas en cause."
    aide = "impression#fhir"


@cache
def installed() -> bool:
    """True when exports are verified here."""
    return find_spec("fhir") is not None and find_spec("fhir.resources") is not None


def check(resource: dict[str, Any]) -> None:
    """Raise Invalide for a resource that R4B refuses; nothing where ``fhir.resources`` is not installed."""
    if not installed():
        return
    kind = resource["resourceType"]
    model = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    try:
        model.model_validate(resource)
    except ValueError as error:
        # pydantic's words quote the answers: places and kinds of faults only.
        faults = [f"{'.'.join(map(str, one['loc']))} {one['type']}" for one in getattr(error, "errors", list)()]
        log.error("a %s is not valid R4B: %s", kind, "; ".join(faults) or type(error).__name__)
        raise Invalide() from None
