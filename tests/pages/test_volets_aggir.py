"""The AGGIR grid on its page: a line rated, the result as it comes, evaluations kept at each validation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portal.dossiers.models import Dossier
from portal.volets import aggir
from portal.volets.models import Evaluation
from tests.support import volets
from tests.support.client import Answer, Client
from tests.support.volets import ALICE


@pytest.fixture
def alice(client: Client) -> Client:
    return client.login(ALICE)


@pytest.fixture
def dossier(alice: Client) -> Dossier:
    """Mme LEROUX's dossier: nobody has rated her autonomy yet."""
    return volets.dossier()


@pytest.fixture
def volet(dossier: Dossier) -> str:
    return f"/dossiers/grand-age/{dossier.numero}/volets/autonomie"


def rate(who: Client, volet: str, *, status: int = 200, htmx: bool = True, **lines: str) -> Answer:
    """Send lines as the page does: « B », or « B:onon » with the adverbs, or « :on-- » for half of them."""
    page = who.get(volet).soup
    base = json.loads(page.select_one("#volet input[name=base]")["value"])
    words = {"o": "oui", "n": "non", "-": ""}
    data: dict[str, Any] = {
        name: page.select_one(f"#volet input[name={name}]")["value"] for name in ("version", "cle")
    } | {"base": json.dumps({line: base[line] for line in lines})}
    for line, answer in lines.items():
        letter, _, adverbs = answer.partition(":")
        data |= {line: letter} if letter else {}
        data |= {f"{line}.{key}": words[said] for key, said in zip("sthc", adverbs or "----", strict=True)}
    return who.post(volet, data, status, htmx="suivi" if htmx else False)


def validate(who: Client, volet: str, status: int = 303) -> Answer:
    page = who.get(volet).soup
    return who.post(f"{volet}/valider", {
        "base": "{}", "cle": "0123456789abcdef",
        "version": page.select_one("#volet input[name=version]")["value"]}, status)  # fmt: skip


def ticked(answer: Answer, name: str) -> str | None:
    found = answer.soup.select_one(f'input[name="{name}"][checked]')
    return str(found["value"]) if found else None


ALL_B = dict.fromkeys(aggir.LINES, "B")


def test_nothing_is_computed_before_the_lines_that_weigh_are_rated(alice: Client, volet: str) -> None:
    page = alice.get(volet)
    assert "GIR : pas encore calculé" in page.text
    assert "Il reste 17 lignes à coter sur 17" in page.text
    assert [ticked(page, line) for line in aggir.LINES] == [""] * 17


def test_the_result_follows_the_lines(alice: Client, volet: str) -> None:
    lines = dict(ALL_B)
    last = lines.pop("transferts")
    answer = rate(alice, volet, **lines)
    assert "Il reste une ligne à coter sur 17" in answer.text
    assert "pas encore calculé" in answer.text
    answer = rate(alice, volet, transferts=last)
    assert answer.soup.select_one("#aggir-titre").get_text() == "GIR 4"
    assert "Rang 10, groupe G, somme 1 100. Un GIR 4 ouvre droit à l’APA. L’équipe APA" in answer.text
    assert "peut coter autrement" in answer.text
    assert "Il reste" not in answer.text
    decisive = [row.get_text(" ", strip=True) for row in answer.soup.select(".aggir-decisif")]
    assert [" ".join(row.split()) for row in decisive] == ["G 1 100 650 (rang 10) → rang 10"]


def test_illustrative_lines_change_nothing(alice: Client, volet: str) -> None:
    before = rate(alice, volet, **ALL_B).soup.select_one(".aggir-resultat")
    after = rate(alice, volet, menage="C", cuisine="C:nnnn").soup.select_one(".aggir-resultat")
    assert before == after


def test_without_script_the_page_computes_at_saving(alice: Client, volet: str) -> None:
    answer = rate(alice, volet, status=303, htmx=False, **ALL_B)
    assert "GIR 4" in alice.follow(answer).text


