"""The ``portal`` command: serve, demo, migrate, aide, audit, echeances, annuaire, connexion, compte, espaces, agent."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import logging
import signal
import socket
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

from portal import settings as configuration
from portal.settings import Settings, SettingsError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code, 2 for a setting that forbids it."""
    args, rest = _parser().parse_known_args(arguments)
    if args.command == "agent":
        return _agent(rest)
    if rest:
        _parser().error(f"arguments inconnus : {' '.join(rest)}")
    try:
        code: int = args.run(args)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="portal", description="ViaTrajectoire pour les médecins libéraux.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="commande")
    for name, (run, text) in COMMANDS.items():
        one = commands.add_parser(name, help=text)
        one.set_defaults(run=run)
        if run is aide:
            one.add_argument("--pdf", action="store_true", help="fabriquer aussi les PDF des guides")
            one.add_argument("--hors-ligne", metavar="DOSSIER", type=Path,
                             help="écrire aussi l’aide en fichiers qui s’ouvrent sans serveur")
    espaces = commands.add_parser("espaces", help="« espaces inviter » : le premier compte d’une structure")
    actions = espaces.add_subparsers(required=True, metavar="action")
    _invitation(actions.add_parser("inviter", help="inviter quelqu’un à travailler pour une structure"))
    annuaire = commands.add_parser("annuaire", help="« annuaire import » : les établissements d’un fichier public")
    actions = annuaire.add_subparsers(required=True, metavar="action")
    _importation(actions.add_parser("import", help="importer un fichier CSV de la CNSA ou de FINESS"))
    connexion = commands.add_parser("connexion", help="« connexion crl » : listes de cartes révoquées")
    actions = connexion.add_subparsers(required=True, metavar="action")
    actions.add_parser("crl", help="aller chercher les listes publiées").set_defaults(run=crl)
    compte = commands.add_parser("compte", help="« compte bloquer » : fermer un compte à toute connexion")
    actions = compte.add_subparsers(required=True, metavar="action")
    for name, run, text in (("bloquer", block, "fermer un compte à toute connexion et clore ses sessions"),
                            ("debloquer", unblock, "rouvrir un compte"),
                            ("sans-facteur", forget_factors, "retirer codes et clés perdus, identité vérifiée")):
        action = actions.add_parser(name, help=text)
        action.add_argument("compte", help="numéro RPPS ou adresse électronique")
        action.set_defaults(run=run)
    return parser


def serve(_args: Namespace) -> int:
    """The portal alone, as in production."""
    settings = configuration.load()
    _free_port(settings.host, settings.port, "PORT")
    _run(settings)
    return 0


def demo(_args: Namespace) -> int:
    """The portal with fictional data, a card agent whose tray holds demonstration cards, an e-CPS provider."""
    from portal.demonstration import fournisseur, preparation

    settings = configuration.load(demonstration=True)
    _free_port(settings.host, settings.port, "PORT")
    _free_port("127.0.0.1", settings.agent_port, "PORTAL_AGENT_PORT")
    _free_port("127.0.0.1", settings.ecps_port, "PORTAL_ECPS_PORT")
    preparation.prepare(settings)
    with _agent_process(settings), fournisseur.running(settings):
        print(preparation.welcome(settings), flush=True)
        _run(settings)
    return 0


def migrate(_args: Namespace) -> int:
    """Bring the database up to date."""
    from portal.db import database

    database.open_database(configuration.load())
    names = database.migrate()
    print("\n".join(names) if names else "La base est à jour.")
    return 0


def aide(args: Namespace) -> int:
    """Build the help site; with ``--pdf``, each guide and the whole as PDF too, 1 when they can’t be made."""
    from portal.aide import construction

    settings = configuration.load()
    start = time.perf_counter()
    construction.build(settings, settings.help_site)
    print(f"Aide construite dans {settings.help_site} en {time.perf_counter() - start:.1f} s.")
    if args.hors_ligne and not _offline(settings, args.hors_ligne):
        return 1
    if not args.pdf:
        return 0
    from portal.aide import pdf
    from portal.web import render
    from portal.web.pdf import SansPdf

    try:
        made = pdf.make_all(render.environment(settings), settings)
    except SansPdf as error:
        print(f"{error.explanation} Installez l’option « pdf ».", file=sys.stderr)
        return 1
    print(f"{len(made)} PDF dans {made[0].parent}.")
    return 0


def _offline(settings: Settings, folder: Path) -> bool:
    from portal.aide import hors_ligne

    try:
        pages = hors_ligne.export(settings, folder)
    except FileExistsError:
        print(f"Le dossier {folder} n’est pas vide : donnez-en un autre.", file=sys.stderr)
        return False
    print(f"{pages} pages dans {folder} ; ouvrez {folder / 'index.html'}.")
    return True


def audit(_args: Namespace) -> int:
    """Hold the audit's chain against its secret; 1 when a row was edited, removed or moved."""
    from portal.db import audit as chain
    from portal.db import database

    _open_database()
    with database.reading():
        broken = chain.broken_link()
    if broken is None:
        print("Le journal d’audit est intact.")
        return 0
    print(f"Le journal d’audit est rompu à la ligne {broken} : elle, ou une ligne avant elle, a été modifiée.")
    return 1


def crl(_args: Namespace) -> int:
    """Renew the revocation lists of the trust folder; 1 when one could not be, or none is known."""
    from portal.connexion import listes

    outcomes = listes.renew(configuration.load())
    for outcome in outcomes:
        print(outcome.line)
    if not outcomes:
        print("Aucune adresse de liste de révocation : donnez-en par le réglage crl_urls.")
    return 0 if outcomes and all(outcome.good for outcome in outcomes) else 1


