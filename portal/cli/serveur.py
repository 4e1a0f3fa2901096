"""``serve`` and ``demo``: the portal itself."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from portal import settings as configuration
from portal.cli.base import Commands, add
from portal.settings import Settings, SettingsError

if TYPE_CHECKING:
    from starlette.applications import Starlette


def register(commands: Commands) -> None:
    """Add this group's commands."""
    parser = add(commands, "serve", serve, "démarrer le portail")
    parser.add_argument("--workers", type=int, metavar="N", help="nombre de processus (réglage workers)")
    add(commands, "demo", demo, "démarrer le portail avec des données fictives et des cartes de démonstration")


def serve(args: Namespace) -> int:
    """The portal alone, as in production."""
    settings = configuration.load(**({"workers": args.workers} if args.workers is not None else {}))
    _free_port(settings.host, settings.port, "PORT")
    if settings.metrics_port:
        _free_port("127.0.0.1", settings.metrics_port, "PORTAL_METRICS_PORT")
    _fit_to_start(settings)
    # What the portal writes is its user's alone.
    os.umask(0o077)
    run(settings, settings.workers)
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


def run(settings: Settings, workers: int = 1) -> None:
    """Serve the portal until it is told to stop, in this process or in ``workers`` of their own."""
    import uvicorn

    from portal import journal

    journal.configure(settings)
    with contextlib.ExitStack() as stack:
        if workers > 1:
            # Before anything that counts is imported: each worker writes its figures there, for one sum of all.
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="portail-metriques-"))
            stack.callback(os.environ.pop, "PROMETHEUS_MULTIPROC_DIR")
        from portal.app import create_app
        from portal.sante import releve

        # Also where workers make their own: what forbids the start is said once, and the database migrated once.
        app = create_app(settings)
        stack.enter_context(releve.served(settings.metrics_port))
        if workers > 1:
            _supervise(settings, workers)
        else:
            uvicorn.run(app, **_options(settings))


def worker() -> Starlette:
    """The application of one worker process, from the same settings as its supervisor's."""
    from portal import journal
    from portal.app import create_app

    settings = configuration.load()
    journal.configure(settings)
    return create_app(settings)


def _supervise(settings: Settings, workers: int) -> None:
    """Keep ``workers`` processes on one socket: one that dies, or falls silent for 15 s, is replaced."""
    import uvicorn
    from uvicorn.supervisors.multiprocess import Multiprocess

    config = uvicorn.Config(f"{__name__}:worker", factory=True, workers=workers, timeout_worker_healthcheck=15,
                            **_options(settings))
    Multiprocess(config, sockets=[config.bind_socket()]).run()


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "host": settings.host, "port": settings.port, "log_level": "warning", "log_config": None,
        "access_log": False, "server_header": False, "date_header": True, "timeout_graceful_shutdown": 10,
        # The application itself knows whom to believe about a client's address (web/suivi.py).
        "proxy_headers": False,
    }


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
