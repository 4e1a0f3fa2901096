"""One row for each kind of data: which tables hold it, how long, on what ground, what then becomes of it.

Every table of the database stands in one row (a test fails for one that does not); the same rows are the table of
docs/dev/conservation.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.echeances.rules import months_later

EFFACE, PSEUDONYMISE, SUIT, GARDE = "effacées", "pseudonymisées", "suivent", "gardées"

CNIL_SOIN = (
    "CNIL, référentiel des cabinets médicaux, délibération n°\u00a02020-081 du 18 juin 2020\u00a0: 5 ans en base "
    "active puis 15 ans archivées (à vérifier). L’article R. 1112-7 du code de la santé publique (20 ans, et 28ᵉ "
    "anniversaire d’un mineur) n’oblige que les établissements\u00a0; l’Ordre des médecins conseille de s’y aligner "
    "(à vérifier).")
MINIMUM = "RGPD, art.\u00a05.1.e\u00a0: pas plus longtemps que le but ne le demande."
SOCIAL = ("CNIL, référentiel des durées du secteur social et médico-social, délibération n°\u00a02023-095 du "
          "14 septembre 2023\u00a0: 2 ans après le dernier contact (à vérifier).")
PREUVE = "Code civil, art.\u00a02224\u00a0: preuve de qui a agi pour qui, 5 ans."
NOBODY = "Aucune donnée d’une personne."
MAJORITE = 28
"""A child's dossier is kept at least until this birthday."""


@dataclass(frozen=True)
class Regle:
    """One kind of data. ``setting``: the field of Settings that says how long (its name ends in _days, _months or
    _years), or ``fixed``, a delay that nobody chooses; ``since``, in words, from when it counts.

    ``where``: SQL on the first table, true of the rows whose time is over; its ``?`` is the instant in milliseconds,
    or the day, before which they must lie. ``key``: what names a row. ``job``: which job of ``portal echeances``
    does it.
    """

    code: str
    tables: tuple[str, ...]
    what: str
    does: str
    ground: str
    setting: str = ""
    fixed: timedelta | None = None
    since: str = ""
    where: str = ""
    key: str = "id"
    day: bool = False
    job: str = "conservation"


