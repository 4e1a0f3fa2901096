"""The requests behind the statuses that the demonstration's tables print, so that what a row says can be opened."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from portal import clock
from portal.annuaire.models import Etablissement, Unite
from portal.db import database
from portal.db.base import rows
from portal.db.crypto import keys
from portal.demandes import commands, horloge, machines, rules
from portal.demandes.models import Demande, Pas
from portal.demonstration import espaces
from portal.demonstration.comptes import BOB
from portal.demonstration.dossiers import ALICE, SEED
from portal.dossiers.models import Dossier, Lien

# What the requests of a dossier of each module are, when its status is this one: the one that the status comes from
# first.
STORIES = {
    "ga": {
        "non_envoyee": (rules.NON_ENVOYEE,),
        "demande_envoyee": (rules.ENVOYEE, rules.ENVOYEE),
        "consulte": (rules.LUE, rules.ENVOYEE),
        "complement": (rules.COMPLEMENT, rules.LUE),
        "liste_attente": (rules.LISTE, rules.REFUS),
        "admission_proposee": (rules.PROPOSEE, rules.LISTE, rules.ENVOYEE),
        "proposition_acceptee": (rules.ACCEPTEE, rules.LISTE),
        "proposition_declinee": (rules.DECLINEE,),
        "refusee": (rules.REFUS,),
        "admis": (rules.ADMIS, rules.ANNULEE_AUTO),
        "annule": (rules.ANNULEE,),
        "historise": (rules.ANNULEE_AUTO,),
    },
    "s": {
        "en_redaction": (rules.NON_ENVOYEE,),
        "attente_reponse": (rules.ENVOYEE, rules.ENVOYEE),
        "consulte": (rules.LUE, rules.ENVOYEE),
        "etude": (rules.ETUDE, rules.ENVOYEE),
        "complement": (rules.COMPLEMENT, rules.LUE),
        "liste_attente": (rules.LISTE, rules.REFUS),
        "accord_recu": (rules.PROPOSEE, rules.ETUDE, rules.ENVOYEE),
        "accord_decline": (rules.DECLINEE,),
        "accord_confirme": (rules.ACCEPTEE, rules.ANNULEE_AUTO),
        "refusee": (rules.REFUS,),
        "admis": (rules.ADMIS, rules.ANNULEE_AUTO),
        "annule": (rules.ANNULEE,),
        "historise": (rules.ANNULEE_AUTO,),
    },
}
# A status that a dossier has before anything is sent: half of them have chosen somebody already.
UNSENT = frozenset({"non_envoyee", "en_redaction"})
# The events that led to each state, the oldest first.
_SENT, _READ = ("selectionner", "envoyer"), ("selectionner", "envoyer", "lire")
WAYS = {
    rules.NON_ENVOYEE: ("selectionner",), rules.ENVOYEE: _SENT, rules.LUE: _READ, rules.ETUDE: (*_READ, "etudier"),
    rules.COMPLEMENT: (*_READ, "demander_complement"), rules.LISTE: (*_READ, "inscrire"),
    rules.PROPOSEE: (*_READ, "proposer"), rules.ACCEPTEE: (*_READ, "proposer", "accepter"),
    rules.DECLINEE: (*_READ, "proposer", "decliner"), rules.REFUS: (*_READ, "refuser"),
    rules.ADMIS: (*_READ, "inscrire", "admettre"), rules.ANNULEE: (*_SENT, "annuler"),
    rules.ANNULEE_AUTO: (*_READ, "annuler_auto"),
}
# A unit does not admit whom nobody confirmed; at home, nobody confirms before the médecin traitant agreed.
CONFIRMED = (*_READ, "proposer", "accepter", "admettre")
AGREED = frozenset({rules.ACCEPTEE, rules.ADMIS})
MOTIFS = {"refuser": ("114", "86", "113", "84"), "annuler": ("89", "117"), "annuler_auto": ("119",),
          "decliner": ("113", "89")}
UNIT_MOTIFS = MOTIFS | {"refuser": ("S1", "S4", "86", "113")}
PHYSICIAN = "Dr Alice MARTIN"
# Which kind of unit takes each kind of care in, for which stay.
CARE = {"SSR": ("smr", "complet"), "HAD": ("had", "domicile"), "Soins palliatifs": ("usp", "complet")}
OWN = {"ehpad": espaces.TILLEULS, "smr": espaces.SMR, "had": espaces.HAD, "usp": espaces.USP}
QUESTION = "Pouvez-vous joindre la dernière ordonnance et préciser le lieu de vie actuel\u00a0?"


def ensure() -> None:
    """Make the requests of the Grand Âge and sanitaire dossiers of two physicians; nothing if some are there."""
    with database.writing():
        if Demande.select().exists():
            return
        random = Random(SEED)  # noqa: S311  # fiction, the same each time
        places = {genre: _places(genre) for genre in OWN}
        for module in STORIES:
            for dossier in _dossiers(module):
                _tell(random, dossier, places)
        _let_time_pass()


def _let_time_pass() -> None:
    """What the clocks do: a unit is asked whether its patient came, another never said so, an accord runs out."""
    late, later = clock.today() - timedelta(days=3), clock.today() - timedelta(days=9)
    for rank, one in enumerate(_unit_requests(rules.ACCEPTEE, 2)):
        Demande.update(entree_prevue=(later, late)[rank]).where(Demande.id == one.id).execute()
        horloge.ask_for_arrival(one.id)
        if rank == 0:
            commands.close_unfinished(one.id)
    for one in _unit_requests(rules.PROPOSEE, 1):
        Demande.update(reponse_avant=later).where(Demande.id == one.id).execute()
        commands.expire(one.id)


def _unit_requests(etat: str, number: int) -> list[Demande]:
    """The cast's own first: their people can be asked what they see."""
    own = [espaces.place(nom).id for nom in espaces.PLACES]
    return list(Demande.select().where(Demande.module == "s", Demande.etat == etat).order_by(
        Demande.etablissement_id.not_in(own), Demande.id).limit(number))


