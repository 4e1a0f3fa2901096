"""Paper dossiers that an establishment notes down for itself: names and telephones sealed."""

import peewee


def up(migrator, db):
    class Papier(db.Model):
        etablissement_id = peewee.IntegerField()
        nom = peewee.BlobField(null=True)
        prenom = peewee.BlobField(null=True)
        telephone = peewee.BlobField(null=True)
        sejour = peewee.TextField()
        gir = peewee.SmallIntegerField(null=True)
        recu_le = peewee.DateField()
        etat = peewee.TextField()
        niveau = peewee.TextField(default="")
        entree = peewee.DateField(null=True)
        version = peewee.IntegerField(default=1)
        created = peewee.BigIntegerField()
        updated = peewee.BigIntegerField()
        par = peewee.TextField()

        class Meta:
            table_name = "papier"
            indexes = ((("etablissement_id", "etat", "id"), False),)

    db.create_tables([Papier])
