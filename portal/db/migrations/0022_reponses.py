"""How establishments answer: counted now and then, read by the search of the directory."""

import peewee


def up(migrator, db):
    class Reponse(db.Model):
        etablissement_id = peewee.IntegerField(primary_key=True)
        n = peewee.IntegerField()
        mediane = peewee.IntegerField(null=True)
        refus = peewee.TextField(default="[]")
        maj = peewee.BigIntegerField()

        class Meta:
            table_name = "etablissement_reponse"

    db.create_tables([Reponse])