REGLES = (
    Regle("dossiers", ("dossier", "lien"), "Dossiers admis, annulés ou archivés, avec tout ce qu’ils portent", EFFACE,
          CNIL_SOIN, "dossiers_kept_years", since="le dernier changement",
          where="etat NOT IN ('redaction', 'actif') AND updated < ?"),
    Regle("non-confirmes", ("annulation",), "Dossiers ouverts par une personne qui n’a jamais confirmé son adresse",
          EFFACE, MINIMUM, "unconfirmed_kept_days", since="l’annulation", key="dossier_id",
          where="motif = 'courriel' AND at < ?"),
    Regle("contenu", (
        "volet", "volet_signature", "aggir_evaluation", "piece", "piece_contenu", "demande", "pas", "message",
        "had_evaluation", "notification", "notification_reponse", "parcours", "parcours_professionnel", "vague_plan",
        "vague_cible", "suivi", "transfert", "usager", "creation_usager"),
        "Volets et leurs signatures, pièces, demandes, messages, notifications de la CDAPH, parcours, personnes qui "
        "suivent le dossier", SUIT, CNIL_SOIN, since="avec leur dossier"),
    Regle("journal", ("trace",), "Journal d’audit\u00a0: qui a fait quoi sur quel dossier, sans nom de patient", EFFACE,
          "CNIL, recommandation sur la journalisation, délibération n°\u00a02021-122 du 14 octobre 2021\u00a0: 6 mois "
          "à un an, jusqu’à 3 ans quand le contrôle interne le demande (à vérifier).", "audit_months", since="l’acte",
          job="purge-audit"),
    Regle("avis", ("avis",), "Avis\u00a0: ce qui est arrivé à un dossier", EFFACE, MINIMUM, "notices_kept_days",
          since="l’avis", where="at < ?", job="avis"),
    Regle("avis-en-attente", ("avis_envoi",), "Avis à écrire par courriel, dont l’avis n’est plus", EFFACE, MINIMUM,
          fixed=timedelta(days=1), since="l’heure d’envoi prévue", key="avis_id",
          where="du < ? AND avis_id NOT IN (SELECT id FROM avis)"),
    Regle("courriels", ("courriel",), "Courriels\u00a0: adresse et objet (le texte est effacé à l’envoi)", EFFACE,
          MINIMUM, "mails_kept_days", since="l’écriture", where="created < ?"),
    Regle("sessions", ("session",), "Sessions", EFFACE, MINIMUM, fixed=timedelta(days=1), since="leur fin", key="key",
          where="ends < ?"),
    Regle("freins", ("frein",), "Essais comptés pour freiner qui devine, sous forme d’empreintes", EFFACE,
          "RGPD, art.\u00a032\u00a0: sécurité.", fixed=timedelta(days=1), since="le dernier essai", key="key",
          where="last < ?"),
    Regle("otp", ("tentative_otp",), "Connexions entre le mot de passe et le code", EFFACE, MINIMUM,
          fixed=timedelta(days=1), since="le mot de passe", key="key", where="started < ?"),
    Regle("liens", ("lien_usager",), "Liens envoyés aux personnes et à leurs proches", EFFACE, MINIMUM,
          fixed=timedelta(0), since="leur fin", key="hash", where="expire < ?"),
    Regle("changements", ("changement_courriel",), "Changements d’adresse demandés et non finis", EFFACE, MINIMUM,
          fixed=timedelta(days=2), since="la demande", key="usager_id", where="created < ?"),
    Regle("navigateurs", ("appareil",), "Navigateurs connus d’un compte, sous forme d’empreintes", EFFACE,
          "RGPD, art.\u00a032\u00a0: sécurité.", fixed=timedelta(days=400), since="leur dernier usage", key="hash",
          where="used < ?"),
    Regle("invitations", ("invitation",), "Invitations de secrétaires", EFFACE, MINIMUM, "invitations_kept_months",
          since="leur fin", key="key", where="until < ?"),
    Regle("invites", ("invite",), "Invitations à travailler pour une structure", EFFACE, MINIMUM,
          "invitations_kept_months", since="leur fin", key="key", where="until < ?"),
    Regle("delegations", ("delegation",), "Délégations finies ou révoquées", EFFACE, PREUVE, "delegations_kept_years",
          since="leur fin", day=True, where="COALESCE(ends, '9999') < ?"),
    Regle("delegations-revoquees", ("delegation",), "Délégations révoquées avant leur fin", EFFACE, PREUVE,
          "delegations_kept_years", since="la révocation", where="revoked_at < ?"),
    Regle("comptes", ("compte",), "Comptes sans connexion\u00a0: fermés, coordonnées et moyens de connexion "
          "effacés\u00a0; le nom et le numéro RPPS qui signent des dossiers restent", PSEUDONYMISE, MINIMUM,
          "accounts_unused_months", since="la dernière connexion"),
    Regle("compte-contenu", (
        "acceptation", "application_otp", "cle_acces", "code_secours", "lien_mot_de_passe", "preference", "visite",
        "membre"), "Chartes acceptées, moyens de connexion, préférences, visite, rôles d’un compte", SUIT, MINIMUM,
        since="avec leur compte (les chartes acceptées restent avec le nom)"),
    Regle("papier", ("papier",), "Dossiers reçus sur papier par un établissement, entrés ou clos", EFFACE, SOCIAL,
          "papers_kept_months", since="le dernier changement", where="etat IN ('admis', 'clos') AND updated < ?"),
    Regle("opinions", ("opinion",), "Opinions sur l’aide\u00a0: des nombres par jour", EFFACE, NOBODY,
          "opinions_kept_months", since="le jour", key="jour", day=True, where="jour < ?"),
    Regle("envois", ("volet_envoi",), "Clés d’enregistrements déjà faits", EFFACE, NOBODY, fixed=timedelta(days=2),
          since="l’enregistrement", key="cle", where="le < ?"),
    Regle("formulaires", ("envoi",), "Formulaires déjà reçus\u00a0: leur empreinte, et où ils ont mené", EFFACE,
          MINIMUM, fixed=timedelta(days=1), since="l’envoi", key="cle", where="le < ?"),
    Regle("memoire", ("fait",), "Ce que les travaux ont déjà fait", EFFACE, NOBODY, fixed=timedelta(days=400),
          since="le travail", where="at < ?", job="memoire"),
    Regle("statistiques", ("etablissement_reponse",), "Délais et motifs de réponse d’un établissement, recomptés sur "
          "un an", GARDE, NOBODY),
    Regle("annuaire", ("etablissement", "tarif", "unite", "unite_capacite", "pco_territoire", "structure"),
          "Annuaire public, structures et leurs équipes", GARDE, NOBODY),
    Regle("compteurs", ("numero", "compteur", "bail", "schema_migration"), "Compteurs, baux des travaux, versions",
          GARDE, NOBODY),
)
# The full-text and map indexes that a database makes for itself belong to the directory.
INDEXES = ("etablissement_lieu",)


@dataclass(frozen=True)
class Branche:
    """What hangs from a dossier: rows of ``table`` for which ``where`` is true, its ``?`` being the dossier's row."""

    table: str
    where: str