def test_four_adverbs_give_the_letter_and_are_shown_again(alice: Client, volet: str) -> None:
    rate(alice, volet, transferts=":onon")
    page = alice.get(volet)
    assert ticked(page, "transferts") == "B"
    assert [ticked(page, f"transferts.{key}") for key in "sthc"] == ["oui", "non", "oui", "non"]
    assert page.soup.select_one("#transferts-adverbes").has_attr("open")
    assert not page.soup.select_one("#alerter-adverbes").has_attr("open")


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (":on--", "Répondez aux quatre questions"),
        ("A:onon", "Les quatre réponses donnent B et vous avez choisi A"),
        ("D", "Choisissez A, B ou C"),
        ("a", "Choisissez A, B ou C"),
        ("A" * 100_000, "Choisissez A, B ou C"),
        ("\u202eB\0😀", "Choisissez A, B ou C"),
    ],
    ids=["half", "contradiction", "D", "lower case", "long", "odd"],
)
def test_a_line_that_says_half_a_thing_or_two_is_refused(alice: Client, volet: str, sent: str, why: str) -> None:
    rate(alice, volet, transferts="C", alerter="A")
    answer = rate(alice, volet, status=422, transferts=sent, alerter="B")
    assert why in answer.text or why in str(answer.soup.select_one("template[data-refuse=transferts]"))
    page = alice.get(volet)
    assert (ticked(page, "transferts"), ticked(page, "alerter")) == ("C", "B")


def test_a_refused_line_keeps_what_was_ticked(alice: Client, volet: str) -> None:
    page = rate(alice, volet, status=422, htmx=False, transferts="A:onon")
    assert (ticked(page, "transferts"), ticked(page, "transferts.t")) == ("A", "non")
    assert "donnent B et vous avez choisi A" in page.soup.select_one("#transferts-erreur").get_text()


def test_validating_keeps_the_evaluation_and_gives_the_dossier_its_gir(
        alice: Client, volet: str, dossier: Dossier) -> None:
    rate(alice, volet, **ALL_B)
    read = alice.follow(validate(alice, volet))
    assert Dossier.get_by_id(dossier.id).gir == 4
    kept = " ".join(read.soup.select_one("#evaluations").get_text().split())
    assert "GIR 4, rang 10, groupe G, somme 1 100" in kept
    assert "GIR 4" in alice.get(f"/dossiers/grand-age/{dossier.numero}").text


def test_the_history_says_what_changed_since_the_evaluation_before(
        alice: Client, volet: str, dossier: Dossier) -> None:
    rate(alice, volet, **ALL_B)
    validate(alice, volet)
    version = alice.get(f"{volet}/rouvrir").soup.select_one("main form input[name=version]")["value"]
    alice.post(f"{volet}/rouvrir", {"version": version})
    rate(alice, volet, transferts="C", toilette_haut="A")
    read = alice.follow(validate(alice, volet))
    newest, oldest = read.soup.select(".aggir-historique > li")
    assert "GIR 2 (avant : GIR 4), rang 7, groupe D" in " ".join(newest.get_text().split())
    assert [" ".join(line.get_text().split()) for line in newest.select("ul li")] == [
        "Toilette (haut du corps) : B → A", "Transferts : B → C"]  # fmt: skip
    assert not oldest.select("ul")
    assert Dossier.get_by_id(dossier.id).gir == 2
    assert Evaluation.select().where(Evaluation.dossier_id == dossier.id).count() == 2


def test_no_evaluation_is_kept_while_a_line_is_missing(alice: Client, volet: str, dossier: Dossier) -> None:
    lines = dict(ALL_B)
    del lines["alerter"]
    rate(alice, volet, **lines)
    validate(alice, volet, 422)
    assert not Evaluation.select().where(Evaluation.dossier_id == dossier.id).exists()
    assert Dossier.get_by_id(dossier.id).gir is None
