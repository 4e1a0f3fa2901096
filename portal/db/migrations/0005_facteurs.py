"""Second factors: authenticator applications, recovery codes, and logins that wait for their second step."""

import peewee


def up(migrator, db):
    class Application(db.Model):
        key = peewee.CharField(22, primary_key=True)
        compte_id = peewee.IntegerField(index=True)
        nom = peewee.TextField()
        secret = peewee.BlobField()
        compteur = peewee.BigIntegerField()
        created = peewee.BigIntegerField()
        used = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "application_otp"

    class Secours(db.Model):
        compte_id = peewee.IntegerField()
        hash = peewee.CharField(64)
        created = peewee.BigIntegerField()
        used = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "code_secours"
            indexes = ((("compte_id", "hash"), True),)

    class Tentative(db.Model):
        key = peewee.CharField(64, primary_key=True)
        compte_id = peewee.IntegerField()
        started = peewee.BigIntegerField(index=True)
        essais = peewee.SmallIntegerField(default=0)
        courriels = peewee.SmallIntegerField(default=0)
        code = peewee.CharField(64, null=True)
        code_until = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "tentative_otp"

    db.create_tables([Application, Secours, Tentative])
