"""What every group of commands needs: the type of its parser, the database opened as the settings say."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable
from typing import TypeAlias

from portal import settings as configuration
from portal.settings import Settings

Commands: TypeAlias = "_SubParsersAction[ArgumentParser]"
Run = Callable[[Namespace], int]


def add(commands: Commands, name: str, run: Run, text: str) -> ArgumentParser:
    """One command: its name, what runs it (the exit code is its result) and a line of help."""
    parser = commands.add_parser(name, help=text)
    parser.set_defaults(run=run)
    return parser


def group(commands: Commands, name: str, text: str) -> Commands:
    """A command of several actions, such as « compte bloquer »."""
    return commands.add_parser(name, help=text).add_subparsers(required=True, metavar="action")


def opened() -> Settings:
    """Load the settings and the keys, and open the database, brought up to date."""
    from portal import journal
    from portal.db import crypto, database

    settings = configuration.load()
    journal.configure(settings, command=True)
    crypto.load_keys(settings)
    database.open_database(settings)
    database.migrate()
    return settings
