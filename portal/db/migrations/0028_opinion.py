"""What readers think of the help, as numbers alone."""

import peewee


def up(migrator, db):
    class Opinion(db.Model):
        page = peewee.TextField()
        ancre = peewee.TextField()
        jour = peewee.DateField()
        raison = peewee.TextField()
        nombre = peewee.IntegerField()

        class Meta:
            table_name = "opinion"
            primary_key = peewee.CompositeKey("page", "ancre", "jour", "raison")
            without_rowid = True

    db.create_tables([Opinion])
