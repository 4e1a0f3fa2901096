"""Dossiers, the physicians' links to them (which are the rows of their tables), and the counters of tabs."""

import peewee


def up(migrator, db):
    class Dossier(db.Model):
        module = peewee.CharField(3)
        numero = peewee.IntegerField()
        civilite = peewee.CharField(3)
        nom_naissance = peewee.TextField()
        nom_usage = peewee.TextField()
        prenom = peewee.TextField()
        naissance = peewee.DateField()
        sexe = peewee.CharField(1)
        adresse = peewee.TextField()
        insee = peewee.CharField(5, null=True)
        code_postal = peewee.CharField(5)
        ville = peewee.TextField()
        telephone = peewee.BlobField(null=True)
        sejours = peewee.TextField()
        gir = peewee.SmallIntegerField(null=True)
        etat = peewee.TextField()
        statut = peewee.TextField()
        referent_kind = peewee.TextField()
        referent_rpps = peewee.BigIntegerField(null=True)
        referent_texte = peewee.TextField()
        lie = peewee.ForeignKeyField("self", null=True, on_delete="SET NULL")
        created = peewee.BigIntegerField()
        updated = peewee.BigIntegerField()
        version = peewee.IntegerField(default=1)

        class Meta:
            table_name = "dossier"
            indexes = ((("module", "numero"), True),)

    class Lien(db.Model):
        rpps = peewee.BigIntegerField()
        dossier = peewee.ForeignKeyField(Dossier, on_delete="CASCADE", index=True)
        etat = peewee.TextField()
        version = peewee.IntegerField(default=1)
        decide_par = peewee.BigIntegerField(null=True)
        decide_le = peewee.BigIntegerField(null=True)
        module = peewee.CharField(3)
        onglet = peewee.TextField(null=True)
        numero = peewee.IntegerField()
        patient = peewee.TextField()
        code_postal = peewee.CharField(5)
        ville = peewee.TextField()
        referent = peewee.TextField()
        statut = peewee.TextField()
        lie_module = peewee.CharField(3, null=True)
        lie_numero = peewee.IntegerField(null=True)
        maj = peewee.BigIntegerField()
        tri_patient = peewee.TextField()
        tri_referent = peewee.TextField()
        rang = peewee.SmallIntegerField()
        mots = peewee.TextField()

        class Meta:
            table_name = "lien"
            primary_key = peewee.CompositeKey("rpps", "dossier")
            without_rowid = True
            indexes = (
                (("rpps", "module", "onglet", "maj", "numero"), False),
                (("rpps", "module", "onglet", "numero"), False),
                (("rpps", "module", "onglet", "tri_patient", "numero"), False),
                (("rpps", "module", "onglet", "tri_referent", "numero"), False),
                (("rpps", "module", "onglet", "rang", "numero"), False),
            )

    class Compteur(db.Model):
        rpps = peewee.BigIntegerField()
        module = peewee.CharField(3)
        onglet = peewee.TextField()
        n = peewee.IntegerField()

        class Meta:
            table_name = "compteur"
            primary_key = peewee.CompositeKey("rpps", "module", "onglet")
            without_rowid = True

    db.create_tables([Dossier, Lien, Compteur])
