"""Forms that were acknowledged, so that the same one sent again has no second effect."""

import peewee


def up(migrator, db):
    class Envoi(db.Model):
        cle = peewee.CharField(64, primary_key=True)
        adresse = peewee.TextField()
        le = peewee.BigIntegerField(index=True)

        class Meta:
            table_name = "envoi"

    db.create_tables([Envoi])
