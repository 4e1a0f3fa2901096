"""Attachments: what is known of each, and its sealed bytes apart."""

import peewee


def up(migrator, db):
    class Piece(db.Model):
        id = peewee.CharField(32, primary_key=True)
        dossier_id = peewee.IntegerField()
        kind = peewee.TextField()
        media = peewee.TextField()
        size = peewee.IntegerField()
        empreinte = peewee.CharField(64, null=True)
        nom = peewee.BlobField(null=True)
        par = peewee.TextField()
        le = peewee.BigIntegerField()
        retire_par = peewee.TextField(null=True)
        retire_le = peewee.BigIntegerField(null=True)

        class Meta:
            table_name = "piece"
            indexes = ((("dossier_id", "le"), False),)

    class PieceContenu(db.Model):
        piece_id = peewee.CharField(32, primary_key=True)
        contenu = peewee.BlobField()

        class Meta:
            table_name = "piece_contenu"

    db.create_tables([Piece, PieceContenu])
