"""The patient's side: mailed links, dossiers that wait for an address to be confirmed, changes of address."""

import peewee


def up(migrator, db):
    class LienUsager(db.Model):
        hash = peewee.CharField(64, primary_key=True)
        usager_id = peewee.IntegerField(index=True)
        but = peewee.TextField()
        expire = peewee.BigIntegerField(index=True)

        class Meta:
            table_name = "lien_usager"

    class Creation(db.Model):
        dossier_id = peewee.IntegerField(primary_key=True)
        reseau = peewee.CharField(72)
        created = peewee.BigIntegerField(index=True)

        class Meta:
            table_name = "creation_usager"
            indexes = ((("reseau", "created"), False),)

    class Changement(db.Model):
        usager_id = peewee.IntegerField(primary_key=True)
        courriel = peewee.BlobField()
        courriel_empreinte = peewee.CharField(32)
        ancien = peewee.BooleanField(default=False)
        nouveau = peewee.BooleanField(default=False)
        created = peewee.BigIntegerField()

        class Meta:
            table_name = "changement_courriel"

    class Annulation(db.Model):
        dossier_id = peewee.IntegerField(primary_key=True)
        motif = peewee.TextField()
        par = peewee.TextField()
        at = peewee.BigIntegerField()

        class Meta:
            table_name = "annulation"

    db.create_tables([LienUsager, Creation, Changement, Annulation])