def _dossiers(module: str) -> list[Dossier]:
    return list(Dossier.select().join(Lien).where(
        Lien.rpps.in_((ALICE, BOB.actor.rpps)), Dossier.module == module).order_by(Dossier.id))


def _places(genre: str) -> list[int]:
    """The establishments that are asked: the cast's own comes up one time in three."""
    own = espaces.place(OWN[genre]).id
    others = [row.id for row in Etablissement.select().join(Unite).where(
        Unite.genre == genre, Etablissement.id != own).distinct().order_by(Etablissement.id).limit(40)]
    return [own, *others]


def _tell(random: Random, dossier: Dossier, all_places: dict[str, list[int]]) -> None:
    story = STORIES[dossier.module][dossier.statut]
    if dossier.statut in UNSENT and random.random() < 0.5:
        return
    genre, sejour = _wanted(random, dossier)
    places = all_places[genre]
    first = places[:1] if random.random() < 0.35 else []
    chosen = list(dict.fromkeys(first + random.sample(places[1:], min(len(places) - 1, len(story)))))
    for etat, place in zip(story, chosen, strict=False):
        _insert(random, dossier, place, sejour, etat)


def _wanted(random: Random, dossier: Dossier) -> tuple[str, str]:
    """The kind of establishment that a dossier asks for, and the kind of stay."""
    asked = dossier.sejours.split(", ")
    if dossier.module == "s":
        return CARE[random.choice([one for one in asked if one in CARE] or ["SSR"])]
    return "ehpad", {"Temporaire": "temporaire", "Jour": "jour", "Nuit": "nuit"}.get(asked[0], "permanent")


