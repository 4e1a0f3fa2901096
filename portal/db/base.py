"""The base of all tables and the column types they share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import peewee

db = peewee.DatabaseProxy()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Model(peewee.Model):
    """A table; bound to the database when the application starts."""

    class Meta:
        database = db
        legacy_table_names = False


class UtcDateTimeField(peewee.BigIntegerField):
    """An aware instant, kept as whole milliseconds since 1970: sorts the same on every database."""

    def db_value(self, value: datetime | None) -> int | None:
        return None if value is None else to_millis(value)

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else from_millis(value)


class DayField(peewee.DateField):
    """A calendar day, kept as ISO text: apsw binds no date by itself."""

    def db_value(self, value: date | None) -> str | None:
        return None if value is None else value.isoformat()


def to_millis(at: datetime) -> int:
    """Milliseconds since 1970 of an aware instant."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def from_millis(value: int) -> datetime:
    """The aware instant of a number of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=value)


def rows(sql: str, *params: Any) -> list[Any]:
    """Run one SELECT written by hand and return its rows as tuples; placeholders are ``?``."""
    return list(db.execute_sql(sql, params).fetchall())


def many(sql: str, params: Sequence[Sequence[Any]]) -> None:
    """Run one statement written by hand over many rows, in the caller's transaction; placeholders are ``?``."""
    if params:
        db.obj.many(sql, params)


def numbered(table: str) -> None:
    """Tell the database that rows were put into ``table`` with an ``id`` of the caller's, so that the next is free."""
    db.obj.numbered(table)
