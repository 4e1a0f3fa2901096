"""The other actors of the tests: establishments, structures and their people, patients and relatives."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date
from typing import Any

from portal import clock
from portal.annuaire import genres
from portal.annuaire.models import Etablissement, Unite
from portal.compte.models import STRUCTURE, Compte
from portal.compte.rules import CHARTE
from portal.db import database
from portal.db.audit import Actor
from portal.db.crypto import keys
from portal.demandes import commands as demandes
from portal.demandes import queries as queries_of_demandes
from portal.demandes import rules
from portal.demandes.models import Demande
from portal.dossiers.models import Dossier
from portal.espaces import queries
from portal.espaces.models import Membre, Structure, Suivi, Usager
from portal.web.session import Access
from tests.support.client import Client

_rank = itertools.count(1)
ALL_ROLES = {"etablissement": "admissions medical referent", "coordination": "dossiers referent",
             "hospitalier": "dossiers referent", "assistance": "support referent"}
ASKS = Actor(10100000011, "Dr Alice MARTIN", "cps", None, "810100000011")
ANSWERS = Actor(None, "Claire DUBOIS, EHPAD Les Tilleuls", "otp", None, "S00000000001")
TOMORROW = demandes.Proposition(date(2099, 1, 1), date(2099, 1, 1), "12", 6500)


def etablissement(nom: str = "EHPAD Les Tilleuls", *, genre: str = "ehpad", **values: Any) -> Etablissement:
    """A row of the directory, in Caen, with one unit of its kind."""
    rank = next(_rank)
    with database.writing():
        made: Etablissement = Etablissement.create(
            finess=f"1499{rank:05d}", nom=nom, code_postal="14000", ville="CAEN", insee="14118",
            telephone="02 61 91 44 00", maj=clock.now(), **values)
        Unite.create(etablissement=made, genre=genre,
                     sejours=" ".join(genres.SEJOURS_OF[genres.GENRES[genre].module]), capacite=80)
    return made


def structure(kind: str = "etablissement", nom: str = "EHPAD Les Tilleuls", **values: Any) -> Structure:
    """A structure; of an establishment, pass ``etablissement_id``."""
    with database.writing():
        made: Structure = Structure.create(kind=kind, nom=nom, telephone="02 61 91 44 00", code_postal="14000",
                                           ville="CAEN", created=clock.now(), **values)
    return made


def account(of: Structure, roles: str | None = None, *, prenom: str = "Claire", nom: str = "DUBOIS") -> Compte:
    """An account of a structure, its charter accepted; all roles of its kind unless told otherwise."""
    rank = next(_rank)
    with database.writing():
        compte: Compte = Compte.create(
            subject=f"S{rank:011d}", rpps=None, kind=STRUCTURE, nom=nom, prenom=prenom, profession=of.label,
            specialite_code="", specialite="", email=f"membre{rank}@exemple.fr", email_confirmed_at=clock.now(),
            password="", adresse="", insee="14118", code_postal="14000", ville="CAEN", created=clock.now(),
            charte=CHARTE.version)
        Membre.create(compte_id=compte.id, structure=of, roles=ALL_ROLES[of.kind] if roles is None else roles,
                      created=clock.now())
    return compte


def member(client: Client, of: Structure, roles: str | None = None) -> Client:
    """The browser of somebody who works there, logged in."""
    compte = account(of, roles)
    return client.enter(Access.STRUCTURE, None, queries.signature(compte), compte.id, level="otp",
                        subject=compte.subject)


def follow(of: Structure, dossier: Dossier, etat: str = "referent") -> None:
    """Tie a coordination team to a dossier; as « referent » it leads the request."""
    with database.writing():
        Suivi.create(structure=of, dossier_id=dossier.id, etat=etat, depuis=clock.now())
        if etat == "referent":
            Dossier.update(referent_kind="structure", referent_structure=of.id, referent_texte=of.label).where(
                Dossier.id == dossier.id).execute()


def relative(dossier: Dossier, role: str = "patient", *, confirmed: bool = True) -> Usager:
    """Someone of the patient's side."""
    rank = next(_rank)
    subject, email = f"U{rank:011d}", f"proche{rank}@exemple.fr"
    with database.writing():
        made: Usager = Usager.create(
            subject=subject, dossier_id=dossier.id, role=role, prenom="Anne", nom="MOREAU",
            courriel=keys().seal(email, table="usager", row=subject, column="courriel"),
            courriel_empreinte=queries.fingerprint(email), confirme_le=clock.now() if confirmed else None,
            created=clock.now())
    return made


