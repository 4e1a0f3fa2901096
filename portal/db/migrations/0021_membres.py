"""Invitations to work for a structure."""

import peewee


def up(migrator, db):
    class Invite(db.Model):
        key = peewee.CharField(64, primary_key=True)
        structure_id = peewee.IntegerField(index=True)
        prenom = peewee.TextField()
        nom = peewee.TextField()
        email = peewee.TextField()
        roles = peewee.TextField()
        fonction = peewee.TextField(default="")
        par = peewee.TextField()
        created = peewee.BigIntegerField()
        until = peewee.BigIntegerField()
        used_at = peewee.BigIntegerField(null=True)
        withdrawn_at = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "invite"

    db.create_tables([Invite])
