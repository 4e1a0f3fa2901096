"""Where the key ring lies and how it changes: one JSON text, in a file of its owner's alone or in the environment.

A file is never changed in place: the new one is written whole beside it, forced to the disk and renamed over it, so
that there is no moment without keys, whatever stops the machine.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.db import disque
from portal.settings import Settings, SettingsError

NAME = "cles.json"
LENGTH = 32
# Milliseconds. An upload is sealed before it waits for the write lock.
GRACE = 600_000
# Raw ring: « current » names one of « keys » (AES-256, base64 by id), « secret » signs under the name « secret_id »;
# « former » are secrets that only verify: id → {« secret », « until »: milliseconds since 1970}; « since »: id → when
# it was made; « next »: the key (a name of « keys ») and the secret that will be in service; « changed »: since
# when the present ones are; « demonstration »: it protects no real data.
Raw = dict[str, Any]
_ID = re.compile(r"[A-Za-z0-9_-]{1,20}", re.ASCII)
# The year 5138, in milliseconds: any later number is no moment of a ring.
_END = 100_000_000_000_000
# What systemd shows of a credential's mode is the mask of the list that lets the service in.
_CREDENTIAL_BITS = 0o040


class Refused(Exception):
    """The ring can't be changed so; the message is French."""


@dataclass(frozen=True)
class Source:
    """Where a ring is read: a file, or the text of ``PORTAL_KEYS`` (then ``path`` is None)."""

    path: Path | None
    text: str = ""

    @property
    def name(self) -> str:
        """As messages call it."""
        return f"Le fichier de clés {self.path}" if self.path else "La variable PORTAL_KEYS"

    def stamp(self) -> tuple[int, int, int] | None:
        """What changes when another ring takes its place; None for a text, and while a file can't be seen."""
        if self.path is None:
            return None
        try:
            seen = self.path.stat()
        except OSError:
            return None
        return seen.st_ino, seen.st_mtime_ns, seen.st_size


def source(settings: Settings) -> Source:
    """Where this installation keeps its ring."""
    return Source(None, settings.keys) if settings.keys else Source(settings.keys_file)


def faults(place: Source) -> list[str]:
    """What is wrong with the file's mode and owner, a sentence each; nothing for a text."""
    if place.path is None or not place.path.exists():
        return []
    seen, found = place.path.stat(), []
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    allowed = _CREDENTIAL_BITS if given and place.path.parent == Path(given) else 0
    if stat.S_IMODE(seen.st_mode) & 0o077 & ~allowed:
        found.append(f"Le fichier de clés {place.path} peut être lu par d’autres : "
                     f"faites « chmod 600 {place.path} ».")
    if seen.st_uid not in (0, os.geteuid()):
        found.append(f"Le fichier de clés {place.path} appartient à un autre utilisateur que celui du portail : "
                     f"faites « chown » pour le lui donner.")
    return found


def read(place: Source) -> Raw:
    """The ring, checked. Raises SettingsError when it can't be read, is no ring, or others can read it."""
    found = faults(place)
    if found:
        raise SettingsError("\n".join(found))
    try:
        raw = json.loads(place.path.read_text("utf-8") if place.path else place.text)
        _check(raw)
    except OSError as error:
        raise SettingsError(f"{place.name} ne peut pas être lu : {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SettingsError(f"{place.name} ne contient pas un trousseau : restaurez la copie gardée hors du serveur."
                            ) from error
    return raw


def _check(raw: Raw) -> None:
    if raw["current"] not in raw["keys"] or not isinstance(raw["demonstration"], bool):
        raise ValueError("no current key")
    secrets = [raw["secret"], *(one["secret"] for one in raw.get("former", {}).values())]
    if coming := raw.get("next"):
        secrets.append(coming["secret"])
        raw["keys"][coming["key"]]
    if any(len(decoded(text)) != LENGTH for text in [*raw["keys"].values(), *secrets]):
        raise ValueError("a key of another length")
    names = [*raw["keys"], *raw.get("former", {}), raw.get("secret_id", "s1")]
    names += [coming["secret_id"]] if coming else []
    if not all(_ID.fullmatch(name) for name in names):
        raise ValueError("a name that no seal can carry")
    moments = [*(one["until"] for one in raw.get("former", {}).values()), *raw.get("since", {}).values()]
    if not all(type(at) is int and 0 <= at < _END for at in moments):
        raise ValueError("a moment that is none")


