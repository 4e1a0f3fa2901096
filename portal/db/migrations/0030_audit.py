"""What came of each act: kept in the chain, empty in the rows written before."""

import peewee


def up(migrator, db):
    migrator.migrate(migrator.add_column("trace", "result", peewee.TextField(null=True)))
