"""The helper for a care at home, and asking establishments in waves."""

import peewee


def up(migrator, db):
    class Evaluation(db.Model):
        id = peewee.CharField(32, primary_key=True)
        dossier_id = peewee.IntegerField()
        version = peewee.SmallIntegerField()
        contenu = peewee.BlobField()
        par = peewee.TextField()
        le = peewee.BigIntegerField()

        class Meta:
            table_name = "had_evaluation"
            indexes = ((("dossier_id", "le"), False),)

    class Plan(db.Model):
        id = peewee.AutoField()
        dossier_id = peewee.IntegerField(index=True)
        etat = peewee.TextField()
        cause = peewee.TextField(default="")
        vague = peewee.SmallIntegerField(default=0)
        suivante_le = peewee.BigIntegerField(null=True)
        rayon = peewee.SmallIntegerField()
        rayon_large = peewee.SmallIntegerField()
        heures = peewee.SmallIntegerField()
        par = peewee.TextField()
        created = peewee.BigIntegerField()
        updated = peewee.BigIntegerField()
        version = peewee.IntegerField(default=1)

        class Meta:
            table_name = "vague_plan"
            indexes = ((("etat", "suivante_le"), False),)

    class Cible(db.Model):
        id = peewee.AutoField()
        plan_id = peewee.IntegerField()
        vague = peewee.SmallIntegerField()
        rang = peewee.SmallIntegerField()
        etablissement_id = peewee.IntegerField()
        unite_id = peewee.IntegerField(null=True)
        sejour = peewee.TextField()
        etat = peewee.TextField(default="attente")
        demande_id = peewee.IntegerField(null=True)

        class Meta:
            table_name = "vague_cible"
            indexes = ((("plan_id", "etablissement_id"), True), (("demande_id",), False))

    db.create_tables([Evaluation, Plan, Cible])
    # One search at a time, whoever begins it twice.
    db.execute_sql("CREATE UNIQUE INDEX vague_plan_ouvert ON vague_plan (dossier_id) "
                   "WHERE etat IN ('en_cours', 'pause', 'accord')")
