"""The physicians' accounts and the charters they accepted."""

import peewee


def up(migrator, db):
    class Compte(db.Model):
        subject = peewee.CharField(12, unique=True)
        rpps = peewee.BigIntegerField(unique=True)
        nom = peewee.TextField()
        prenom = peewee.TextField()
        profession = peewee.TextField()
        specialite_code = peewee.TextField()
        specialite = peewee.TextField()
        email = peewee.TextField(unique=True)
        email_confirmed_at = peewee.BigIntegerField(null=True)
        password = peewee.TextField()
        telephone = peewee.BlobField(null=True)
        adresse = peewee.TextField()
        insee = peewee.CharField(5)
        code_postal = peewee.CharField(5)
        ville = peewee.TextField()
        created = peewee.BigIntegerField()
        charte = peewee.TextField(null=True)

        class Meta:
            table_name = "compte"

    class Acceptation(db.Model):
        compte = peewee.ForeignKeyField(Compte, on_delete="RESTRICT")
        version = peewee.TextField()
        sha256 = peewee.CharField(64)
        at = peewee.BigIntegerField()

        class Meta:
            table_name = "acceptation"
            indexes = ((("compte", "version"), True),)

    db.create_tables([Compte, Acceptation])
