"""A volet's page: opened, saved field by field, refused, in conflict, validated, reopened, read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from starlette.applications import Starlette

from portal.db import audit, database
from portal.settings import Settings
from portal.volets import commands, forms, reponses, saisie
from portal.volets.formulaire import Kind
from portal.web.session import Access
from tests.support.client import Client
from tests.support.delegues import ALICE, CHLOE, EVERYTHING, lent, physician, secretary
from tests.support.volets import (
    ALICE_ACTS,
    BOB_ACTS,
    EMPTY,
    an_answer,
    complete,
    dossier,
    first,
    form_of,
    inputs_of,
    seen,
    sending,
    shown_bases,
    stored,
    write,
)

WORDS = "Chute en octobre, marche avec une canne"
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def numero(opened_app: Starlette, midday: datetime) -> int:
    """The number of Mme LEROUX's dossier."""
    return int(dossier().numero)


@pytest.fixture
def alice(opened_app: Starlette, numero: int) -> Iterator[Client]:
    """Dr Alice MARTIN's browser."""
    with Client(opened_app) as client:
        yield client.login(ALICE)


def address(numero: int, code: str = "medical", more: str = "") -> str:
    return f"/dossiers/grand-age/{numero}/volets/{code}{more}"


def text_field() -> str:
    return first(Kind.TEXTE).id


# --- opening


@pytest.mark.parametrize("code", ["administratif", "medical", "autonomie"])
def test_an_empty_volet_shows_every_question_under_the_patient_s_name(alice: Client, numero: int, code: str) -> None:
    page = alice.get(address(numero, code))
    banner = page.soup.select_one(".bandeau-patient")
    assert banner is not None
    for words in ("LEROUX", "17/04/1931", "95 ans", f"ga {numero}"):
        assert words in banner.get_text(" ")
    assert {box["data-champ"] for box in page.soup.select("[data-champ]")} == form_of(code).fields.keys()
    assert shown_bases(page) == dict.fromkeys(form_of(code).fields, EMPTY)
    assert "Rien n’est encore enregistré" in page.text


def test_opening_is_noted_with_the_volet_and_nothing_of_it(alice: Client, numero: int) -> None:
    alice.get(address(numero))
    trace = audit.timeline(f"ga {numero}")[0]
    assert (trace.event, trace.detail) == ("volet.ouvert", "medical")


@pytest.mark.parametrize("path", [address(1), "/dossiers/sanitaire/1234567/volets/medical"])
def test_absent_dossier_has_no_volet(alice: Client, path: str) -> None:
    alice.get(path, 404)


def test_unknown_volet_is_not_found(alice: Client, numero: int) -> None:
    alice.get(address(numero, "social"), 404)
    alice.get(address(numero, "medical", "?signature=7"), 404)


# --- saving, by the script and without


def test_the_script_s_saving_answers_with_the_bar_and_the_new_bases(alice: Client, numero: int) -> None:
    name = text_field()
    bar = alice.post(address(numero), sending({name: EMPTY}, {name: WORDS}, key=KEY), 200, htmx="suivi")
    root = bar.soup.select_one("#suivi")
    assert root is not None and "<html" not in bar.html
    assert root["data-version"] == "1" and reponses.digest(WORDS) in str(root["data-base"])
    assert "Enregistré à 13:00" in bar.text
    assert stored(numero).answers == {name: WORDS}


def test_without_script_the_whole_form_is_saved_and_the_page_comes_again(alice: Client, numero: int) -> None:
    name = text_field()
    sent = inputs_of(alice.get(address(numero))) | {name: WORDS}
    answer = alice.post(address(numero), sent, 303)
    page = alice.follow(answer)
    assert "Vos réponses sont enregistrées." in page.text
    assert inputs_of(page)[name].strip() == WORDS
    assert stored(numero).answers == {name: WORDS}


