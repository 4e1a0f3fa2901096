"""One furnished portal for the access tests: dossiers of every module, leader and state, each word of theirs marked.

A marked word is « zqmotx », the two letters of its dossier, then what it is: « zqmotxabmedical7 » is the seventh answer
of a medical volet. Whatever a response holds, ``words`` says of which dossier and of what kind it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from portal import clock
from portal.annuaire.models import Etablissement
from portal.db import database
from portal.db.audit import Actor
from portal.demandes import commands as demandes
from portal.demandes import rules as of_demandes
from portal.demandes.models import Demande
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.espaces.models import Structure
from portal.espaces.usager import commands as of_usagers
from portal.had import commands as had
from portal.had import definitions as of_had
from portal.handicap import commands as handicap
from portal.messages import commands as messages
from portal.messages import rules as of_messages
from portal.parcours import commands as parcours
from portal.parcours import rules as of_parcours
from portal.pieces import commands as pieces
from portal.pieces import rules as of_pieces
from portal.settings import load
from portal.volets import coffre, definitions
from portal.volets import rules as of_volets
from portal.volets.formulaire import Kind, Value
from portal.volets.models import Signature, Volet
from tests.support import espaces
from tests.support.people import LEROUX
from tests.support.pieces import pdf
from tests.support.volets import an_answer

ALICE, ASKED, REFUSER, LEFT, REPLACED, OTHER = (
    10100000011, 10100000044, 10100000055, 10100000066, 10100000077, 10100000088)
OWNS = Actor(ALICE, "Dr Alice MARTIN", "cps", None, f"8{ALICE}")
CLIC = Actor(None, "CLIC du Bessin", "interne")
STATES = ("redaction", "actif", "admis", "annule", "historise")
# Module and who leads: « m » the physician, « c » a coordination team, « u » the patient's side, « h » a hospital
# service, « t » the physician to whom a hospital service handed the dossier over.
PLACES = ("ga m", "ga c", "ga u", "s m", "s h", "s t", "tnd m", "h m")
STAYS = {"ga": ("Permanent",), "s": ("SSR", "HAD"), "tnd": ("Psychomotricité",), "h": ("Adulte",)}
GENRES = {"ga": "ehpad", "s": "smr", "tnd": "pco"}
EVALUATED: dict[str, Value] = {"accord": "oui", "lieu": "oui", "stabilite": "oui", "soin": "perfusion"}
WORD = re.compile(r"zqmotx([a-z]{2})([a-z]+)", re.IGNORECASE)
# Whole numbers: a part of one may stand in a random token.
DIGITS = re.compile(r"(?:0655(?=\d{2}0000)|13104141181)(\d{2})")


@dataclass(frozen=True)
class Place:
    """One dossier of the scene, its two letters, and the rows that an address may name."""

    code: str
    dossier: Dossier
    etat: str
    nir: str = ""
    demandes: dict[str, int] = field(default_factory=dict)  # « ouverte », « attente », « close »: the request
    pieces: dict[str, str] = field(default_factory=dict)  # « administrative », « medicale »: the piece
    evaluation: str = "0" * 32
    professional: int = 999_999


@dataclass(frozen=True)
class Scene:
    """The dossiers by « module leader », then by state; the structures by name."""

    places: dict[str, dict[str, Place]]
    structures: dict[str, Structure]

    def every(self) -> list[Place]:
        return [place for states in self.places.values() for place in states.values()]


def words(text: str) -> set[tuple[str, str]]:
    """The marked words of a text and its marked numbers: letters of the dossier, kind (« medical », « numero »…)."""
    found = {(code.lower(), kind.lower()) for code, kind in WORD.findall(text)}
    return found | {(_letters(int(rank)), "numero") for rank in DIGITS.findall(re.sub(r"[\s\u00a0\u202f.]", "", text))}


def furnish() -> Scene:
    """Write the whole scene; the tables are empty, the keys loaded."""
    database.connect()
    made: dict[str, dict[str, Place]] = {}
    structures = _structures()
    rank = 0
    for place in PLACES:
        made[place] = {}
        for etat in STATES:
            if place == "h m" and etat in ("actif", "admis"):
                continue  # a handicap dossier knows neither
            made[place][etat] = _place(rank, place, etat, structures)
            rank += 1
    return Scene(made, structures)


def _letters(rank: int) -> str:
    return chr(97 + rank // 26) + chr(97 + rank % 26)


def nir(rank: int) -> str:
    body = f"13104141181{rank:02d}"
    return f"{body}{97 - int(body) % 97:02d}"


def _structures() -> dict[str, Structure]:
    found: dict[str, Structure] = {}
    for module, genre in GENRES.items():
        for link in ("ouverte", "attente", "close"):
            there = espaces.etablissement(f"{genre.upper()} {link}", genre=genre)
            found[f"{module} {link}"] = espaces.structure(nom=there.nom, etablissement_id=there.id)
    strange = espaces.etablissement("EHPAD jamais")
    found["jamais"] = espaces.structure(nom=strange.nom, etablissement_id=strange.id)
    for name in ("mene", "suit", "transfere", "autre"):
        found[name] = espaces.structure("coordination", f"CLIC {name}")
    for name in ("service", "cédé"):
        found[name] = espaces.structure("hospitalier", f"CHU {name}", service="Gériatrie")
    found["assistance"] = espaces.structure("assistance", "Support")
    return found


def _place(rank: int, place: str, etat: str, structures: dict[str, Structure]) -> Place:
    module, leader = place.split()
    code = _letters(rank)
    mark = f"ZQMOTX{code.upper()}"
    with database.writing():
        dossier = dossiers.create(OWNS, module, replace(
            LEROUX, nom_naissance=f"{mark}NOM", prenom=f"{mark}PRENOM", naissance=date(1931, 1, 1) + timedelta(rank),
            telephone=f"06 55 {rank:02d} 00 00", adresse=f"12 rue {mark}ADRESSE", sejours=STAYS[module],
            nir=nir(rank)))
        _link(dossier)
    seen = of_dossiers.visible_dossier(ALICE, module, dossier.numero)
    _fill_volets(seen, code)
    made = Place(code, dossier, etat, nir(rank), _demandes(dossier, code, structures, etat), _pieces(seen, code),
                 **_of_module(module, seen, code))
    _lead(leader, dossier, structures)
    _finish(dossier, etat, made)
    return replace(made, dossier=of_dossiers.by_id(dossier.id))


def _link(dossier: Dossier) -> None:
    """The other physicians: asked, refused, accepted then gone, replaced."""
    for rpps in (ASKED, REFUSER, LEFT, REPLACED):
        dossiers.designate(CLIC, dossier, rpps)
    dossiers.decide(Actor(REFUSER, "Dr R", "cps"), dossier.module, dossier.numero, "refuser", 1)
    dossiers.decide(Actor(LEFT, "Dr L", "cps"), dossier.module, dossier.numero, "accepter", 1)
    dossiers.decide(Actor(LEFT, "Dr L", "cps"), dossier.module, dossier.numero, "retirer", 2)
    dossiers.replace(CLIC, dossier, REPLACED)


def _fill_volets(seen: Visible, code: str) -> None:
    """Every question of every volet is answered; each free answer is a marked word. All are signed."""
    with database.writing():
        for form in definitions.volets(seen.module.code):
            answers: dict[str, Value] = {}
            for n, one in enumerate(form.fields.values()):
                free = one.kind in (Kind.LIGNE, Kind.TEXTE)
                answers[one.id] = f"zqmotx{code}{form.volet}{n}" if free else an_answer(one)
            contenu = coffre.Contenu(answers)
            made = Volet.create(
                dossier_id=seen.dossier.id, code=form.volet, etat=of_volets.VALIDE, definition=form.id, version=2,
                definition_version=form.version, contenu=coffre.seal(seen.label, form.volet, contenu),
                modifie_par=OWNS.name, modifie_le=clock.now(), valide_par=OWNS.name, valide_le=clock.now())
            Signature.create(
                volet_id=made.id, version=2, definition_version=form.version, par=OWNS.name, le=clock.now(),
                contenu=coffre.seal_signed(seen.label, form.volet, 2, contenu))


def _demandes(dossier: Dossier, code: str, structures: dict[str, Structure], etat: str) -> dict[str, int]:
    """Three requests: one opened, with a question, an answer, an opinion and messages; one not opened; one closed."""
    if dossier.module not in GENRES:
        return {}
    ways = {"ouverte": of_demandes.LUE, "attente": of_demandes.ENVOYEE, "close": of_demandes.ENVOYEE}
    found: dict[str, int] = {}
    # One platform at a time follows a child.
    for link, state in (("ouverte", of_demandes.LUE),) if dossier.module == "tnd" else ways.items():
        there = Etablissement.get_by_id(structures[f"{dossier.module} {link}"].etablissement_id)
        sent = of_demandes.NON_ENVOYEE if etat == "redaction" else state
        found[link] = espaces.demande(dossier, there, sent).id
    if etat != "redaction":
        with database.writing():
            _talk(dossier, found["ouverte"], code)
            if "close" in found:
                closed = Demande.get_by_id(found["close"])
                demandes.cancel(OWNS, closed.id, closed.version, "85", f"zqmotx{code}annulation")
    return found


def _talk(dossier: Dossier, demande_id: int, code: str) -> None:
    one = Demande.get_by_id(demande_id)
    one = demandes.give_opinion(espaces.ANSWERS, one.id, one.version, "favorable", f"zqmotx{code}avis")
    one = demandes.ask(espaces.ANSWERS, one.id, one.version, f"zqmotx{code}question")
    one = demandes.complete(OWNS, one.id, one.version, f"zqmotx{code}reponse")
    one = demandes.read(espaces.ANSWERS, one.id)
    messages.send(OWNS, dossier, one, of_messages.DEMANDEUR, f"zqmotx{code}message", "a" * 32)
    messages.send(espaces.ANSWERS, dossier, one, of_messages.RECEVEUR, f"zqmotx{code}message", "b" * 32)


def _pieces(seen: Visible, code: str) -> dict[str, str]:
    found = {}
    with database.writing():
        for name, kind in (("administrative", "identite"), ("medicale", "ordonnance")):
            content = pdf(title=f"zqmotx{code}fichier{name}")
            new = pieces.prepare(
                seen, kind, of_pieces.FORMATS["application/pdf"], f"zqmotx{code}piece{name}.pdf", content)
            pieces.add(OWNS, seen, new, load({}), medical=True)
            found[name] = new.id
    return found


def _of_module(module: str, seen: Visible, code: str) -> dict[str, Any]:
    """What one module alone holds."""
    if module == "s":
        with database.writing():
            return {"evaluation": had.keep(OWNS, seen, of_had.latest(), EVALUATED)}
    if module == "h":
        with database.writing():
            handicap.declare(OWNS, seen.dossier, 0, numero=f"zqmotx{code}notification", droit="esms_adulte",
                             du=date(2026, 1, 1), au=date(2030, 12, 31), accord_le=date(2026, 11, 20))
            handicap.add(OWNS, seen.dossier, nom=f"zqmotx{code}etablissement", statut="42", unite="", motif="",
                         le=date(2026, 11, 21))
    return {}


def _lead(leader: str, dossier: Dossier, structures: dict[str, Structure]) -> None:
    if leader == "c":
        for name, etat in (("mene", "referent"), ("suit", "suit"), ("transfere", "transfere")):
            espaces.follow(structures[name], dossier, etat)
    elif leader == "h":
        espaces.follow(structures["service"], dossier)
    elif leader == "t":
        espaces.follow(structures["cédé"], dossier, "transfere")
    elif leader == "u":
        with database.writing():
            Dossier.update(referent_kind="patient", referent_rpps=None, referent_texte="Patient").where(
                Dossier.id == dossier.id).execute()


def _finish(dossier: Dossier, etat: str, made: Place) -> None:
    """Bring the dossier to its state as the portal does."""
    now = of_dossiers.by_id(dossier.id)
    ends: dict[str, Callable[[], object]] = {
        "admis": lambda: _admit(now, made),
        "annule": lambda: of_usagers.cancel(OWNS, now, "autre"),
        "historise": lambda: _archive(now),
    }
    if etat in ends:
        with database.writing():
            ends[etat]()
    assert of_dossiers.by_id(dossier.id).etat == etat, (dossier.module, etat, of_dossiers.by_id(dossier.id).etat)


def _admit(dossier: Dossier, made: Place) -> None:
    one = Demande.get_by_id(made.demandes["ouverte"])
    if dossier.module == "tnd":
        parcours.validate(espaces.ANSWERS, one.id, one.version, date(2026, 9, 1), tuple(of_parcours.CONFORMITE))
        again = Demande.get_by_id(one.id)
        parcours.end(espaces.ANSWERS, one.id, again.version, "clore_parcours", "T7")
        return
    if dossier.module == "s":
        one = demandes.propose(espaces.ANSWERS, one.id, one.version, espaces.TOMORROW)
        one = demandes.accept(OWNS, one.id, one.version)
    demandes.admit(espaces.ANSWERS, one.id, one.version, date(2026, 11, 20))


def _archive(dossier: Dossier) -> None:
    demandes.close_all(OWNS, dossier, "annuler_auto", "98")
    dossiers.set_status(OWNS, of_dossiers.by_id(dossier.id), "historise")
