"""Passkeys, and the mailed links that set a forgotten password anew."""

import peewee


def up(migrator, db):
    class Cle(db.Model):
        key = peewee.CharField(64, primary_key=True)
        compte_id = peewee.IntegerField(index=True)
        credential = peewee.BlobField()
        public_key = peewee.BlobField()
        compteur = peewee.BigIntegerField()
        transports = peewee.TextField()
        nom = peewee.TextField()
        created = peewee.BigIntegerField()
        used = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "cle_acces"

    class Lien(db.Model):
        compte_id = peewee.IntegerField(primary_key=True)
        hash = peewee.CharField(64, null=True)
        etat = peewee.CharField(64)
        created = peewee.BigIntegerField()
        used = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "lien_mot_de_passe"

    db.create_tables([Cle, Lien])
