"""The directory of establishments, with a spatial index of where they stand."""

import peewee


def up(migrator, db):
    class Etablissement(db.Model):
        finess = peewee.CharField(9, unique=True)
        finess_juridique = peewee.CharField(9, default="")
        nom = peewee.TextField()
        mots = peewee.TextField(default="")
        statut_juridique = peewee.TextField(default="")
        adresse = peewee.TextField(default="")
        code_postal = peewee.CharField(5, default="")
        ville = peewee.TextField(default="")
        insee = peewee.CharField(5, null=True)
        latitude = peewee.FloatField(null=True)
        longitude = peewee.FloatField(null=True)
        position = peewee.TextField(default="")
        telephone = peewee.TextField(default="")
        courriel = peewee.TextField(default="")
        site = peewee.TextField(default="")
        services = peewee.TextField(default="")
        aide_sociale = peewee.BooleanField(default=False)
        incomplets = peewee.BooleanField(default=False)
        rappel_heures = peewee.SmallIntegerField(null=True)
        source = peewee.TextField(default="saisie")
        maj = peewee.BigIntegerField()
        ferme = peewee.BooleanField(default=False)
        version = peewee.IntegerField(default=1)

        class Meta:
            table_name = "etablissement"

    class Unite(db.Model):
        etablissement = peewee.ForeignKeyField(Etablissement, on_delete="CASCADE")
        genre = peewee.TextField()
        nom = peewee.TextField(default="")
        sejours = peewee.TextField(default="")
        capacite = peewee.SmallIntegerField(null=True)
        places = peewee.SmallIntegerField(null=True)
        places_le = peewee.DateField(null=True)

        class Meta:
            table_name = "unite"

    class Tarif(db.Model):
        etablissement = peewee.ForeignKeyField(Etablissement, on_delete="CASCADE")
        sejour = peewee.TextField()
        chambre = peewee.TextField(default="")
        hebergement = peewee.IntegerField(null=True)
        dep12 = peewee.IntegerField(null=True)
        dep34 = peewee.IntegerField(null=True)
        dep56 = peewee.IntegerField(null=True)
        valable_du = peewee.DateField(null=True)

        class Meta:
            table_name = "tarif"

    db.create_tables([Etablissement, Unite, Tarif])
    if isinstance(db, peewee.PostgresqlDatabase):
        db.execute_sql("CREATE TABLE etablissement_lieu (id BIGINT PRIMARY KEY, lat_min DOUBLE PRECISION NOT NULL, "
                       "lat_max DOUBLE PRECISION NOT NULL, lon_min DOUBLE PRECISION NOT NULL, "
                       "lon_max DOUBLE PRECISION NOT NULL)")
        db.execute_sql("CREATE INDEX etablissement_lieu_place ON etablissement_lieu (lat_min, lon_min)")
    else:
        db.execute_sql("CREATE VIRTUAL TABLE etablissement_lieu USING rtree(id, lat_min, lat_max, lon_min, lon_max)")
