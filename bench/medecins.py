"""One of the physicians of the bench's day: what is on his desk, what he may do next, what he was told is written."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from portal.annuaire import genres
from portal.compte import commands as comptes
from portal.compte.commands import Contact, Identity
from portal.compte.rules import CHARTE
from portal.db import database
from portal.db.audit import Actor
from portal.db.base import rows
from portal.demandes import commands as demandes
from portal.demandes import rules as requests
from portal.demonstration import dossiers as fiction
from portal.dossiers import commands as dossiers
from portal.dossiers import queries
from portal.settings import Settings
from portal.volets import reponses
from portal.volets.queries import opened
from tests.support import espaces
from tests.support.pannes.clients import Answer, Browser
from tests.support.people import LEROUX

TABLE = "/dossiers/grand-age"
FIELD = "antecedents"
TABS = ("en_cours", "admis", "annules", "historises", "hors_patientele")
SORTS = ("patient", "-patient", "statut", "recent")
FIRST = 10300000000
# Of each physician: his dossiers of former days, and those he writes in today.
DOSSIERS, WRITTEN = 200, 4


@dataclass
class Medecin:
    """``waiting``: his numbers to accept or refuse; ``asking``: number and row of requests to send; ``typed``: the rank
    of the last text acknowledged in each of the dossiers he writes in."""

    rpps: int
    browser: Browser
    waiting: list[int]
    asking: list[tuple[int, int]]
    written: list[int]
    typed: dict[int, int] = field(default_factory=dict)
    decided: dict[int, str] = field(default_factory=dict)
    sent: list[tuple[int, int]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def next_act(self, chance: random.Random) -> Act:
        """What he does next: as often as a day has it, among what his desk still allows."""
        allowed = [act for act in ACTS if act.may(self)]
        return chance.choices(allowed, [act.share for act in allowed])[0]

    def missing(self) -> list[str]:
        """Each acknowledged write that is not in the open database."""
        states = dict(rows("SELECT numero, etat FROM lien WHERE rpps = ? AND module = 'ga'", self.rpps))
        lost = [f"decision on {numero}" for numero, etat in self.decided.items() if states[numero] != etat]
        lost += [f"request {row}" for _, row in self.sent
                 if rows("SELECT etat FROM demande WHERE id = ?", row)[0][0] == requests.NON_ENVOYEE]
        kept = {cle for cle, in rows("SELECT cle FROM message")} if self.messages else set()
        lost += [f"message {cle}" for cle in self.messages if cle not in kept]
        for numero, rank in self.typed.items():
            found = opened(queries.visible_dossier(self.rpps, "ga", numero), "medical").answers.get(FIELD)
            lost += [f"text of {numero}"] if found != _text(rank) else []
        return lost


@dataclass(frozen=True)
class Act:
    """One thing he does, its share of the day; ``done`` says what was wrong with the answer, or nothing."""

    name: str
    share: int
    done: Callable[[Medecin], str]
    may: Callable[[Medecin], object] = lambda person: True


def _reading(path: Callable[[Medecin], str], words: str) -> Callable[[Medecin], str]:
    def act(person: Medecin) -> str:
        answer = person.browser.get(path(person))
        whole = "</html>" in answer.body and words in answer.body
        return "" if answer.status == 200 and whole else _said(answer)
    return act


def _search(person: Medecin) -> str:
    numero = random.choice(person.written)
    answer = person.browser.get(f"/dossiers/recherche?numero={numero}")
    return "" if (answer.status, answer.location) == (303, f"{TABLE}/{numero}") else _said(answer)


def _said(answer: Answer) -> str:
    return f"answered {answer.status} {answer.body[:80]!r}"


def _one(numbers: list[int]) -> str:
    return f"{TABLE}/{random.choice(numbers)}"


def _filtered(person: Medecin) -> str:
    return f"{TABLE}?onglet={random.choice(TABS)}&tri={random.choice(SORTS)}"


def _autosave(person: Medecin) -> str:
    numero = random.choice(person.written)
    before = person.typed.get(numero)
    rank = 0 if before is None else before + 1
    known = reponses.digest(None if before is None else _text(before))
    answer = person.browser.post(f"{TABLE}/{numero}/volets/medical", {
        "base": json.dumps({FIELD: known}), "version": "0", "cle": f"jour-{numero}-{rank}", FIELD: _text(rank),
    }, **{"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#suivi"})
    if answer.status != 200 or "Enregistré" not in answer.body:
        return _said(answer)
    person.typed[numero] = rank
    return ""


def _text(rank: int) -> str:
    return f"Patiente suivie depuis plusieurs années, état stable. {rank}"


def _decide(event: str, state: str) -> Callable[[Medecin], str]:
    def act(person: Medecin) -> str:
        numero = person.waiting.pop()
        answer = person.browser.post(f"{TABLE}/{numero}/{event}", {"version": "1"})
        if answer.status != 303:
            return _said(answer)
        person.decided[numero] = state
        return ""
    return act


def _send(person: Medecin) -> str:
    numero, row = person.asking.pop()
    answer = person.browser.post(f"{TABLE}/{numero}/demandes/envoyer", {"demande": f"{row}.1"})
    if answer.status != 303:
        return _said(answer)
    person.sent.append((numero, row))
    return ""


def _thread(person: Medecin) -> str:
    numero, row = random.choice(person.sent)
    return f"{TABLE}/{numero}/demandes/{row}/messages"


def _message(person: Medecin) -> str:
    cle = secrets.token_hex(16)
    answer = person.browser.post(_thread(person), {"texte": "Avez-vous reçu le dossier ?", "cle": cle, "jusque": "0"})
    if answer.status != 303:
        return _said(answer)
    person.messages.append(cle)
    return ""


ACTS = (
    Act("home", 6, _reading(lambda person: "/accueil", "Mes patients")),
    Act("table", 14, _reading(lambda person: TABLE, "</table>")),
    Act("tab or order of the table", 8, _reading(_filtered, "</h1>")),
    Act("search by number", 6, _search),
    Act("search by name", 5, _reading(lambda person: f"{TABLE}?q=LER", "</h1>")),
    Act("open a dossier", 14, _reading(lambda person: _one(person.written), "Dossier ")),
    Act("open a volet", 8, _reading(lambda person: f"{_one(person.written)}/volets/medical", 'name="base"')),
    Act("autosave", 18, _autosave),
    Act("accept", 3, _decide("accepter", "accepte"), lambda person: person.waiting),
    Act("refuse", 1, _decide("refuser", "refuse"), lambda person: person.waiting),
    Act("requests of a dossier", 4, _reading(
        lambda person: f"{_one(person.written)}/demandes", "Demandes aux établissements")),
    Act("send a request", 3, _send, lambda person: person.asking),
    Act("read a thread", 2, _reading(_thread, "Messages"), lambda person: person.sent),
    Act("write a message", 2, _message, lambda person: person.sent),
    Act("notices", 3, _reading(lambda person: "/avis", "Avis")),
    Act("help", 2, _reading(lambda person: "/aide/dossiers/", "Aide")),
)


def furnish(settings: Settings, number: int, seconds: float) -> list[Medecin]:
    """Fill the open, empty database: so many physicians, each logged in, with work for that long."""
    database.migrate()
    people = [FIRST + 11 * rank for rank in range(number)]
    fiction.generate(people, number * DOSSIERS, seed=5, mix=(1, 0, 0))
    place = espaces.etablissement(incomplets=True).id
    return [_furnished(settings, rpps, place, 2 + round(seconds / 60)) for rpps in people]


def _furnished(settings: Settings, rpps: int, place: int, sends: int) -> Medecin:
    actor = Actor(rpps, f"Dr Camille JOUR{rpps % 1000:03d}", "cps", None, f"8{rpps}")
    identity = Identity("JOUR", "Camille", "Médecin", "SM26", "Médecine générale (SM)")
    contact = Contact(f"{rpps}@exemple.fr", "", "", "14118", "14000", "CAEN")
    stay = next(iter(genres.SEJOURS_OF["ga"]))
    with database.writing():
        compte = comptes.create(actor, f"8{rpps}", identity, contact, secrets.token_urlsafe(), None)
        comptes.confirm_email(compte)
        comptes.accept_charte(actor, compte, CHARTE)
        team = Actor(None, "CLIC BESSIN", "interne")
        waiting = [dossiers.open_for(team, "ga", _named(rank)) for rank in range(sends * 2)]
        for one in waiting:
            dossiers.designate(team, one, rpps)
        own = [dossiers.create(actor, "ga", _named(rank)) for rank in range(WRITTEN + sends)]
        asking = [(one.numero, demandes.select(actor, one, place, stay).id) for one in own[WRITTEN:]]
    browser = Browser(settings, rpps, actor.name, compte_id=compte.id)
    return Medecin(rpps, browser, [one.numero for one in waiting], asking, [one.numero for one in own[:WRITTEN]])


def _named(rank: int) -> dossiers.Nouveau:
    return replace(LEROUX, nom_naissance="LEROUX" + chr(65 + rank % 26))