@pytest.mark.proves("R8", "R9")
def test_the_same_key_sent_again_writes_once(alice: Client, numero: int) -> None:
    name = text_field()
    sent = sending({name: EMPTY}, {name: WORDS}, key=KEY)
    for _ in range(2):
        bar = alice.post(address(numero), sent, 200, htmx="suivi")
        assert reponses.digest(WORDS) in str(bar.soup.select_one("#suivi")["data-base"])
    assert stored(numero).version == 1


@pytest.mark.proves("C3")
def test_untouched_fields_never_overwrite_a_colleague_s_words(alice: Client, numero: int) -> None:
    name, other = text_field(), first(Kind.CHOIX).id
    sent = inputs_of(alice.get(address(numero)))
    write(BOB_ACTS, numero, {name: "Écrit par un confrère"})
    alice.post(address(numero), sent | {other: first(Kind.CHOIX).options[0].code}, 303)
    assert stored(numero).answers[name] == "Écrit par un confrère"


def test_a_colleague_s_writing_is_said_and_must_be_seen_before_validating(alice: Client, numero: int) -> None:
    name, other = text_field(), first(Kind.CHOIX).id
    write(BOB_ACTS, numero, {name: "Écrit par un confrère"})
    bar = alice.post(address(numero), sending({other: EMPTY}, {other: first(Kind.CHOIX).options[0].code}), 200,
                     htmx="suivi")
    assert "Quelqu’un d’autre a aussi modifié ce volet" in bar.text
    assert bar.soup.select_one("#suivi")["data-version"] == "0"


# --- refused: kept as typed, said by the field, the rest is saved

BAD = ["31/02/2026", "demain", "99/99/9999", "٠١/٠٢/٢٠٢٦", "01/01/99999", "\u202e05/03/2026x"]


@pytest.mark.parametrize("typed", BAD)
def test_a_refused_date_stays_as_typed_and_the_rest_is_saved(alice: Client, numero: int, typed: str) -> None:
    date, text = first(Kind.DATE, "administratif"), first(Kind.TEXTE, "administratif")
    sent = inputs_of(alice.get(address(numero, "administratif"))) | {date.id: typed, text.id: WORDS}
    page = alice.post(address(numero, "administratif"), sent, 422)
    assert inputs_of(page)[date.id] == typed
    assert any(date.label in line for line in page.errors)
    field = page.soup.select_one(f"#{date.id}")
    assert field is not None and field["aria-invalid"] == "true"
    message = page.soup.select_one(f"#{date.id}-erreur")
    assert message is not None and message.get_text(strip=True) and f"{date.id}-erreur" in field["aria-describedby"]
    assert stored(numero, "administratif").answers[text.id] == WORDS
    assert date.id not in stored(numero, "administratif").answers


def test_the_script_gets_the_refusal_by_field(alice: Client, numero: int) -> None:
    date = first(Kind.DATE, "administratif").id
    bar = alice.post(address(numero, "administratif"), sending({date: EMPTY}, {date: "31/02/2026"}), 422, htmx="suivi")
    note = bar.soup.select_one(f"template[data-refuse={date}]")
    assert note is not None and note.get_text(strip=True)
    assert bar.soup.select_one(f"a[data-vers={date}]") is not None


@pytest.mark.proves("W6", "V1.1.2")
@pytest.mark.parametrize(("typed", "kept"), [
    ("a\x00b", "ab"), ("\u202edroite", "droite"), ("👩🏽‍⚕️ calme", "👩🏽‍⚕️ calme"), ("<script>alert(1)</script>",) * 2])
def test_strange_characters_are_cleaned_or_kept_and_never_run(
        alice: Client, numero: int, typed: str, kept: str) -> None:
    name = text_field()
    alice.post(address(numero), sending({name: EMPTY}, {name: typed}), 200, htmx="suivi")
    assert stored(numero).answers[name].replace("\u202e", "") == kept
    page = alice.get(address(numero))
    assert page.soup.select_one(f"#{name}").get_text().strip().replace("\u202e", "") == kept


