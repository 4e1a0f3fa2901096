"""Tries counted by account and by network, so that guessing waits."""

import peewee


def up(migrator, db):
    class Frein(db.Model):
        key = peewee.CharField(72, primary_key=True)
        tries = peewee.SmallIntegerField()
        last = peewee.BigIntegerField(index=True)

        class Meta:
            table_name = "frein"

    db.create_tables([Frein])
