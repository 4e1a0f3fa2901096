"""What finds dossiers finds those one may see: by number, name, sécurité sociale number or birth date, in every list,
count, suggestion and file. What is another's leaves what one finds exactly as if it did not exist."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from starlette.applications import Starlette

from tests.acces import scene
from tests.acces.navigateur import Navigateur
from tests.acces.scene import Place
from tests.acces.visiteurs import everybody
from tests.support.client import HTMX

# Nobody's number, name, birth date and sécurité sociale number, as long as the dossier's own.
NOBODY = {"numero": "99999999", "nom": "ZQMOTXZZNOM", "prenom": "ZQMOTXZZPRENOM", "jour": "28/02/1931",
          "nir": scene.nir(99)}
SEARCHES = ("/dossiers/recherche?numero={numero}", "/dossiers/recherche?numero=ga+{numero}",
            "/dossiers/grand-age?q={nom}", "/dossiers/grand-age?q={numero}", "/dossiers/grand-age?onglet=admis&q={nom}",
            "/dossiers/grand-age?onglet=hors_patientele&q={nom}", "/dossiers/grand-age/tableau.csv?q={nom}",
            "/dossiers/grand-age/tableau.csv?q={numero}", "/compte/acces?numero={numero}", "/taches?q={nom}",
            "/accueil?q={nom}", "/avis?q={nom}", "/avis/etat", "/espaces/etablissement?q={nom}",
            "/espaces/coordination?q={nom}", "/espaces/coordination?q={numero}", "/aide/recherche?q={nom}")
FORMS = {"/dossiers/grand-age/creer/doublons": ("nom", "prenom", "jour", "nir"),
         "/dossiers/grand-age/creer": ("nom", "prenom", "jour", "nir"),
         "/espaces/coordination/creer/grand-age": ("nom", "prenom", "jour", "nir"),
         "/espaces/usager/medecin": ("nom",), "/espaces/usager": ("numero", "jour")}
FIELDS = {"nom": "nom_naissance", "prenom": "prenoms", "jour": "naissance", "nir": "nir", "numero": "numero"}
# Those to whom the first grand âge dossiers are another's, each way of standing outside.
OUTSIDE = ("medecin", "remplace", "delegue-tnd", "etablissement-jamais", "coordination-autre", "hopital-cede",
           "assistance", "patient-autre", "anonyme")


def known(place: Place) -> dict[str, str]:
    """By what a dossier may be looked for."""
    one = place.dossier
    return {"numero": str(one.numero), "nom": one.nom_naissance, "prenom": one.prenom,
            "jour": f"{one.naissance:%d/%m/%Y}", "nir": place.nir}


@pytest.mark.proves("A4", "V8.2.2")
def test_what_is_anothers_is_found_nowhere(opened_app: Starlette, midday: datetime) -> None:
    made = scene.furnish()
    people = everybody(opened_app, made)
    wrong = []
    with Navigateur(opened_app) as nav:
        for who in (people[name] for name in OUTSIDE):
            for place in (made.places["ga m"]["redaction"], made.places["ga c"]["admis"]):
                told = known(place)
                for path in SEARCHES:
                    for headers in ({}, HTMX):
                        there = nav.get(who, path.format(**told), **headers)
                        nowhere = nav.get(who, path.format(**NOBODY), **headers)
                        if (there.status, _plain(there.text, told)) != (nowhere.status, _plain(nowhere.text, NOBODY)):
                            wrong.append(f"{who.nom}: {path}")
                for path, names in FORMS.items():
                    there, nowhere = (nav.post(who, path, {FIELDS[name]: values[name] for name in names} | REST)
                                      for values in (told, NOBODY))
                    if (there.status, _plain(there.text, told)) != (nowhere.status, _plain(nowhere.text, NOBODY)):
                        wrong.append(f"{who.nom}: POST {path}")
    assert not wrong, "\n".join(wrong)


REST = {"sexe": "F", "civilite": "MME", "telephone": "02 31 11 22 33", "ville": "14000 CAEN", "nom": "Doe"}


# A form's own number, with which it has one effect however often it is sent.
SENDING = re.compile(r'name="envoi" value="[^"]*"')


def _plain(text: str, told: dict[str, str]) -> str:
    """An answer without what was typed, which a page says again."""
    text = SENDING.sub("", text)
    for value in sorted(told.values(), key=len, reverse=True):
        text = re.sub(rf"(?<!\d){re.escape(value)}(?!\d)", "X", text, flags=re.IGNORECASE)
    return text


@pytest.mark.proves("A4")
def test_what_is_ones_own_is_found(opened_app: Starlette, midday: datetime) -> None:
    """The same questions, asked by the physician whose dossier it is: the test above compares something."""
    made = scene.furnish()
    people = everybody(opened_app, made)
    place = made.places["ga m"]["redaction"]
    told, mark = known(place), (place.code, "prenom")
    with Navigateur(opened_app) as nav:
        for path in SEARCHES[2:4] + SEARCHES[6:8]:
            assert mark in scene.words(nav.get(people["referent"], path.format(**told)).text), path
        form = "/dossiers/grand-age/creer/doublons"
        asked = {FIELDS[name]: told[name] for name in FORMS[form] if name != "prenom"} | REST
        assert mark in scene.words(nav.post(people["referent"], form, asked | {"prenoms": "Inconnue"}).text)
        found = nav.get(people["referent"], SEARCHES[0].format(**told))
        assert found.place.endswith(f"/{place.dossier.numero}")
