"""« portal espaces inviter »: the first account of a structure, which nobody inside it could invite."""

from __future__ import annotations

import argparse
import sys

from portal.annuaire import etablissements
from portal.annuaire.models import Etablissement
from portal.compte import queries as comptes
from portal.compte import rules as compte
from portal.db import database
from portal.db.audit import Actor
from portal.espaces import rules
from portal.espaces.membres import commands
from portal.espaces.membres.commands import Person
from portal.settings import Settings
from portal.web.errors import NotFound

SUPPORT = Actor(None, "L’assistance", "interne")


class Refused(Exception):
    """The invitation can't be made; the message is French and says what to change."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--genre", choices=sorted(rules.KINDS), default=rules.ETABLISSEMENT, help="genre de structure")
    parser.add_argument("--finess", default="", help="numéro FINESS, pour un établissement de l’annuaire")
    parser.add_argument("--structure", default="", help="nom de l’équipe ou de l’hôpital (« CLIC BESSIN »)")
    parser.add_argument("--service", default="", help="nom du service (« CLIC du Bessin »)")
    parser.add_argument("--prenom", required=True)
    parser.add_argument("--nom", required=True)
    parser.add_argument("--email", required=True)
    parser.add_argument("--role", action="append", default=[], help="un rôle, répété pour plusieurs (défaut : tous)")


def run(args: argparse.Namespace, settings: Settings) -> str:
    """Make the structure if it is not there, and mail the invitation; returns what was done. Raises Refused."""
    if settings.otp_mode == "off":
        raise Refused("La connexion par mot de passe et code est fermée : réglez otp_mode sur « on » d’abord.")
    known = {role.code for role in rules.roles_of(args.genre)}
    roles = tuple(args.role) or tuple(role.code for role in rules.roles_of(args.genre))
    if not set(roles) <= known:
        raise Refused(f"Rôles de ce genre de structure : {', '.join(sorted(known))}.")
    try:
        email = compte.email(args.email)
    except compte.Invalid as error:
        raise Refused(str(error)) from error
    with database.writing():
        if comptes.by_email(email) is not None:
            raise Refused(f"L’adresse {email} a déjà un compte.")
        place = _place(args)
        nom = place.nom if place else args.structure.strip()
        if not nom:
            raise Refused("Donnez --structure, le nom de l’équipe ou de l’hôpital.")
        made = commands.open_structure(args.genre, nom, args.service.strip(), place=place)
        person = Person(args.prenom.strip(), args.nom.strip().upper(), email, roles)
        commands.invite(SUPPORT, made, person, settings)
    return f"Une invitation part à {email}, pour {made.label} ({', '.join(roles)})."


def command(args: argparse.Namespace, settings: Settings) -> int:
    """The command: 0 when the invitation is on its way, 1 when it was refused."""
    try:
        print(run(args, settings))
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


def _place(args: argparse.Namespace) -> Etablissement | None:
    if args.genre != rules.ETABLISSEMENT:
        return None
    try:
        return etablissements.by_finess(args.finess.strip().upper())
    except NotFound as error:
        raise Refused("Aucun établissement de l’annuaire n’a ce numéro FINESS : donnez --finess.") from error
