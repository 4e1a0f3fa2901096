"""Every sealed column of the database, and every fingerprint: what ``portal rekey`` goes through.

A seal is bound to a place, table:row:column. The words of the row are here as SQL, so that any value can be opened
and sealed anew without the feature that wrote it. A test holds this table to the models: a binary column that is
neither here nor in ``IN_CLEAR`` fails it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

_DOSSIER = "JOIN dossier d ON d.id = t.dossier_id"
_LABEL = ("d.module", "d.numero")


@dataclass(frozen=True)
class Sealed:
    """One sealed column. ``place``: SQL of the words that name its row, joined by a blank, of the table ``t`` and of
    what ``join`` adds. ``name``: the table as the seal calls it, when it is another one. ``former``: how an earlier
    version named the row. ``batch``: how many values one transaction holds at most."""

    table: str
    column: str
    key: str
    place: tuple[str, ...]
    join: str = ""
    name: str = ""
    former: tuple[str, ...] = ()
    batch: int = 200

    @property
    def seal_table(self) -> str:
        """The table's name inside the seal."""
        return self.name or self.table

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass(frozen=True)
class Fingerprint:
    """A column that finds a sealed value again: HMAC for ``purpose`` of what ``content`` makes of the clear bytes.

    It stands in the rows of ``table`` whose ``key`` is the one of the sealed value ``of``.
    """

    table: str
    column: str
    key: str
    of: tuple[str, str]
    purpose: str
    length: int
    content: Callable[[bytes], bytes] = bytes


def _address(clear: bytes) -> bytes:
    return clear.decode().strip().lower().encode()


def _digest(clear: bytes) -> bytes:
    return hashlib.sha256(clear).digest()


SEALED = (
    *(Sealed("dossier", column, "id", ("t.module", "t.numero"))
      for column in ("telephone", "telephone2", "courriel", "nir")),
    Sealed("volet", "contenu", "id", (*_LABEL, "t.code"), _DOSSIER),
    Sealed("volet_signature", "contenu", "id", (*_LABEL, "v.code", "t.version"),
           "JOIN volet v ON v.id = t.volet_id JOIN dossier d ON d.id = v.dossier_id"),
    Sealed("aggir_evaluation", "resultat", "id", (*_LABEL, "t.version"), _DOSSIER),
    *(Sealed("demande", column, "id", ("t.id",))
      for column in ("motif_texte", "avis_texte", "complement", "complement_reponse")),
    Sealed("message", "texte", "id", ("t.demande_id", "t.subject", "t.cle")),
    Sealed("piece", "nom", "id", (*_LABEL, "t.id"), _DOSSIER),
    # Up to 10 MiB each.
    Sealed("piece_contenu", "contenu", "piece_id", (*_LABEL, "t.piece_id"),
           "JOIN piece p ON p.id = t.piece_id JOIN dossier d ON d.id = p.dossier_id", name="piece", batch=4),
    Sealed("notification", "contenu", "dossier_id", ("t.dossier_id",)),
    Sealed("notification_reponse", "contenu", "id", ("t.dossier_id", "t.id"), former=("t.dossier_id",)),
    Sealed("had_evaluation", "contenu", "id", (*_LABEL, "t.id"), _DOSSIER),
    Sealed("parcours", "synthese", "id", ("t.id",)),
    Sealed("parcours_professionnel", "nom", "id", ("t.id",)),
    *(Sealed("papier", column, "id", ("t.id",)) for column in ("nom", "prenom", "telephone")),
    *(Sealed("usager", column, "id", ("t.subject",)) for column in ("courriel", "telephone")),
    Sealed("changement_courriel", "courriel", "usager_id", ("u.subject",), "JOIN usager u ON u.id = t.usager_id"),
    Sealed("compte", "telephone", "id", ("t.subject",)),
    Sealed("application_otp", "secret", "key", ("t.key",)),
    Sealed("session", "data", "key", ("t.key",)),
)

FINGERPRINTS = (
    Fingerprint("dossier", "nir_empreinte", "id", ("dossier", "nir"), "dossier.nir", 32),
    Fingerprint("usager", "courriel_empreinte", "id", ("usager", "courriel"), "usager.courriel", 32, _address),
    Fingerprint("changement_courriel", "courriel_empreinte", "usager_id", ("changement_courriel", "courriel"),
                "usager.courriel", 32, _address),
    Fingerprint("piece", "empreinte", "id", ("piece_contenu", "contenu"), "piece", 64, _digest),
)

# Binary columns that hold nothing to hide, and why.
IN_CLEAR = {
    ("trace", "mac"): "an authentication code",
    ("cle_acces", "credential"): "a passkey's public name",
    ("cle_acces", "public_key"): "a passkey's public key",
}
