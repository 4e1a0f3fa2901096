"""Too many tries: each account and each network waits longer and longer, in the database, for all workers.

The first tries are free, then each one costs a wait that grows up to a quarter of an hour; a quarter of an
hour without a try forgives one. So whoever guesses gets one try each quarter of an hour in the long run, and
a physician who was only clumsy waits seconds. Names are never kept, only their HMAC, and a name that nobody
holds counts like any other: the wait betrays no account.

A page counts the try first and takes it back when it was right, inside ``writing()``::

    keys = throttle.account(typed_email), throttle.network(request)
    throttle.attempt(*keys)          # counts a try, or raises TooMany: nothing more is told
    …                                # wrong: answer so, the try stays counted
    throttle.succeeded(*keys)        # right: the account starts afresh, the network gets its try back

or looks first (``check``, also in ``Page.prepare`` before slow work, and again under the write lock),
counts only what ``failed``, and then ``succeeded`` is told the account alone.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import unicodedata
from datetime import timedelta

import peewee
from starlette.requests import Request

from portal import clock
from portal.db.base import Model, UtcDateTimeField, db, rows, to_millis
from portal.db.crypto import purpose_keys
from portal.web.errors import TooMany

# What is free before the first wait, by kind of key. A network may be a whole hospital's.
ACCOUNT, NETWORK, CARD, REFUSALS = "compte", "reseau", "carte", "refus"
FREE = {ACCOUNT: 5, NETWORK: 20, CARD: 60, REFUSALS: 60}
WAITS = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 900))
# One counted try is forgiven for each of these without a try.
FORGIVEN_EVERY = timedelta(minutes=15)

_FORGIVEN, _MS = FORGIVEN_EVERY // timedelta(milliseconds=1), timedelta(milliseconds=1)


class Frein(Model):
    """How many tries a key has on its account, and when the last one was."""

    key = peewee.CharField(72, primary_key=True)
    tries = peewee.SmallIntegerField()
    last = UtcDateTimeField(index=True)


def network(request: Request, kind: str = NETWORK) -> str:
    """The key of the client's network: its IPv4 address, or the /64 that an IPv6 subscriber is given.

    The address is the connection's own, or what a proxy of the setting ``trusted_proxies`` says.
    """
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _key(kind, host)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return _key(kind, str(address.ipv4_mapped))
        return _key(kind, str(ipaddress.ip_network((int(address), 64), strict=False)))
    return _key(kind, str(address))


def account(text: str, use: str = "connexion") -> str:
    """The key of an account by the name that was typed, whether anybody holds it or not.

    ``use`` counts different things apart (a password, a code, a mail asked for).
    """
    return _key(ACCOUNT, f"{use} {unicodedata.normalize('NFKC', text).strip().casefold()}")


def refusals(who: str) -> str:
    """The key that bounds how many refusals of one person are recorded; ``who``: a subject or an RPPS number."""
    return _key(REFUSALS, who)


def wait(*keys: str) -> timedelta:
    """How long until all these keys may try; zero for now. Only looks: ``attempt`` decides."""
    now, longest = to_millis(clock.now()), 0
    for key in keys:
        sql = f"SELECT last + {_wait_of(key)} - ? FROM frein WHERE key = ? AND tries >= ?"  # noqa: S608 our numbers
        found = rows(sql, now, key, FREE[_kind(key)])
        if found:
            # A clock moved back may make it longer than any wait; nobody waits longer than the longest.
            longest = max(longest, min(found[0][0], WAITS[-1] // _MS))
    return longest * _MS


def check(*keys: str) -> None:
    """Raise TooMany when one of these keys still has to wait; counts nothing."""
    left = wait(*keys)
    if left:
        raise TooMany(left)


def attempt(*keys: str) -> None:
    """Count one try on each key, or raise TooMany when one of them still has to wait (then none is counted).

    Counting and refusing are one statement a key: two workers can't both take the last try.
    """
    _tidy()
    check(*keys)
    now = to_millis(clock.now())
    for key in keys:
        counted = f"{_counted(key)} WHERE frein.last + {_wait_of(key)} <= excluded.last RETURNING tries"
        if not rows(counted, key, now):
            raise TooMany(wait(key) or WAITS[0])


def failed(*keys: str) -> None:
    """Count one failure on each key, allowed or not: for what was looked at before, or is only known now."""
    _tidy()
    for key in keys:
        rows(f"{_counted(key)} RETURNING tries", key, to_millis(clock.now()))


def succeeded(*keys: str) -> None:
    """After ``attempt``: forget an account's tries, give a network back the one just counted."""
    for key in keys:
        if _kind(key) == ACCOUNT:
            Frein.delete().where(Frein.key == key).execute()
        else:
            Frein.update(tries=Frein.tries - 1).where(Frein.key == key, Frein.tries > 0).execute()


def _key(kind: str, name: str) -> str:
    """Under the oldest secret of the ring: a new one must give nobody fresh tries."""
    oldest = purpose_keys("freins")[-1]
    return f"{kind}:{hmac.new(oldest, f'{kind} {name}'.encode(), hashlib.sha256).hexdigest()}"


def _kind(key: str) -> str:
    return key.partition(":")[0]


def _most(kind: str) -> int:
    """Tries are not counted beyond the last wait, so that the way back is as short as the way there."""
    return FREE[kind] + len(WAITS) - 1


def _wait_of(key: str) -> str:
    """SQL: the milliseconds to wait after the last of ``frein.tries`` tries."""
    steps = " ".join(f"WHEN {FREE[_kind(key)] + step} THEN {length // _MS}" for step, length in enumerate(WAITS))
    return f"(CASE frein.tries {steps} ELSE 0 END)"


def _counted(key: str) -> str:
    """SQL: count one try, less what the quiet time since the last one forgives."""
    forgiven = f"(excluded.last - frein.last) / {_FORGIVEN}"
    left = f"(CASE WHEN frein.tries > {forgiven} THEN frein.tries - {forgiven} ELSE 0 END) + 1"
    most = _most(_kind(key))
    counted = f"tries = CASE WHEN {left} > {most} THEN {most} ELSE {left} END"
    inserted = "INSERT INTO frein (key, tries, last) VALUES (?, 1, ?)"
    return f"{inserted} ON CONFLICT (key) DO UPDATE SET {counted}, last = excluded.last"


def _tidy() -> None:
    """Delete what is forgiven; bring back rows from a future that a clock moved back has left behind.

    Such a row's wait starts again now: no lock without end, and no free pass either.
    """
    now = clock.now()
    longest_kept = FORGIVEN_EVERY * max(_most(kind) for kind in FREE)
    with db.atomic():
        Frein.delete().where(Frein.last < now - longest_kept).execute()
        Frein.update(last=now).where(Frein.last > now).execute()
