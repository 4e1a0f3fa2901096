"""Data objects of a card: whatever a card sends, the parser answers or refuses with the agent's own error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.agent import tlv
from portal.agent.errors import UnusableCard
from portal.agent.tlv import Tlv, TlvError, encode, find, first_object, parse, walk

values = st.binary(max_size=400)
tags = st.sampled_from([0x04, 0x30, 0x5F2D, 0x7F21, 0x9B, 0xA1, 0xBF8101])


@given(st.binary(max_size=600))
def test_any_bytes_parse_or_are_refused(data: bytes) -> None:
    try:
        for node in walk(parse(data)):
            assert len(node.value) < len(data)
        first_object(data)
    except TlvError as error:
        assert isinstance(error, UnusableCard)


@given(st.lists(st.tuples(tags, values), max_size=5))
def test_what_is_encoded_is_read_back(pairs: list[tuple[int, bytes]]) -> None:
    data = b"".join(encode(tag, value) for tag, value in pairs)
    assert parse(data) == [Tlv(tag, value) for tag, value in pairs]


@given(tags, values, st.integers(min_value=1, max_value=400))
def test_an_object_cut_short_is_refused(tag: int, value: bytes, cut: int) -> None:
    data = encode(tag, value)
    with pytest.raises(TlvError):
        parse(data[: -min(cut, len(data) - 1)])


def test_filler_around_objects_is_skipped() -> None:
    assert parse(b"\x00\xff" + encode(0x04, b"a") + b"\xff\xff\x00") == [Tlv(0x04, b"a")]
    assert first_object(encode(0x30, b"abc") + b"\xff" * 9) == encode(0x30, b"abc")


def test_objects_are_found_at_any_depth_but_not_for_ever() -> None:
    deep = encode(0x9B, b"\x02")
    for _ in range(tlv.MAX_DEPTH):
        deep = encode(0x30, deep)
    assert find(parse(deep), 0x9B) == b"\x02"
    with pytest.raises(TlvError):
        find(parse(encode(0x30, deep)), 0x9B)


@pytest.mark.parametrize("data", ["30", "3080", "3084FFFFFFFF", "1F", "1F818101", "048201"])
def test_odd_forms_are_refused(data: str) -> None:
    with pytest.raises(TlvError):
        parse(bytes.fromhex(data))
