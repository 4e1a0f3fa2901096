"""What is typed on the patient's side, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from starlette.requests import Request

from portal import clock
from portal.annuaire.rules import Commune, Lieu
from portal.compte import rules as compte
from portal.dossiers import rules as dossier_rules
from portal.dossiers import saisie
from portal.dossiers.commands import Nouveau
from portal.espaces.usager import rules
from portal.espaces.usager.commands import Person
from portal.web import dates, forms
from portal.web.forms import Form

GA = dossier_rules.MODULES["ga"]
STAYS = tuple(f"sejour_{rank}" for rank, _ in enumerate(GA.stays))
WHO = ("createur", "proche_prenom", "proche_nom", "proche_lien", "courriel")
CREATION = (*WHO, *saisie.PERSON, "telephone", "telephone2", "adresse", "ville", *STAYS, "conditions")
INVITATION = ("prenom", "nom", "courriel", "role", "lien")
PHYSICIAN = ("nom", "ville")
MAX_NAME = 80
_NAME = re.compile(r"[^\W\d_]+(?:[ '’.\-]+[^\W\d_]+)*\.?")
_NUMBER = "Écrivez le numéro du dossier\u00a0: «\u00a0ga\u00a0» et 8 chiffres, par exemple ga 43009190."


# --- entering

@dataclass
class Entree:
    """The form and what it says: number and birth date, or what is wrong with them."""

    form: Form
    numero: int = 0
    naissance: date | None = None


def entry(request: Request) -> Entree:
    """« Recevoir mon lien »: only what can't be a number or a date is refused."""
    form = Form(forms.typed(request, "numero", "naissance"))
    numero = dossier_rules.parse_numero(form.values["numero"][:60])
    if numero is None or numero.module != GA.code:
        form.errors["numero"] = _NUMBER
    birth, error = _birth(form.values["naissance"])
    if error:
        form.errors["naissance"] = error
    return Entree(form, numero.value if numero else 0, birth)


def _birth(text: str) -> tuple[date | None, str]:
    birth = dates.read(text)
    if birth is None:
        return None, "Écrivez la date de naissance en chiffres\u00a0: jour, mois, année, par exemple 05/03/1941."
    if not dossier_rules.OLDEST_BIRTH <= birth <= clock.today():
        return None, "Vérifiez l’année de naissance."
    return birth, ""


# --- creating

@dataclass
class Ouverture:
    """« Créer un dossier »: ``new`` and ``who`` are None while something is wrong."""

    form: Form
    new: Nouveau | None = None
    who: Person | None = None
    communes: list[Commune] = field(default_factory=list)
    lieux: list[Lieu] = field(default_factory=list)


def blank(kept: dict[str, str] | None = None) -> Ouverture:
    """The empty form."""
    values = dict.fromkeys(CREATION, "") | {"createur": ""}
    return Ouverture(Form(values | {name: text for name, text in (kept or {}).items() if name in values}))


def creation(request: Request) -> Ouverture:
    """Read and check « Créer un dossier »; messages in the order of the page."""
    form = Form(forms.typed(request, *CREATION))
    address = form.values["courriel"]
    who = _creator(form)
    # Of the person herself: her own address; a relative's is not hers. No document is looked at here.
    person = Form(form.values | {"nir": "", "ins_statut": "PROV", "controle": "",
                                 "courriel": address if form.values["createur"] == "patient" else ""})
    read = saisie.read(person, GA)
    form.errors |= {name: text for name, text in person.errors.items() if name not in form.errors}
    stays = tuple(name for name, box in zip(GA.stays, STAYS, strict=True) if form.values[box])
    if not stays:
        form.errors[STAYS[0]] = "Cochez au moins un type d’hébergement."
    if not form.values["conditions"]:
        form.errors["conditions"] = "Lisez les conditions d’utilisation, puis cochez cette case."
    saisie.in_order(form, CREATION)
    found = Ouverture(form, communes=read.communes, lieux=read.lieux)
    if not form.errors and read.new and who:
        found.new = replace(read.new, sejours=stays)
        names = {"prenom": read.new.prenom, "nom": read.new.nom_usage or read.new.nom_naissance}
        found.who = replace(who, **names) if who.role == "patient" else who
    return found


def _creator(form: Form) -> Person | None:
    role = form.values["createur"]
    if role not in rules.CREATORS:
        form.errors["createur"] = "Dites qui crée ce dossier."
    if role == "aidant":
        for name, words in (("proche_prenom", "votre prénom"), ("proche_nom", "votre nom")):
            _check_name(form, name, words)
        if form.values["proche_lien"] not in rules.TIES:
            form.errors["proche_lien"] = "Choisissez votre lien avec la personne."
    address = _address(form, "courriel")
    prenom, nom = (" ".join(form.values[name].split()) for name in ("proche_prenom", "proche_nom"))
    return Person(role, form.values["proche_lien"] if role == "aidant" else "", prenom, nom, address)


# --- inviting, changing one's address

def invitation(request: Request) -> tuple[Form, Person]:
    """« Inviter un proche »."""
    form = Form(forms.typed(request, *INVITATION))
    for name, words in (("prenom", "le prénom"), ("nom", "le nom")):
        _check_name(form, name, words)
    address = _address(form, "courriel")
    if form.values["role"] not in rules.INVITED:
        form.errors["role"] = "Choisissez ce que cette personne pourra faire."
    if form.values["lien"] not in ("", *rules.TIES):
        form.errors["lien"] = "Choisissez le lien dans la liste."
    prenom, nom = (" ".join(form.values[name].split()) for name in ("prenom", "nom"))
    return form, Person(form.values["role"], form.values["lien"], prenom, nom, address)


def address(request: Request) -> tuple[Form, str]:
    """« Changer mon adresse »."""
    form = Form(forms.typed(request, "courriel"))
    return form, _address(form, "courriel")


def physician(request: Request) -> Form:
    """« Chercher un médecin »: a name of two letters at least, and a town perhaps."""
    form = Form(forms.typed(request, *PHYSICIAN))
    if len(compte.folded(form.values["nom"])) < 2:
        form.errors["nom"] = "Écrivez le nom du médecin\u00a0: deux lettres au moins."
    for name in PHYSICIAN:
        if len(form.values[name]) > MAX_NAME:
            form.errors[name] = f"Raccourcissez\u00a0: {MAX_NAME} caractères maximum."
    return form


def rpps(request: Request, name: str) -> int | None:
    """A physician's number sent by a form, None if unreadable."""
    text = str(request.state.form.get(name, ""))
    return int(text) if re.fullmatch(r"\d{11}", text, re.ASCII) else None


def motive(request: Request) -> Form:
    """« Annuler le dossier »."""
    form = Form(forms.typed(request, "motif"))
    if form.values["motif"] not in rules.MOTIVES:
        form.errors["motif"] = "Dites pourquoi vous annulez ce dossier."
    return form


def _check_name(form: Form, name: str, words: str) -> None:
    text = " ".join(form.values[name].split())
    if not text:
        form.errors[name] = f"Indiquez {words}."
    elif len(text) > MAX_NAME:
        form.errors[name] = f"Raccourcissez {words}\u00a0: {MAX_NAME} caractères maximum."
    elif not _NAME.fullmatch(text):
        form.errors[name] = f"Écrivez {words} avec des lettres, des espaces, des traits d’union ou des apostrophes."


def _address(form: Form, name: str) -> str:
    try:
        return compte.email(form.values[name])
    except compte.Invalid as error:
        form.errors[name] = str(error)
        return ""
