"""The demonstration's TND platform: its territory, its people, and the paths behind the statuses of the children."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from portal import clock
from portal.annuaire import commands, geo, territoires
from portal.annuaire.models import Etablissement, Territoire, Unite
from portal.annuaire.rules import key
from portal.db import database
from portal.db.crypto import keys
from portal.demandes import rules
from portal.demandes.models import Demande
from portal.demonstration import demandes, espaces
from portal.demonstration.comptes import BOB
from portal.demonstration.dossiers import ALICE, SEED
from portal.demonstration.espaces import Person
from portal.dossiers.models import Dossier, Lien
from portal.espaces.models import Structure
from portal.espaces.rules import ETABLISSEMENT
from portal.parcours import rules as of_paths
from portal.parcours.models import Parcours, Professionnel

NOM, FINESS = "PCO du Calvados", "149990014"
TEAM = (
    Person("Nadia", "FERRAND", "nadia.ferrand@pco-calvados.example", "admissions referent", "Coordinatrice"),
    Person("Rémi", "HAMEL", "remi.hamel@pco-calvados.example", "medical", "Médecin de la plateforme"),
)
PHYSICIAN = f"Rémi HAMEL, {NOM}"
_OPENED = ("selectionner", "envoyer", "lire", "valider")
_BEGUN = (*_OPENED, "commencer")
# The steps behind each status, the oldest first, and the motive of the last.
STORIES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "transmise": (rules.ENVOYEE, _OPENED[:2], ""), "attente_reponse": (rules.ENVOYEE, _OPENED[:2], ""),
    "consulte": (rules.LUE, _OPENED[:3], ""),
    "complement": (rules.COMPLEMENT, (*_OPENED[:3], "demander_complement"), ""),
    "parcours_valide": (rules.PARCOURS, _OPENED, ""), "bilans_en_cours": (rules.BILANS, _BEGUN, ""),
    "synthese_recue": (rules.SYNTHESE, (*_BEGUN, "synthese"), ""),
    "parcours_renouvele": (rules.RENOUVELE, (*_BEGUN, "renouveler"), ""),
    "parcours_clos": (rules.CLOS, (*_BEGUN, "synthese", "clore_parcours"), "T6"),
    "reorientee": (rules.REORIENTEE, (*_OPENED[:3], "reorienter"), "T12"),
    "demande_refusee": (rules.REFUS, (*_OPENED[:3], "refuser"), "T3"),
}
# Statuses of a path that chance gave to no child are taken from those whose bilans are under way.
RARE = ("synthese_recue", "parcours_renouvele", "parcours_clos", "reorientee", "demande_refusee", "parcours_valide")
QUESTION = "Pouvez-vous préciser la date du dernier contrôle de l’audition\u00a0?"
SYNTHESIS = ("Les bilans vont dans le sens d’un trouble du langage. Orthophonie deux fois par semaine, soutien à "
             "l’école, nouveau point dans six mois.")
PEOPLE = (("Inès BRUN", "psychomot_bilan", of_paths.FAIT), ("Paul LEGRAND", "psy_bilan", of_paths.PREVU),
          ("Anne COUSIN", "conv_orthophoniste", of_paths.FAIT))


def ensure() -> None:
    """Make the platform and its paths once."""
    with database.writing():
        if Structure.select().where(Structure.nom == NOM).exists():
            return
        place = _platform()
        _territories(place)
        random = Random(SEED)  # noqa: S311  # fiction, the same each time
        for dossier in _children():
            _tell(random, dossier, place)


def _platform() -> Etablissement:
    made: Etablissement = Etablissement.create(
        finess=FINESS, nom=NOM, mots=key(NOM), adresse="11 rue des Jonquilles", code_postal="14000", ville="CAEN",
        insee="14118", telephone="02 61 91 44 14", courriel="accueil@pco-calvados.example", source="demonstration",
        position=geo.DIRECTORY, latitude=49.18, longitude=-0.36, incomplets=True, maj=clock.now())
    commands.place(made.id, made.latitude, made.longitude)
    Unite.create(etablissement=made, genre=territoires.GENRE, sejours="parcours", capacite=150)
    team = Structure.create(kind=ETABLISSEMENT, nom=NOM, service="", etablissement_id=made.id,
                            telephone=made.telephone, courriel=TEAM[0].email, code_postal="14000", ville="CAEN",
                            insee="14118", created=clock.now())
    for person in TEAM:
        espaces.account(team, person)
    return made


def _territories(own: Etablissement) -> None:
    """The platform takes the young children of its department; the region's others theirs, or older ones."""
    for unit in Unite.select(Unite, Etablissement).join(Etablissement).where(
            Unite.genre == territoires.GENRE).order_by(Unite.id):
        place = unit.etablissement
        where = territoires.department(place.insee or "14118")
        ages = (0, 7) if place.id == own.id or where != "14" else (7, 12)
        Territoire.insert(unite_id=unit.id, departements=where, age_min=ages[0], avant=ages[1],
                          maj=clock.now()).execute()


