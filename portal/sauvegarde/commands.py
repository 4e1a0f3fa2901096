"""Making a backup and putting one back. Neither leaves anything half done under its final name."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from portal import clock
from portal.db import anchors, crypto, disque, occupation
from portal.db.crypto import keys
from portal.sauvegarde import archive, base, rules
from portal.sauvegarde.base import Engine, Snapshot
from portal.sauvegarde.rules import Manifest, Refused
from portal.sauvegarde.sqlite import Sqlite
from portal.settings import Settings

_LENGTH, _DIGEST, _LONGEST_MANIFEST = 4, 32, 1 << 20
SCRATCH = "sauvegarde-en-cours-"


@dataclass(frozen=True)
class Made:
    """A finished backup; ``removed``: the names of the older ones that went."""

    path: Path
    manifest: Manifest
    size: int
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Restored:
    """A finished restore; ``aside``: where the database that stood there was put."""

    manifest: Manifest
    aside: str | None


def save(settings: Settings, where: Path, keep: int = 0) -> Made:
    """Seal the database as it stands, while the portal runs, in a folder or under a file's name.

    ``keep``: how many backups the folder may hold afterwards (0: all). Raises Refused; whatever happens, a file of
    the final name is a whole backup.
    """
    folder = where if where.is_dir() else where.parent
    if not folder.is_dir():
        raise Refused(f"Le dossier {folder} n’existe pas : créez-le, ou donnez-en un autre.")
    target = folder / rules.name(clock.now(), _names(folder)) if where.is_dir() else where
    if target.exists():
        raise Refused(f"Le fichier {target} existe déjà : donnez un autre nom.")
    engine = engine_of(settings)
    with _scratch(engine) as scratch, engine.snapshot(scratch) as seen:
        size = _seal(seen, target)
    gone = rules.outdated(_names(folder), keep)
    for name in gone:
        (folder / name).unlink()
    return Made(target, seen.manifest, size, tuple(gone))


def _names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


def engine_of(settings: Settings) -> Engine:
    """The kind of database of the settings."""
    if urlsplit(settings.database).scheme == "sqlite":
        return Sqlite(settings)
    from portal.sauvegarde.postgresql import Postgresql  # an extra that most installations don't have

    return Postgresql(settings)


def _seal(seen: Snapshot, target: Path) -> int:
    """Write the sealed file beside its place, force it to the disk, then give it its name; returns its size."""
    partial = target.with_name(f".{target.name}.partiel")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            head, digest = seen.manifest.text().encode(), hashlib.sha256()
            writer = archive.Writer(file, keys())
            writer.write(len(head).to_bytes(_LENGTH, "big") + head)
            for piece in seen.content:
                digest.update(piece)
                writer.write(piece)
            writer.write(digest.digest())
            writer.close()
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        partial.rename(target)
    except OSError as error:
        raise Refused(f"La sauvegarde n’a pas pu être écrite : {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)
    disque.settle(target.parent)
    return size


def restore(settings: Settings, source: Path, *, force: bool = False) -> Restored:
    """Put a backup back: open and check it whole beside the present database, then let it take its place.

    The keys are those of this installation. ``force``: a database that holds something is put aside, never deleted.
    Raises Refused, and then nothing has changed.
    """
    if not settings.keys and not settings.keys_file.exists():
        raise Refused(f"Le fichier de clés {settings.keys_file} manque : remettez d’abord celui qui a été "
                      "gardé avec cette sauvegarde, sans lui elle ne s’ouvre pas.")
    crypto.load_keys(settings)
    engine = engine_of(settings)
    try:
        with occupation.held(settings, alone=True):
            done = _alone(engine, source, force)
            with base.bound(settings):
                # What was anchored after the backup is no cut tail.
                anchors.restored(settings)
    except occupation.Busy as error:
        raise Refused("Le portail est en marche : arrêtez-le avant de restaurer.") from error
    return done


def _alone(engine: Engine, source: Path, force: bool) -> Restored:
    if engine.is_busy():
        raise Refused("Quelqu’un est connecté à la base de données : arrêtez le portail sur toutes les machines avant "
                      "de restaurer.")
    if not force and engine.is_used():
        raise Refused("La base de données n’est pas vide : ajoutez --forcer pour la mettre de côté et restaurer la "
                      "sauvegarde à sa place.")
    with _scratch(engine) as scratch:
        try:
            told = _unseal(engine, source, scratch)
            with base.bound(engine.beside(scratch)):
                found = engine.manifest()
                wrong = rules.differences(told, found.rows, found.audit)
                if wrong:
                    raise Refused(f"La base restaurée n’est pas celle de la sauvegarde ({wrong[0]}) : rien n’a été "
                                  "restauré.")
                base.bring_up_to_date()
            return Restored(told, engine.replace(scratch, f"{clock.now():%Y%m%dT%H%M%S}"))
        finally:
            engine.discard(scratch)


def _unseal(engine: Engine, source: Path, scratch: Path) -> Manifest:
    """Open a sealed file into the engine; returns its manifest once the last byte was authenticated."""
    try:
        with source.open("rb") as sealed:
            stream = archive.pieces(sealed, keys())
            manifest, rest = _manifest(stream)
            refused = rules.refusal(manifest, engine=engine.kind, migrations=base.known_migrations(),
                                    keys=keys().keys.keys())
            if refused:
                raise Refused(refused)
            with engine.receive(scratch) as write:
                _payload(stream, rest, write)
    except OSError as error:
        raise Refused(f"La sauvegarde {source} ne peut pas être lue ou copiée : {error.strerror}.") from error
    return manifest


def _payload(stream: Iterator[bytes], tail: bytes, write: Callable[[bytes], object]) -> None:
    """Pass on all but the last bytes, which are the digest of the others."""
    digest = hashlib.sha256()
    while True:
        content, tail = tail[:-_DIGEST], tail[-_DIGEST:]
        digest.update(content)
        write(content)
        piece = next(stream, b"")
        if not piece:
            break
        tail += piece
    if tail != digest.digest():
        raise Refused(archive.ALTERED)


def _manifest(stream: Iterator[bytes]) -> tuple[Manifest, bytes]:
    """The manifest at the stream's head, and what of the payload came with it."""
    held = b""
    length = _LENGTH
    for piece in stream:
        held += piece
        if len(held) >= _LENGTH:
            length = _LENGTH + int.from_bytes(held[:_LENGTH], "big")
            if length > _LONGEST_MANIFEST:
                break
            if len(held) >= length:
                return Manifest.of(held[_LENGTH:length].decode()), held[length:]
    raise Refused(archive.NOT_ONE)


@contextmanager
def _scratch(engine: Engine) -> Iterator[Path]:
    """A folder of one's own beside the database, as readable as it is; what a killed one left there goes first."""
    engine.home.mkdir(parents=True, exist_ok=True)
    for left in engine.home.glob(f"{SCRATCH}*"):
        if not _lives(left):
            engine.discard(left)
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-", dir=engine.home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lives(folder: Path) -> bool:
    """True while the process that the folder's name tells is there."""
    number = folder.name.removeprefix(SCRATCH).partition("-")[0]
    return number.isdigit() and Path(f"/proc/{number}").exists()
