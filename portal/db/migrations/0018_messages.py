"""Messages of a request, mails of notices that wait, and when each account takes them."""

import peewee


def up(migrator, db):
    class Message(db.Model):
        demande_id = peewee.IntegerField()
        cote = peewee.TextField()
        par = peewee.TextField()
        subject = peewee.TextField()
        cle = peewee.CharField(32)
        texte = peewee.BlobField()
        at = peewee.BigIntegerField()
        lu_le = peewee.BigIntegerField(null=True)
        lu_par = peewee.TextField(default="")

        class Meta:
            table_name = "message"
            indexes = ((("demande_id", "subject", "cle"), True), (("demande_id", "id"), False))

    class AvisEnvoi(db.Model):
        avis_id = peewee.IntegerField()
        cible = peewee.TextField()
        du = peewee.BigIntegerField()

        class Meta:
            table_name = "avis_envoi"
            primary_key = peewee.CompositeKey("avis_id", "cible")
            indexes = ((("cible", "du"), False), (("du",), False))

    db.create_tables([Message, AvisEnvoi])
    yes, no, boolean = ("TRUE", "FALSE", "BOOLEAN") if isinstance(db, peewee.PostgresqlDatabase) else (1, 0, "INTEGER")
    for sql in (
        f"ALTER TABLE preference ADD COLUMN quotidien {boolean} NOT NULL DEFAULT {no}",
        "ALTER TABLE preference ADD COLUMN calme_debut INTEGER DEFAULT 20",
        "ALTER TABLE preference ADD COLUMN calme_fin INTEGER NOT NULL DEFAULT 8",
        f"ALTER TABLE usager ADD COLUMN avis {boolean} NOT NULL DEFAULT {yes}",
    ):
        db.execute_sql(sql)
