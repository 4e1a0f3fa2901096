"""Clocks: who runs which job until when, what was done once for all, and the indexes that jobs and worklists read."""

import peewee


def up(migrator, db):
    class Bail(db.Model):
        nom = peewee.CharField(40, primary_key=True)
        detenteur = peewee.TextField(default="")
        jusque = peewee.BigIntegerField(null=True)
        prochain = peewee.BigIntegerField()
        dernier = peewee.BigIntegerField(null=True)
        resultat = peewee.TextField(default="")

        class Meta:
            table_name = "bail"

    class Fait(db.Model):
        travail = peewee.CharField(40)
        cle = peewee.CharField(80)
        at = peewee.BigIntegerField(index=True)

        class Meta:
            table_name = "fait"
            primary_key = peewee.CompositeKey("travail", "cle")
            without_rowid = True

    db.create_tables([Bail, Fait])
    # Since when a physician has been asked, for those asked before it was noted.
    db.execute_sql("UPDATE lien SET decide_le = maj WHERE decide_le IS NULL")
    for sql in (
        "CREATE INDEX lien_taches ON lien (rpps, etat, decide_le, module, rang) WHERE onglet = 'en_cours'",
        "CREATE INDEX volet_valide ON volet (dossier_id, code) WHERE etat = 'valide'",
        "CREATE INDEX dossier_etat_updated ON dossier (module, etat, updated)",
        "CREATE INDEX dossier_alerte ON dossier (alerte_le) WHERE alerte_le IS NOT NULL",
        "CREATE INDEX transfert_rpps ON transfert (rpps, propose_le)",
        "CREATE INDEX delegation_ends ON delegation (ends) WHERE revoked_at IS NULL AND ends IS NOT NULL",
        "CREATE INDEX demande_dossier_etat ON demande "
        "(dossier_id, etat, envoyee_le, updated, relancee_le, complement_le)",
        "CREATE INDEX demande_etat_envoyee ON demande (etat, envoyee_le)",
        "CREATE INDEX demande_promesse ON demande (promesse_le) "
        "WHERE promesse_le IS NOT NULL AND repondue_le IS NULL AND escalade_le IS NULL",
    ):
        db.execute_sql(sql)
