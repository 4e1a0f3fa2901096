"""Questions of the printing and the exports."""

from __future__ import annotations

import re

from portal.db.audit import Trace
from portal.dossiers.queries import Visible
from portal.volets import queries as volets
from portal.volets import rules
from portal.volets.fhir import Auteur, Instance, Personne
from portal.volets.queries import Ouvert

WRITING = ("volet.modifie", "volet.valide", "volet.repris", "volet.version")


def author(seen: Visible, opened: Ouvert) -> Auteur:
    """Who signed the volet, or wrote in it last; the RPPS number is the one the audit kept with his acts."""
    name = opened.valide_par if opened.etat == rules.VALIDE else opened.modifie_par
    found = (Trace.select(Trace.rpps)
             .where(Trace.dossier == seen.label, Trace.detail == opened.code, Trace.name == name,
                    Trace.event.in_(WRITING))
             .order_by(Trace.id.desc()).tuples().first())
    return Auteur(name, found[0] if found else None)


def person(seen: Visible) -> Personne:
    """The patient as an export names her: never her number."""
    one = seen.dossier
    return Personne(one.nom_naissance, one.nom_usage, given_names(one.prenoms or one.prenom), one.naissance, one.sexe)


def instance(seen: Visible, opened: Ouvert) -> Instance:
    """What an export says of a volet that was begun, besides its answers."""
    signed = opened.etat == rules.VALIDE
    at = opened.valide_le if signed else opened.modifie_le
    assert at is not None
    return Instance(seen.label, opened.etat, opened.version, len(volets.signatures(seen, opened.code)) if signed else 0,
                    at, author(seen, opened), person(seen))


def given_names(text: str) -> tuple[str, ...]:
    """« Josette Marie » or « Josette, Marie-Anne » as a list, in the order of the birth certificate."""
    return tuple(filter(None, re.split(r"\s*,\s*" if "," in text else r"\s+", text.strip())))
