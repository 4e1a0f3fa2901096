"""Reading a person's identity and address from a form: opening a dossier and correcting one ask the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from portal import clock
from portal.annuaire import queries as annuaire
from portal.annuaire.rules import Commune, Lieu
from portal.compte import rules as compte
from portal.dossiers import doublons, identite, queries, rules, scelles
from portal.dossiers.commands import Nouveau
from portal.dossiers.models import Dossier
from portal.dossiers.rules import Module
from portal.tnd import rules as tnd
from portal.web import dates
from portal.web.forms import Form

MAX_NAME, MAX_NAMES, MAX_ADDRESS = 80, 200, 200
# In the order of the page; « controle » is the box of a checked document, never kept.
PERSON = ("civilite", "nom_naissance", "nom_usage", "prenoms", "prenom", "naissance", "sexe", "naissance_lieu")
INS = ("nir", "ins_statut", "controle")
CONTACT = ("telephone", "telephone2", "courriel", "adresse", "ville")
FIELDS = (*PERSON, *INS, *CONTACT)
# Strict traits: a checked identity is checked again when one of them changes.
STRICT = ("nom_naissance", "prenoms", "naissance", "sexe", "naissance_insee")
CIVILITES = {"": "Non précisée", "Mme": "Mme", "M": "M"}

_NAME = re.compile(r"[^\W\d_]+(?:[ '’.\-]+[^\W\d_]+)*\.?")
_WORDS = {"nom_naissance": "le nom de naissance", "nom_usage": "le nom d’usage", "prenom": "le prénom utilisé",
          "prenoms": "les prénoms de naissance"}
_LISTS = (("civilite", tuple(CIVILITES), "Choisissez la civilité dans la liste."),
          ("sexe", tuple(rules.SEXES), "Choisissez le sexe."))


@dataclass
class Lue:
    """What a form says of a person: ``new`` is None while something is wrong; places that may have been meant."""

    new: Nouveau | None = None
    communes: list[Commune] = field(default_factory=list)
    lieux: list[Lieu] = field(default_factory=list)


def read(form: Form, module: Module, before: Dossier | None = None, *, ages: str = tnd.FICHE) -> Lue:
    """Read and check ``FIELDS``; messages go to ``form.errors`` by field. ``before``: the dossier being corrected;
    ``ages``: the instance's rule for the children of a TND dossier (setting ``tnd_age``)."""
    names = {name: _name(form, name) for name in ("nom_naissance", "nom_usage", "prenoms", "prenom")}
    names["prenom"] = names["prenom"] or next(iter(doublons.given_names(names["prenoms"])), "")
    birth = _birth(form, module, before, ages)
    for name, known, message in _LISTS:
        if form.values[name] not in known:
            form.errors[name] = message
    place = annuaire.birthplace(form.values["naissance_lieu"]) if form.values["naissance_lieu"] else None
    if place and place.lieu is None:
        form.errors["naissance_lieu"] = place.error
    lieu = place.lieu if place else None
    nir = _nir(form)
    telephone, telephone2 = _telephone(form, "telephone"), _telephone(form, "telephone2")
    courriel = _courriel(form)
    adresse = " ".join(form.values["adresse"].split())
    if len(adresse) > MAX_ADDRESS:
        form.errors["adresse"] = f"Raccourcissez l’adresse\N{NO-BREAK SPACE}: {MAX_ADDRESS} caractères maximum."
    town = annuaire.check(form.values["ville"])
    if town.commune is None:
        form.errors["ville"] = town.error
    found = Lue(None, town.suggestions, place.suggestions if place else [])
    if birth is None or town.commune is None:
        _ins(form, None)
        return found
    new = Nouveau(
        civilite=form.values["civilite"], **names, naissance=birth, sexe=form.values["sexe"],
        naissance_insee=lieu.insee if lieu else None, naissance_lieu=lieu.nom if lieu else "", nir=nir,
        ins_statut=form.values["ins_statut"], telephone=telephone, telephone2=telephone2, courriel=courriel,
        adresse=adresse, insee=town.commune.insee, code_postal=town.commune.code_postal,
        ville=town.commune.nom.upper(), sejours=(),
    )
    _ins(form, before if before and not changed_traits(before, new) else None)
    found.new = None if form.errors else new
    return found


def changed_traits(dossier: Dossier, new: Nouveau) -> bool:
    """True when a strict trait of the identity is another than before."""
    return any(getattr(dossier, name) != getattr(new, name) for name in STRICT)


def values_of(dossier: Dossier) -> dict[str, str]:
    """The texts of ``FIELDS`` that show a dossier's identity as it is."""
    nir, lieu = queries.nir(dossier), ""
    if dossier.naissance_insee:
        lieu = Lieu(dossier.naissance_insee, dossier.naissance_lieu).label
    kept = ("civilite", "nom_naissance", "nom_usage", "prenom", "sexe", "adresse", "ins_statut")
    sealed = ("telephone", "telephone2", "courriel")
    return {name: getattr(dossier, name) for name in kept} | {
        name: scelles.opened(dossier, name) for name in sealed} | {
        "prenoms": dossier.prenoms or dossier.prenom, "naissance": dates.day(dossier.naissance),
        "naissance_lieu": lieu, "nir": nir.ecrit if nir else "",
        "ville": f"{dossier.code_postal} {dossier.ville.upper()}", "controle": "",
    }


