"""What each account prefers, and the browsers it has logged in from."""

import peewee


def up(migrator, db):
    class Preference(db.Model):
        compte_id = peewee.IntegerField(primary_key=True)
        sans_avis = peewee.TextField()
        silence_jours = peewee.SmallIntegerField()
        insee = peewee.CharField(5)
        code_postal = peewee.CharField(5)
        ville = peewee.TextField()
        rayon = peewee.SmallIntegerField()
        signature = peewee.TextField()
        mssante = peewee.TextField()

        class Meta:
            table_name = "preference"

    class Appareil(db.Model):
        compte_id = peewee.IntegerField()
        hash = peewee.CharField(64)
        created = peewee.BigIntegerField()
        used = peewee.BigIntegerField()

        class Meta:
            table_name = "appareil"
            primary_key = peewee.CompositeKey("compte_id", "hash")

    db.create_tables([Preference, Appareil])
