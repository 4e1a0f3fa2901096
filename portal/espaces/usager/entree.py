"""The door: number and birth date, the same answer whatever they are, and the button behind the mailed link."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.dossiers import numeros, saisie
from portal.dossiers import rules as dossier_rules
from portal.espaces.models import Usager
from portal.espaces.usager import commands, forms, queries, rules
from portal.espaces.usager.models import Lien
from portal.espaces.usager.moi import HOME
from portal.settings import Settings
from portal.web import errors, opened, render, session, throttle
from portal.web.forms import Form
from portal.web.session import Access, visit

DOOR = "/espaces/usager"
USE = "espace usager"
LINK_STATUS = {"valable": 200, "mort": 410, "inconnu": 404}


class TooManyCreations(errors.TooMany):
    """One network opens dossier after dossier and confirms none."""

    code = "E13"
    explanation = ("Plusieurs dossiers viennent d’être créés depuis votre réseau sans que leur adresse soit "
                   "confirmée. Confirmez-les d’abord\u00a0: un lien attend dans chaque courriel.")
    aide = "espaces/usager#creer"


# --- number and birth date

def show(request: Request) -> Response:
    """Number and birth date; who is in already goes to her dossier."""
    if visit(request).state is Access.USAGER:
        return render.redirect(request, HOME)
    return _show(request, Form({"numero": "", "naissance": ""}))


def ask(request: Request) -> Response:
    """« Recevoir mon lien ». Raises errors.TooMany."""
    entree = forms.entry(request)
    if entree.form.errors or entree.naissance is None:
        return _show(request, entree.form)
    throttle.attempt(throttle.account(str(entree.numero), USE), throttle.network(request))
    commands.ask_link(entree.numero, entree.naissance, _settings(request))
    return render.page(request, "espaces/usager/envoye.html", form=entree.form)


def _show(request: Request, form: Form) -> Response:
    return render.page(request, "espaces/usager/entrer.html", status=200 if form.ok else 422, form=form)


# --- the mailed link

def show_link(request: Request) -> Response:
    """The button behind the link: nothing is used up by looking, for mail scanners follow links."""
    return _link_page(request, *_link(request))


def use_link(request: Request) -> Response:
    """« Entrer dans mon dossier », or the yes of a mailbox to a change of address."""
    etat, lien, one = _link(request)
    if lien is None or one is None:
        return _link_page(request, etat, lien, one)
    if lien.but == rules.ENTER:
        commands.enter(one)
        throttle.succeeded(throttle.account(commands.label_of(one).partition(" ")[2], USE))
        session.login(request, state=Access.USAGER, subject=one.subject, rpps=None, name=one.name, level="courriel")
        return render.redirect(request, HOME)
    done = commands.confirm_change(one, lien, _settings(request))
    if done:
        # Whoever came in by the former mailbox does not stay in.
        opened.close_others_of(request, one.subject)
    return render.page(request, "espaces/usager/adresse.html", fait=done)


def _link(request: Request) -> tuple[str, Lien | None, Usager | None]:
    try:
        return "valable", *queries.of_link(request.path_params["jeton"])
    except queries.LinkForged:
        return "inconnu", None, None
    except queries.LinkDead:
        return "mort", None, None


def _link_page(request: Request, etat: str, lien: Lien | None, one: Usager | None) -> Response:
    return render.page(
        request, "espaces/usager/lien.html", status=LINK_STATUS[etat], etat=etat, adresse=request.url.path,
        numero=commands.label_of(one) if one else "", but=lien.but if lien else "",
        bouton=rules.PURPOSES[lien.but] if lien else "")


# --- « Créer un dossier »

def blank(request: Request) -> Response:
    """The empty form."""
    return _creation(request, forms.blank())


def create(request: Request) -> Response:
    """Open the dossier and mail the link that confirms the address. Nothing tells who has a dossier already."""
    filled = forms.creation(request)
    if filled.new is None or filled.who is None:
        return _creation(request, filled, status=422)
    reseau = throttle.network(request)
    if queries.unconfirmed_from(reseau) >= rules.MOST_UNCONFIRMED:
        raise TooManyCreations(rules.UNCONFIRMED_WINDOW)
    throttle.attempt(throttle.account(filled.who.courriel, "création par un usager"), reseau)
    try:
        made, _ = commands.create(filled.new, filled.who, reseau, _settings(request))
    except numeros.Epuises as none_left:
        return _creation(request, filled, status=503, panne=str(none_left))
    session.put(request, usager_cree=[made.numero, filled.who.courriel])
    return render.redirect(request, "/espaces/usager/cree")


def created(request: Request) -> Response:
    """The number to keep, and the mail to open; back to the door for who has just opened nothing."""
    found = visit(request).data.get("usager_cree")
    if not found:
        return render.redirect(request, DOOR)
    numero, courriel = found
    return render.page(request, "espaces/usager/cree.html", numero=dossier_rules.format_numero("ga", numero),
                       courriel=courriel, jours=_settings(request).email_link_life.days)


def _creation(request: Request, filled: forms.Ouverture, *, status: int = 200, panne: str = "") -> Response:
    return render.page(
        request, "espaces/usager/creer.html", status=status, form=filled.form, module=forms.GA, panne=panne,
        communes=filled.communes, lieux=filled.lieux, createurs=rules.CREATORS.items(),
        liens=[("", "Choisir…"), *((tie, tie) for tie in rules.TIES)],
        civilites=saisie.CIVILITES.items(), sexes=dossier_rules.SEXES.items())


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
