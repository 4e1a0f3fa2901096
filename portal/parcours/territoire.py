"""The children that a platform takes, as it declares them itself: departments, communes, ages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from portal.annuaire import territoires
from portal.annuaire.models import Unite
from portal.espaces import acces
from portal.espaces.etablissement import queries as etablissement
from portal.espaces.rules import REFERENT
from portal.parcours.forms import version
from portal.web import errors, forms, render
from portal.web.forms import Form, saved_form
from portal.web.session import visit

HERE = "/espaces/etablissement/territoire"
FIELDS = ("departements", "communes", "age_min", "avant")
NOWHERE = "Donnez au moins un département ou une commune\u00a0: sans territoire, aucun médecin ne vous trouve."
CHANGED = "Le territoire a changé depuis que vous l’avez ouvert."
DONE = "Le territoire est enregistré\u00a0: les médecins vous trouvent ainsi."
T = TypeVar("T")


def show(request: Request) -> Response:
    """The territory, to be changed."""
    unit = _unit(request)
    zone = territoires.of_unit(unit.id)
    values = {name: str(getattr(zone, name)) for name in FIELDS} if zone else dict.fromkeys(FIELDS, "")
    form = Form(values | {name: words for name, words in saved_form(request).items() if name in FIELDS})
    return _page(request, unit, form)


def save(request: Request) -> Response:
    """« Enregistrer le territoire »: physicians find the platform by it from now on."""
    unit, form = _unit(request), Form(forms.typed(request, *FIELDS))
    departments = _read(form, "departements", territoires.departments)
    communes = _read(form, "communes", territoires.communes)
    least = _read(form, "age_min", lambda text: territoires.birthday(text or "0", least=0))
    before = _read(form, "avant", lambda text: territoires.birthday(text, least=1))
    if not departments and not communes and form.ok:
        form.errors["departements"] = NOWHERE
    if least is not None and before is not None and least >= before:
        form.errors["avant"] = "Cet âge doit dépasser l’âge minimal."
    if not form.ok or least is None or before is None:
        return _page(request, unit, form, status=422)
    try:
        territoires.declare(visit(request).actor, unit, version(request), departements=departments or "",
                            communes=communes or "", age_min=least, avant=before)
    except territoires.Stale:
        return _page(request, unit, form, avis=CHANGED, status=409)
    return render.redirect(request, HERE, message=DONE)


def _unit(request: Request) -> Unite:
    """The platform's unit of who keeps its sheet; raises NotFound for an establishment that is none."""
    found = territoires.unit(etablissement.own(acces.receiver(request, REFERENT)).id)
    if found is None:
        raise errors.NotFound()
    return found


def _read(form: Form, name: str, reader: Callable[[str], T]) -> T | None:
    try:
        return reader(form.values[name])
    except territoires.Invalid as error:
        form.errors[name] = str(error)
        return None


def _page(request: Request, unit: Unite, form: Form, **more: Any) -> Response:
    zone = territoires.of_unit(unit.id)
    status, avis = more.get("status", 200), more.get("avis", "")
    member = acces.member(request)
    return render.page(
        request, "parcours/territoire.html", status=status, nav="espaces", form=form, avis=avis,
        territoire=True, etablissement=etablissement.own(member), roles=member.roles,
        version=zone.version if zone else 0, aujourdhui=territoires.words(zone) if zone else "")
