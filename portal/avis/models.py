"""The table of notices: what happened that somebody should know."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Avis(Model):
    """One notice to one addressee: « medecin:10100000011 » (RPPS), « structure:3 » or « usager:7 » (rows).

    ``code``: see ``rules.CODES``. ``dossier`` is its label (« ga 43009190 »): no name, no word of health.
    ``lu_le``: seen in the portal; ``poste_le``: dealt with as a mail (sent, grouped into one, or declined).
    """

    id = peewee.AutoField()
    destinataire = peewee.TextField()
    code = peewee.TextField()
    dossier = peewee.TextField()
    demande_id = peewee.IntegerField(null=True)
    at = UtcDateTimeField()
    lu_le = UtcDateTimeField(null=True)
    poste_le = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("destinataire", "lu_le", "at"), False), (("poste_le", "at"), False))


class AvisEnvoi(Model):
    """A notice that waits to be mailed to one person: « compte:12 » or « usager:7 » (rows), not before ``du``.

    Its row goes in the transaction that writes the mail.
    """

    avis_id = peewee.IntegerField()
    cible = peewee.TextField()
    du = UtcDateTimeField()

    class Meta:
        primary_key = peewee.CompositeKey("avis_id", "cible")
        indexes = ((("cible", "du"), False), (("du",), False))
