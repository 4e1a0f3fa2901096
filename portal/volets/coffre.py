"""How a volet's content is sealed: one JSON text, bound to its dossier and its volet.

The place of each seal names the dossier by its label (« ga 43009190 »), so that a content moved to another dossier,
another volet or another version opens nowhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.db.base import from_millis, to_millis
from portal.db.crypto import keys
from portal.volets.formulaire import Answers, Value


@dataclass(frozen=True)
class Ancienne:
    """Answers that a newer version of the form no longer asks for: the version that asked them."""

    version: int
    answers: dict[str, Value] = field(repr=False)


@dataclass(frozen=True)
class Contenu:
    """What a volet holds: the answers, for each copied one the dossier it comes from, who wrote each and when,
    and what newer versions of the form left aside."""

    answers: dict[str, Value] = field(default_factory=dict, repr=False)
    copies: dict[str, str] = field(default_factory=dict)
    authors: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    former: tuple[Ancienne, ...] = ()


def seal(label: str, code: str, contenu: Contenu) -> bytes:
    """The content of one volet, as its row keeps it."""
    return _seal(_plain(contenu), "volet", f"{label} {code}")


def unseal(label: str, code: str, blob: bytes) -> Contenu:
    """The content of one volet; raises SealBroken."""
    return _read(_unseal(blob, "volet", f"{label} {code}"))


def seal_signed(label: str, code: str, version: int, contenu: Contenu) -> bytes:
    """The content that was signed as this version."""
    return _seal(_plain(contenu), "volet_signature", f"{label} {code} {version}")


def unseal_signed(label: str, code: str, version: int, blob: bytes) -> Contenu:
    """What was signed as this version; raises SealBroken."""
    return _read(_unseal(blob, "volet_signature", f"{label} {code} {version}"))


def seal_result(label: str, version: int, result: dict[str, Any]) -> bytes:
    """An AGGIR evaluation: lignes (answers by line), profil, gir, rang, groupe, somme."""
    return _seal(result, "aggir_evaluation", f"{label} {version}")


def unseal_result(label: str, version: int, blob: bytes) -> dict[str, Any]:
    """What ``seal_result`` sealed; raises SealBroken."""
    return _unseal(blob, "aggir_evaluation", f"{label} {version}")


def shown_only(contenu: Contenu, shown: frozenset[str]) -> tuple[Answers, dict[str, str]]:
    """The answers and the copy marks of the questions that are asked."""
    return ({name: value for name, value in contenu.answers.items() if name in shown},
            {name: source for name, source in contenu.copies.items() if name in shown})


def _plain(contenu: Contenu) -> dict[str, Any]:
    return {
        "reponses": contenu.answers, "copies": contenu.copies,
        "auteurs": {name: (who, to_millis(at)) for name, (who, at) in contenu.authors.items()},
        "anciennes": [{"version": one.version, "reponses": one.answers} for one in contenu.former],
    }


def _read(plain: dict[str, Any]) -> Contenu:
    return Contenu(
        plain["reponses"], plain["copies"],
        {name: (who, from_millis(at)) for name, (who, at) in plain["auteurs"].items()},
        tuple(Ancienne(one["version"], one["reponses"]) for one in plain["anciennes"]))


def _seal(plain: dict[str, Any], table: str, row: str) -> bytes:
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return keys().seal(text, table=table, row=row, column="resultat" if table == "aggir_evaluation" else "contenu")


def _unseal(blob: bytes, table: str, row: str) -> dict[str, Any]:
    column = "resultat" if table == "aggir_evaluation" else "contenu"
    found: dict[str, Any] = json.loads(keys().open(blob, table=table, row=row, column=column))
    return found
