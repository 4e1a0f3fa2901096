"""Who may be asked, the best first: the ranking of the orientation help, without those that can't take the patient."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from portal.dossiers.queries import Visible
from portal.orientation import queries as orientation
from portal.orientation.rules import Besoin, Rang
from portal.vagues.candidats import CARES, Souhait
from portal.vagues.rules import Candidat


def ranked(seen: Visible, readable: Collection[str], wanted: Souhait, limit: int) -> list[Candidat]:
    """At most ``limit`` units that may take the patient, the best first; none where the town is unknown."""
    need, _ = orientation.need(seen, readable)
    if CARES[need.prise_en_charge] == wanted.genre:
        need = replace(need, rayon=wanted.rayon)
    else:
        # Another kind of unit than the volet asks for: what it says of that kind no longer counts.
        need = Besoin(wanted.genre, wanted.rayon, isolement=need.isolement, soins=need.soins, age=need.age)
    found = orientation.ranked(need, wanted.lieu) or []
    return [_candidate(one, need) for one in found if one.possible][:limit]


def _candidate(one: Rang, need: Besoin) -> Candidat:
    place = one.offre
    ask = ", ".join(text[:1].lower() + text[1:] for text in one.inconnu)
    unknown = (f"À vérifier – {ask}",) if ask else ()
    return Candidat(place.etablissement_id, place.unite_id, need.sejour or (*place.sejours, "complet")[0], place.nom,
                    place.lieu, place.distance, (*one.pour, *unknown))
