"""Kept parts of pages: what decides whether one is used again, and how much is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError
from markupsafe import Markup

from portal.web.morceaux import Morceaux

PLAIN = st.none() | st.integers(0, 3) | st.sampled_from(["", "a", "<b>", "É"])


def parts(room: int = 10_000, **templates: str) -> Morceaux:
    return Morceaux(Environment(loader=DictLoader(templates), autoescape=True, undefined=StrictUndefined), room)


@given(st.lists(st.fixed_dictionaries({"qui": PLAIN, "lignes": st.lists(st.tuples(PLAIN, PLAIN)).map(tuple)})))
def test_a_kept_part_is_what_would_be_rendered_anew(asked: list[dict[str, object]]) -> None:
    page = "{{ qui }}{% for un, deux in lignes %}<p>{{ un }} {{ deux }}</p>{% endfor %}"
    kept = parts(page=page)
    for values in asked:
        assert kept("page", **values) == parts(page=page)("page", **values)


def test_a_part_is_rendered_once_for_equal_values() -> None:
    rendered = []
    kept = parts(page="{{ note(qui) }}")
    kept.environment.globals["note"] = rendered.append
    for qui in ("alice", "bob", "alice"):
        kept("page", qui=qui)
    assert rendered == ["alice", "bob"]


@pytest.mark.proves("V1.2.1")
def test_what_was_typed_is_escaped_and_stays_so() -> None:
    kept = parts(page="{{ qui }}", around="{{ morceau('page', qui=qui) }}")
    kept.environment.globals["morceau"] = kept
    assert kept("page", qui="<script>") == kept("page", qui=Markup("<script>")) == Markup("&lt;script&gt;")
    assert kept("around", qui="<script>") == Markup("&lt;script&gt;")


def test_a_part_sees_what_it_was_given_and_nothing_else() -> None:
    kept = parts(page="{{ moi }}", around="{{ morceau('page', qui=qui) }}")
    kept.environment.globals["morceau"] = kept
    with pytest.raises(UndefinedError, match="moi"):
        kept("around", qui=1, moi="alice")


@pytest.mark.parametrize("value", [Markup("<b>"), object(), ("a", (object(),)), frozenset("a"), ["a"]])
def test_what_may_print_otherwise_though_equal_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        parts(page="{{ qui }}")("page", qui=value)


def test_the_parts_used_last_are_kept_within_the_room() -> None:
    rendered = []
    kept = parts(room=300, page="{{ note(qui) }}" + "x" * 100)
    kept.environment.globals["note"] = lambda qui: rendered.append(qui) or ""
    for qui in "aba" + "c" + "d" + "a" + "b":
        kept("page", qui=qui)
        assert kept.used <= 300
    assert "".join(rendered) == "abcdb"
    assert parts(room=50, page="x" * 100)("page") == "x" * 100


def test_an_etag_is_the_text_s() -> None:
    kept = parts(page="{{ qui }}", other="{{ qui }}")
    one, same, another = (kept.made(name, {"qui": qui}).etag for name, qui in (
        ("page", "alice"), ("other", "alice"), ("page", "bob")))
    assert one == same != another
    assert one.startswith('W/"')
