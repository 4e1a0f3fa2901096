"""The person's other request: from a sanitaire dossier the Grand Âge one and back, linked and prefilled."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from portal.db import database
from portal.db.audit import Trace
from portal.dossiers import commands as dossiers
from portal.dossiers import queries, suite
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.settings import Settings
from portal.volets import commands, definitions, passerelle
from portal.volets import queries as volets
from portal.volets.formulaire import Value
from portal.web.session import Access
from tests.support.client import Answer, Client
from tests.support.delegues import CHLOE, EVERYTHING, lent, physician, secretary
from tests.support.people import LEROUX
from tests.support.volets import ALICE, ALICE_ACTS

MEDICAL: dict[str, Value] = {
    "diagnostic": "Fracture du col du fémur.", "antecedents": "Hypertension.", "ordonnance": "texte",
    "traitements": "Paracétamol", "poids": "58.5", "taille": "157", "allergies": "non", "bmr": "oui",
    "bmr_site": "urines", "symptomes": ["anxiete", "suicide"], "commentaire": "Pour le médecin du SMR."}
CARE: dict[str, Value] = {"avq_habillage": "a3", "reeducation": ["kine"], "fausse_route": "non",
                          "commentaire": "Pour l’équipe."}
INFORMED = {"information": "oui"}


@pytest.fixture
def alice(client: Client, midday: datetime) -> Client:
    return client.login(ALICE)


def hospital() -> Visible:
    """Mme LEROUX is in hospital: her sanitaire dossier, with what its volets say so far."""
    return filled("s", ("SSR",), {
        "demandeur": {"origine": "hospitalise"}, "administratif": {"contact1_nom": "Lemoine Anne", "apa": "oui"},
        "medical": MEDICAL, "soins": CARE})


def filled(module: str, stays: tuple[str, ...], answers: dict[str, dict[str, Value]]) -> Visible:
    with database.writing():
        made = dossiers.create(ALICE_ACTS, module, replace(LEROUX, sejours=stays))
        for code, said in answers.items():
            commands.first(ALICE_ACTS, made, code, said)
    return queries.visible_dossier(ALICE, module, made.numero)


def here(seen: Visible) -> str:
    return f"/dossiers/{seen.module.slug}/{seen.dossier.numero}"


def mate_of(seen: Visible) -> Visible:
    """The dossier it is linked to now."""
    mate = Dossier.get_by_id(seen.dossier.id).lie
    return queries.visible_dossier(ALICE, mate.module, mate.numero)


def ask(who: Client, seen: Visible, status: int = 303, **typed: str) -> Answer:
    return who.post(f"{here(seen)}/autre-demande", typed, status)


def test_the_discharge_plan_opens_a_linked_grand_age_dossier_prefilled(alice: Client) -> None:
    seen = hospital()
    assert "Volet médical" in alice.get(f"{here(seen)}/autre-demande").text
    ask(alice, seen, sejour_0="oui", **INFORMED)
    made = mate_of(seen)
    assert (made.module.code, made.dossier.lie_id) == ("ga", seen.dossier.id)
    assert (made.dossier.nom_naissance, made.dossier.naissance, made.dossier.sejours) == (
        seen.dossier.nom_naissance, seen.dossier.naissance, "Permanent")
    admin, medical = volets.opened(made, "administratif"), volets.opened(made, "medical")
    assert admin.answers == {
        "sejours": ["permanent"], "contact1_nom": "Lemoine Anne", "apa": "oui", "lieu_vie": "hopital"}
    assert medical.answers | {"motif": "hospitalisation", "reeducation": ["kine"], "fausse_route": "non"} == (
        medical.answers)
    assert medical.answers["traitements"] == "Paracétamol" and medical.answers["bmr_site"] == "urines"


def test_each_answer_taken_over_says_where_it_comes_from_and_none_is_validated(alice: Client) -> None:
    seen = hospital()
    ask(alice, seen, sejour_0="oui", **INFORMED)
    made = mate_of(seen)
    admin, medical = volets.opened(made, "administratif"), volets.opened(made, "medical")
    assert set(medical.copies) == set(medical.answers) and set(medical.copies.values()) == {seen.label}
    assert "sejours" not in admin.copies  # chosen just now
    assert {one.etat for one in volets.situations(made)} == {"en_cours", "vide"}
    assert f"Repris de {seen.label}" in alice.get(f"{here(made)}/volets/medical").text
    read = {one.detail for one in Trace.select().where(Trace.dossier == seen.label, Trace.event == "volet.ouvert")}
    assert read == {"demandeur", "administratif", "medical", "soins"}


def test_an_answer_that_the_other_form_does_not_have_and_remarks_to_one_reader_stay_behind(alice: Client) -> None:
    seen = hospital()
    ask(alice, seen, sejour_0="oui", **INFORMED)
    medical = volets.opened(mate_of(seen), "medical")
    assert "symptomes" not in medical.answers  # « risque suicidaire » is no choice there
    assert medical.answers["commentaire"] == "Pour le médecin du SMR."  # the team's own is not


def test_a_grand_age_dossier_opens_a_sanitaire_one(alice: Client) -> None:
    seen = filled("ga", ("Permanent",), {
        "administratif": {"lieu_vie": "domicile", "contact1_nom": "Lemoine Anne"},
        "medical": {"antecedents": "Hypertension.", "appareillages": ["fauteuil"]}})
    ask(alice, seen, sejour_1="oui", **INFORMED)
    made = mate_of(seen)
    assert made.module.code == "s"
    told = {code: volets.opened(made, code).answers for code in ("demandeur", "orientation", "medical", "soins")}
    assert told["demandeur"] == {"origine": "domicile"}
    assert told["orientation"] == {
        "prise_en_charge": "had", "lieu_nature": "domicile",
        "lieu_recherche": f"{LEROUX.code_postal} {LEROUX.ville}"}
    assert told["medical"]["antecedents"] == "Hypertension."
    assert told["soins"] == {"appareillages": ["fauteuil"], "projet_sortie": "ehpad", "ehpad_demande": "oui"}


def test_what_is_missing_is_told_and_nothing_is_made(alice: Client) -> None:
    seen = hospital()
    stay, told = ask(alice, seen, 422).errors
    assert "cochez au moins un choix" in stay and told.startswith("Informez la personne")
    assert Dossier.select().count() == 1


def test_a_dossier_already_under_way_is_offered_first(alice: Client) -> None:
    seen, other = hospital(), filled("ga", ("Jour",), {})
    refused = ask(alice, seen, 422, sejour_0="oui", **INFORMED)
    assert refused.errors == [suite.CONFIRM] and other.label in refused.text
    ask(alice, seen, sejour_0="oui", confirme="oui", **INFORMED)
    assert mate_of(seen).dossier.id not in (seen.dossier.id, other.dossier.id)


def test_a_second_click_makes_no_third_dossier(alice: Client) -> None:
    seen = hospital()
    ask(alice, seen, sejour_0="oui", **INFORMED)
    again = ask(alice, seen, 409, sejour_0="oui", **INFORMED)
    assert mate_of(seen).label in again.text and Dossier.select().count() == 2


def test_a_closed_dossier_and_a_child_s_open_none(alice: Client) -> None:
    seen = hospital()
    with database.writing():
        dossiers.set_status(ALICE_ACTS, seen.dossier, "annule")
    assert "clos" in ask(alice, seen, 409, sejour_0="oui", **INFORMED).text
    alice.get(f"{here(filled('tnd', ('Psychologie',), {}))}/autre-demande", 404)


def test_the_volet_of_the_discharge_plan_leads_there_then_to_the_linked_dossier(alice: Client) -> None:
    seen = hospital()
    place = f"{here(seen)}/volets/soins"
    assert alice.get(place).soup.select(f'a[href="{here(seen)}/autre-demande"]')
    ask(alice, seen, sejour_0="oui", **INFORMED)
    after = alice.get(place)
    assert not after.soup.select('a[href$="autre-demande"]')
    assert after.soup.select(f'a[href="{here(mate_of(seen))}"]')


@pytest.mark.parametrize("module", ["ga", "s"])
def test_what_is_said_otherwise_in_the_other_module_exists_there(module: str) -> None:
    target = {one.volet: one for one in definitions.volets(module)}
    source = {one.volet: one for one in definitions.volets({"ga": "s", "s": "ga"}[module])}
    for same in passerelle.SAME[module]:
        assert same.codes <= source[same.volet].fields[same.champ].labels.keys()
        assert same.valeur in target[same.cible].fields[same.question].labels
    for name in passerelle.STAYS[module]:
        for code, answers in passerelle.asked(module, (name,), "14000 CAEN").items():
            for field, value in answers.items():
                labels = target[code].fields[field].labels
                assert not labels or set([value] if isinstance(value, str) else value) <= labels.keys()


def chloe(client: Client, settings: Settings, *modules: str) -> None:
    """Dr Chloé PETIT acts for Dr Alice MARTIN in these modules."""
    made = lent(settings, replace(EVERYTHING, modules=modules))
    who = physician(CHLOE)
    client.login(CHLOE, who.name, who.id, delegation_id=made.id)


def test_who_was_lent_one_module_alone_prepares_no_request_in_the_other(
        client: Client, midday: datetime, settings: Settings) -> None:
    database.connect()
    physician(ALICE)
    seen = hospital()
    chloe(client, settings, "s")
    assert suite.NOT_LENT in client.get(f"{here(seen)}/autre-demande", 403).text
    ask(client, seen, 403, sejour_0="oui", **INFORMED)
    assert Dossier.select().count() == 1
    assert suite.NOT_LENT in client.get(here(seen)).text  # among what is not possible now


def test_a_secretary_takes_over_what_she_reads_and_no_more(
        client: Client, midday: datetime, settings: Settings) -> None:
    database.connect()
    physician(ALICE)
    seen = hospital()
    found, made = secretary(settings)
    client.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject,
                 delegation_id=made.id)
    assert "Volet médical" not in client.get(f"{here(seen)}/autre-demande").text
    ask(client, seen, sejour_0="oui", **INFORMED)
    new = mate_of(seen)
    assert volets.opened(new, "administratif").answers["contact1_nom"] == "Lemoine Anne"
    assert volets.opened(new, "medical").etat == "vide"
    read = {one.detail for one in Trace.select().where(Trace.dossier == seen.label, Trace.event == "volet.ouvert")}
    assert read == {"demandeur", "administratif"}