def traits(form: Form) -> doublons.Traits:
    """What a form says so far of a person, right or wrong, to look for the same one."""
    values = form.values
    birth = dates.read(values["naissance"])
    try:
        numbers = scelles.fingerprints(str(identite.read_nir(values["nir"])))
    except identite.Invalid:
        numbers = ()
    prenoms = values["prenoms"][:MAX_NAMES]
    return doublons.Traits(
        (values["nom_naissance"][:MAX_NAME], values["nom_usage"][:MAX_NAME]),
        values["prenom"][:MAX_NAME] or next(iter(doublons.given_names(prenoms)), ""), prenoms,
        birth if birth and birth >= rules.OLDEST_BIRTH else None, values["sexe"],
        next(iter(numbers), None), numbers[1:])


def remarques(form: Form) -> tuple[str, ...]:
    """What there is to say of a right number, as far as the other fields are typed."""
    try:
        nir = identite.read_nir(form.values["nir"])
    except identite.Invalid:
        return ()
    place = annuaire.birthplace(form.values["naissance_lieu"]).lieu if form.values["naissance_lieu"] else None
    return identite.remarques(nir, dates.read(form.values["naissance"]), form.values["sexe"],
                              place.insee if place else None)


def remarques_of(dossier: Dossier) -> tuple[str, ...]:
    """What there is to say of a dossier's number."""
    return identite.remarques(queries.nir(dossier), dossier.naissance, dossier.sexe, dossier.naissance_insee)


def merge(form: Form, seen: dict[str, str], stored: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Bring a form up to date with what was stored after its page was made, field by field.

    ``seen``: what the page showed. A field that this person left alone takes what is stored now. Returns those that
    both changed, each with what is stored and what he typed: nothing may be written until he has seen both.
    """
    both = {}
    for name in FIELDS:
        if name == "controle" or seen[name] == stored[name]:
            continue
        if form.values[name] == seen[name]:
            form.values[name] = stored[name]
        elif form.values[name] != stored[name]:
            both[name] = (stored[name], form.values[name])
    return both


def in_order(form: Form, names: tuple[str, ...]) -> None:
    """Sort a form's messages in the order of its page."""
    form.errors = {name: form.errors[name] for name in names if name in form.errors}


def _name(form: Form, name: str) -> str:
    words, most = _WORDS[name], MAX_NAMES if name == "prenoms" else MAX_NAME
    text = " ".join(form.values[name].split())
    if not text and name in ("nom_naissance", "prenoms"):
        form.errors[name] = f"Indiquez {words}."
    elif len(text) > most:
        form.errors[name] = f"Raccourcissez {words}\N{NO-BREAK SPACE}: {most} caractères maximum."
    elif text and not all(_NAME.fullmatch(part.strip()) for part in _parts(name, text)):
        form.errors[name] = f"Écrivez {words} avec des lettres, des espaces, des traits d’union ou des apostrophes."
    return text


def _parts(name: str, text: str) -> list[str]:
    """Given names may have commas between them."""
    return text.split(",") if name == "prenoms" else [text]


def _birth(form: Form, module: Module, before: Dossier | None, ages: str) -> date | None:
    text, today = form.values["naissance"], clock.today()
    birth = dates.read(text)
    message = None
    if not text:
        message = "Indiquez la date de naissance, par exemple 05/03/1941."
    elif birth is None:
        message = ("Cette date n’existe pas\N{NO-BREAK SPACE}: écrivez le jour, le mois et l’année, "
                   "par exemple 05/03/1941.")
    elif birth > today:
        message = "Cette date est dans le futur\N{NO-BREAK SPACE}: vérifiez l’année de naissance."
    elif birth < rules.OLDEST_BIRTH:
        message = "Cette date est antérieure à 1900\N{NO-BREAK SPACE}: vérifiez l’année de naissance."
    elif before and birth == before.naissance:
        pass  # a child grows older than the age at which one asks
    elif module.code == "tnd":
        message = tnd.why_too_old(birth, today, ages) or None
    if message:
        form.errors["naissance"] = message
        return None
    return birth


def _nir(form: Form) -> str:
    if not form.values["nir"]:
        return ""
    try:
        return str(identite.read_nir(form.values["nir"]))
    except identite.Invalid as error:
        form.errors["nir"] = str(error)
        return ""


def _ins(form: Form, before: Dossier | None) -> None:
    """The status by hand; a document checked before needs no second look while no strict trait changes."""
    checked = before is not None and before.ins_statut == "VALI"
    message = identite.refusal(form.values["ins_statut"], checked or bool(form.values["controle"]))
    if message:
        form.errors["controle" if message == identite.CHECK_A_DOCUMENT else "ins_statut"] = message


def _telephone(form: Form, name: str) -> str:
    try:
        return compte.phone(form.values[name])
    except compte.Invalid as error:
        form.errors[name] = str(error)
        return ""


def _courriel(form: Form) -> str:
    if not form.values["courriel"]:
        return ""
    try:
        return compte.email(form.values["courriel"])
    except compte.Invalid as error:
        form.errors["courriel"] = str(error)
        return ""
