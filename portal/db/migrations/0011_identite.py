"""A person's whole identity, the numbers of dossiers, and the birth date among a physician's rows."""

import peewee

DIGITS = {"ga": 8, "s": 7, "tnd": 6}


def up(migrator, db):
    class Numero(db.Model):
        module = peewee.CharField(3, primary_key=True)
        dernier = peewee.IntegerField()

        class Meta:
            table_name = "numero"

    db.create_tables([Numero])
    for module, digits in DIGITS.items():
        db.execute_sql(
            "INSERT INTO numero (module, dernier) "
            "SELECT ?, COALESCE(MAX(numero), ?) FROM dossier WHERE module = ?",
            (module, 10 ** (digits - 1) - 1, module))
    migrator.migrate(
        migrator.add_column("dossier", "prenoms", peewee.TextField(default="")),
        migrator.add_column("dossier", "naissance_insee", peewee.CharField(5, null=True)),
        migrator.add_column("dossier", "naissance_lieu", peewee.TextField(default="")),
        migrator.add_column("dossier", "nir", peewee.BlobField(null=True)),
        migrator.add_column("dossier", "nir_empreinte", peewee.CharField(32, null=True)),
        migrator.add_column("dossier", "ins_statut", peewee.CharField(5, default="PROV")),
        migrator.add_column("dossier", "telephone2", peewee.BlobField(null=True)),
        migrator.add_column("dossier", "courriel", peewee.BlobField(null=True)),
        migrator.add_index("dossier", ("nir_empreinte",)),
    )
    # In one statement, for a table without rowids must not be rebuilt as an ordinary one.
    db.execute_sql("ALTER TABLE lien ADD COLUMN naissance VARCHAR(10) NOT NULL DEFAULT ''")
    db.execute_sql("UPDATE lien SET naissance = (SELECT naissance FROM dossier WHERE id = lien.dossier_id)")
    migrator.migrate(migrator.add_index("lien", ("rpps", "naissance")))
