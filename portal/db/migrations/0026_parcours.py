"""Which children a TND platform takes (departments, communes, ages), and the paths that platforms open."""

import peewee


def up(migrator, db):
    class Territoire(db.Model):
        unite_id = peewee.IntegerField(primary_key=True)
        departements = peewee.TextField(default="")
        communes = peewee.TextField(default="")
        age_min = peewee.SmallIntegerField(default=0)
        avant = peewee.SmallIntegerField()
        version = peewee.IntegerField(default=1)
        maj = peewee.BigIntegerField()

        class Meta:
            table_name = "pco_territoire"

    class Parcours(db.Model):
        id = peewee.AutoField()
        demande_id = peewee.IntegerField(unique=True)
        debut = peewee.DateField()
        fin = peewee.DateField()
        points = peewee.TextField(default="")
        valide_par = peewee.TextField()
        valide_le = peewee.BigIntegerField()
        souhait_par = peewee.TextField(default="")
        souhait_le = peewee.BigIntegerField(null=True)
        renouvele_par = peewee.TextField(default="")
        renouvele_le = peewee.BigIntegerField(null=True)
        synthese = peewee.BlobField(null=True)
        synthese_par = peewee.TextField(default="")
        synthese_le = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "parcours"

    class Professionnel(db.Model):
        id = peewee.AutoField()
        parcours_id = peewee.IntegerField(index=True)
        nom = peewee.BlobField(null=True)
        mode = peewee.TextField()
        profession = peewee.TextField()
        objet = peewee.TextField()
        euros = peewee.IntegerField(null=True)
        bilan_le = peewee.DateField(null=True)
        etat = peewee.TextField(default="prevu")
        version = peewee.IntegerField(default=1)
        created = peewee.BigIntegerField()

        class Meta:
            table_name = "parcours_professionnel"

    db.create_tables([Territoire, Parcours, Professionnel])
