"""Two people in one volet: no text is lost, whoever types what in which order."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.volets import fusion
from portal.volets.formulaire import Value


def digest(value: Value | None) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


@pytest.mark.parametrize(("stored", "shown", "new", "written", "conflict"), [
    (None, None, "a", True, False),
    ("a", "a", "b", True, False),
    ("a", "a", None, True, False),  # emptied by who saw it
    ("a", "a", "a", False, False),
    ("b", "a", "b", False, False),  # both wrote the same
    ("b", "a", "a", False, False),  # he did not touch it: the other's stays
    ("b", "a", "c", False, True),
    ("b", "a", None, False, True),  # emptying what changed meanwhile
    (None, "a", "b", False, True),  # the other emptied it
    (None, "a", "a", False, False),
    ("b", None, "c", False, True),
    (["x"], ["x"], ["x", "y"], True, False),
    (["x", "z"], ["x"], ["x", "y"], False, True),
])
def test_three_ways(stored: Value | None, shown: Value | None, new: Value | None, written: bool,
                    conflict: bool) -> None:
    merged = fusion.merge({} if stored is None else {"f": stored}, {"f": digest(shown)}, {"f": new}, digest)
    assert merged.written == ({"f": new} if written else {})
    assert merged.conflicts == (["f"] if conflict else [])


def test_a_conflict_holds_back_its_own_field_only() -> None:
    merged = fusion.merge({"a": "leur", "b": "vieux"}, {"a": digest("vieux"), "b": digest("vieux")},
                          {"a": "mien", "b": "neuf"}, digest)
    assert merged.written == {"b": "neuf"} and merged.conflicts == ["a"]


FIELDS = ("f", "g")


@dataclass
class Writer:
    """Someone with a page open: what it showed, what he typed since."""

    shown: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(FIELDS))
    typed: dict[str, str | None] = field(default_factory=dict)


STEPS = st.lists(st.tuples(
    st.sampled_from(["type", "type and save", "type and save", "save", "save all", "reload"]), st.integers(0, 1),
    st.sampled_from(FIELDS), st.integers(0, 3)), min_size=4, max_size=40)


@settings(max_examples=300)
@given(STEPS)
def test_two_writers_never_lose_a_text(steps: list[tuple[str, int, str, int]]) -> None:
    """Each text sent is afterwards stored, in the sender's conflict report, or was replaced by one who had seen it."""
    stored: dict[str, str] = {}
    writers = [Writer(), Writer()]
    for number, (act, rank, name, choice) in enumerate(steps):
        who = writers[rank]
        if act.startswith("type"):
            # Some fields are emptied, some texts typed by both.
            who.typed[name] = f"{choice} {number if choice == 3 else ''}" if choice else None
        if act == "reload":
            who.shown = {one: stored.get(one) for one in FIELDS}
            who.typed.clear()
        if "save" in act:
            _save(stored, who, everything=act == "save all")


def _save(stored: dict[str, str], who: Writer, *, everything: bool) -> None:
    new = (dict(who.shown) if everything else {}) | who.typed
    before = dict(stored)
    merged = fusion.merge(stored, {name: digest(who.shown[name]) for name in new}, new, digest)
    for name, value in merged.written.items():
        # What gives way was before the eyes of who replaced it.
        assert before.get(name) == who.shown[name]
        assert isinstance(value, str | None)
        if value is None:
            stored.pop(name, None)
        else:
            stored[name] = value
    for name, value in who.typed.items():
        # What he typed is stored, or he is told; nothing else of his is in doubt.
        assert stored.get(name) == value or name in merged.conflicts or value == who.shown[name]
    for name in set(FIELDS) - set(merged.written):
        assert stored.get(name) == before.get(name)
    settled = set(new) - set(merged.conflicts)
    # The page now shows what it sent; a conflict stays open, on what it showed before.
    who.shown |= {name: new[name] for name in settled}
    who.typed = {name: value for name, value in who.typed.items() if name in merged.conflicts}
