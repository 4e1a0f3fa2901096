"""The demonstration's dossiers: every row that the practical guide prints, and thousands around them."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from portal import clock
from portal.db import audit, database
from portal.db.audit import Actor
from portal.db.base import db, many, numbered, to_millis
from portal.demonstration import dossiers_noms as noms
from portal.dossiers import commands, identite, lignes, rules, scelles
from portal.dossiers.models import Dossier, Lien

ALICE, BOB = 10100000011, 10100000022
OTHERS = [10100001007 + 11 * rank for rank in range(40)]
SEED = 14042021
MIX = (62, 27, 11)
CHUNK = 5_000
# Module and number of a linked dossier.
Mate = tuple[str, int] | None
FIRST_NUMBERS = {"ga": 41_000_016, "s": 1_990_008, "tnd": 100_300}
GUIDE = Path(__file__).with_name("dossiers_fiche.json")

# Share of each fate: how the dossier stands and how the link stands.
FATES = (
    (48, "en_cours", "accepte"), (12, "en_cours", "attente"), (6, "en_cours", "refuse"),
    (13, "admis", "accepte"), (8, "annule", "accepte"), (1, "annule", "attente"), (12, "historise", "accepte"),
)


def ensure() -> None:
    """Make the dossiers of a new demonstration; nothing if some are there."""
    database.connect()
    if Dossier.select().exists():
        return
    generate([ALICE], 403, seed=SEED, mix=(252, 106, 45))
    generate([BOB], 150, seed=SEED + 1)
    generate(OTHERS, 3_450, seed=SEED + 2)
    with database.writing():
        for rank, printed in enumerate(json.loads(GUIDE.read_text("utf-8"))):
            _insert_printed(rank, printed)


def generate(physicians: Sequence[int], n: int, *, seed: int = SEED, mix: tuple[int, int, int] = MIX) -> None:
    """Add ``n`` fictional dossiers shared out among physicians, in one transaction and in bulk.

    ``mix``: shares of grand âge, sanitaire, TND. One million takes a few minutes; the same seed in
    the same base gives the same dossiers.
    """
    database.connect()
    maker = _Maker(random.Random(seed), clock.now(), mix)  # noqa: S311  # fiction, not secrecy
    with database.writing():
        maker.start_after_existing()
        rows, linked = maker.rows(physicians, n), []
        while chunk := list(islice(rows, CHUNK)):
            # Linked once both are there: each of a pair names the other.
            linked += [(row["lie_id"], row["id"]) for row, _ in chunk if row["lie_id"]]
            _insert_many(Dossier, [row | {"lie_id": None} for row, _ in chunk])
            _insert_many(Lien, [row for _, row in chunk])
        many("UPDATE dossier SET lie_id = ? WHERE id = ?", linked)
        _add_counts(maker.counts)


@dataclass
class _Maker:
    """Invents dossiers one after the other; keeps the last id, numbers and counters."""

    random: random.Random
    now: datetime
    mix: tuple[int, int, int]
    last_id: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    counts: Counter[tuple[int, str, str]] = field(default_factory=Counter)

    def start_after_existing(self) -> None:
        """Go on from the last id and numbers of the base."""
        self.last_id = db.execute_sql("SELECT COALESCE(MAX(id), 0) FROM dossier").fetchone()[0]
        found = dict(db.execute_sql("SELECT module, MAX(numero) FROM dossier GROUP BY module").fetchall())
        self.numbers = FIRST_NUMBERS | found

    def rows(self, physicians: Sequence[int], n: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Pairs of rows (Dossier, Lien), physician after physician: the tables grow in their own order."""
        for rank, rpps in enumerate(physicians):
            share = n * (rank + 1) // len(physicians) - n * rank // len(physicians)
            while share > 0:
                made = self._pair(rpps) if share > 1 and self.random.random() < 0.03 else [self._one(rpps)]
                share -= len(made)
                yield from ((_dossier_row(dossier), self._lien_row(dossier, rpps, etat, mate))
                            for dossier, etat, mate in made)

    def _one(self, rpps: int) -> tuple[Dossier, str, Mate]:
        module = self.random.choices(("ga", "s", "tnd"), self.mix)[0]
        return *self._dossier(module, self._person(module), rpps), None

    def _pair(self, rpps: int) -> list[tuple[Dossier, str, Mate]]:
        """A grand âge and a sanitaire dossier of one person, each naming the other."""
        person = self._person("ga")
        one, _ = self._dossier("ga", person, rpps)
        two, _ = self._dossier("s", person, rpps)
        one.lie_id, two.lie_id = two.id, one.id
        return [(one, "accepte", ("s", two.numero)), (two, "accepte", ("ga", one.numero))]

    def _person(self, module: str) -> dict[str, Any]:
        pick = self.random.choice
        woman = self.random.random() < 0.6
        code_postal, ville = pick(noms.VILLES)
        if module == "tnd":
            prenom, days = pick(noms.PRENOMS_ENFANT_F if woman else noms.PRENOMS_ENFANT_M), (200, 2400)
        else:
            prenom = pick(noms.PRENOMS_F if woman else noms.PRENOMS_M)
            days = (68 * 365, 101 * 365) if module == "ga" else (40 * 365, 96 * 365)
        married = woman and module != "tnd" and self.random.random() < 0.35
        return {
            "civilite": "" if module == "tnd" else "Mme" if woman else "M", "sexe": "F" if woman else "M",
            "nom_naissance": pick(noms.NOMS), "prenom": prenom,
            "nom_usage": pick(noms.NOMS) if married else "",
            "naissance": self.now.date() - timedelta(days=self.random.randint(*days)),
            "code_postal": code_postal, "ville": ville, "insee": None,
            "adresse": f"{self.random.randint(1, 90)} {pick(noms.VOIES)}",
        }

    def _dossier(self, module: str, person: dict[str, Any], rpps: int) -> tuple[Dossier, str]:
        pick = self.random.choice
        _, fate, etat = self.random.choices(FATES, [share for share, *_ in FATES])[0]
        closed = fate != "en_cours"
        statut = fate if closed else pick(_OPEN[module])
        since = self.random.randint(*((60_000, 900_000) if closed else (400, 300_000)))
        updated = self.now - timedelta(minutes=since)
        self.last_id += 1
        self.numbers[module] += self.random.randint(1, 3)
        numero = self.numbers[module]
        stays = rules.MODULES[module].stays
        kind, owner, text = self._referent(module, rpps, etat)
        telephone = f"02 31 00 {self.random.randint(10, 99)} {self.random.randint(10, 99)}"
        return Dossier(
            id=self.last_id, module=module, numero=numero, **person,
            telephone=scelles.seal(module, numero, "telephone", telephone),
            sejours=", ".join(name for name in stays if name == stays[0] or self.random.random() < 0.25),
            gir=pick((None, 1, 2, 3, 4, 5, 6)) if module == "ga" else None, etat=rules.STATUTS[statut].etat,
            statut=statut, referent_kind=kind, referent_rpps=owner, referent_texte=text, updated=updated,
            created=updated - timedelta(minutes=self.random.randint(30, 90_000)), version=1,
        ), etat

    def _referent(self, module: str, rpps: int, etat: str) -> tuple[str, int | None, str]:
        chance = self.random.random()
        if chance < 0.25 and etat == "accepte":
            return "medecin", rpps, f"Médecin {rpps}"
        if chance < 0.45 and module != "s":
            return "patient", None, ""
        return "structure", None, self.random.choice(noms.STRUCTURES[module])

    def _lien_row(self, dossier: Dossier, rpps: int, etat: str, mate: Mate) -> dict[str, Any]:
        copied = lignes.copies(dossier, rpps, etat, mate)
        for onglet in lignes.buckets(etat, copied["onglet"]):
            self.counts[rpps, dossier.module, onglet] += 1
        decided = etat != "attente"
        return copied | {
            "rpps": rpps, "dossier_id": dossier.id, "etat": etat, "version": 2 if decided else 1,
            "decide_par": rpps if decided else None, "maj": to_millis(dossier.updated),
            "decide_le": to_millis(dossier.updated),
        }


