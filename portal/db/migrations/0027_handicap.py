"""The numbers of the handicap module, and the notifications of the CDAPH that are followed."""

import peewee


def up(migrator, db):
    db.execute_sql("INSERT INTO numero (module, dernier) SELECT 'h', 99999999 "
                   "WHERE NOT EXISTS (SELECT 1 FROM numero WHERE module = 'h')")

    class Notification(db.Model):
        dossier_id = peewee.IntegerField(primary_key=True)
        accord_le = peewee.DateField()
        numero = peewee.BlobField(null=True)
        droit = peewee.TextField()
        du = peewee.DateField()
        au = peewee.DateField()
        version = peewee.IntegerField(default=1)
        par = peewee.TextField()
        maj = peewee.BigIntegerField()

        class Meta:
            table_name = "notification"

    class Structure(db.Model):
        dossier_id = peewee.IntegerField(index=True)
        nom = peewee.TextField()
        statut = peewee.TextField()
        unite = peewee.TextField(default="")
        motif = peewee.TextField(default="")
        statut_le = peewee.DateField()
        par = peewee.TextField()
        created = peewee.BigIntegerField()

        class Meta:
            table_name = "notification_statut"
            indexes = ((("dossier_id", "nom"), False),)

    db.create_tables([Notification, Structure])
