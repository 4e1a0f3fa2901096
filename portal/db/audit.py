"""The audit: who did what to which dossier, chained so that a changed or missing row shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import peewee

from portal import clock
from portal.db import chain, database
from portal.db.base import Model, UtcDateTimeField, db, rows, to_millis


@dataclass(frozen=True)
class Mandate:
    """In whose place someone acts, and how far: ``modules`` are codes, ``rights`` words of ``Page.right``.

    ``kind``: « medecin » for a colleague or replacement, « secretaire » for the secretary.
    """

    id: int
    rpps: int
    name: str
    kind: str
    modules: frozenset[str]
    rights: frozenset[str]
    ends: date | None

    def allows(self, right: str, module: str | None = None) -> bool:
        """True when the mandate holds this right, on this module if one is named."""
        return right in self.rights and (module is None or module in self.modules)


@dataclass(frozen=True)
class Actor:
    """Who acts: RPPS number (None before any login and for a secretary), name, level of login, and for whom.

    ``subject`` identifies whoever has no RPPS number.
    """

    rpps: int | None
    name: str
    level: str
    mandate: Mandate | None = None
    subject: str | None = None

    @property
    def on_behalf_of(self) -> int | None:
        """The RPPS number of the physician he acts for, if any."""
        return self.mandate.rpps if self.mandate else None

    @property
    def holder(self) -> int | None:
        """Whose dossiers: the physician acted for, else his own number."""
        return self.on_behalf_of or self.rpps

    @property
    def signature(self) -> str:
        """The name as an act is written: « Dr Y, par délégation du Dr X »."""
        return f"{self.name}, par délégation du {self.mandate.name}" if self.mandate else self.name

    @property
    def written(self) -> str:
        """The name as the audit keeps it: a professional's signature; of the patient's side no name, for a row of the
        chain can never be erased. Her ``subject`` leads to her as long as she is known."""
        of_patient = self.rpps is None and (self.subject or "").startswith(PATIENT_SUBJECT)
        return PATIENT_SIDE if of_patient else self.signature


# Who acts for a patient has a subject that begins so (``espaces.usager``).
PATIENT_SUBJECT = "U"
PATIENT_SIDE = "La personne ou un proche"
SYSTEM = Actor(None, "Système", "interne")
VISITOR = Actor(None, "Visiteur", "aucun")

SUCCESS, REFUSED, FAILED = "reussi", "refuse", "echec"
"""What came of an act: done; not allowed, or proof not given; tried without success."""


PAGE_READ, DENIED = "dossier.page", "acces.refuse"
"""A page of a dossier that has no word of its own (its detail is the page's name); a dossier refused."""

SAME_READ = timedelta(minutes=10)
"""A page read again by the same person within this is one reading: pages that search as one types ask many times."""


class Trace(Model):
    """One act. ``mac`` = HMAC(previous mac + this row): see ``portal.db.chain``.

    ``result`` is one of the three words above, None in rows older than the column.
    """

    id = peewee.AutoField()
    at = UtcDateTimeField()
    rpps = peewee.BigIntegerField(null=True)
    on_behalf_of = peewee.BigIntegerField(null=True)
    subject = peewee.CharField(12, null=True)
    name = peewee.TextField()
    level = peewee.TextField()
    event = peewee.TextField()
    dossier = peewee.TextField(null=True)
    detail = peewee.TextField()
    result = peewee.TextField(null=True)
    mac = peewee.BlobField()

    class Meta:
        indexes = ((("dossier", "id"), False), (("rpps", "id"), False), (("subject", "id"), False))


# Written by hand: nearly every request runs one of these, and building them costs more than running them.
_INSERT = (f"INSERT INTO trace ({', '.join(chain.COLUMNS)}, mac) "  # noqa: S608  # our own words
           f"VALUES ({', '.join('?' * len(chain.COLUMNS))}, ?)")
_TIMELINE = (f"SELECT * FROM trace WHERE dossier = ? AND event NOT IN ('{PAGE_READ}', '{DENIED}') "  # noqa: S608
             "ORDER BY id DESC LIMIT ?")
_LATELY = ("SELECT at, rpps, on_behalf_of, subject, name, event, detail FROM trace WHERE dossier = ? "
           "ORDER BY id DESC LIMIT 40")


class NotWriting(RuntimeError):
    """An act recorded outside ``database.writing()``: two of them could follow the same row and break the chain."""


def record(actor: Actor, event: str, *, dossier: str | None = None, detail: str = "", result: str = SUCCESS) -> None:
    """Add one act to the chain, inside the transaction of the act itself.

    ``event`` is a dotted word such as ``dossier.accepte``; ``detail`` holds no medical word; ``result`` is one of
    SUCCESS, REFUSED, FAILED. Raises NotWriting outside ``database.writing()``.
    """
    if not database.in_writing():
        raise NotWriting(event)
    previous = rows("SELECT mac FROM trace ORDER BY id DESC LIMIT 1")
    row: dict[str, object] = {
        "at": to_millis(clock.now()), "rpps": actor.rpps, "on_behalf_of": actor.on_behalf_of,
        "subject": None if actor.rpps else actor.subject, "name": actor.written, "level": actor.level,
        "event": event, "dossier": dossier, "detail": detail, "result": result,
    }
    mac = chain.code(bytes(previous[0][0]) if previous else b"", row)
    db.execute_sql(_INSERT, (*(row[name] for name in chain.COLUMNS), mac))


def timeline(dossier: str, limit: int = 50) -> list[Trace]:
    """The latest acts on one dossier (``ga 43084209``), newest first: rows to read, not to save.

    Without the pages merely looked at and the refusals, which « Accès à mes dossiers » tells.
    """
    return list(Trace.raw(_TIMELINE, dossier, limit).namedtuples())


def lately(actor: Actor, event: str, dossier: str, detail: str) -> bool:
    """True when this person did the same within ``SAME_READ``, as far as the dossier's last forty acts tell."""
    since = to_millis(clock.now() - SAME_READ)
    who = (actor.rpps, actor.on_behalf_of, None if actor.rpps else actor.subject, actor.signature, event, detail)
    return any(at > since and tuple(rest) == who for at, *rest in rows(_LATELY, dossier))


def broken_link() -> int | None:
    """The id of the first row whose chain does not hold (edited, removed before it, reordered), or None.

    The rows alone: a cut tail shows only against the anchors, see ``portal.db.anchors``.
    """
    try:
        chain.whole()
    except chain.Broken as broken:
        return broken.row
    return None