def test_a_text_over_its_limit_is_refused_with_the_number_and_kept(alice: Client, numero: int) -> None:
    field = first(Kind.TEXTE)
    long = "é" * (field.length + 7)
    page = alice.post(address(numero), inputs_of(alice.get(address(numero))) | {field.id: long}, 422)
    assert "7" in page.soup.select_one(f"#{field.id}-erreur").get_text()
    assert inputs_of(page)[field.id].strip() == long
    assert field.id not in stored(numero).answers


def test_a_hundred_kilobytes_in_one_field_are_refused_in_words(alice: Client, numero: int) -> None:
    name = text_field()
    page = alice.post(address(numero), inputs_of(alice.get(address(numero))) | {name: "x" * 100_000}, 422)
    assert "100 000" in page.soup.select_one(f"#{name}-erreur").get_text().replace("\u202f", " ")
    assert len(inputs_of(page)[name].strip()) == 100_000
    alice.post(address(numero), sending({name: EMPTY}, {name: "x" * 300_000}), 413, htmx="suivi")
    assert stored(numero).version == 0


@pytest.mark.proves("V2.2.2")
@pytest.mark.parametrize("forged", [
    {"base": "[]"}, {"base": "{"}, {"base": '{"nom": "0123456789abcdef"}'}, {"base": "{}", "version": "9" * 30},
    {"base": "[" * 5000},
    {"base": "{}", "version": "-1"}, {"base": "{}", "cle": "x"}, {}, {"base": "{}", "intrus": "1"}])
def test_a_forged_form_changes_nothing(alice: Client, numero: int, forged: dict[str, str]) -> None:
    alice.post(address(numero), {"version": "0"} | forged, 400)
    assert stored(numero).version == 0


# --- two versions of one answer


@pytest.fixture
def disputed(alice: Client, numero: int) -> dict[str, str]:
    """What Alice would send of a page that Bob's words have made old."""
    sent = inputs_of(alice.get(address(numero))) | {text_field(): "Ma version"}
    write(BOB_ACTS, numero, {text_field(): "Sa version"})
    return sent


@pytest.mark.proves("C3")
def test_a_conflict_shows_both_texts_and_writes_neither_over_the_other(
        alice: Client, numero: int, disputed: dict[str, str]) -> None:
    page = alice.post(address(numero), disputed, 409)
    box = page.soup.select_one(f"[data-champ={text_field()}] .desaccord")
    assert box is not None
    for words in ("Ma version", "Sa version", "Dr Bob DURAND", "à 13:00"):
        assert words in box.get_text(" ")
    assert inputs_of(page)[text_field()].strip() == "Ma version"
    assert stored(numero).answers[text_field()] == "Sa version"
    # sent again without a choice, it is a conflict again
    alice.post(address(numero), inputs_of(page), 409)
    assert stored(numero).answers[text_field()] == "Sa version"


@pytest.mark.parametrize(("choice", "kept"), [
    ("mienne", "Ma version"), ("autre", "Sa version"), ("deux", "Sa version\n\nMa version")])
def test_each_choice_keeps_what_it_says(
        alice: Client, numero: int, disputed: dict[str, str], choice: str, kept: str) -> None:
    page = alice.post(address(numero), disputed, 409)
    button = page.soup.select_one(f"button[data-garder={choice}]")
    assert button is not None
    alice.post(address(numero), inputs_of(page) | {"garder": str(button["value"])}, 303)
    assert stored(numero).answers[text_field()] == kept


def test_a_choice_made_on_an_old_version_asks_again(
        alice: Client, numero: int, disputed: dict[str, str]) -> None:
    page = alice.post(address(numero), disputed, 409)
    button = page.soup.select_one("button[data-garder=mienne]")
    write(BOB_ACTS, numero, {text_field(): "Sa seconde version"})
    again = alice.post(address(numero), inputs_of(page) | {"garder": str(button["value"])}, 409)
    assert "Sa seconde version" in again.text and "Ma version" in again.text
    assert stored(numero).answers[text_field()] == "Sa seconde version"


