"""A dossier with something in every table that may hang from one, and one row of each other kind of data."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import peewee

from portal import clock
from portal.assistance.models import Opinion
from portal.avis.models import Avis, AvisEnvoi
from portal.compte.models import Appareil
from portal.connexion.otp.models import Tentative
from portal.db import audit, database, outbox
from portal.db.audit import Actor
from portal.db.base import Model
from portal.db.crypto import keys
from portal.db.outbox import Courriel
from portal.delegations.models import Invitation
from portal.demandes import commands as demandes
from portal.demandes import rules
from portal.demandes.models import Demande
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.espaces.etablissement.papier.models import Papier
from portal.espaces.membres.models import Invite
from portal.espaces.models import Suivi, Transfert, Usager
from portal.espaces.usager.models import Annulation, Changement, Creation, Lien
from portal.had.models import Evaluation as EvaluationHad
from portal.handicap import commands as handicap
from portal.messages import commands as messages
from portal.parcours.models import Parcours, Professionnel
from portal.pieces.models import Piece, PieceContenu
from portal.vagues.models import Cible, Plan
from portal.volets import commands as volets_commands
from portal.volets.models import Envoi, Volet
from portal.web import reenvoi
from portal.web.session import Session
from portal.web.throttle import Frein
from tests.support import espaces, volets
from tests.support.people import LEROUX
from tests.support.volets import ALICE_ACTS

_rank = itertools.count(1)
# What ends by itself long before a dossier does.
SHORT = frozenset({"avis", "avis_envoi", "lien_usager", "changement_courriel", "session", "volet_envoi"})
NIRS = {"LEROUX": "231041411800155", "TOURNEBRIDE": "231041411800254"}


def models() -> Iterator[type[Model]]:
    """Every table that the portal defines."""
    def below(model: type[peewee.Model]) -> Iterator[type[Model]]:
        for one in model.__subclasses__():
            yield one
            yield from below(one)
    return below(Model)


def words(name: str) -> tuple[str, ...]:
    """What ``full`` writes about this person, all of it hers alone."""
    return (name, f"{name}-CHATELLIER", f"rue {name.lower()}", f"{name.lower()}@exemple.fr", f"Gertrude {name}",
            f"proche-{name.lower()}@exemple.fr", f"nouvelle-{name.lower()}@exemple.fr", f"Insuffisance {name}",
            f"Escarres {name}", f"Depuis quand {name}", f"Message {name}", f"scanner-{name}", f"octets {name}",
            f"bilan {name}", f"MDPH {name}", f"IME {name}", f"ergothérapeute {name}", f"synthèse {name}",
            "06 77 " + ("11" if name == "LEROUX" else "22") + " 33 44", NIRS[name])


def full(name: str) -> Dossier:
    """A dossier of somebody of that surname, led by Dr Alice MARTIN, with rows in each branch."""
    phone = words(name)[-2]
    new = replace(LEROUX, nom_naissance=name, nom_usage=f"{name}-CHATELLIER", adresse=f"3 rue {name.lower()}",
                  telephone=phone, courriel=f"{name.lower()}@exemple.fr", nir=NIRS[name])
    with database.writing():
        dossier = dossiers.create(ALICE_ACTS, "ga", new)
    volets.write(ALICE_ACTS, dossier.numero, {"antecedents": f"Insuffisance {name}"})
    signed = volets.complete(dossier.numero, "autonomie")
    with database.writing():
        volets_commands.validate(ALICE_ACTS, volets.seen(dossier.numero), "autonomie", signed.version)
    _asked(dossier, name)
    _followed(dossier, name)
    _joined(dossier, name)
    return Dossier.get_by_id(dossier.id)


def _asked(dossier: Dossier, name: str) -> None:
    there = espaces.etablissement(f"EHPAD {next(_rank)}")
    one = espaces.demande(dossier, there, rules.LUE)
    with database.writing():
        one = demandes.give_opinion(espaces.ANSWERS, one.id, one.version, "reserve", f"Escarres {name}")
        one = demandes.ask(espaces.ANSWERS, one.id, one.version, f"Depuis quand {name}")
        messages.send(espaces.ASKS, dossier, one, "demandeur", f"Message {name}", secrets.token_hex(16))
        Avis.delete().where(Avis.dossier == f"ga {dossier.numero}").execute()
        told = Avis.create(destinataire="medecin:10100000011", code="reponse", dossier=f"ga {dossier.numero}",
                           demande_id=one.id, at=clock.now())
        AvisEnvoi.insert(avis_id=told.id, cible="compte:1", du=clock.now()).execute()
        handicap.declare(ALICE_ACTS, dossier, 0, numero=f"MDPH {name}", droit="ime", du=date(2026, 1, 1),
                         au=date(2030, 1, 1), accord_le=date(2026, 1, 1))
        handicap.add(ALICE_ACTS, dossier, nom=f"IME {name}", statut="1", unite="", motif="", le=date(2026, 2, 1))
        _path(one, name)
        plan = Plan.create(dossier_id=dossier.id, etat="en_cours", cause="", vague=1, rayon=30, rayon_large=60,
                           heures=8, par="Dr Alice MARTIN", created=clock.now(), updated=clock.now(), version=1)
        Cible.create(plan_id=plan.id, vague=1, rang=1, etablissement_id=there.id, sejour="permanent", etat="a_venir")


def _path(one: Demande, name: str) -> None:
    path = Parcours.create(demande_id=one.id, debut=date(2026, 1, 1), fin=date(2027, 1, 1), points="",
                           valide_par="PCO", valide_le=clock.now(), souhait_par="", renouvele_par="", synthese_par="")
    path.synthese = keys().seal(f"synthèse {name}", table="parcours", row=str(path.id), column="synthese")
    path.save()
    somebody = Professionnel.create(parcours_id=path.id, mode="conventionne", profession="ergo", objet="bilan",
                                    etat="a_venir", version=1, created=clock.now())
    somebody.nom = keys().seal(f"ergothérapeute {name}", table="parcours_professionnel", row=str(somebody.id),
                               column="nom")
    somebody.save()


def _followed(dossier: Dossier, name: str) -> None:
    one = espaces.relative(dossier)
    team = espaces.structure("coordination", f"CLIC {next(_rank)}")
    espaces.follow(team, dossier, "suit")
    address = f"proche-{name.lower()}@exemple.fr"
    with database.writing():
        Usager.update(
            prenom="Gertrude", nom=name, courriel_empreinte=espaces.queries.fingerprint(address),
            courriel=keys().seal(address, table="usager", row=one.subject, column="courriel"),
        ).where(Usager.id == one.id).execute()
        Lien.insert(hash=secrets.token_hex(32), usager_id=one.id, but="entrer", expire=clock.now()).execute()
        new = f"nouvelle-{name.lower()}@exemple.fr"
        Changement.insert(usager_id=one.id, created=clock.now(), courriel_empreinte="0" * 32,
                          courriel=keys().seal(new, table="changement_courriel", row=one.subject,
                                               column="courriel")).execute()
        Creation.insert(dossier_id=dossier.id, reseau=f"reseau:{name.lower()}", created=clock.now()).execute()
        Annulation.insert(dossier_id=dossier.id, motif="autre", par=f"Gertrude {name}", at=clock.now()).execute()
        Transfert.insert(dossier_id=dossier.id, structure=team, rpps=10100000011, propose_par="CLIC",
                         propose_le=clock.now()).execute()
        session(one.subject, f"Gertrude {name}")
        # No sender names anybody; an address and what a relative may have been written go all the same.
        Courriel.insert(to=address, subject="Votre dossier", body=f"Bonjour Gertrude {name}", created=clock.now(),
                        due=clock.now()).execute()
        audit.record(Actor(None, f"Gertrude {name}", "lien", subject=one.subject), "dossier.ouvert",
                     dossier=f"ga {dossier.numero}")
    assert Suivi.select().where(Suivi.dossier_id == dossier.id).count() == 1


def _joined(dossier: Dossier, name: str) -> None:
    label, made, now = f"ga {dossier.numero}", secrets.token_hex(16), clock.now()
    with database.writing():
        nom = keys().seal(f"scanner-{name}.pdf", table="piece", row=f"{label} {made}", column="nom")
        contenu = keys().seal_bytes(
            f"octets {name}".encode(), table="piece", row=f"{label} {made}", column="contenu")
        Piece.create(id=made, dossier_id=dossier.id, kind="autre", media="application/pdf", size=12, nom=nom,
                     par="Dr Alice MARTIN", le=now)
        PieceContenu.insert(piece_id=made, contenu=contenu).execute()
        bilan = keys().seal(
            f'{{"bilan": "bilan {name}"}}', table="had_evaluation", row=f"{label} {made}", column="contenu")
        EvaluationHad.insert(
            id=made, dossier_id=dossier.id, version=1, par="Dr Alice MARTIN", le=now, contenu=bilan).execute()
        volet = Volet.get(Volet.dossier_id == dossier.id)
        Envoi.insert(cle=secrets.token_hex(16), volet_id=volet.id, le=now).execute()


def unconfirmed(*, cared: bool = False) -> Dossier:
    """A dossier cancelled because nobody confirmed an address; ``cared``: a piece had been joined all the same."""
    with database.writing():
        dossier = dossiers.create(ALICE_ACTS, "ga", LEROUX)
        dossiers.set_status(ALICE_ACTS, dossier, "annule")
        Annulation.insert(dossier_id=dossier.id, motif="courriel", par="Système", at=clock.now()).execute()
        if cared:
            Piece.create(id=secrets.token_hex(16), dossier_id=dossier.id, kind="autre", media="application/pdf",
                         size=1, par="Dr Alice MARTIN", le=clock.now())
    return dossier


# --- one row of a kind, in the caller's transaction

def mail(to: str = "a.martin@exemple.fr") -> None:
    """A mail that waits."""
    outbox.send(to, "Un avis vous attend", "Ouvrez le portail.")


def session(subject: str = "S1", name: str = "Dr Alice MARTIN") -> None:
    """A session that ends half a day later."""
    now, key = clock.now(), secrets.token_hex(32)
    Session.insert(key=key, created=now, last_seen=now, ends=now + timedelta(hours=12), state=4, subject=subject,
                   rpps=None, compte_id=None, name=name, level="cps", charte=None, device="Firefox",
                   data=keys().seal("{}", table="session", row=key, column="data")).execute()


def throttled() -> None:
    """Somebody who tried."""
    Frein.insert(key=f"compte:{secrets.token_hex(32)}", tries=2, last=clock.now()).execute()


def attempt() -> None:
    """A login between password and code."""
    Tentative.insert(key=secrets.token_hex(32), compte_id=1, started=clock.now()).execute()


def link() -> None:
    """A mailed link good for a week."""
    Lien.insert(hash=secrets.token_hex(32), usager_id=1, but="entrer", expire=clock.now() + timedelta(days=7)).execute()


def change() -> None:
    """A change of address that was begun."""
    Changement.insert(usager_id=next(_rank) + 10**6, courriel=b"x", courriel_empreinte="0" * 32,
                      created=clock.now()).execute()


def device() -> None:
    """A browser known to an account."""
    Appareil.insert(compte_id=1, hash=secrets.token_hex(32), created=clock.now(), used=clock.now()).execute()


def invitation() -> None:
    """A secretary who was invited for a week."""
    Invitation.insert(key=secrets.token_hex(32), principal=1, prenom="Eva", nom="NOEL", email="eva@exemple.fr",
                      modules="ga", created=clock.now(), until=clock.now() + timedelta(days=7)).execute()


def invite() -> None:
    """Somebody who was invited to a structure for a week."""
    Invite.insert(key=secrets.token_hex(32), structure_id=1, prenom="Eva", nom="NOEL", email="eva@exemple.fr",
                  roles="referent", par="L’assistance", created=clock.now(),
                  until=clock.now() + timedelta(days=7)).execute()


def opinion() -> None:
    """A day's opinions on a section of the help."""
    Opinion.insert(page="connexion", ancre="cps", jour=clock.today(), raison="oui", nombre=3).execute()


def paper() -> None:
    """A paper dossier that was closed."""
    Papier.create(etablissement_id=1, sejour="permanent", recu_le=clock.today(), etat="clos", created=clock.now(),
                  updated=clock.now(), par="Claire DUBOIS", version=1)


def form_sent() -> None:
    """A form that was acknowledged."""
    reenvoi.Envoi.insert(cle=secrets.token_hex(32), adresse="/dossiers/grand-age/43084209", le=clock.now()).execute()


def sending() -> None:
    """A saving already made."""
    Envoi.insert(cle=secrets.token_hex(16), volet_id=10**6, le=clock.now()).execute()


