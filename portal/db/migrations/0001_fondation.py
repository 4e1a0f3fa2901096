"""Sessions, audit and mails: what every feature needs."""

import peewee


def up(migrator, db):
    class Session(db.Model):
        key = peewee.CharField(64, primary_key=True)
        created = peewee.BigIntegerField()
        last_seen = peewee.BigIntegerField()
        ends = peewee.BigIntegerField()
        state = peewee.IntegerField()
        subject = peewee.CharField(12, null=True)
        rpps = peewee.BigIntegerField(null=True)
        compte_id = peewee.IntegerField(null=True)
        name = peewee.TextField()
        level = peewee.TextField()
        charte = peewee.TextField(null=True)
        data = peewee.BlobField(null=True)

        class Meta:
            table_name = "session"
            indexes = ((("compte_id",), False), (("ends",), False))

    class Trace(db.Model):
        at = peewee.BigIntegerField()
        rpps = peewee.BigIntegerField(null=True)
        on_behalf_of = peewee.BigIntegerField(null=True)
        name = peewee.TextField()
        level = peewee.TextField()
        event = peewee.TextField()
        dossier = peewee.TextField(null=True)
        detail = peewee.TextField()
        mac = peewee.BlobField()

        class Meta:
            table_name = "trace"
            indexes = ((("dossier", "id"), False), (("rpps", "id"), False))

    class Courriel(db.Model):
        to = peewee.TextField()
        subject = peewee.TextField()
        body = peewee.TextField()
        created = peewee.BigIntegerField()
        due = peewee.BigIntegerField()
        sent = peewee.BigIntegerField(null=True)
        tries = peewee.IntegerField(default=0)

        class Meta:
            table_name = "courriel"
            indexes = ((("sent", "due"), False),)

    db.create_tables([Session, Trace, Courriel])
