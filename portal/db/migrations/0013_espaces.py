"""Structures and their people, patients and relatives; who leads a dossier that no physician leads."""

import peewee


def up(migrator, db):
    class Structure(db.Model):
        kind = peewee.TextField()
        nom = peewee.TextField()
        service = peewee.TextField(default="")
        etablissement_id = peewee.IntegerField(null=True, unique=True)
        telephone = peewee.TextField(default="")
        courriel = peewee.TextField(default="")
        adresse = peewee.TextField(default="")
        insee = peewee.CharField(5, null=True)
        code_postal = peewee.CharField(5, default="")
        ville = peewee.TextField(default="")
        created = peewee.BigIntegerField()

        class Meta:
            table_name = "structure"

    class Membre(db.Model):
        compte_id = peewee.IntegerField(primary_key=True)
        structure = peewee.ForeignKeyField(Structure, on_delete="RESTRICT")
        roles = peewee.TextField()
        fonction = peewee.TextField(default="")
        created = peewee.BigIntegerField()
        retire_le = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "membre"

    class Usager(db.Model):
        subject = peewee.CharField(12, unique=True)
        dossier_id = peewee.IntegerField(index=True)
        role = peewee.TextField()
        lien = peewee.TextField(default="")
        prenom = peewee.TextField()
        nom = peewee.TextField()
        courriel = peewee.BlobField(null=True)
        courriel_empreinte = peewee.CharField(32, null=True, index=True)
        telephone = peewee.BlobField(null=True)
        confirme_le = peewee.BigIntegerField(null=True)
        rappele_le = peewee.BigIntegerField(null=True)
        created = peewee.BigIntegerField()
        retire_le = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "usager"

    class Suivi(db.Model):
        structure = peewee.ForeignKeyField(Structure, on_delete="RESTRICT")
        dossier_id = peewee.IntegerField(index=True)
        etat = peewee.TextField()
        depuis = peewee.BigIntegerField()

        class Meta:
            table_name = "suivi"
            primary_key = peewee.CompositeKey("structure", "dossier_id")

    class Transfert(db.Model):
        dossier_id = peewee.IntegerField(primary_key=True)
        structure = peewee.ForeignKeyField(Structure, on_delete="RESTRICT")
        rpps = peewee.BigIntegerField()
        propose_par = peewee.TextField()
        propose_le = peewee.BigIntegerField()

        class Meta:
            table_name = "transfert"

    db.create_tables([Structure, Membre, Usager, Suivi, Transfert])
    migrator.migrate(
        migrator.add_column("dossier", "referent_structure", peewee.IntegerField(null=True)),
        migrator.add_column("dossier", "alerte_le", peewee.BigIntegerField(null=True)),
    )
