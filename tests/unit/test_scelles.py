"""Every sealed column is in the registry, opens where it was written, and nowhere else."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
from collections.abc import Iterator

import peewee
import pytest

import portal
from portal.db import database, rescellement
from portal.db.base import Model
from portal.db.crypto import SealBroken, keys
from portal.db.scelles import FINGERPRINTS, IN_CLEAR, SEALED, Sealed
from portal.settings import Settings
from tests.support.scelles import furnish

BY_NAME = {str(one): one for one in SEALED}


def every_model() -> set[type[Model]]:
    """All tables of the portal."""
    for module in pkgutil.walk_packages(portal.__path__, "portal."):
        if not module.name.startswith(("portal.agent", "portal.db.migrations", "portal.__main__", "portal.cli")):
            importlib.import_module(module.name)
    return {one for one in _below(Model) if one.__module__.startswith("portal.")}


def _below(one: type[Model]) -> Iterator[type[Model]]:
    for child in one.__subclasses__():
        yield child
        yield from _below(child)


def test_every_binary_column_is_registered_as_sealed_or_said_to_be_in_clear() -> None:
    binary = {(one._meta.table_name, field.column_name) for one in every_model()
              for field in one._meta.sorted_fields if isinstance(field, peewee.BlobField)}
    assert binary == {(one.table, one.column) for one in SEALED} | IN_CLEAR.keys()


def test_every_fingerprint_is_registered() -> None:
    named = {(one._meta.table_name, field.column_name) for one in every_model()
             for field in one._meta.sorted_fields if field.column_name.endswith("empreinte")}
    assert named == {(one.table, one.column) for one in FINGERPRINTS}
    assert {one.of for one in FINGERPRINTS} <= {(one.table, one.column) for one in SEALED}


@pytest.fixture
def values(tables: Settings) -> dict[str, list[rescellement.Value]]:
    """What each sealed column holds in a furnished database."""
    furnish(tables)
    with database.reading():
        return {name: rescellement.read(one) for name, one in BY_NAME.items()}


def opens(of: Sealed, value: rescellement.Value, blob: bytes) -> bool:
    """True when these bytes would be taken for the value of this place."""
    try:
        keys().open_bytes(blob, table=of.seal_table, row=value.place, column=of.column)
    except SealBroken:
        return False
    return True


@pytest.mark.proves("D3", "V11.3.2", "V11.3.3")
def test_no_sealed_value_opens_in_another_row_column_or_table(values: dict[str, list[rescellement.Value]]) -> None:
    """Each value, put into each other place of the database, is refused; in its own it opens."""
    places = [(name, value) for name, found in values.items() for value in found]
    assert {name for name, _ in places} == BY_NAME.keys(), "a sealed column holds nothing"
    alone = {name for name, found in values.items() if len(found) < 2}
    assert not alone, "a column holds one value: two rows can't be swapped"
    moved = [(name, value.place, other, its.place)
             for (name, value), (other, its) in itertools.permutations(places, 2)
             if opens(BY_NAME[other], its, value.blob)]
    assert not moved
    assert all(opens(BY_NAME[name], value, value.blob) for name, value in places)
