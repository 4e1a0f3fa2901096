"""Sessions know their device and for whom they act; accounts may be a secretary's, without RPPS number."""

import peewee


def up(migrator, db):
    # Who was logged in logs in again: the numbers of the states have changed.
    db.execute_sql("DELETE FROM session")
    migrator.migrate(
        migrator.add_column("session", "device", peewee.TextField(default="")),
        migrator.add_column("session", "delegation_id", peewee.IntegerField(null=True)),
        migrator.add_column("trace", "subject", peewee.CharField(12, null=True)),
        migrator.add_index("trace", ("subject", "id")),
        migrator.add_column("compte", "kind", peewee.TextField(default="medecin")),
        migrator.add_column("compte", "blocked_at", peewee.BigIntegerField(null=True)),
        migrator.drop_not_null("compte", "rpps"),
    )
