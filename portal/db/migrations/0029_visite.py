"""Who needs no first visit any more."""

import peewee


def up(migrator, db):
    class Visite(db.Model):
        compte_id = peewee.IntegerField(primary_key=True)
        issue = peewee.TextField()
        le = peewee.BigIntegerField()

        class Meta:
            table_name = "visite"

    db.create_tables([Visite])
