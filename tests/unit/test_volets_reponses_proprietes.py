"""What holds for every form and every answer, whatever is typed."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from portal.volets import aggir, definitions
from portal.volets.formulaire import Definition, Field, Kind, Value
from portal.volets.reponses import (
    LATEST,
    OLDEST,
    Refused,
    clean,
    completeness,
    digest,
    limit_of,
    names,
    raw_of,
    read,
    required,
    shown,
    summary,
    words,
)

TODAY = date(2026, 11, 22)
FORMS = definitions.volets("ga")
FIELDS = [field for form in FORMS for field in form.fields.values()]
TOWNS = ("14000 CAEN", "50000 SAINT-LÔ")


def town(text: str) -> str | None:
    return text if text in TOWNS else None


@st.composite
def canonical(draw: st.DrawFn, field: Field) -> Value:
    """An answer as it is stored."""
    match field.kind:
        case Kind.CHOIX:
            return draw(st.sampled_from([option.code for option in field.options]))
        case Kind.CHOIX_MULTIPLE:
            ticked = draw(st.sets(st.sampled_from([option.code for option in field.options]), min_size=1))
            return [option.code for option in field.options if option.code in ticked]
        case Kind.DATE:
            low = TODAY if field.tense == "futur" else OLDEST
            high = TODAY if field.tense == "passe" else LATEST
            return (low + timedelta(draw(st.integers(0, (high - low).days)))).isoformat()
        case Kind.NOMBRE:
            scale = 10 ** field.decimals
            assert field.minimum is not None
            assert field.maximum is not None
            number = draw(st.integers(int(field.minimum * scale), int(field.maximum * scale)))
            return f"{(Decimal(number) / scale).normalize():f}" if number else "0"
        case Kind.TELEPHONE:
            return draw(st.from_regex(r"0[1-9]( \d\d){4}|\+3[24]\d{8}", fullmatch=True).filter(str.isascii))
        case Kind.COURRIEL:
            return draw(st.from_regex(r"[a-z.+]{1,20}@[a-z-]{1,10}\.fr", fullmatch=True))
        case Kind.COMMUNE:
            return draw(st.sampled_from(TOWNS))
        case Kind.ABC:
            letter = st.sampled_from("ABC")
            adverbs = st.text("on", min_size=4, max_size=4).map(lambda said: f"{aggir.rate(said)}:{said}")
            return draw(letter | adverbs)
        case _:
            text = clean(draw(st.text(min_size=1, max_size=60)))
            text = text if field.kind is Kind.TEXTE else " ".join(text.split())
            assume(any(unicodedata.category(char)[0] in "LNPS" for char in text))
            return text


@st.composite
def answered(draw: st.DrawFn, form: Definition | None = None) -> tuple[Definition, dict[str, Value]]:
    """A form and answers to some of its questions, asked or not."""
    form = form or draw(st.sampled_from(FORMS))
    chosen = draw(st.lists(st.sampled_from(list(form.fields.values())), max_size=12, unique_by=lambda field: field.id))
    return form, {field.id: draw(canonical(field)) for field in chosen}


@given(st.data())
def test_what_a_page_shows_of_an_answer_reads_as_that_answer(data: st.DataObject) -> None:
    """A page sent back untouched changes nothing, for every kind of question."""
    field = data.draw(st.sampled_from(FIELDS))
    value = data.draw(canonical(field))
    raw = raw_of(field, value)
    assert tuple(raw) == names(field)
    assert read(field, raw, TODAY, town) == value
    assert words(field, value)


@given(st.sampled_from(FIELDS), st.text(max_size=40) | st.text("0123456789/.,-+ @aAoui\u202e\x00٣", max_size=20))
@example(FIELDS[0], "\ud800")
@example(next(field for field in FIELDS if field.kind is Kind.TEXTE), "e\x00\u0301")
def test_whatever_is_typed_is_read_or_refused_and_reads_the_same_again(field: Field, text: str) -> None:
    """No other error; what was kept is shown, read and shown again without change."""
    try:
        value = read(field, dict.fromkeys(names(field), text), TODAY, town)
    except Refused as refused:
        assert str(refused).endswith(".")
        return
    if value is not None:
        assert read(field, raw_of(field, value), TODAY, town) == value
        value.encode() if isinstance(value, str) else None


@given(st.text())
@example("e\x00\u0301")
@example("\u202ea\r\u200b\n\x0b")
def test_cleaning_once_is_enough(text: str) -> None:
    """It leaves NFC, nothing that turns the writing, nothing that SQLite, JSON or XML could not hold."""
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert all(unicodedata.category(char) not in ("Cc", "Cs") or char in "\n\t" for char in once)
    assert not set(once) & set("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(answered())
def test_what_is_asked_depends_on_what_is_asked_only(filled: tuple[Definition, dict[str, Value]]) -> None:
    """Answers to hidden questions count nowhere: without them all is as with them."""
    form, answers = filled
    asked = shown(form, answers)
    seen = {name: value for name, value in answers.items() if name in asked}
    assert shown(form, seen) == asked
    assert required(form, seen) == required(form, answers)
    assert summary(form, seen) == summary(form, answers)
    assert {field.id for _, lines in summary(form, answers) for field, _ in lines} == set(seen)


@given(answered())
def test_completeness_counts_what_is_needed(filled: tuple[Definition, dict[str, Value]]) -> None:
    """In the order of the page; done and missing together are all of it."""
    form, answers = filled
    needed = required(form, answers)
    found = completeness(form, answers)
    assert set(needed) <= shown(form, answers)
    assert [name for name in form.fields if name in needed] == list(needed)
    assert [field.id for _, field in found.missing] == [name for name in needed if name not in answers]
    assert found.done == sum(name in answers for name in needed)
    assert found.done + len(found.missing) == found.total
    assert all(field in section.fields for section, field in found.missing)
    assert (found.done == found.total) == found.complete


@given(answered(), st.data())
def test_an_answer_to_what_is_missing_is_never_lost_work(
        filled: tuple[Definition, dict[str, Value]], data: st.DataObject) -> None:
    """It takes its question off the list."""
    form, answers = filled
    missing = completeness(form, answers).missing
    assume(missing)
    _, field = data.draw(st.sampled_from(missing))
    after = completeness(form, answers | {field.id: data.draw(canonical(field))})
    assert field.id not in [other.id for _, other in after.missing]


@given(st.data())
def test_digests_differ_when_answers_do(data: st.DataObject) -> None:
    """Two answers of one question have the same digest when, and only when, they are the same."""
    field = data.draw(st.sampled_from(FIELDS))
    one, other = data.draw(canonical(field)), data.draw(canonical(field))
    assert (digest(one) == digest(other)) == (one == other)
    assert digest(one) != digest(None)


@pytest.mark.proves("V1.3.3")
@pytest.mark.parametrize("field", [field for field in FIELDS if limit_of(field)], ids=lambda field: str(field.id))
def test_no_question_takes_without_limit(field: Field) -> None:
    """A hundred kilobytes are refused, with what to do about them."""
    with pytest.raises(Refused, match=r"^Raccourcissez ce texte"):
        read(field, {field.id: "7" * 100_000}, TODAY, town)
