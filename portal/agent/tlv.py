"""BER-TLV, as cards speak it (ISO/IEC 7816-4 §5.2.2), read strictly and written in DER."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portal.agent.errors import UnusableCard

MAX_DEPTH = 16
MAX_TAG_BYTES = 3
PADDING = (0x00, 0xFF)


class TlvError(UnusableCard):
    """The bytes are no well-formed TLV."""


@dataclass(frozen=True)
class Tlv:
    """One data object; ``tag`` holds the tag's bytes as one number (``0x30``, ``0xBF8101``)."""

    tag: int
    value: bytes

    @property
    def constructed(self) -> bool:
        """Whether the value is itself made of data objects."""
        first = self.tag >> (8 * ((max(self.tag.bit_length(), 1) - 1) // 8))
        return bool(first & 0x20)

    def children(self) -> list[Tlv]:
        """The data objects inside; raises TlvError when the value is no list of them."""
        return parse(self.value)


def parse(data: bytes) -> list[Tlv]:
    """Every data object of ``data``; filler bytes (00, FF) between and after them are skipped.

    Raises TlvError for anything cut short, indefinite or too long.
    """
    found: list[Tlv] = []
    at = 0
    while at < len(data):
        if data[at] in PADDING:
            at += 1
            continue
        node, at = _read(data, at)
        found.append(node)
    return found


def first_object(data: bytes) -> bytes:
    """The bytes of the first data object, header included, without what follows it in the file."""
    if not data:
        raise TlvError("empty")
    return data[: _read(data, 0)[1]]


def walk(nodes: list[Tlv], depth: int = 0) -> Iterator[Tlv]:
    """Each data object and those inside it, in order; raises TlvError past MAX_DEPTH levels."""
    if depth > MAX_DEPTH:
        raise TlvError("nested too deep")
    for node in nodes:
        yield node
        if node.constructed:
            yield from walk(node.children(), depth + 1)


def find(nodes: list[Tlv], tag: int) -> bytes | None:
    """The value of the first data object with this tag, at any depth; None when there is none."""
    return next((node.value for node in walk(nodes) if node.tag == tag), None)


def encode(tag: int, *values: bytes) -> bytes:
    """One data object holding these values, with the shortest length form."""
    value = b"".join(values)
    size = len(value)
    if size < 0x80:
        length = bytes([size])
    else:
        count = (size.bit_length() + 7) // 8
        length = bytes([0x80 | count]) + size.to_bytes(count, "big")
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + length + value


def _read(data: bytes, at: int) -> tuple[Tlv, int]:
    tag, at = _tag(data, at)
    size, at = _length(data, at)
    if at + size > len(data):
        raise TlvError("value cut short")
    return Tlv(tag, data[at : at + size]), at + size


def _tag(data: bytes, at: int) -> tuple[int, int]:
    tag = data[at]
    start, at = at, at + 1
    if tag & 0x1F != 0x1F:
        return tag, at
    while True:
        if at >= len(data):
            raise TlvError("tag cut short")
        tag = tag << 8 | data[at]
        at += 1
        if not data[at - 1] & 0x80:
            return tag, at
        if at - start >= MAX_TAG_BYTES:
            raise TlvError("tag too long")


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise TlvError("length missing")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if not 1 <= count <= 3:
        raise TlvError("length form")
    if at + 1 + count > len(data):
        raise TlvError("length cut short")
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count
