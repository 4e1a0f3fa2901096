"""Joining what two people typed in the same volet: field by field, by what each of them had seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portal.volets.formulaire import Value

Digest = Callable[[Value | None], str]


@dataclass
class Merged:
    """What becomes of each field that was sent: ``written`` (None: emptied), or in ``conflicts`` (nothing written).

    What is in neither stays as it is stored: it was not touched, or says the same already.
    """

    written: dict[str, Value | None] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)


def merge(stored: Mapping[str, Value], base: Mapping[str, str], new: Mapping[str, Value | None],
          digest: Digest) -> Merged:
    """Three-way merge of ``new`` into ``stored``.

    ``base`` is, for each field of ``new``, the digest of the answer its sender had before his eyes. An answer is
    replaced only by who had seen it; one that changed behind his back is a conflict unless both wrote the same, or
    he did not touch his.
    """
    result = Merged()
    for name, value in new.items():
        known = stored.get(name)
        if value == known:
            continue
        if digest(known) == base[name]:
            result.written[name] = value
        elif digest(value) != base[name]:
            result.conflicts.append(name)
    return result


def edited(base: Mapping[str, str], new: Mapping[str, Value | None], digest: Digest) -> dict[str, str]:
    """The fields that the sender touched, with the digest of what he wrote."""
    digests = {name: digest(value) for name, value in new.items()}
    return {name: found for name, found in digests.items() if found != base[name]}