def decoded(text: str) -> bytes:
    """The bytes of a key. Raises ValueError."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def fresh(demonstration: bool, at: int) -> Raw:
    """A first ring, made at this millisecond."""
    return {"current": "k1", "keys": {"k1": _random()}, "secret": _random(), "secret_id": "s1", "former": {},
            "since": {"k1": at, "s1": at}, "demonstration": demonstration}


def create(path: Path, raw: Raw) -> bool:
    """Put a first ring where there is none; False when there is one already, which stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, raw)
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    disque.settle(path.parent)
    return True


def write(path: Path, raw: Raw) -> None:
    """Put another ring in the place of the present one, in one move, with the same owner."""
    draft = _draft(path, raw)
    seen = path.stat()
    if (seen.st_uid, seen.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(draft, seen.st_uid, seen.st_gid)
    draft.replace(path)
    disque.settle(path.parent)


@contextmanager
def changing(place: Source) -> Iterator[Path]:
    """The file, held so that two commands never change it at once. Raises Refused when it can't be changed."""
    if place.path is None:
        raise Refused("Les clés viennent de la variable PORTAL_KEYS, que cette commande ne peut pas changer : "
                      "mettez son texte dans un fichier, donnez celui-ci par PORTAL_KEYS_FILE, recommencez, "
                      "puis redémarrez le portail avec le nouveau texte.")
    if not place.path.exists():
        raise Refused(f"{place.name} n’existe pas.")
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    if given and place.path.parent == Path(given):
        raise Refused("Les clés viennent de systemd : donnez par PORTAL_KEYS_FILE le fichier que LoadCredential lit, "
                      "puis redémarrez le service.")
    folder = os.open(place.path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield place.path
    finally:
        os.close(folder)


def renewed(raw: Raw, at: int) -> Raw:
    """With a new key that seals and a new secret that signs; the former ones still open and verify. Raises Refused."""
    return activated(prepared(raw, at), at)


def prepared(raw: Raw, at: int) -> Raw:
    """With a key that opens and a secret that verifies, to be in service later: when every machine has this ring.

    Raises Refused when some wait already.
    """
    if "next" in raw:
        raise Refused("Une clé attend déjà : « portal cles activer » la met en service.")
    made = deepcopy(raw)
    key_id, secret_id = _next("k", raw["keys"], raw), _next("s", [_signs(raw), *raw.get("former", {})], raw)
    made["keys"][key_id] = _random()
    made["next"] = {"key": key_id, "secret_id": secret_id, "secret": _random()}
    made.setdefault("since", {}).update({key_id: at, secret_id: at})
    made["last"] = max(raw.get("last", 0), _number(key_id), _number(secret_id))
    return made


def activated(raw: Raw, at: int) -> Raw:
    """With what waited in service: it seals and signs; what did so until now still opens and verifies.

    Raises Refused when nothing waits.
    """
    if "next" not in raw:
        raise Refused("Aucune clé n’attend : « portal cles nouvelle » en fait une.")
    made = deepcopy(raw)
    coming = made.pop("next")
    made.setdefault("former", {})[_signs(raw)] = {"secret": raw["secret"], "until": at}
    return made | {"current": coming["key"], "secret": coming["secret"], "secret_id": coming["secret_id"],
                   "changed": at}


def without(raw: Raw, name: str, at: int) -> Raw:
    """Without a key or a former secret; whoever asks has made sure that nothing needs it. Raises Refused."""
    coming = raw.get("next", {})
    if name in (raw["current"], _signs(raw), coming.get("key"), coming.get("secret_id")):
        raise Refused(f"{name} sert, ou va servir : faites d’abord « portal cles nouvelle ».")
    if at - raw.get("changed", 0) < GRACE:
        raise Refused("La clé en service l’est depuis moins de dix minutes : un fichier déjà scellé avec "
                      "l’ancienne peut être encore en route vers la base. Recommencez plus tard.")
    left = deepcopy(raw)
    if left["keys"].pop(name, None) is None and left.get("former", {}).pop(name, None) is None:
        raise Refused(f"Le trousseau n’a pas de clé {name} : « portal cles liste » les montre.")
    left.get("since", {}).pop(name, None)
    return left


def _signs(raw: Raw) -> str:
    name: str = raw.get("secret_id", "s1")
    return name


def _next(letter: str, taken: Iterable[str], raw: Raw) -> str:
    """A name that was never given, even to a key that is gone: a seal that names it must not find another."""
    return f"{letter}{max([raw.get('last', 0), *map(_number, taken)]) + 1}"


def _number(name: str) -> int:
    return int(name[1:]) if name[1:].isdecimal() else 0


def _random() -> str:
    return base64.b64encode(os.urandom(LENGTH)).decode()


def _draft(path: Path, raw: Raw) -> Path:
    """The ring, whole and on the disk, beside its place."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(raw, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return draft