def _insert(random: Random, dossier: Dossier, place: int, sejour: str, etat: str) -> None:
    events = _way(dossier.module, sejour, etat)
    last = min(dossier.updated, clock.now())
    times = [last - timedelta(hours=random.randint(3, 60) * rank) for rank in range(len(events))][::-1]
    dates = dict(zip(events, times, strict=True))
    motifs = UNIT_MOTIFS if dossier.module == "s" else MOTIFS
    motif = random.choice(motifs[events[-1]]) if events[-1] in motifs else ""
    details = _details(random, etat, dates) if dossier.module == "ga" else _unit_details(etat, dates)
    made = Demande.create(
        dossier_id=dossier.id, module=dossier.module, etablissement_id=place, sejour=sejour, etat=etat,
        version=len(events), motif=motif, created=times[0], updated=times[-1], envoyee_le=dates.get("envoyer"),
        lue_le=dates.get("lire"), repondue_le=_answered(dates), **details)
    if etat == rules.COMPLEMENT:
        sealed = keys().seal(QUESTION, table="demande", row=str(made.id), column="complement")
        Demande.update(complement=sealed, complement_le=times[-1]).where(Demande.id == made.id).execute()
    insert_steps(made, events, times, motif)


def _way(module: str, sejour: str, etat: str) -> tuple[str, ...]:
    events = CONFIRMED if module == "s" and etat == rules.ADMIS else WAYS[etat]
    if etat not in AGREED or sejour not in machines.of(module).at_home:
        return events
    at = events.index("accepter")
    return (*events[:at], "donner_accord", *events[at:])


def _answered(dates: dict[str, datetime]) -> datetime | None:
    return next((at for event, at in dates.items() if event in
                 ("demander_complement", "inscrire", "proposer", "refuser", "admettre")), None)


def _details(random: Random, etat: str, dates: dict[str, datetime]) -> dict[str, Any]:
    """What a state shows besides its word: the place on the list, the room that is offered, the day of entry."""
    if etat == rules.LISTE:
        return {"niveau": random.choice(tuple(rules.LEVELS)), "rang": random.randint(1, 12)}
    if etat in (rules.PROPOSEE, rules.ACCEPTEE, rules.DECLINEE):
        today = clock.today()
        return {"proposee_le": dates["proposer"], "entree_prevue": today + timedelta(days=12),
                "reponse_avant": today + timedelta(days=5), "chambre": f"{random.randint(101, 240)}",
                "tarif": random.randint(58, 92) * 100}
    if etat == rules.ADMIS:
        return {"entree": dates["admettre"].date()}
    return {}


def _unit_details(etat: str, dates: dict[str, datetime]) -> dict[str, Any]:
    """Likewise for a unit: days alone, and the médecin traitant's word at home."""
    found: dict[str, Any] = {}
    if etat == rules.LISTE:
        found |= {"niveau": "admissible"}
    if "donner_accord" in dates:
        found |= {"accord": "donne", "accord_par": PHYSICIAN, "accord_le": dates["donner_accord"]}
    if "proposer" in dates:
        planned = (dates["proposer"].date() if etat == rules.ADMIS else clock.today()) + timedelta(days=4)
        found |= {"proposee_le": dates["proposer"], "entree_prevue": planned,
                  "reponse_avant": planned - timedelta(days=2)}
    if etat == rules.ADMIS:
        found |= {"entree": dates["admettre"].date()}
    return found


def insert_steps(made: Demande, events: tuple[str, ...], times: list[datetime], motif: str) -> None:
    """Write down how a request came where it stands."""
    answers = rows("SELECT nom FROM etablissement WHERE id = ?", made.etablissement_id)[0][0]
    names = {rules.SYSTEME: "Système", rules.TRAITANT: PHYSICIAN, rules.RECEVEUR: answers}
    left, machine = "", machines.of(made.module)
    for event, at in zip(events, times, strict=True):
        arrow = machine.transition(left, event)
        reached = rules.target(arrow) if arrow else rules.NON_ENVOYEE
        who = machine.who.get(event, rules.DEMANDEUR)
        par = names.get(who, "Le référent du dossier")
        Pas.insert(demande_id=made.id, at=at, evenement=event, de=left, vers=reached,
                   motif=motif if event in machine.needs_motive else "", par=par).execute()
        left = reached
