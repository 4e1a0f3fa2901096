"""Reading what a volet's form sends."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from starlette.datastructures import FormData

from portal.volets import definitions, reponses
from portal.volets.commands import Sent
from portal.volets.formulaire import Definition, Field, Kind
from portal.web.errors import BadRequest

# What every form of a volet carries beside its questions; ``confirmer``: a copied answer read and kept as it is.
RESERVED = frozenset({"_csrf", "base", "version", "cle", "confirmer"})
_DIGEST = re.compile(r"[0-9a-f]{16}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_VERSION = re.compile(r"\d{1,9}", re.ASCII)
# Buttons that are not chosen are not sent: for these kinds nothing means « emptied ».
_SILENT = frozenset({Kind.CHOIX, Kind.CHOIX_MULTIPLE, Kind.ABC})
_BROKEN = "Le formulaire du volet est arrivé incomplet ou altéré\u00a0: rien n’a été enregistré."


def sent(form: FormData, definition: Definition, also: Collection[str] = ()) -> Sent:
    """What a POST says about the fields named in its ``base``; ``also``: other inputs that the page may send.

    Raises BadRequest for a base that is no JSON object of digests, an unknown field or input, a malformed key.
    A text whose input did not arrive is left as it is: only what was sent can be meant as emptied.
    """
    known = _known(definition)
    base = _base(form.get("base"), known)
    inputs = {name for field in known.values() for name in reponses.names(field)}
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    if len(values) < len(set(form)) or not set(values) <= inputs | RESERVED | set(also):
        raise BadRequest(_BROKEN)
    key = values.get("cle", "")
    if key and not _KEY.fullmatch(key):
        raise BadRequest(_BROKEN)
    raw: dict[str, str] = {}
    for name in list(base):
        names = reponses.names(known[name])
        if known[name].kind not in _SILENT and not all(one in values for one in names):
            del base[name]
            continue
        raw |= {one: values[one] for one in names if one in values}
    confirmed = frozenset(one for one in form.getlist("confirmer") if isinstance(one, str) and one in base)
    return Sent(raw, base, key, confirmed)


def version(form: FormData) -> int:
    """The version of the volet that the page showed; raises BadRequest."""
    text = form.get("version")
    if not isinstance(text, str) or not _VERSION.fullmatch(text):
        raise BadRequest(_BROKEN)
    return int(text)


def _known(definition: Definition) -> dict[str, Field]:
    """The fields of this version of the form and of those before: a page may have been open since."""
    fields: dict[str, Field] = {}
    for number in range(1, definition.version):
        former = definitions.registry().get((definition.id, number))
        fields |= former.fields if former else {}
    return fields | definition.fields


def _base(text: Any, known: Collection[str]) -> dict[str, str]:
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not found.keys() <= set(known):
        raise BadRequest(_BROKEN)
    if not all(isinstance(digest, str) and _DIGEST.fullmatch(digest) for digest in found.values()):
        raise BadRequest(_BROKEN)
    return found
