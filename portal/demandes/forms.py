"""What comes from the forms of the requests' pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from portal.annuaire import genres
from portal.demandes import machines
from portal.demandes.actes import LONGEST_TEXT, Acte
from portal.web.forms import Form, clean

MAX_DIGITS = 15
# Marks that turn the reading order round: words must print as they were typed.
_BIDI = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


@dataclass(frozen=True)
class Rempli:
    """A form as it was filled in, and what it says when nothing is wrong with it."""

    form: Form
    motif: str = ""
    texte: str = ""
    rester: bool = False


@dataclass(frozen=True)
class Choix:
    """The establishment that was chosen, and for which kinds of stay; ``erreur`` when something is wrong."""

    etablissement: int = 0
    sejours: tuple[str, ...] = ()
    erreur: str = ""


def number(text: str) -> int:
    """A row's number or a version as a form sends it; 0 (never true) if unreadable."""
    return int(text) if re.fullmatch(rf"\d{{1,{MAX_DIGITS}}}", text, re.ASCII) else 0


def version(request: Request) -> int:
    """The version of the request that the form was made from."""
    return number(str(request.state.form.get("version", "")))


def chosen(request: Request, module: str) -> Choix:
    """What « Ajouter » sends."""
    sent = request.state.form
    stays = tuple(dict.fromkeys(str(code) for code in sent.getlist("sejour")))
    if any(code not in genres.SEJOURS_OF[module] for code in stays):
        return Choix(erreur="Ce type d’accueil n’existe pas pour ce dossier\u00a0: choisissez dans la liste.")
    if not stays:
        return Choix(erreur="Cochez au moins un type d’accueil avant d’ajouter l’établissement.")
    return Choix(number(str(sent.get("etablissement", ""))), stays)


def to_send(request: Request) -> dict[int, int]:
    """The requests that « Envoyer » names, with the version that was shown: « demande=12.3 »."""
    found: dict[int, int] = {}
    for text in request.state.form.getlist("demande"):
        row, _, seen = str(text).partition(".")
        if number(row):
            found[number(row)] = number(seen)
    return found


def filled(acte: Acte, module: str, sent: Mapping[str, object]) -> Rempli:
    """The fields of an act on a request of this module, read and checked."""
    machine = machines.of(module)
    form = Form({"motif": clean(sent.get("motif"))[:10], "rester": clean(sent.get("rester"))[:3],
                 "texte": clean(sent.get("texte")).replace("\r\n", "\n").translate(_BIDI)})
    texte, motif = form.values["texte"], form.values["motif"]
    if len(texte) > LONGEST_TEXT:
        form.errors["texte"] = (f"Raccourcissez ce texte de {len(texte) - LONGEST_TEXT} caractères\u00a0: "
                                f"{LONGEST_TEXT} au plus.")
    if acte.code == "completer" and not texte:
        form.errors["texte"] = "Écrivez votre réponse, ou dites ce que vous avez ajouté au dossier."
    if acte.event in machine.needs_motive and not machine.is_motive(motif, acte.event):
        form.errors["motif"] = "Choisissez un motif dans la liste."
    if acte.code == "decliner" and form.values["rester"] not in ("oui", "non"):
        form.errors["rester"] = "Dites si la personne reste sur la liste d’attente."
    return Rempli(form, motif, texte, form.values["rester"] == "oui")


def blank(kept: Mapping[str, str]) -> Form:
    """The empty form of an act, or what an expired session had kept of it."""
    return Form({name: kept.get(name, "") for name in ("motif", "rester", "texte")})
