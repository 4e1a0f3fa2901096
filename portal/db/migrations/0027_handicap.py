"""The numbers of the handicap module, and the notifications of the CDAPH that are followed."""

import peewee


def up(migrator, db):
    db.execute_sql("INSERT INTO numero (module, dernier) SELECT 'h', 99999999 "
                   "WHERE NOT EXISTS (SELECT 1 FROM numero WHERE module = 'h')")

    class Notification(db.Model):
        dossier_id = peewee.IntegerField(primary_key=True)
        contenu = peewee.BlobField()
        au = peewee.DateField()
        version = peewee.IntegerField(default=1)
        par = peewee.TextField()
        maj = peewee.BigIntegerField()

        class Meta:
            table_name = "notification"

    class Reponse(db.Model):
        dossier_id = peewee.IntegerField(index=True)
        contenu = peewee.BlobField()
        par = peewee.TextField()
        created = peewee.BigIntegerField()

        class Meta:
            table_name = "notification_reponse"

    db.create_tables([Notification, Reponse])
