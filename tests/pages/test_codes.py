"""Each error has a code of its own, shown on its page and found in the help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import portal.app  # noqa: F401 every feature brings its errors
from portal.agent.etats import Etat, Situation
from portal.agent.pages import etat_words
from portal.aide import tables
from portal.connexion.ecps.refus import Refusal as EcpsRefusal
from portal.connexion.rules import Refusal as CardRefusal
from portal.web import corrections, errors
from tests.support.client import Client


def kinds(base: type[errors.PageError] = errors.PageError) -> Iterator[type[errors.PageError]]:
    for one in base.__subclasses__():
        yield one
        yield from kinds(one)


LOGINS = [*(one for one in Etat if one.code), *CardRefusal, *EcpsRefusal]
KINDS = [errors.PageError, *(one for one in kinds() if one.__module__.startswith("portal."))]
ROW = re.compile(r"^\| ([ACEP]\d\d) \| (.+?) \| \[lire\]", re.MULTILINE)
TABLE = dict(ROW.findall(Path("docs/erreurs.md").read_text("utf-8")))


def test_no_two_errors_share_a_code() -> None:
    codes = [one.code for one in KINDS if "code" in vars(one)]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_an_error_has_its_line_and_its_section(kind: type[errors.PageError]) -> None:
    assert "code" in vars(kind) or kind is errors.ServerError
    assert TABLE[kind.code] == kind.title
    page, _, anchor = kind.aide.partition("#")
    found = re.search(rf"\{{ ?#{anchor} ?\}}\n\n(.*)", Path("docs", f"{page}.md").read_text("utf-8"))
    assert found
    # Of the page of errors, each section names its codes: the search leads to it.
    assert page != "erreurs" or kind.code in found[1]


def test_the_table_holds_no_other() -> None:
    assert TABLE.keys() == {one.code for one in KINDS} | {one.code for one in LOGINS}


def test_no_two_login_messages_share_a_code() -> None:
    assert len({one.code for one in LOGINS}) == len(LOGINS)


@pytest.mark.parametrize("kind", LOGINS, ids=lambda kind: kind.code)
def test_what_stops_a_login_has_its_line_and_its_section(kind: Etat | CardRefusal | EcpsRefusal) -> None:
    assert TABLE[kind.code] == kind.title
    page, _, anchor = (f"connexion/carte#{kind.anchor}" if isinstance(kind, Etat) else kind.aide).partition("#")
    assert f"#{anchor} }}" in Path("docs", f"{page}.md").read_text("utf-8")


def test_the_card_s_window_says_its_code() -> None:
    assert all(etat_words(Situation(one))["conseil"].endswith(f"Code du message\N{NO-BREAK SPACE}: {one.code}.")
               for one in Etat if one.code)
    assert "Code" not in etat_words(Situation(Etat.CARTE_PRETE))["conseil"]


def test_a_refused_card_shows_its_code(client: Client) -> None:
    page = client.post("/connexion/cps", {"jeton": ""}, 403)
    assert f"Code du message : {CardRefusal.SANS_SCRIPT.code}" in page.text


def test_no_two_kinds_of_form_message_share_a_code() -> None:
    codes = [one.code for one in corrections.genres()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(("message", "code"), [
    ("Indiquez l’adresse électronique de votre compte.", "F01"),
    ("Choisissez un motif dans la liste.", "F02"),
    ("Grand Âge\N{NO-BREAK SPACE}: cochez au moins un choix.", "F03"),
    ("Raccourcissez ce texte de 12 caractères.", "F04"),
    ("Cette date n’existe pas\N{NO-BREAK SPACE}: vérifiez le jour et le mois.", "F05"),
    ("Cette date est à venir.", "F06"),
    ("Ce nombre est hors des valeurs possibles\N{NO-BREAK SPACE}: 0 à 7.", "F07"),
    ("La clé ne correspond pas au numéro de sécurité sociale\N{NO-BREAK SPACE}: un caractère est faux.", "F08"),
    ("Ce PDF est protégé par un mot de passe ou chiffré.", "F16"),
    ("Cette clé est déjà enregistrée dans le portail. Prenez-en une autre.", "F17"),
])
def test_a_message_is_of_its_kind(message: str, code: str) -> None:
    found = corrections.genre(message)
    assert found is not None and found.code == code


def test_every_kind_is_explained() -> None:
    sections = re.findall(r"^## (.+) \{ #(f\d\d) \}$", tables.corrections(), re.MULTILINE)
    assert sections == sorted(((one.titre, one.code.lower()) for one in corrections.genres()), key=lambda one: one[1])


def test_the_page_of_an_error_shows_its_code_and_leads_to_its_help(client: Client) -> None:
    page = client.get("/nulle-part", 404)
    assert "Code du message : E07" in page.text
    assert page.soup.select_one("main a[href='/aide/erreurs/#page-introuvable']") is not None
