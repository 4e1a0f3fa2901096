"""The application: settings in, ASGI out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount

from portal.aide import pages as pages_aide
from portal.aide import queries as aide
from portal.avis import acces as avis
from portal.compte.rules import CHARTE
from portal.connexion import queries as connexion
from portal.db import crypto, database, occupation, outbox
from portal.delegations import queries as delegations
from portal.echeances import journal, registre
from portal.echeances.travaux import JOBS
from portal.espaces import acces as espaces
from portal.routes import DOORS, pages
from portal.sante import arret
from portal.sante import routes as sante
from portal.settings import Settings, SettingsError
from portal.visite import pages as visite
from portal.volets import definitions
from portal.web import compression, memoire, render, security, statics
from portal.web.suivi import Suivi

# One SQLite connection a thread: more threads than this only wait for each other.
WORKER_THREADS = 16
GZIP_LEVEL = 5
# What is answered from memory, before the guards.
PLACES = (
    memoire.Place("/static/", "/static", statics.find, security.STATIC_HEADERS),
    memoire.Place("/aide/", "/aide/{page:path}", aide.shown, security.HEADERS, pages_aide.VARY),
)


def create_app(settings: Settings) -> Starlette:
    """The portal, ready to serve: forms, keys, trusted authorities and help loaded, database up to date.

    Raises SettingsError when something forbids the start; the message says what to change.
    """
    _read_forms()
    crypto.load_keys(settings)
    database.open_database(settings)
    database.migrate()
    database.close()
    app = Starlette(
        routes=[
            *sante.ROUTES,
            *(page.route() for page in pages(settings)),
            Mount("/static", statics.absent, name="static"),
        ],
        middleware=[
            Middleware(Suivi, settings=settings),
            Middleware(memoire.Devant, settings=settings, places=PLACES),
            Middleware(security.SecurityHeaders, settings=settings),
            Middleware(security.ErrorBoundary),
            Middleware(security.HostGuard, settings=settings),
            Middleware(security.SameOriginWall, settings=settings),
            Middleware(compression.Compression, minimum_size=500, compresslevel=GZIP_LEVEL),
        ],
        exception_handlers={HTTPException: security.page_for},
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.jinja = render.environment(settings)
    app.state.doors = DOORS
    app.state.charte = CHARTE.version
    app.state.mandate_of = delegations.mandate
    app.state.portes = espaces.PORTES
    app.state.avis_non_lus = avis.waiting
    app.state.visite = visite.region
    app.state.trust = connexion.load_trust(settings)
    app.state.help_site = aide.load_site(settings.help_site)
    return app


def _read_forms() -> None:
    """Check every form before anybody fills one in."""
    try:
        definitions.registry()
    except definitions.DefinitionError as error:
        raise SettingsError(f"Formulaire refusé : {error}") from error


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Hold the data folder, size the thread pool, keep the clocks and, where a mail server is set, send the mails that
    wait.

    Raises occupation.Busy while a backup is being restored.
    """
    settings: Settings = app.state.settings
    anyio.to_thread.current_default_thread_limiter().total_tokens = WORKER_THREADS
    tasks = [asyncio.create_task(outbox.deliver_forever(settings))] if settings.smtp_url else []
    if settings.clocks_pause:
        tasks.append(asyncio.create_task(registre.run_forever(settings, JOBS)))
    tasks.append(asyncio.create_task(arret.leave_with_supervisor()))
    try:
        with occupation.held(settings), arret.announced(settings.drain_pause):
            yield
    finally:
        for task in tasks:
            task.cancel()
        if settings.clocks_pause:
            await anyio.to_thread.run_sync(journal.anchor_if_possible, settings)
