"""Every status, state and motive has its help entry, in the portal's own words; a stranger stops the build."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.aide import tables
from portal.demandes import machines
from portal.demandes.rules import MOTIFS
from portal.dossiers.rules import MODULES, STATUTS
from portal.volets import definitions
from portal.volets.formulaire import Definition

PAGE = tables.markdown()


@pytest.mark.parametrize("statut", STATUTS.values(), ids=lambda statut: statut.code)
def test_each_status_has_its_entry(statut: object) -> None:
    assert f"### {statut.label} {{ #{tables.anchor('statut', statut.code)} }}\n" in PAGE


@pytest.mark.parametrize(("module", "code"), [(module, code) for module in tables.MODULE_WORDS
                                              for code in machines.of(module).etats])
def test_each_state_has_its_entry(module: str, code: str) -> None:
    label = machines.of(module).etats[code].label
    assert f"### {label} {{ #{tables.anchor(f'etat-{module}', code)} }}\n" in PAGE


@pytest.mark.parametrize("motif", MOTIFS.values(), ids=lambda motif: motif.code)
def test_each_motive_says_which_acts_it_serves(motif: object) -> None:
    entry = PAGE.split(f"### {motif.label} {{ #{tables.anchor('motif', motif.code)} }}\n", 1)[1].split("\n### ")[0]
    assert f"*Code {motif.code}, pour " in entry
    served = {event for module in tables.MODULE_WORDS for event, codes in machines.of(module).motives_of.items()
              if motif.code in codes}
    assert all(tables.ACTS[event] in entry for event in served)


@pytest.mark.parametrize("form", [one for module in MODULES for one in definitions.volets(module)],
                         ids=lambda form: form.id)
def test_each_section_of_a_volet_lists_its_questions(form: Definition) -> None:
    whole = tables.rubriques()
    for section in form.sections:
        heading = f"### {section.title} {{ #{tables.rubrique(form.id, section.id)} }}\n"
        entry = whole.split(heading, 1)[1].split("\n##")[0]
        assert [line for line in entry.split("\n") if line.startswith("- ")] == [
            f"- {field.label}" + (f" — {field.help}" if field.help else "") for field in section.fields]


def test_every_module_with_requests_is_told() -> None:
    assert set(tables.MODULE_WORDS) == set(machines.MODULES)


def test_each_entry_says_what_to_do() -> None:
    assert PAGE.count("\n**À faire**\u00a0: ") == PAGE.count("\n### ")


def test_an_entry_for_no_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "etats.toml"
    path.write_text(tables.SOURCE.read_text("utf-8") + '\ninconnu = ["Rien.", "Rien."]\n', "utf-8")
    monkeypatch.setattr(tables, "SOURCE", path)
    with pytest.raises(ValueError, match="inconnu is no code"):
        tables.markdown()


def test_a_code_without_entry_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "etats.toml"
    path.write_text("\n".join(line for line in tables.SOURCE.read_text("utf-8").splitlines()
                              if not line.startswith("124 =")), "utf-8")
    monkeypatch.setattr(tables, "SOURCE", path)
    with pytest.raises(KeyError):
        tables.markdown()
