"""SQLAlchemy's models of the peers' file, and the table's two questions, as its documentation advises."""

from __future__ import annotations

import os
from datetime import date

from sqlalchemy import ForeignKey, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship, sessionmaker

from bench.peers.page import PAGE_SIZE
from portal.dossiers import rules
from portal.dossiers.rules import Statut

PRAGMAS = ("journal_mode = wal", "synchronous = full", "cache_size = -64000", "mmap_size = 1073741824",
           "temp_store = memory")

engine = create_engine(f"sqlite:///{os.environ.get('BENCH_PEERS', ':memory:')}",
                       connect_args={"check_same_thread": False})
NewSession = sessionmaker(engine)


@event.listens_for(engine, "connect")
def _tuned(connection, _record) -> None:
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


class Base(DeclarativeBase):
    """The tables of the normalised schema."""


class Medecin(Base):
    """A physician; the user name is his RPPS number."""

    __tablename__ = "django_app_medecin"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    first_name: Mapped[str]
    last_name: Mapped[str]
    charte: Mapped[str]

    @property
    def name(self) -> str:
        return f"Dr {self.first_name} {self.last_name}"


class Commune(Base):
    """A town."""

    __tablename__ = "django_app_commune"
    id: Mapped[int] = mapped_column(primary_key=True)
    code_postal: Mapped[str]
    nom: Mapped[str]


class Patient(Base):
    """A person."""

    __tablename__ = "django_app_patient"
    id: Mapped[int] = mapped_column(primary_key=True)
    civilite: Mapped[str]
    nom_naissance: Mapped[str]
    nom_usage: Mapped[str]
    prenom: Mapped[str]
    naissance: Mapped[date]
    adresse: Mapped[str]
    commune_id: Mapped[int] = mapped_column(ForeignKey("django_app_commune.id"))
    commune: Mapped[Commune] = relationship()

    @property
    def label(self) -> str:
        return rules.patient_label(self.nom_naissance, self.nom_usage, self.prenom, self.civilite)


class Structure(Base):
    """Who leads a request when it is neither a physician nor the patient."""

    __tablename__ = "django_app_structure"
    id: Mapped[int] = mapped_column(primary_key=True)
    nom: Mapped[str]


class Dossier(Base):
    """One request for one person."""

    __tablename__ = "django_app_dossier"
    id: Mapped[int] = mapped_column(primary_key=True)
    module: Mapped[str]
    numero: Mapped[int]
    patient_id: Mapped[int] = mapped_column(ForeignKey("django_app_patient.id"))
    statut: Mapped[str]
    referent_kind: Mapped[str]
    referent_medecin_id: Mapped[int | None] = mapped_column(ForeignKey("django_app_medecin.id"))
    referent_structure_id: Mapped[int | None] = mapped_column(ForeignKey("django_app_structure.id"))
    lie_id: Mapped[int | None] = mapped_column(ForeignKey("django_app_dossier.id"))
    patient: Mapped[Patient] = relationship()
    referent_medecin: Mapped[Medecin | None] = relationship()
    referent_structure: Mapped[Structure | None] = relationship()
    lie: Mapped[Dossier | None] = relationship(remote_side="Dossier.id")

    @property
    def slug(self) -> str:
        return rules.MODULES[self.module].slug

    @property
    def words(self) -> Statut:
        return rules.STATUTS[self.statut]

    def referent(self, medecin_id: int) -> str:
        """Who leads the request, as this physician reads it."""
        if self.referent_kind == "patient":
            return "Le patient"
        if self.referent_medecin is not None:
            return "Vous" if self.referent_medecin_id == medecin_id else self.referent_medecin.name
        assert self.referent_structure is not None
        return self.referent_structure.nom


class Lien(Base):
    """A physician's link to a dossier."""

    __tablename__ = "django_app_lien"
    id: Mapped[int] = mapped_column(primary_key=True)
    medecin_id: Mapped[int] = mapped_column(ForeignKey("django_app_medecin.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("django_app_dossier.id"))
    etat: Mapped[str]
    module: Mapped[str]
    onglet: Mapped[str | None]
    maj: Mapped[int]
    numero: Mapped[int]
    dossier: Mapped[Dossier] = relationship()

    @property
    def referent(self) -> str:
        return self.dossier.referent(self.medecin_id)


class Compteur(Base):
    """How many dossiers a physician's tab holds."""

    __tablename__ = "django_app_compteur"
    id: Mapped[int] = mapped_column(primary_key=True)
    medecin_id: Mapped[int] = mapped_column(ForeignKey("django_app_medecin.id"))
    module: Mapped[str]
    onglet: Mapped[str]
    n: Mapped[int]


def medecin(session: Session, rpps: str) -> Medecin | None:
    """The physician of a session's cookie."""
    return session.scalar(select(Medecin).where(Medecin.username == rpps))


def liens(session: Session, owner: Medecin, module: str, onglet: str) -> list[Lien]:
    """One page of a tab, newest first, and one row more; everything the rows print in the same statement."""
    dossier = joinedload(Lien.dossier)
    return list(session.scalars(
        select(Lien)
        .where(Lien.medecin_id == owner.id, Lien.module == module, Lien.onglet == onglet)
        .options(dossier.joinedload(Dossier.patient).joinedload(Patient.commune),
                 dossier.joinedload(Dossier.referent_medecin), dossier.joinedload(Dossier.referent_structure),
                 dossier.joinedload(Dossier.lie))
        .order_by(Lien.maj.desc(), Lien.numero.desc()).limit(PAGE_SIZE + 1)))


def counts(session: Session, owner: Medecin, module: str) -> dict[str, int]:
    """How many dossiers each tab holds."""
    found = session.execute(select(Compteur.onglet, Compteur.n).where(
        Compteur.medecin_id == owner.id, Compteur.module == module))
    return dict(found.all())
