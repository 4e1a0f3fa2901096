"""Words of the calculator: each line of the estimate, the rules it follows, and what it leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.annuaire import genres
from portal.annuaire.cout import HELPED, Estimation, Regles, Situation
from portal.annuaire.models import Tarif
from portal.annuaire.presenters_recherche import NBSP, PATH, euros
from portal.annuaire.recherche import Fiche
from portal.web import dates

PERMANENT = "permanent"


@dataclass(frozen=True)
class LigneVue:
    """One line: words, an amount, why."""

    label: str
    montant: str
    pourquoi: str = ""
    fort: bool = False


@dataclass(frozen=True)
class EstimationVue:
    """The estimate ready to print."""

    reste: str
    lignes: list[LigneVue]
    remarques: list[str]


@dataclass(frozen=True)
class ReglesVue:
    """The rules used: their time, their sources, and a warning once they have ended."""

    periode: str
    sources: tuple[str, ...]
    passees: bool


@dataclass(frozen=True)
class LieuVue:
    """The establishment, its prices to choose from (value, words), and whether it takes the « aide sociale »."""

    nom: str
    url: str
    tarifs: list[tuple[str, str]]
    aide_sociale: bool


def priced(found: Fiche) -> list[Tarif]:
    """The prices of a permanent stay that say what lodging costs."""
    return [row for row in found.tarifs if row.sejour == PERMANENT and row.hebergement is not None]


def place(found: Fiche) -> LieuVue:
    """What the form shows of the establishment."""
    tarifs = [(str(row.id), _price(row)) for row in priced(found)]
    return LieuVue(found.etablissement.nom, f"{PATH}/{found.etablissement.finess}", tarifs,
                   found.etablissement.aide_sociale)


def rules(used: Regles, today: date) -> ReglesVue:
    """The rules of today, with their sources."""
    return ReglesVue(f"du {dates.day(used.depuis)} au {dates.day(used.jusqua)}", used.sources, today > used.jusqua)


def estimate(case: Situation, found: Estimation, used: Regles) -> EstimationVue:
    """Every line of the estimate, from the bill to what remains."""
    lines = [
        LigneVue("Hébergement", euros(found.hebergement), f"{euros(case.hebergement)} par jour"),
        LigneVue("Dépendance", euros(found.dependance), _dependency(case)),
        LigneVue("Facture du mois", euros(found.facture), fort=True),
    ]
    if found.apa:
        lines.append(LigneVue("Allocation personnalisée d’autonomie (APA)", f"− {euros(found.apa)}",
                              "versée à l’établissement par le département"))
    if found.logement:
        lines.append(LigneVue("Aide au logement", f"− {euros(found.logement)}", "le montant que vous avez indiqué"))
    if found.aide_sociale:
        lines.append(LigneVue("Aide sociale à l’hébergement", f"− {euros(found.aide_sociale)}",
                              "avance du département, récupérable sur la succession"))
    lines.append(LigneVue("Reste à payer chaque mois", euros(found.reste), fort=True))
    if found.reduction:
        words = "" if found.reduction_sure else "au plus, et seulement si l’impôt dû l’atteint"
        lines.append(LigneVue("Réduction d’impôt, ramenée au mois", f"− {euros(found.reduction)}", words))
        if found.reduction_sure:
            lines.append(LigneVue("Reste après la réduction d’impôt", euros(found.apres_impot), fort=True))
    return EstimationVue(euros(round(found.reste, -2)), lines, _remarks(case, found, used))


def _remarks(case: Situation, found: Estimation, used: Regles) -> list[str]:
    """What was supposed, and what is left out."""
    remarks = []
    if case.forfait is None and case.gir <= HELPED and case.ressources is None:
        remarks.append(
            "Sans les ressources, l’estimation compte la participation la plus faible à la dépendance. Elle augmente "
            f"au-dessus de {euros(round(used.bas))} de ressources par mois.")
    if case.aide_sociale:
        remarks.append(
            "L’aide sociale est accordée par le département, qui peut demander une participation à la famille et "
            "récupérer les sommes sur la succession.")
    if case.couple:
        remarks.append("En couple, les ressources sont divisées par deux.")
    if not found.dependance:
        remarks.append("Aucune dépense de dépendance n’est comptée\u00a0: la réduction d’impôt n’y est pas ouverte.")
    if found.reduction:
        remarks.append("La réduction d’impôt est calculée sur douze mois pareils\u202f; elle se demande avec la "
                       "déclaration de revenus.")
    return remarks


def _dependency(case: Situation) -> str:
    if case.forfait is not None:
        return f"participation de {euros(case.forfait)} par jour"
    return f"GIR {case.gir}, {euros(case.dependance)} par jour"


def _price(row: Tarif) -> str:
    """« Chambre seule : 65,20 € par jour »."""
    room = genres.CHAMBRES.get(row.chambre, "Hébergement")
    return f"{room}{NBSP}: {euros(row.hebergement or 0)} par jour"
