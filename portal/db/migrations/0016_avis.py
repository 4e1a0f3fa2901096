"""Notices: what happened that somebody should know."""

import peewee


def up(migrator, db):
    class Avis(db.Model):
        destinataire = peewee.TextField()
        code = peewee.TextField()
        dossier = peewee.TextField()
        demande_id = peewee.IntegerField(null=True)
        at = peewee.BigIntegerField()
        lu_le = peewee.BigIntegerField(null=True)
        poste_le = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "avis"
            indexes = ((("destinataire", "lu_le", "at"), False), (("poste_le", "at"), False))

    db.create_tables([Avis])
