"""``cles`` and ``rekey``: the key ring, and the database sealed anew with its current key."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal import clock
from portal import settings as configuration
from portal.cli.base import Commands, add, group, opened

# A raw ring and the present millisecond make another raw ring.
Change = Callable[[dict[str, Any], int], dict[str, Any]]
MOST_NAMED = 10


def register(commands: Commands) -> None:
    """Add this group's commands."""
    actions = group(commands, "cles", "« cles liste », « cles nouvelle » : les clés qui scellent et qui signent")
    add(actions, "liste", listed, "montrer les clés du trousseau et ce que chacune scelle")
    made = add(actions, "nouvelle", renew, "mettre en service une nouvelle clé et un nouveau secret")
    made.add_argument("--en-attente", action="store_true",
                      help="la préparer seulement, pour la porter d’abord sur chaque machine")
    add(actions, "activer", activate, "mettre en service la clé préparée par « nouvelle --en-attente »")
    gone = add(actions, "retirer", forget, "oublier une ancienne clé dont plus rien ne dépend")
    gone.add_argument("nom", help="son nom, tel que « cles liste » le montre : k1, s1…")
    add(commands, "rekey", rekey, "sceller à nouveau toute la base avec la clé en service, portail allumé")


def listed(_args: Namespace) -> int:
    """Show the ring: names, since when, what each key still seals."""
    from portal.db import database, rescellement
    from portal.db.crypto import NOT_YET, keys

    opened()
    ring = keys()
    with database.reading():
        for name in ring.keys:
            state = "en service" if name == ring.current else "ouvre"
            print(f"{name}  scellement  {state:10}  {_day(ring.since.get(name))}  "
                  f"valeurs scellées : {rescellement.uses(name)}")
    print(f"{ring.signs}  signature   en service  {_day(ring.since.get(ring.signs))}")
    for one in ring.former:
        state = "en attente" if one.until == NOT_YET else "vérifie"
        print(f"{one.id}  signature   {state:10}  {_day(ring.since.get(one.id))}")
    return 0


def renew(args: Namespace) -> int:
    """Make a new key and a new secret, and put them in service unless they shall wait; 1 when the ring can't change."""
    from portal.db import trousseau

    if args.en_attente:
        return _change(trousseau.prepared, "cles.preparees", "Une clé attend : copiez le trousseau sur chaque machine, "
                       "puis lancez « portal cles activer » et copiez-le encore.")
    return _change(trousseau.renewed, "cles.nouvelles", "Une nouvelle clé est en service ; les anciennes ouvrent "
                   "encore ce qu’elles ont scellé. Lancez « portal rekey » pour tout sceller avec elle.")


def activate(_args: Namespace) -> int:
    """Put the waiting key and secret in service; 1 when none waits."""
    from portal.db import trousseau

    return _change(trousseau.activated, "cles.nouvelles", "La clé qui attendait est en service : copiez le trousseau "
                   "sur chaque machine, puis lancez « portal rekey ».")


def forget(args: Namespace) -> int:
    """Remove a former key or secret that nothing needs; 1 when something does, with what."""
    from portal.db import database, rescellement, trousseau

    opened()
    with database.reading():
        sealed = rescellement.uses(args.nom)
        reasons = rescellement.needs_secret(args.nom)
    if sealed:
        reasons.append(f"Valeurs qu’elle scelle encore : {sealed}. Lancez « portal rekey ».")
    if reasons:
        print(f"{args.nom} ne peut pas être retiré du trousseau.", *reasons, sep="\n", file=sys.stderr)
        return 1
    return _change(lambda raw, at: trousseau.without(raw, args.nom, at), "cles.retiree",
                   f"{args.nom} est retiré du trousseau ; les copies gardées ailleurs l’ont encore.", args.nom)


def rekey(_args: Namespace) -> int:
    """Seal every value with the current key, then prove it; 1 when a value would not open or an old key came back."""
    from portal.db import rescellement
    from portal.db.crypto import keys

    opened()
    broken = 0
    for _ in range(rescellement.PASSES):
        broken = 0
        for step in rescellement.rekey():
            broken += len(step.broken)
            if step.renewed or step.broken:
                done = f"{step.of} : valeurs scellées à nouveau, {step.renewed}"
                print(done, *_rows(step.broken), sep=" ; ", flush=True)
        if rescellement.left(keys().current) == broken:
            break
    return _proved(keys().current)


def _proved(current: str) -> int:
    from portal.db import audit, database, rescellement

    total, bad = 0, 0
    for column, count, refused in rescellement.proof():
        total, bad = total + count, bad + len(refused)
        if refused:
            print(f"{column} : la clé {current} n’ouvre pas", *_rows(refused), sep=" ; ", file=sys.stderr)
    if bad:
        print(f"Valeurs qui ne s’ouvrent pas avec la clé {current} seule : {bad} sur {total}. Gardez les autres clés, "
              "redémarrez ce qui sert encore avec un ancien trousseau et recommencez ; une valeur qui ne s’ouvre "
              "avec aucune clé a été altérée, sa sauvegarde la rend.", file=sys.stderr)
        return 1
    with database.writing():
        audit.record(audit.SYSTEM, "cles.rescellement", detail=f"{current} {total}")
    print(f"Valeurs scellées : {total}. Toutes s’ouvrent avec la clé {current} seule.")
    return 0


def _rows(keys: tuple[object, ...]) -> list[str]:
    """The first ones are enough to go and look."""
    named = ", ".join(str(key) for key in keys[:MOST_NAMED])
    return [f"lignes {named}{'…' if len(keys) > MOST_NAMED else ''}"] if keys else []


def _change(how: Change, event: str, done: str, detail: str = "") -> int:
    from portal.db import audit, crypto, database, trousseau
    from portal.db.base import to_millis

    settings = opened()
    place = trousseau.source(settings)
    try:
        with trousseau.changing(place) as path:
            trousseau.write(path, how(trousseau.read(place), to_millis(clock.now())))
    except trousseau.Refused as error:
        print(error, file=sys.stderr)
        return 1
    ring = crypto.load_keys(configuration.load())
    with database.writing():
        audit.record(audit.SYSTEM, event, detail=detail or f"{ring.current} {ring.signs}")
    print(done)
    return 0


def _day(at: datetime | None) -> str:
    return f"depuis le {at:%d/%m/%Y}" if at else "depuis l’origine"
