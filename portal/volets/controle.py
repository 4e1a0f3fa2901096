"""What can be seen of a form only when it is read whole: names met twice, conditions, what a page can hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from portal.volets import reponses
from portal.volets.formulaire import Definition, Field, Kind
from portal.volets.reperes import Reperes

CHOICES = (Kind.CHOIX, Kind.CHOIX_MULTIPLE)
# A page sends each input once; ``portal.web.forms`` takes 600 of them, the page's own included.
MOST_FIELDS, MOST_INPUTS = 200, 500
# Names that the page of a volet keeps for itself: its inputs and buttons, then its elements' ids.
RESERVED = frozenset({"base", "version", "cle", "confirmer", "garder", "confirmer_tout"}) | frozenset({
    "annonce", "contenu", "evaluations", "manques", "menu", "messages", "panne", "session", "suivi", "volet"})
# A sign that lacks the space French puts at its side; « 14:32 » is no sentence.
_TIGHT = re.compile("(?<!\u00a0):(?=\\s|$)|(?<![\u202f;!?])[;!?]|«(?!\u00a0)|(?<!\u00a0)»")

Fault = tuple[int, str]


def faults(form: Definition, lines: Reperes) -> Iterator[Fault]:
    """What is wrong with a form, each with its line, the first to repair first."""
    yield from _names(form, lines)
    yield from _room(form, lines)
    for field in form.fields.values():
        yield from _conditions(field, form, lines)
    yield from _cycles(form)
    yield from _order(form, lines)


def words(text: str) -> str:
    """Why these words can't stand on a page, "" when they can: one line, French typography."""
    if any(unicodedata.category(char)[0] == "C" for char in text) or unicodedata.normalize("NFC", text) != text:
        return "caractère de contrôle, retour à la ligne ou accent décomposé"
    if text != text.strip() or re.search("[ ]{2}", text):
        return "espace de trop"
    if "'" in text:
        return "l’apostrophe s’écrit ’"
    if _TIGHT.search(text):
        return "espace insécable attendue : U+202F devant ; ! ?, U+00A0 devant : et entre « »"
    return ""


def _names(form: Definition, lines: Reperes) -> Iterator[Fault]:
    sections: set[str] = set()
    fields: set[str] = set()
    labels: set[str] = set()
    for rank, section in enumerate(form.sections):
        at = lines.key(lines.sections[rank], "id")
        if section.id in sections:
            yield at, f"section en double : {section.id}"
        sections.add(section.id)
        for field in section.fields:
            at = lines.key(field.line, "id")
            if field.id in fields:
                yield at, f"question en double : {field.id}"
            if field.id in RESERVED:
                yield at, f"identifiant réservé à la page : {field.id}"
            if field.label in labels:  # the list of what is missing shows them without their sections
                yield lines.key(field.line, "label"), f"libellé en double : {field.label}"
            fields.add(field.id)
            labels.add(field.label)


def _room(form: Definition, lines: Reperes) -> Iterator[Fault]:
    inputs = 0
    for rank, field in enumerate(form.fields.values(), 1):
        inputs += len(reponses.names(field))
        if rank > MOST_FIELDS or inputs > MOST_INPUTS:
            yield field.line, f"formulaire trop grand : {MOST_FIELDS} questions et {MOST_INPUTS} champs au plus"
            return


def _conditions(field: Field, form: Definition, lines: Reperes) -> Iterator[Fault]:
    for name, conditions in (("shown_when", field.shown_when), ("required_when", field.required_when)):
        at = lines.key(field.line, name)
        for condition in conditions:
            other = form.fields.get(condition.field)
            if other is None:
                yield at, f"{name} nomme une question inconnue : {condition.field}"
            elif other.kind not in CHOICES:
                yield at, f"{name} ne peut dépendre que d’une question à choix : {condition.field}"
            elif unknown := sorted(condition.values - other.labels.keys()):
                yield lines.word(field.line, name, unknown[0]), f"{condition.field} n’a pas l’option {unknown[0]}"


def _cycles(form: Definition) -> Iterator[Fault]:
    """Questions that wait, through others, for their own answer: no order of the page could help."""
    waits = {field.id: [condition.field for condition in (*field.shown_when, *field.required_when)]
             for field in form.fields.values()}
    done: set[str] = set()
    for start in waits:
        path = _round(start, waits, done, [])
        if path:
            yield form.fields[path[0]].line, "les conditions tournent en rond : " + " → ".join(path)


def _round(name: str, waits: Mapping[str, list[str]], done: set[str], path: list[str]) -> list[str]:
    """The first way round from a question to itself, [] for none; at most MOST_FIELDS deep."""
    if name in path:
        return [*path[path.index(name):], name]
    if name not in done:
        for other in waits[name]:
            if found := _round(other, waits, done, [*path, name]):
                return found
        done.add(name)
    return []


def _order(form: Definition, lines: Reperes) -> Iterator[Fault]:
    """A question asked because of a later one would appear above what one has just answered."""
    before: set[str] = set()
    for field in form.fields.values():
        for name, conditions in (("shown_when", field.shown_when), ("required_when", field.required_when)):
            for condition in conditions:
                if condition.field not in before:
                    at = lines.key(field.line, name)
                    yield at, f"{name} nomme une question posée plus loin : {condition.field}"
        before.add(field.id)