_OPEN = {
    module: [statut.code for statut in rules.statuses(module) if statut.etat in ("redaction", "actif")]
    for module in rules.MODULES
}


def _dossier_row(dossier: Dossier) -> dict[str, Any]:
    row: dict[str, Any] = dossier.__data__ | {
        "naissance": dossier.naissance.isoformat(), "created": to_millis(dossier.created),
        "updated": to_millis(dossier.updated), "lie_id": dossier.lie_id,
    }
    row.pop("lie", None)
    return row


def _insert_many(table: Any, rows: list[dict[str, Any]]) -> None:
    names = list(rows[0])
    sql = (f"INSERT INTO {table._meta.table_name} ({', '.join(names)}) "
           f"VALUES ({', '.join('?' * len(names))})")
    many(sql, [tuple(row[name] for name in names) for row in rows])
    if "id" in names:
        numbered(table._meta.table_name)


def _add_counts(counts: Counter[tuple[int, str, str]]) -> None:
    sql = ("INSERT INTO compteur (rpps, module, onglet, n) VALUES (?, ?, ?, ?) "
           "ON CONFLICT (rpps, module, onglet) DO UPDATE SET n = compteur.n + excluded.n")
    many(sql, [(*key, n) for key, n in counts.items()])


def _insert_printed(rank: int, printed: dict[str, Any]) -> None:
    """One row of the practical guide, as recent as its place on the page, with the acts that led to it."""
    numero = rules.parse_numero(printed["numero"])
    if numero is None or numero.module is None:
        raise ValueError(f"no number in {GUIDE.name}: {printed['numero']}")
    statut = rules.STATUTS[printed["statut"]]
    updated = clock.now() - timedelta(minutes=7 * (rank + 1))
    mine, patient = printed["referent"] == lignes.YOU, printed["referent"] == lignes.PATIENT
    dossier = Dossier.create(
        module=numero.module, numero=numero.value, civilite=printed["civilite"], sexe=printed["sexe"],
        nom_naissance=printed["nom"], nom_usage=printed.get("usage", ""), prenom=printed["prenom"],
        naissance=_birth(printed["age"]), adresse="", **_identity(rank, printed, numero.module, numero.value),
        code_postal=printed["code_postal"], ville=printed["ville"], sejours=printed["sejours"],
        gir=None, etat=statut.etat, statut=statut.code,
        referent_kind="medecin" if mine else "patient" if patient else "structure",
        referent_rpps=ALICE if mine else None,
        referent_texte="Dr Alice MARTIN" if mine else "" if patient else printed["referent"],
        created=updated - timedelta(days=3), updated=updated,
    )
    alice = Actor(ALICE, "Dr Alice MARTIN", "cps")
    with clock.shift(dossier.created - clock.now()):
        if mine:
            commands.attach(alice, dossier, ALICE, "creer")
            return
        referent = Actor(None, "Le patient" if patient else printed["referent"], "interne")
        audit.record(referent, "dossier.cree", dossier=str(numero))
        commands.designate(referent, dossier, ALICE)
    if not printed["attente"]:
        with clock.shift(dossier.updated - clock.now()):
            commands.decide(alice, numero.module, numero.value, "accepter", 1)


def _identity(rank: int, printed: dict[str, Any], module: str, numero: int) -> dict[str, Any]:
    """The rest of the identity of a row that says where the person was born.

    The number of the sécurité sociale is made up (a birth date that moves with the clock, an order number past those
    of a commune's month) and its key is right, so that everything that checks it works.
    """
    if "lieu" not in printed:
        return {}
    code, town = printed["lieu"]
    corps = f"{2 if printed['sexe'] == 'F' else 1}{_birth(printed['age']):%y%m}{code}{990 + rank % 10}"
    nir = corps + identite.key_of(corps)
    return {
        "prenoms": printed["prenoms"], "naissance_insee": code, "naissance_lieu": town,
        "nir": scelles.seal(module, numero, "nir", nir), "nir_empreinte": scelles.fingerprint(nir),
        "telephone": scelles.seal(module, numero, "telephone", f"02 61 91 00 {10 + rank}"),
    }


def _birth(age: int) -> date:
    today = clock.today()
    return date(today.year - age, today.month, 1) - timedelta(days=40)