def clocks(_args: Namespace) -> int:
    """Run once the jobs that are due and that no other process runs; 1 when one of them failed.

    With nothing to run, say where each job stands.
    """
    from portal.echeances import registre
    from portal.echeances.travaux import JOBS

    _open_database()
    outcomes = registre.run_due(configuration.load(), JOBS)
    print("\n".join([outcome.line for outcome in outcomes] or registre.stand(JOBS)))
    return 0 if all(outcome.good for outcome in outcomes) else 1


def _invitation(parser: argparse.ArgumentParser) -> None:
    from portal.espaces.membres import invitation

    invitation.arguments(parser)
    parser.set_defaults(run=invite)


def invite(args: Namespace) -> int:
    """Invite somebody to work for a structure; 1 when he can't be."""
    from portal.espaces.membres import invitation

    _open_database()
    return invitation.command(args, configuration.load())


def _importation(parser: argparse.ArgumentParser) -> None:
    from portal.annuaire import importation

    importation.arguments(parser)
    parser.set_defaults(run=import_directory)


def import_directory(args: Namespace) -> int:
    """Bring the directory up to a public file; 1 when lines were refused, 2 when it can't be read."""
    from portal.annuaire import importation

    _open_database()
    return importation.command(args)


def block(args: Namespace) -> int:
    """Close an account to every login and end its sessions; 1 when there is no such account."""
    from portal.compte import blocage
    from portal.db import database

    _open_database()
    with database.writing():
        compte = blocage.find(args.compte)
        if compte is None:
            return _no_account(args.compte)
        closed = blocage.block(compte)
    print(f"Le compte {compte.email} est bloqué ; sessions closes : {closed}.")
    return 0


def unblock(args: Namespace) -> int:
    """Let an account's holder log in again; 1 when there is no such account."""
    from portal.compte import blocage
    from portal.db import database

    _open_database()
    with database.writing():
        compte = blocage.find(args.compte)
        if compte is None:
            return _no_account(args.compte)
        blocage.unblock(compte)
    print(f"Le compte {compte.email} est débloqué.")
    return 0


def forget_factors(args: Namespace) -> int:
    """Remove an account's second factors, lost with a telephone; 1 when there is no such account."""
    from portal.compte import blocage
    from portal.db import database
    from portal.facteurs import commands as facteurs

    _open_database()
    with database.writing():
        compte = blocage.find(args.compte)
        if compte is None:
            return _no_account(args.compte)
        facteurs.forget_all(compte, configuration.load())
    print(f"Les codes et les clés du compte {compte.email} sont retirés ; un courriel l’en informe.")
    return 0


def _no_account(typed: str) -> int:
    print(f"Aucun compte n’a le numéro RPPS ou l’adresse « {typed} ».", file=sys.stderr)
    return 1


def _open_database() -> None:
    from portal.db import crypto, database

    settings = configuration.load()
    crypto.load_keys(settings)
    database.open_database(settings)
    database.migrate()


def _agent(arguments: list[str]) -> int:
    from portal.agent.__main__ import main as agent

    return agent(arguments)


COMMANDS: dict[str, tuple[Callable[[Namespace], int], str]] = {
    "serve": (serve, "démarrer le portail"),
    "demo": (demo, "démarrer le portail avec des données fictives et des cartes de démonstration"),
    "migrate": (migrate, "mettre la base de données à jour"),
    "aide": (aide, "construire le site d’aide"),
    "audit": (audit, "vérifier que le journal d’audit n’a pas été modifié"),
    "echeances": (clocks, "faire une fois ce dont l’heure est venue : relances, archivages, fins de délégation"),
    "agent": (lambda _args: 0, "démarrer le lecteur de cartes du poste (« portal agent --help »)"),
}


def _run(settings: Settings) -> None:
    import uvicorn

    from portal.app import create_app

    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # At DEBUG it would write every parameter: names, mails, codes.
    logging.getLogger("peewee").setLevel(logging.INFO)
    uvicorn.run(
        create_app(settings), host=settings.host, port=settings.port, log_level="warning", access_log=False,
        server_header=False, date_header=True, timeout_graceful_shutdown=10,
        # Nobody's word about the client's address but these proxies': throttling counts by it.
        forwarded_allow_ips=_proxies(settings),
    )


def _proxies(settings: Settings) -> list[str]:
    """The addresses and networks of ``trusted_proxies``, separated by blanks or commas."""
    named = settings.trusted_proxies.replace(",", " ").split()
    try:
        for one in named:
            ipaddress.ip_network(one)
    except ValueError as error:
        raise SettingsError(
            f"Le réglage trusted_proxies contient « {one} » : donnez des adresses IP ou des réseaux, "
            "comme 10.0.0.5 ou 10.0.0.0/24.") from error
    return named


def _free_port(host: str, port: int, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"Le port {port} de {host} est déjà pris : arrêtez l’autre programme, "
                f"ou choisissez un autre port avec {variable}={port + 100}."
            ) from error


@contextlib.contextmanager
def _agent_process(settings: Settings) -> Iterator[None]:
    command = [sys.executable, "-m", "portal.agent", "--port", str(settings.agent_port),
               "--origin", settings.origin, "--demonstration", str(settings.data / "demonstration")]
    # A terminated portal unwinds like an interrupted one, so that its agent never outlives it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=5)
