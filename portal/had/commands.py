"""Keeping an evaluation: in the caller's transaction, audited; its answers are sealed and in no audit row."""

from __future__ import annotations

import json
import secrets

from portal import clock
from portal.db import audit
from portal.db.audit import Actor
from portal.db.crypto import keys
from portal.dossiers.queries import Visible
from portal.had import queries, rules
from portal.had.models import Evaluation
from portal.had.rules import Answers, Grille


def keep(actor: Actor, seen: Visible, grille: Grille, answers: Answers) -> str:
    """Keep an evaluation and return its id; the same one, sent twice, is kept once."""
    kept = rules.useful(grille, answers)
    last = next(iter(queries.listed(seen)), None)
    if last and (last.grille.version, last.answers, last.par) == (grille.version, kept, actor.signature):
        return last.id
    made = secrets.token_hex(16)
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    Evaluation.insert(
        id=made, dossier_id=seen.dossier.id, version=grille.version, par=actor.signature, le=clock.now(),
        contenu=keys().seal(text, table="had_evaluation", row=queries.place(seen.label, made), column="contenu"),
    ).execute()
    audit.record(actor, "had.evaluee", dossier=seen.label, detail=made)
    return made