def _children() -> list[Dossier]:
    """The dossiers of two physicians whose status tells of a request."""
    found = list(Dossier.select().join(Lien).where(
        Lien.rpps.in_((ALICE, BOB.actor.rpps)), Dossier.module == "tnd", Dossier.statut.in_(sorted(STORIES)))
        .order_by(Dossier.id).distinct())
    absent = [code for code in RARE if all(one.statut != code for one in found)]
    spare = [one for one in found if one.statut == "bilans_en_cours"][1:]
    for dossier, code in zip(spare, absent, strict=False):
        dossier.statut = code
        if code == "parcours_clos":
            dossier.etat = "admis"
        dossier.save()
    return found


def _tell(random: Random, dossier: Dossier, place: Etablissement) -> None:
    etat, events, motif = STORIES[dossier.statut]
    last = min(dossier.updated, clock.now())
    times = [last - timedelta(days=random.randint(4, 20) * rank) for rank in range(len(events))][::-1]
    dates = dict(zip(events, times, strict=True))
    answered = next((dates[one] for one in ("demander_complement", "valider", "reorienter", "refuser") if one in dates),
                    None)
    made = Demande.create(
        dossier_id=dossier.id, module="tnd", etablissement_id=place.id, sejour="parcours", etat=etat,
        version=len(events), motif=motif, created=times[0], updated=last, envoyee_le=dates.get("envoyer"),
        lue_le=dates.get("lire"), repondue_le=answered, renouvellements=int("renouveler" in dates))
    if etat == rules.COMPLEMENT:
        sealed = keys().seal(QUESTION, table="demande", row=str(made.id), column="complement")
        Demande.update(complement=sealed, complement_le=last).where(Demande.id == made.id).execute()
    demandes.insert_steps(made, events, times, motif)
    if "valider" in dates:
        _path(made, dates)


def _path(made: Demande, dates: dict[str, datetime]) -> None:
    start = dates["valider"].date()
    renewed, given = dates.get("renouveler"), dates.get("synthese")
    path: Parcours = Parcours.create(
        demande_id=made.id, debut=start, fin=of_paths.end(start, 24 if renewed else 12),
        points=" ".join(of_paths.CONFORMITE), valide_par=PHYSICIAN, valide_le=dates["valider"],
        renouvele_par=PHYSICIAN if renewed else "", renouvele_le=renewed, synthese_par=PHYSICIAN if given else "",
        synthese_le=given)
    if given:
        path.synthese = keys().seal(SYNTHESIS, table="parcours", row=str(path.id), column="synthese")
        path.save()
    for rank, (nom, mode, etat) in enumerate(PEOPLE if "commencer" in dates else ()):
        profession, objet, euros = of_paths.modes(clock.today())[mode]
        day = clock.today() - timedelta(days=3 + rank) if etat == of_paths.FAIT else clock.today() + timedelta(days=9)
        one: Professionnel = Professionnel.create(
            parcours_id=path.id, mode=mode, profession=profession, objet=objet, euros=euros, bilan_le=day, etat=etat,
            created=dates["commencer"])
        one.nom = keys().seal(nom, table="parcours_professionnel", row=str(one.id), column="nom")
        one.save()
