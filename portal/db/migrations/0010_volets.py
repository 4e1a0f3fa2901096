"""Volets of a dossier, their signed versions, AGGIR evaluations, and savings already made."""

import peewee


def up(migrator, db):
    class Volet(db.Model):
        dossier_id = peewee.IntegerField()
        code = peewee.TextField()
        etat = peewee.TextField()
        version = peewee.IntegerField(default=1)
        definition = peewee.TextField()
        definition_version = peewee.SmallIntegerField()
        contenu = peewee.BlobField()
        modifie_par = peewee.TextField()
        modifie_le = peewee.BigIntegerField()
        valide_par = peewee.TextField(null=True)
        valide_le = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "volet"
            indexes = ((("dossier_id", "code"), True),)

    class Signature(db.Model):
        volet_id = peewee.IntegerField()
        version = peewee.IntegerField()
        definition_version = peewee.SmallIntegerField()
        contenu = peewee.BlobField()
        par = peewee.TextField()
        le = peewee.BigIntegerField()

        class Meta:
            table_name = "volet_signature"
            indexes = ((("volet_id", "version"), True),)

    class Evaluation(db.Model):
        dossier_id = peewee.IntegerField(index=True)
        version = peewee.IntegerField()
        resultat = peewee.BlobField()
        par = peewee.TextField()
        le = peewee.BigIntegerField()

        class Meta:
            table_name = "aggir_evaluation"

    class Envoi(db.Model):
        cle = peewee.CharField(64, primary_key=True)
        volet_id = peewee.IntegerField()
        le = peewee.BigIntegerField(index=True)

        class Meta:
            table_name = "volet_envoi"

    db.create_tables([Volet, Signature, Evaluation, Envoi])
