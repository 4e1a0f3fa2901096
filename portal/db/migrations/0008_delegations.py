"""Delegations to colleagues and secretaries, and the secretaries' invitations."""

import peewee


def up(migrator, db):
    class Delegation(db.Model):
        principal = peewee.IntegerField()
        delegate = peewee.IntegerField()
        kind = peewee.TextField()
        modules = peewee.TextField()
        rights = peewee.TextField()
        starts = peewee.DateField()
        ends = peewee.DateField(null=True)
        created = peewee.BigIntegerField()
        revoked_at = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "delegation"
            indexes = ((("principal",), False), (("delegate",), False))

    class Invitation(db.Model):
        key = peewee.CharField(64, primary_key=True)
        principal = peewee.IntegerField(index=True)
        prenom = peewee.TextField()
        nom = peewee.TextField()
        email = peewee.TextField()
        modules = peewee.TextField()
        created = peewee.BigIntegerField()
        until = peewee.BigIntegerField()
        used_at = peewee.BigIntegerField(null=True)
        withdrawn_at = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "invitation"

    db.create_tables([Delegation, Invitation])
