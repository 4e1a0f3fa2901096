"""Every path of the questions ends in one instruction, and every end has its help."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portal.agent.etats import Etat
from portal.diagnostic import rules

TREE = rules.arbre()
END = {"faire": "Faites.", "aide": "a#b"}


@pytest.mark.parametrize("node", [one for one in TREE.noeuds.values() if one.faire], ids=lambda one: one.code)
def test_each_end_is_one_instruction_with_its_help(node: rules.Noeud) -> None:
    page, _, anchor = node.aide.partition("#")
    assert re.search(rf"\{{ ?#{anchor} ?\}}", Path("docs", f"{page}.md").read_text("utf-8")), node.aide
    assert node.faire.endswith(".")


def test_the_card_s_window_has_an_answer_for_each_state() -> None:
    said = {words for words, _ in TREE.noeuds["carte"].choix}
    assert {etat.title for etat in Etat} <= said


@pytest.mark.parametrize(("tree", "words"), [
    ({"depart": ["a"]}, "missing"),
    ({"depart": ["a"], "a": {"question": "?", "choix": [["oui", "a"]]}}, "asked again"),
    ({"depart": ["a"], "a": {"question": "?", "choix": [["oui", "b"]]}}, "missing"),
    ({"depart": ["a"], "a": END, "b": END}, "no question leads"),
    ({"depart": ["a"], "a": {"question": "?"}}, "either"),
    ({"depart": ["a"], "a": END | {"question": "?", "choix": [["oui", "a"]]}}, "either"),
    ({"depart": ["a"], "a": {"faire": "Faites."}}, "either"),
])
def test_a_tree_that_leads_nowhere_is_refused(tree: dict[str, object], words: str) -> None:
    with pytest.raises(rules.ArbreError, match=words):
        rules.read(tree)
