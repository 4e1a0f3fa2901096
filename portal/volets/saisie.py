"""One sending of a volet's form, as its pages need it: shown again, chosen between two versions, given new bases."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request

from portal import clock
from portal.db.audit import Actor
from portal.volets import forms, queries, reponses
from portal.volets.commands import Sent
from portal.volets.formulaire import Answers, Definition, Field, Kind, Value
from portal.volets.queries import Ouvert
from portal.web import errors

# Buttons of the page: which of two versions is kept, and « every copied answer was read ».
CHOICE, CONFIRM = "garder", "confirmer_tout"
_CHOICE = re.compile(r"(mienne|autre|deux) ([a-z][a-z0-9_]*) ([0-9a-f]{16})", re.ASCII)


@dataclass
class Post:
    """What a POST says (``sent``), of which ``version`` of the volet; ``confirmed``: every copied answer was read."""

    sent: Sent
    version: int
    definition: Definition
    confirmed: bool = False

    @property
    def base(self) -> dict[str, str]:
        """For each field that it is about, the digest of what was shown."""
        return self.sent.base

    def typed(self, names: Collection[str]) -> dict[str, dict[str, str]]:
        """The inputs of these fields, to show them again as they were typed."""
        fields = self.definition.fields
        return {name: {key: self.sent.raw.get(key, "") for key in reponses.names(fields[name])}
                for name in names if name in fields}

    def written(self, refused: Collection[str]) -> dict[str, str]:
        """The new base of each accepted field: the digest of what this person wrote, whoever wrote after him."""
        fields = self.definition.fields
        return {name: reponses.digest(self._value(fields[name]))
                for name in self.base if name in fields and name not in refused}

    def unsaved(self, answers: Answers) -> dict[str, dict[str, str]]:
        """The inputs of the fields that this person changed and that are not stored so."""
        return self.typed([name for name in self.base
                           if name in self.definition.fields and self._differs(name, answers)])

    def different(self, stored: Ouvert) -> list[tuple[str, str]]:
        """Labels and words of what was typed and is not stored."""
        found = self.unsaved(stored.answers)
        return [(field.label, self._words(field)) for name, field in self.definition.fields.items() if name in found]

    def _differs(self, name: str, answers: Answers) -> bool:
        """True for an answer that this person changed and that is not what is stored."""
        try:
            written = reponses.digest(self._value(self.definition.fields[name]))
        except reponses.Refused:
            return True
        return written not in (self.base[name], reponses.digest(answers.get(name)))

    def _words(self, asked: Field) -> str:
        try:
            value = self._value(asked)
        except reponses.Refused:
            return self.sent.raw.get(asked.id, "")
        return reponses.words(asked, value) if value else "(vidé)"

    def _value(self, asked: Field) -> Value | None:
        raw = {name: self.sent.raw.get(name, "") for name in reponses.names(asked)}
        return reponses.read(asked, raw, clock.today(), queries.town)


def read(request: Request, stored: Ouvert) -> Post:
    """The sending of this request about a volet as it is stored; a button that chooses becomes part of it.

    Raises BadRequest for what no page of ours sends.
    """
    form: FormData = request.state.form
    post = Post(forms.sent(form, stored.definition, (CHOICE, CONFIRM)), forms.version(form), stored.definition,
                bool(form.get(CONFIRM)))
    _choose(post, str(form.get(CHOICE, "")), stored)
    return post


def kept(fields: Mapping[str, str], stored: Ouvert) -> Post | None:
    """The sending that the session kept when it expired, if any and if it still makes sense."""
    form = FormData(list(fields.items()))
    try:
        return Post(forms.sent(form, stored.definition, (CHOICE, CONFIRM)), 0, stored.definition) if fields else None
    except errors.BadRequest:
        return None


def _choose(post: Post, button: str, stored: Ouvert) -> None:
    """Turn a choice between two versions into a sending like any other, on the version that was shown."""
    found = _CHOICE.fullmatch(button)
    if not found or found[2] not in post.base or found[2] not in post.definition.fields:
        return
    kept_one, name, digest = found.groups()
    if kept_one == "autre":
        del post.base[name]
        return
    theirs = stored.answers.get(name)
    post.base[name] = digest
    if kept_one == "deux" and post.definition.fields[name].kind is Kind.TEXTE and isinstance(theirs, str):
        post.sent.raw[name] = f"{theirs}\n\n{post.sent.raw.get(name, '')}"


def author(actor: Actor) -> str:
    """Who writes, and for whom, so that a page knows itself again after a new login; tells nobody anything else."""
    return hashlib.sha256(f"{actor.subject} {actor.rpps} {actor.holder}".encode()).hexdigest()[:16]
