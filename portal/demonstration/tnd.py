"""The demonstration's children: four requests to a TND platform, each at another point of being prepared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from portal import clock
from portal.db import database
from portal.demonstration.volets import ALICE
from portal.dossiers import commands as dossiers
from portal.dossiers import queries
from portal.dossiers.commands import Nouveau
from portal.dossiers.models import Dossier
from portal.tnd import reperage
from portal.volets import commands, definitions
from portal.volets import queries as volets
from portal.volets.formulaire import Value

Answers = dict[str, Value]
Steps = Sequence[tuple[str, Answers, str]]
EARLIER = timedelta(days=9)


@dataclass(frozen=True)
class Enfant:
    """A child: ``mois`` old, ``jours`` more."""

    nom: str
    prenom: str
    sexe: str
    mois: int
    jours: int = 5


LEO, JADE = Enfant("MERCIER", "LÉO", "M", 26), Enfant("FAURE", "JADE", "F", 50)
NINO, MILA = Enfant("RENAUD", "NINO", "M", 13), Enfant("COLIN", "MILA", "F", 82)


def ensure() -> None:
    """Open and fill the children's dossiers; nothing if they are there."""
    database.connect()
    if Dossier.select().where(Dossier.module == "tnd", Dossier.nom_naissance == LEO.nom,
                              Dossier.prenom == LEO.prenom).exists():
        return
    with database.writing(), clock.shift(-EARLIER):
        child(MILA, ())
        child(NINO, (("administratif", administrative(NINO.nom, "attente"), ""),
                      ("reperage", grid("m6", refused=("m6_la_syllabes",), prematurite="oui", terme="31"), "")))
        child(JADE, (
            ("administratif", administrative(JADE.nom, "non"), "valider"),
            ("reperage", grid("a4", refused=(
                "a4_la_intelligible", "a4_la_je", "a4_la_present", "a4_so_cherche", "a4_so_groupe"),
                inquietude="oui", inquietude_precisions="L’école signale peu d’échanges avec les autres enfants."),
             "valider"),
            ("medical", medical(), "")))
        ready(LEO)


def ready(who: Enfant) -> Dossier:
    """A child whose three volets are signed and whose parents agreed: his request may leave."""
    return child(who, (
        ("administratif", administrative(who.nom), "valider"),
        ("reperage", grid("m24", refused=("m24_la_dix_mots", "m24_la_deux_mots", "m24_so_semblant", "m24_so_interet"),
                          inquietude="oui", inquietude_precisions="Il ne parle presque pas."), "valider"),
        ("medical", medical(), "valider")))


# --- answers, in canonical form

def administrative(nom: str, second: str = "oui") -> Answers:
    """Two parents; ``second``: the answer of the second one."""
    dated: Answers = {"titulaire2_accord_le": _ago(4)} if second == "oui" else {}
    return {
        "titulaires": "deux", "titulaire1_nom": f"{nom} Claire", "titulaire1_lien": "mere",
        "titulaire1_telephone": "06 39 98 00 11", "titulaire1_accord": "oui", "titulaire1_accord_le": _ago(5),
        "titulaire2_nom": f"{nom} Hugo", "titulaire2_lien": "pere", "titulaire2_telephone": "06 39 98 00 12",
        "titulaire2_accord": second, "residence": "ensemble", "accueil": "creche",
        "accueil_nom": "Crèche des Tilleuls", "accueil_commune": "14000 CAEN", "mdph": "non", **dated}


def grid(tranche: str, *, refused: Sequence[str], **more: Value) -> Answers:
    """All the indicators of a range are there but ``refused``; ``more``: other answers of the volet."""
    form = definitions.latest("tnd", "reperage")
    items: Answers = {name: reperage.NON if name in refused else reperage.OUI
                      for name in form.fields if name.startswith(f"{tranche}_")}
    found: Answers = {"date_examen": _ago(6), "prematurite": "non", "tranches": [tranche], "regression": "non",
                      "inquietude": "non", "suite": "adresser"}
    return found | items | more


def medical() -> Answers:
    """A letter, checks and follow-ups."""
    return {
        "lettre": "Retard de langage et peu d’échanges. Merci de votre avis et des bilans utiles.",
        "prescription_le": _ago(3), "antecedents": "Otites à répétition, aérateurs posés il y a un an.",
        "developpement": "Assis à 8 mois, marche à 16 mois, premiers mots à 22 mois.", "audition": "normal",
        "audition_le": _ago(40), "vue": "prevu", "bilans_faits": ["orthophonie"],
        "bilans_resultats": "Orthophonie : retard de parole et de langage.".replace(" :", "\u00a0:"),
        "suivis": ["pmi"], "bilans_proposes": ["psychomotricite", "psychologie"],
        "bilans_conventionnes": ["orthophonie"]}


def _ago(days: int) -> str:
    return (clock.today() - timedelta(days=days)).isoformat()


def child(who: Enfant, steps: Steps) -> Dossier:
    """A dossier that Dr Alice MARTIN leads, its volets brought where ``steps`` say."""
    today = clock.today()
    month = today.year * 12 + today.month - 1 - who.mois
    born = today.replace(year=month // 12, month=month % 12 + 1, day=1) - timedelta(days=who.jours)
    made = dossiers.create(ALICE, "tnd", Nouveau(
        civilite="", nom_naissance=who.nom, nom_usage="", prenom=who.prenom, prenoms=who.prenom, naissance=born,
        sexe=who.sexe, telephone="02 31 00 40 10", adresse="12 rue des Tanneurs", insee="14118", code_postal="14000",
        ville="CAEN", sejours=("Psychomotricité",)))
    assert ALICE.rpps is not None
    seen = queries.visible_dossier(ALICE.rpps, "tnd", made.numero)
    for code, answers, event in steps:
        _write(seen, code, answers, event)
    return made


def _write(seen: queries.Visible, code: str, answers: Mapping[str, Value], event: str) -> None:
    commands.first(ALICE, seen.dossier, code, answers)
    if event:
        commands.validate(ALICE, seen, code, volets.opened(seen, code).version)
