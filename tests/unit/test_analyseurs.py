"""Every parser given anything: it answers, or fails in the way that it declares (``make scan`` tries far longer)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scan.targets import TARGETS, Target

# A good input, then cuts, repetitions and strange bytes at some of its places.
STRANGE = st.sampled_from([b"", b"\0", b"\xff" * 4, b"\r\n", b"\r", b"'\"<>&", b"%00", b"9" * 30, b"-1", b"[" * 200,
                           b"\xe2\x80\xae", b"\xed\xa0\x80", b"\x80", b"=cmd|' /C'!A0", "٣".encode(), b"{}", b"null"])
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), STRANGE | st.binary(max_size=12)), max_size=6)


def changed(seed: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for where, length, put in changes:
        at = int(where * len(seed))
        seed = seed[:at] + put + seed[at + length:]
    return seed


@pytest.mark.proves("V1.5.2", "V2.2.1")
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
class TestEachParser:
    def test_good_inputs_pass(self, target: Target) -> None:
        for seed in target.seeds():
            target(seed)

    def test_damaged_inputs_fail_as_declared(self, target: Target) -> None:
        seeds = target.seeds()

        @settings(max_examples=40)
        @given(st.sampled_from(seeds), CHANGES)
        def damaged(seed: bytes, changes: list[tuple[float, int, bytes]]) -> None:
            target(changed(seed, changes))

        damaged()

    def test_any_bytes_fail_as_declared(self, target: Target) -> None:
        @settings(max_examples=20)
        @given(st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
        def anything(data: bytes) -> None:
            target(data)

        anything()
