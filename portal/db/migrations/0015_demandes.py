"""Requests to establishments and the steps each of them took."""

import peewee


def up(migrator, db):
    class Demande(db.Model):
        dossier_id = peewee.IntegerField()
        etablissement_id = peewee.IntegerField()
        unite_id = peewee.IntegerField(null=True)
        sejour = peewee.TextField()
        etat = peewee.TextField()
        niveau = peewee.TextField(default="")
        rang = peewee.SmallIntegerField(null=True)
        motif = peewee.TextField(default="")
        motif_texte = peewee.BlobField(null=True)
        version = peewee.IntegerField(default=1)
        created = peewee.BigIntegerField()
        updated = peewee.BigIntegerField()
        envoyee_le = peewee.BigIntegerField(null=True)
        lue_le = peewee.BigIntegerField(null=True)
        repondue_le = peewee.BigIntegerField(null=True)
        relancee_le = peewee.BigIntegerField(null=True)
        relances = peewee.SmallIntegerField(default=0)
        incomplet = peewee.BooleanField(default=False)
        proposee_le = peewee.BigIntegerField(null=True)
        entree_prevue = peewee.DateField(null=True)
        chambre = peewee.TextField(default="")
        tarif = peewee.IntegerField(null=True)
        reponse_avant = peewee.DateField(null=True)
        rester = peewee.BooleanField(default=False)
        entree = peewee.DateField(null=True)
        avis = peewee.TextField(default="")
        avis_texte = peewee.BlobField(null=True)
        avis_par = peewee.TextField(default="")
        avis_le = peewee.BigIntegerField(null=True)
        complement = peewee.BlobField(null=True)
        complement_reponse = peewee.BlobField(null=True)
        complement_le = peewee.BigIntegerField(null=True)
        promesse_le = peewee.BigIntegerField(null=True)
        escalade_le = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "demande"
            indexes = (
                (("dossier_id", "etablissement_id", "sejour"), True),
                (("etablissement_id", "etat", "envoyee_le"), False),
                (("etat", "reponse_avant"), False),
            )

    class Pas(db.Model):
        demande_id = peewee.IntegerField(index=True)
        at = peewee.BigIntegerField()
        evenement = peewee.TextField()
        de = peewee.TextField()
        vers = peewee.TextField()
        motif = peewee.TextField(default="")
        par = peewee.TextField()
        subject = peewee.TextField(default="")

        class Meta:
            table_name = "pas"

    db.create_tables([Demande, Pas])
