"""What is typed to lend one's access, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request

from portal import clock
from portal.compte import queries as comptes
from portal.compte import rules as compte
from portal.compte.queries import Compte
from portal.compte.rules import CHARTE
from portal.delegations import presenters, rules
from portal.delegations.commands import Person, Terms
from portal.dossiers.rules import MODULES
from portal.web import dates, forms
from portal.web.forms import Form

MAX_NAME = 60


@dataclass
class Filled:
    """A form and its outcome: the delegate and the terms once nothing is wrong."""

    form: Form
    modules: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    delegate: Compte | None = None
    terms: Terms | None = None


def delegation(request: Request, own: Compte, months: int) -> Filled:
    """« Nouvelle délégation »: to whom, for how long, on what."""
    form = Form(forms.typed(request, "rpps", "debut", "fin"))
    filled = Filled(form, ticked(request, "modules", MODULES), ticked(request, "droits", rules.RIGHTS))
    filled.delegate = _delegate(form, own)
    starts, ends = day(form, "debut"), day(form, "fin")
    if starts and starts < clock.today():
        form.errors["debut"] = presenters.PAST_START
    elif starts and starts > clock.today() + rules.LATEST_START:
        form.errors["debut"] = presenters.FAR_START
    elif starts and ends:
        _check_end(form, starts, ends, months)
    if not filled.modules:
        form.errors["modules"] = presenters.NO_MODULE
    if not filled.rights:
        form.errors["droits"] = presenters.NO_RIGHT
    elif "lire" not in filled.rights and any(right in filled.rights for right in rules.NEEDS_READING):
        form.errors["droits"] = presenters.NEEDS_READING
    if form.ok and starts:
        filled.terms = Terms(filled.modules, filled.rights, starts, ends)
    return filled


def new_end(request: Request, starts: date, months: int) -> tuple[Form, date | None]:
    """« Changer la date de fin »."""
    form = Form(forms.typed(request, "fin"))
    ends = day(form, "fin")
    if ends and ends < clock.today():
        form.errors["fin"] = "Pour finir avant aujourd’hui, révoquez la délégation."
    elif ends:
        _check_end(form, starts, ends, months)
    return form, ends


def invitation(request: Request) -> tuple[Form, tuple[str, ...], Person | None]:
    """« Inviter mon secrétariat »: the modules ticked, and the person once nothing is wrong."""
    form = Form(forms.typed(request, "prenom", "nom", "email"))
    modules = ticked(request, "modules", MODULES)
    for name in ("prenom", "nom"):
        form.values[name] = " ".join(form.values[name].split())[:MAX_NAME]
        if not form.values[name]:
            form.errors[name] = presenters.NAME_NEEDED
    try:
        email = compte.email(form.values["email"])
    except compte.Invalid as error:
        form.errors["email"], email = str(error), ""
    holder = comptes.by_email(email) if email else None
    if holder is not None and holder.rpps is not None:
        form.errors["email"] = presenters.EMAIL_REFUSED
    if not modules:
        form.errors["modules"] = presenters.NO_MODULE
    person = Person(form.values["prenom"], form.values["nom"].upper(), email) if form.ok else None
    return form, modules, person


def ticked(request: Request, name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The boxes ticked among those known, in their order."""
    sent = request.state.form.getlist(name)
    return tuple(code for code in known if code in sent)


def day(form: Form, name: str) -> date | None:
    """A day as the browser's calendar sends it (ISO), or as one types it (24/12/2026)."""
    found = dates.read(form.values[name])
    if found is None:
        form.errors[name] = presenters.NO_DATE
    return found


def _delegate(form: Form, own: Compte) -> Compte | None:
    number = rules.rpps(form.values["rpps"])
    if number is None:
        form.errors["rpps"] = presenters.NOT_ELEVEN
        return None
    if number == own.rpps:
        form.errors["rpps"] = presenters.HIMSELF
        return None
    found = comptes.by_rpps(number)
    if found is None or found.charte != CHARTE.version or found.blocked_at:
        form.errors["rpps"] = presenters.UNKNOWN_RPPS
        return None
    return found


def _check_end(form: Form, starts: date, ends: date, months: int) -> None:
    latest = rules.latest_end(starts, months)
    if ends < starts:
        form.errors["fin"] = presenters.END_BEFORE
    elif ends > latest:
        form.errors["fin"] = presenters.too_long(months, dates.day(latest))
