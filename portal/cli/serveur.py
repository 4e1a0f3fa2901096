"""``serve`` and ``demo``: the portal itself."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import os
import signal
import socket
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator

from portal import settings as configuration
from portal.caviardage import Caviardage
from portal.cli.base import Commands, add
from portal.settings import Settings, SettingsError


def register(commands: Commands) -> None:
    """Add this group's commands."""
    add(commands, "serve", serve, "démarrer le portail")
    add(commands, "demo", demo, "démarrer le portail avec des données fictives et des cartes de démonstration")


def serve(_args: Namespace) -> int:
    """The portal alone, as in production."""
    settings = configuration.load()
    _free_port(settings.host, settings.port, "PORT")
    _fit_to_start(settings)
    # What the portal writes is its user's alone.
    os.umask(0o077)
    run(settings)
    return 0


def _fit_to_start(settings: Settings) -> None:
    """Say aloud what this machine alone may do without. Raises SettingsError with every reason not to start."""
    from portal import demarrage

    found = demarrage.examine(demarrage.of(settings))
    if found.reasons:
        raise SettingsError("\n- ".join(["Le portail ne démarre pas :", *found.reasons]))
    if found.warnings:
        line = "*" * 80
        print(line, "ESSAI SUR CETTE MACHINE SEULEMENT : aucune donnée réelle ici. Ailleurs, le portail refuserait de "
              "démarrer :", *(f"- {one}" for one in found.warnings), line, sep="\n", file=sys.stderr, flush=True)


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
        run(settings)
    return 0


def run(settings: Settings) -> None:
    """Serve the portal until it is told to stop."""
    import uvicorn

    from portal.app import create_app

    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(Caviardage())
    uvicorn.run(
        create_app(settings), host=settings.host, port=settings.port, log_level="warning", access_log=False,
        server_header=False, date_header=True, timeout_graceful_shutdown=10,
        # Nobody's word about the client's address but these proxies': throttling counts by it.
        forwarded_allow_ips=proxies(settings),
    )


def proxies(settings: Settings) -> list[str]:
    """The addresses and networks of ``trusted_proxies``, separated by blanks or commas."""
    named = settings.trusted_proxies.replace(",", " ").split()
    try:
        for one in named:
            ipaddress.ip_network(one)
    except ValueError as error:
        raise SettingsError(
            f"Le réglage trusted_proxies contient « {one} » : donnez des adresses IP ou des réseaux, "
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
