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
from portal.demandes import machines, rules
from portal.demandes.models import Demande, Pas
from portal.demonstration import espaces
from portal.demonstration.comptes import BOB
from portal.demonstration.dossiers import ALICE, SEED
from portal.dossiers.models import Dossier, Lien

# What the requests of a dossier are, when its status is this one: the one that the status comes from first.
STORIES = {
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
}
# The events that led to each state, the oldest first.
_SENT, _READ = ("selectionner", "envoyer"), ("selectionner", "envoyer", "lire")
WAYS = {
    rules.NON_ENVOYEE: ("selectionner",), rules.ENVOYEE: _SENT, rules.LUE: _READ,
    rules.COMPLEMENT: (*_READ, "demander_complement"), rules.LISTE: (*_READ, "inscrire"),
    rules.PROPOSEE: (*_READ, "proposer"), rules.ACCEPTEE: (*_READ, "proposer", "accepter"),
    rules.DECLINEE: (*_READ, "proposer", "decliner"), rules.REFUS: (*_READ, "refuser"),
    rules.ADMIS: (*_READ, "inscrire", "admettre"), rules.ANNULEE: (*_SENT, "annuler"),
    rules.ANNULEE_AUTO: (*_READ, "annuler_auto"),
}
MOTIFS = {"refuser": ("114", "86", "113", "84"), "annuler": ("89", "117"), "annuler_auto": ("119",),
          "decliner": ("113", "89")}
QUESTION = "Pouvez-vous joindre la dernière ordonnance et préciser le lieu de vie actuel\u00a0?"


def ensure() -> None:
    """Make the requests of the Grand Âge dossiers of two physicians; nothing if some are there."""
    with database.writing():
        if Demande.select().exists():
            return
        random, places = Random(SEED), _places()  # noqa: S311  # fiction, the same each time
        for dossier in _dossiers():
            _tell(random, dossier, places)


def _dossiers() -> list[Dossier]:
    return list(Dossier.select().join(Lien).where(
        Lien.rpps.in_((ALICE, BOB.actor.rpps)), Dossier.module == "ga").order_by(Dossier.id))


def _places() -> list[int]:
    """The establishments that are asked: the cast's own comes up one time in three."""
    own = espaces.tilleuls().id
    others = [row.id for row in Etablissement.select().join(Unite).where(
        Unite.genre == "ehpad", Etablissement.id != own).distinct().order_by(Etablissement.id).limit(40)]
    return [own, *others]


def _tell(random: Random, dossier: Dossier, places: list[int]) -> None:
    story = STORIES[dossier.statut]
    if dossier.statut == "non_envoyee" and random.random() < 0.5:
        return
    first = places[:1] if random.random() < 0.35 else []
    chosen = list(dict.fromkeys(first + random.sample(places[1:], min(len(places) - 1, len(story)))))
    sejour = {"Temporaire": "temporaire", "Jour": "jour", "Nuit": "nuit"}.get(
        dossier.sejours.split(", ")[0], "permanent")
    for etat, place in zip(story, chosen, strict=False):
        _insert(random, dossier, place, sejour, etat)


def _insert(random: Random, dossier: Dossier, place: int, sejour: str, etat: str) -> None:
    events = WAYS[etat]
    last = min(dossier.updated, clock.now())
    times = [last - timedelta(hours=random.randint(3, 60) * rank) for rank in range(len(events))][::-1]
    dates = dict(zip(events, times, strict=True))
    motif = random.choice(MOTIFS[events[-1]]) if events[-1] in MOTIFS else ""
    made = Demande.create(
        dossier_id=dossier.id, module=dossier.module, etablissement_id=place, sejour=sejour, etat=etat,
        version=len(events), motif=motif, created=times[0], updated=times[-1], envoyee_le=dates.get("envoyer"),
        lue_le=dates.get("lire"), repondue_le=_answered(dates), **_details(random, etat, dates))
    if etat == rules.COMPLEMENT:
        sealed = keys().seal(QUESTION, table="demande", row=str(made.id), column="complement")
        Demande.update(complement=sealed, complement_le=times[-1]).where(Demande.id == made.id).execute()
    _insert_steps(made, events, times, motif)


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


def _insert_steps(made: Demande, events: tuple[str, ...], times: list[datetime], motif: str) -> None:
    asks, answers = "Le référent du dossier", rows("SELECT nom FROM etablissement WHERE id = ?",
                                                   made.etablissement_id)[0][0]
    left, machine = "", machines.of(made.module)
    for event, at in zip(events, times, strict=True):
        arrow = machine.transition(left, event)
        reached = rules.target(arrow) if arrow else rules.NON_ENVOYEE
        who = machine.who.get(event, rules.DEMANDEUR)
        par = "Système" if who == rules.SYSTEME else answers if who == rules.RECEVEUR else asks
        Pas.insert(demande_id=made.id, at=at, evenement=event, de=left, vers=reached,
                   motif=motif if event in machine.needs_motive else "", par=par).execute()
        left = reached