def test_the_script_gets_both_versions(alice: Client, numero: int) -> None:
    write(BOB_ACTS, numero, {text_field(): "Sa version"})
    bar = alice.post(address(numero), sending({text_field(): EMPTY}, {text_field(): "Ma version"}), 409, htmx="suivi")
    note = bar.soup.find("template", attrs={"data-desaccord": text_field()}).find(class_="desaccord")
    assert note["data-digest"] == reponses.digest("Sa version")
    assert bar.soup.select_one("#suivi")["data-base"] == "{}"


@pytest.mark.proves("C3")
def test_a_conflict_with_oneself_says_another_window(alice: Client, numero: int) -> None:
    write(ALICE_ACTS, numero, {text_field(): "De l’autre fenêtre"})
    bar = alice.post(address(numero), sending({text_field(): EMPTY}, {text_field(): "D’ici"}), 409, htmx="suivi")
    assert "Celle de vous, dans une autre fenêtre" in " ".join(bar.html.replace("<span data-brut>", "").split())


# --- validating, reopening, signatures


def test_validating_with_missing_answers_names_each_with_a_link_and_saves_the_rest(alice: Client, numero: int) -> None:
    name = text_field()
    page = alice.post(address(numero, more="/valider"), inputs_of(alice.get(address(numero))) | {name: WORDS}, 422)
    missing = reponses.completeness(form_of(), stored(numero).answers).missing
    assert missing and {f"#{field.id}" for _, field in missing} == {
        link["href"] for link in page.soup.select(".resume-erreurs a[href^='#']")}
    assert stored(numero).answers[name] == WORDS
    assert stored(numero).etat == "en_cours"


def test_a_complete_volet_is_validated_read_signed_and_reopened(alice: Client, numero: int) -> None:
    now = complete(numero)
    page = alice.get(address(numero))
    assert "Tous les champs obligatoires sont remplis" in page.text
    read = alice.follow(alice.post(address(numero, more="/valider"), inputs_of(page)))
    assert "Validé par Dr Alice MARTIN le 22/11/2026" in read.text and read.soup.select_one("form#volet") is None
    name = next(iter(now.answers))
    assert form_of().fields[name].label in read.text
    confirm = alice.get(address(numero, more="/rouvrir"))
    version = str(confirm.soup.select_one("main input[name=version]")["value"])
    again = alice.follow(alice.post(address(numero, more="/rouvrir"), {"version": version}))
    assert again.soup.select_one("form#volet") is not None
    signature = again.soup.select_one("a[href*='?signature=']")
    assert signature is not None
    old = alice.get(str(signature["href"]))
    assert "Version signée" in old.text and old.soup.select_one("form#volet") is None


def test_what_was_typed_after_somebody_validated_is_shown_and_nothing_is_written(alice: Client, numero: int) -> None:
    complete(numero)
    sent = inputs_of(alice.get(address(numero))) | {text_field(): "Trop tard"}
    with database.writing():
        commands.validate(BOB_ACTS, seen(numero), "medical", stored(numero).version)
    page = alice.post(address(numero), sent, 409)
    for words in ("a été validé par Dr Bob DURAND", "rouvrez-le", "Trop tard"):
        assert words in page.text
    bar = alice.post(address(numero), sent, 409, htmx="suivi")
    assert bar.soup.select_one("#suivi[data-ferme]") is not None
    assert stored(numero).answers[text_field()] != "Trop tard"


def test_validating_what_one_has_not_seen_is_refused_with_who_wrote(alice: Client, numero: int) -> None:
    complete(numero)
    sent = inputs_of(alice.get(address(numero)))
    write(BOB_ACTS, numero, {text_field(): "Nouveau"})
    page = alice.post(address(numero, more="/valider"), sent, 409)
    assert "Dr Bob DURAND a modifié ce volet" in page.text and "Nouveau" in page.html
    alice.post(address(numero, more="/valider"), inputs_of(page), 303)
    assert stored(numero).etat == "valide"


