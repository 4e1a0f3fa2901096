"""What sanitaire units can take: mentions, modes of care, equipment, isolation, ages, how far they go."""

import peewee


def up(migrator, db):
    class Capacite(db.Model):
        unite_id = peewee.IntegerField(primary_key=True)
        mentions = peewee.TextField(default="")
        modes = peewee.TextField(default="")
        plateau = peewee.TextField(default="")
        soins = peewee.TextField(default="")
        isolements = peewee.TextField(default="")
        lisp = peewee.BooleanField(default=False)
        age_min = peewee.SmallIntegerField(null=True)
        age_max = peewee.SmallIntegerField(null=True)
        zone = peewee.SmallIntegerField(null=True)
        maj = peewee.BigIntegerField()

        class Meta:
            table_name = "unite_capacite"

    db.create_tables([Capacite])