def usager(client: Client, dossier: Dossier, role: str = "patient") -> Client:
    """The browser of someone of the patient's side, let in by her link."""
    made = relative(dossier, role)
    return client.enter(Access.USAGER, None, made.name, None, level="lien", subject=made.subject)


STAY = {"ga": "permanent", "s": "complet", "tnd": "parcours"}


def demande(dossier: Dossier, there: Etablissement, etat: str = rules.ENVOYEE, *, sejour: str = "") -> Demande:
    """A request that has come to this state by real steps (the dossier's volets are not looked at)."""
    with database.writing():
        found = demandes.select(ASKS, dossier, there.id, sejour or STAY[dossier.module])
        for step in (_WAYS | _WAYS_OF[dossier.module])[etat]:
            found = step(found)
    return found


def _sent(one: Demande) -> Demande:
    return demandes.send(ASKS, one.id, one.version, ())


def _read(one: Demande) -> Demande:
    return demandes.read(ANSWERS, one.id)


def _offered(one: Demande) -> Demande:
    return demandes.propose(ANSWERS, one.id, one.version, TOMORROW)


_WAYS: dict[str, tuple[Any, ...]] = {
    rules.NON_ENVOYEE: (),
    rules.ENVOYEE: (_sent,),
    rules.LUE: (_sent, _read),
    rules.COMPLEMENT: (_sent, _read, lambda one: demandes.ask(ANSWERS, one.id, one.version, "Précisez le traitement.")),
    rules.LISTE: (_sent, _read, lambda one: demandes.put_on_list(ANSWERS, one.id, one.version, "admissible", 3)),
    rules.PROPOSEE: (_sent, _read, _offered),
    rules.ACCEPTEE: (_sent, _read, _offered, lambda one: demandes.accept(ASKS, one.id, one.version)),
    rules.DECLINEE: (_sent, _read, _offered,
                     lambda one: demandes.decline(ASKS, one.id, one.version, stay=True, motif="89")),
    rules.REFUS: (_sent, _read, lambda one: demandes.refuse(ANSWERS, one.id, one.version, "114")),
    rules.ANNULEE: (_sent, lambda one: demandes.cancel(ASKS, one.id, one.version, "85")),
    rules.ADMIS: (_sent, _read, lambda one: demandes.admit(ANSWERS, one.id, one.version, date(2026, 11, 20))),
}


def _followed(event: str, motif: str = "") -> Callable[[Demande], Demande]:
    return lambda one: demandes.follow(ANSWERS, one.id, one.version, event, motif=motif)


def _unfinished(one: Demande) -> Demande:
    Demande.update(rappel_fin_le=clock.now()).where(Demande.id == one.id).execute()
    assert demandes.close_unfinished(one.id)
    return queries_of_demandes.one(one.id)


_CONFIRMED = _WAYS[rules.ACCEPTEE]
_PATH = (_sent, _read, _followed("valider"))
_WAYS_OF: dict[str, dict[str, tuple[Any, ...]]] = {
    "ga": {},
    "s": {
        rules.ETUDE: (_sent, _read, lambda one: demandes.study(ANSWERS, one.id, one.version)),
        rules.ADMIS: (*_CONFIRMED, lambda one: demandes.admit(ANSWERS, one.id, one.version, date(2026, 11, 20))),
        rules.NON_FINALISEE: (*_CONFIRMED, _unfinished),
        rules.REFUS: (_sent, _read, lambda one: demandes.refuse(ANSWERS, one.id, one.version, "S1")),
    },
    "tnd": {
        rules.PARCOURS: _PATH,
        rules.BILANS: (*_PATH, _followed("commencer")),
        rules.SYNTHESE: (*_PATH, _followed("commencer"), _followed("synthese")),
        rules.RENOUVELE: (*_PATH, _followed("commencer"),
                          lambda one: demandes.renew(ANSWERS, one.id, one.version)),
        rules.CLOS: (*_PATH, _followed("clore_parcours", "T7")),
        rules.REORIENTEE: (_sent, _read, _followed("reorienter", "T11")),
        rules.REFUS: (_sent, _read, lambda one: demandes.refuse(ANSWERS, one.id, one.version, "T2")),
    },
}