def test_two_at_once_validate_once(alice: Client, numero: int) -> None:
    complete(numero)
    sent = inputs_of(alice.get(address(numero)))
    with database.writing():
        commands.validate(BOB_ACTS, seen(numero), "medical", stored(numero).version)
    page = alice.post(address(numero, more="/valider"), sent, 409)
    assert "validé par Dr Bob DURAND" in page.text


def test_reopening_twice_or_late_changes_nothing_more(alice: Client, numero: int) -> None:
    complete(numero)
    with database.writing():
        signed = commands.validate(ALICE_ACTS, seen(numero), "medical", stored(numero).version)
    for _ in range(2):
        alice.post(address(numero, more="/rouvrir"), {"version": str(signed.version)}, 303)
    alice.post(address(numero, more="/rouvrir"), {"version": "1"}, 409)
    assert stored(numero).etat == "rouvert"


# --- who


@pytest.mark.proves("A3")
def test_no_medical_word_reaches_the_secretary(opened_app: Starlette, numero: int, settings: Settings) -> None:
    write(ALICE_ACTS, numero, {text_field(): WORDS})
    complete(numero, "administratif")
    found, made = secretary(settings)
    with Client(opened_app) as client:
        client.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject,
                     delegation_id=made.id)
        for code in ("medical", "autonomie"):
            for more in ("", "/valider", "/rouvrir", "/reprendre", "/nouvelle-version", "?signature=1"):
                refused = client.get(address(numero, code, more), 403)
                assert "Chute" not in refused.html
            answer = client.post(address(numero, code), sending({text_field(): EMPTY}, {text_field(): "x"}), 403)
            assert "Chute" not in answer.html
        page = client.get(address(numero, "administratif"))
        assert page.soup.select_one("form#volet") is not None
        assert "Chute" not in page.html


def test_a_colleague_lent_reading_alone_reads_and_is_told_why_no_more(
        opened_app: Starlette, numero: int, settings: Settings) -> None:
    write(ALICE_ACTS, numero, {text_field(): WORDS})
    made, chloe = lent(settings, replace(EVERYTHING, rights=("lire",))), physician(CHLOE)
    with Client(opened_app) as client:
        client.login(CHLOE, chloe.name, chloe.id, delegation_id=made.id)
        page = client.get(address(numero))
        assert WORDS in page.text and page.soup.select_one("form#volet") is None
        assert "Votre délégation ne comprend pas le droit de rédiger les volets." in page.text
        client.post(address(numero), sending({text_field(): EMPTY}, {text_field(): "x"}), 403)


def test_every_kind_of_question_is_shown_again_as_it_was_answered(alice: Client, numero: int) -> None:
    for code in ("administratif", "medical", "autonomie"):
        for field in form_of(code).fields.values():
            raw = reponses.raw_of(field, an_answer(field))
            write(ALICE_ACTS, numero, raw, code)
        sent = inputs_of(alice.get(address(numero, code)))
        for field in form_of(code).fields.values():
            wanted = {name: value for name, value in reponses.raw_of(field, an_answer(field)).items() if value}
            assert {name: sent.get(name, "").strip() for name in wanted} == wanted
        # an untouched page says nothing new
        version = stored(numero, code).version
        alice.post(address(numero, code), sent, 303)
        assert stored(numero, code).version == version


@pytest.mark.parametrize("code", ["administratif", "medical", "autonomie"])
def test_no_question_takes_a_name_of_the_form_itself(opened_app: Starlette, code: str) -> None:
    names = {name for field in form_of(code).fields.values() for name in reponses.names(field)}
    assert not names & {*forms.RESERVED, saisie.CHOICE, saisie.CONFIRM}
