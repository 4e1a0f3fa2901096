"""The module that a request follows, the médecin traitant's agreement, renewals; the ranks of more statuses."""

import peewee

# The order of dossiers.rules.STATUTS: a row keeps its status's place in it.
STATUTS = (
    "non_envoyee", "en_redaction", "demande_envoyee", "transmise", "attente_reponse", "consulte", "etude", "complement",
    "liste_attente", "admission_proposee", "proposition_acceptee", "proposition_declinee", "accord_recu",
    "accord_decline", "accord_confirme", "parcours_valide", "bilans_en_cours", "synthese_recue", "parcours_renouvele",
    "refusee", "demande_refusee", "reorientee", "non_finalisee", "parcours_clos", "admis", "annule", "historise",
)


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("demande", "module", peewee.CharField(3, default="ga")),
        migrator.add_column("demande", "accord", peewee.TextField(default="")),
        migrator.add_column("demande", "accord_par", peewee.TextField(default="")),
        migrator.add_column("demande", "accord_le", peewee.BigIntegerField(null=True)),
        migrator.add_column("demande", "renouvellements", peewee.SmallIntegerField(default=0)),
        migrator.add_column("demande", "rappel_fin_le", peewee.BigIntegerField(null=True)),
    )
    db.execute_sql("UPDATE demande SET module = (SELECT module FROM dossier WHERE id = demande.dossier_id)")
    whens = " ".join(f"WHEN '{code}' THEN {rank}" for rank, code in enumerate(STATUTS))
    db.execute_sql(f"UPDATE lien SET rang = CASE statut {whens} ELSE rang END")  # noqa: S608  # our own codes