_OF = "dossier_id = ?"
_DEMANDES = "(SELECT id FROM demande WHERE dossier_id = ?)"
_PARCOURS = f"(SELECT id FROM parcours WHERE demande_id IN {_DEMANDES})"  # noqa: S608  # our own words
_VOLETS = "(SELECT id FROM volet WHERE dossier_id = ?)"
_USAGERS = "(SELECT id FROM usager WHERE dossier_id = ?)"
_LABEL = "(SELECT module || ' ' || numero FROM dossier WHERE id = ?)"

OF_DOSSIER = (
    Branche("avis_envoi", f"avis_id IN (SELECT id FROM avis WHERE dossier = {_LABEL})"),  # noqa: S608
    Branche("avis", f"dossier = {_LABEL}"),
    Branche("message", f"demande_id IN {_DEMANDES}"),
    Branche("pas", f"demande_id IN {_DEMANDES}"),
    Branche("parcours_professionnel", f"parcours_id IN {_PARCOURS}"),
    Branche("parcours", f"demande_id IN {_DEMANDES}"),
    Branche("vague_cible", "plan_id IN (SELECT id FROM vague_plan WHERE dossier_id = ?)"),
    Branche("vague_plan", _OF),
    Branche("demande", _OF),
    Branche("piece_contenu", "piece_id IN (SELECT id FROM piece WHERE dossier_id = ?)"),
    Branche("piece", _OF),
    Branche("volet_envoi", f"volet_id IN {_VOLETS}"),
    Branche("volet_signature", f"volet_id IN {_VOLETS}"),
    Branche("volet", _OF),
    Branche("aggir_evaluation", _OF),
    Branche("had_evaluation", _OF),
    Branche("notification", _OF),
    Branche("notification_reponse", _OF),
    Branche("annulation", _OF),
    Branche("creation_usager", _OF),
    Branche("suivi", _OF),
    Branche("transfert", _OF),
    Branche("lien_usager", f"usager_id IN {_USAGERS}"),
    Branche("changement_courriel", f"usager_id IN {_USAGERS}"),
    Branche("session", "subject IN (SELECT subject FROM usager WHERE dossier_id = ?)"),
    Branche("usager", _OF),
    Branche("lien", _OF),
    Branche("dossier", "id = ?"),
)
"""Children before what they hang from."""

# What goes when an account is closed; the charters accepted stay with the name.
OF_ACCOUNT = ("application_otp", "cle_acces", "code_secours", "tentative_otp", "lien_mot_de_passe", "preference",
              "visite", "appareil", "session")
CLOSED = "@compte-ferme.invalid"
"""The end of the address of a closed account (RFC 2606: nobody's)."""

OBLIGED = (
    ("volet validé", f"SELECT 1 FROM volet_signature WHERE volet_id IN {_VOLETS}"),  # noqa: S608
    ("pièce jointe", "SELECT 1 FROM piece WHERE dossier_id = ?"),
    ("demande partie", "SELECT 1 FROM demande WHERE dossier_id = ? AND envoyee_le IS NOT NULL"),
    ("évaluation HAD", "SELECT 1 FROM had_evaluation WHERE dossier_id = ?"),
)
"""What makes a dossier part of a care that has to be provable: its erasure before its time asks for a motive."""

MOTIFS = {
    "consentement": "la personne retire son consentement (RGPD, art.\u00a017.1.b)",
    "opposition": "la personne s’oppose, sans motif impérieux contraire (art.\u00a017.1.c)",
    "illicite": "les données n’auraient pas dû être traitées (art.\u00a017.1.d)",
    "erreur": "le dossier a été ouvert par erreur ou sur la mauvaise personne",
    "decision": "un juge ou la CNIL l’ordonne (art.\u00a017.1.e)",
}
DELAI = "delai"


def before(now: datetime, setting: str, value: int) -> datetime:
    """The instant before which a row must lie for its time to be over; ``setting`` says the unit by its end."""
    if setting.endswith("_days"):
        return now - timedelta(days=value)
    months = value * (12 if setting.endswith("_years") else 1)
    return datetime.combine(months_later(now.date(), -months), now.time(), now.tzinfo)


def delay(regle: Regle, value: int) -> str:
    """« 20 ans », « 90 jours », « aussitôt »: how long, in French."""
    if regle.fixed is not None:
        value, unit = regle.fixed.days, "jour"
    else:
        unit = {"days": "jour", "months": "mois", "years": "an"}[regle.setting.rpartition("_")[2]]
    if value == 0:
        return "aussitôt"
    return f"{value}\u00a0{unit}{'s' if value > 1 and unit != 'mois' else ''}"


def tables() -> list[str]:
    """Every table that stands in a row."""
    return sorted({table for regle in REGLES for table in regle.tables} | {one.table for one in OF_DOSSIER})


def missing(there: Iterable[str]) -> list[str]:
    """The tables of a database that stand in no row."""
    known = set(tables())
    return sorted(name for name in there if name not in known and not name.startswith((*INDEXES, "sqlite_")))
