"""A sanitaire dossier that changed after it was sent: a unit that studies it reads what is new, answer by answer."""

from __future__ import annotations

from datetime import timedelta

from portal import clock
from portal.db import database
from portal.db.audit import Actor
from portal.demandes import changements, rules
from portal.demandes.models import Demande, Pas
from portal.demonstration import espaces, volets_sanitaire
from portal.demonstration.dossiers import ALICE
from portal.dossiers import queries as dossiers
from portal.dossiers.models import Dossier, Lien
from portal.volets import commands, reponses
from portal.volets import queries as volets
from portal.volets.models import Volet

# A printed row whose five volets are filled: what this dossier said when it left.
LIKE = 2033969
# What was learnt since, and how long ago.
SINCE = timedelta(days=2)
NEWS = {"isolement": "aucun", "urgence": "sous_48h"}


def ensure() -> None:
    """Make the change, once."""
    with database.writing():
        if Pas.select().where(Pas.evenement == changements.EVENT).exists():
            return
        found = _request()
        if found is not None:
            _change(found)


def _request() -> Demande | None:
    """The latest request that SMR de la Baie studies, of a dossier that Dr Alice MARTIN follows and nobody filled."""
    filled = Volet.select(Volet.dossier_id)
    followed = Lien.select(Lien.dossier).where(Lien.rpps == ALICE, Lien.etat == "accepte")
    return Demande.select().where(
        Demande.module == "s", Demande.etat.in_((rules.ETUDE, rules.LUE)),
        Demande.etablissement_id == espaces.place(espaces.SMR).id, Demande.dossier_id.in_(followed),
        Demande.dossier_id.not_in(filled)).order_by(Demande.updated.desc(), Demande.id).first()


def _change(demande: Demande) -> None:
    numero = Dossier.get_by_id(demande.dossier_id).numero
    seen = dossiers.visible_dossier(ALICE, "s", numero)
    now = clock.now()
    changed = max(seen.dossier.updated + timedelta(minutes=1), now - SINCE)
    author = Actor(None, seen.referent, "interne") if seen.dossier.referent_kind == "structure" else Actor(
        ALICE, "Dr Alice MARTIN", "cps")
    assert demande.envoyee_le is not None
    with clock.shift(demande.envoyee_le - timedelta(hours=1) - now):
        for code, name, _ in volets_sanitaire.PRINTED[LIKE]:
            commands.first(author, seen.dossier, code, volets_sanitaire.answers(seen, code, name))
            signed = commands.validate(author, seen, code, volets.opened(seen, code).version)
            if code == "orientation":
                version = signed.version
    with clock.shift(changed - now):
        opened = commands.reopen(author, seen, "orientation", version)
        news = {name: value for name, value in NEWS.items() if name in opened.definition.fields}
        base = {name: reponses.digest(opened.answers.get(name)) for name in news}
        saved = commands.save(author, seen, "orientation", commands.Sent(news, base))
        commands.validate(author, seen, "orientation", saved.volet.version)
        changements.tell(author, seen, "orientation")
