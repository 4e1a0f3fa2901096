"""Form definitions: the packaged ones, and every fault a file can have, told with its line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.volets import aggir, controle, definitions, forms, reperes, reponses, saisie
from portal.volets.definitions import DefinitionError, load
from portal.volets.formulaire import Condition, Kind
from portal.web import forms as web_forms

# A form with nothing wrong. A case replaces some of it, and marks the line to be named by « # ici ».
FORM = '''title = "Essai"
source = "Cerfa"
rank = 1

[[sections]]
id = "un"
title = "Une"

[[sections.fields]]
id = "fume"
kind = "choix"
label = "Fume"
options = [
    ["oui", "Oui"],
    ["non", "Non"],
]

[[sections.fields]]
id = "paquets"
kind = "nombre"
label = "Paquets"
shown_when = { fume = ["oui"] }
required_when = { fume = ["oui"] }
minimum = 0
maximum = 10

[[sections]]
id = "deux"
title = "Deux"

[[sections.fields]]
id = "texte"
kind = "texte"
label = "Texte"
help = "Aide"
length = 100
'''
# What is written instead of what, and what is said of it.
FAULTS = {
    "syntax": ('rank = 1\n', 'rank = = 1 # ici\n', "TOML illisible"),
    "key set twice": ('rank = 1\n', 'rank = 1\nrank = 2 # ici\n', "TOML illisible"),
    "text never closed": ('length = 100\n', 'length = """ # ici', "TOML illisible"),
    "unknown key of the form": ('rank = 1\n', 'rank = 1\ncouleur = 1 # ici\n', "clé inconnue : couleur"),
    "unknown table": ('length = 100\n', 'length = 100\n[couleur] # ici\n', "clé inconnue : couleur"),
    "unknown key of a section": ('title = "Deux"', 'title = "Deux"\npliee = true # ici', "clé inconnue : pliee"),
    "unknown key of a question": ('length = 100', '"longueur" = 100 # ici', "clé inconnue : longueur"),
    "unknown sub-table": ('length = 100', '[sections.fields.extra] # ici', "clé inconnue : extra"),
    "no title": ('title = "Essai"\n', '# ici\n', "il manque title"),
    "section without id": ('[[sections]]\nid = "deux"', '[[sections]] # ici', "il manque id"),
    "question without label": ('[[sections.fields]]\nid = "texte"\nkind = "texte"\nlabel = "Texte"',
                               '[[sections.fields]] # ici\nid = "texte"\nkind = "texte"', "il manque label"),
    "empty label": ('label = "Texte"', 'label = "" # ici', "label est vide"),
    "rank as text": ('rank = 1\n', 'rank = "1" # ici\n', "rank attend un nombre entier"),
    "rank as true": ('rank = 1\n', 'rank = true # ici\n', "rank attend un nombre entier"),
    "rank out of reach": ('rank = 1\n', 'rank = 100 # ici\n', "rank va de 1 à 99"),
    "required as text": ('length = 100', 'required = "oui" # ici', "required attend true ou false"),
    "condition as text": ('shown_when = { fume = ["oui"] }', 'shown_when = "fume" # ici',
                          "shown_when attend une table"),
    "one table of sections": (FORM[FORM.index("[[sections]]"):], 'sections = [{ id = "un" }] # ici\n',
                              r"commence par une ligne \[\[sections\]\]"),
    "questions on one line": (FORM[FORM.index('[[sections]]\nid = "deux"'):],
                              '[[sections]] # ici\nid = "deux"\ntitle = "Deux"\nfields = [{ id = "a" }]\n',
                              r"commence par une ligne \[\[sections.fields\]\]"),
    "section twice": ('id = "deux"', 'id = "un" # ici', "section en double : un"),
    "question twice": ('id = "texte"', 'id = "fume" # ici', "question en double : fume"),
    "label twice": ('label = "Texte"', 'label = "Paquets" # ici', "libellé en double : Paquets"),
    "id with an accent": ('id = "texte"', 'id = "été" # ici', "un identifiant s’écrit"),
    "id with a dot": ('id = "texte"', 'id = "a.b" # ici', "un identifiant s’écrit"),
    "id of the page's own": ('id = "texte"', 'id = "version" # ici', "réservé à la page : version"),
    "unknown kind": ('kind = "texte"', 'kind = "photo" # ici', "type de question inconnu : photo"),
    "options of a text": ('length = 100', 'options = [["a", "A"], ["b", "B"]] # ici', "options n’a pas de sens"),
    "length of a choice": ('label = "Fume"', 'label = "Fume"\nlength = 5 # ici', "length n’a pas de sens"),
    "unit of a text": ('length = 100', 'unit = "kg" # ici', "unit n’a pas de sens"),
    "tense of a number": ('minimum = 0', 'tense = "passe" # ici', "tense n’a pas de sens"),
    "unknown tense": ('kind = "texte"\nlabel = "Texte"\nhelp = "Aide"\nlength = 100',
                      'kind = "date"\nlabel = "Jour"\ntense = "hier" # ici', "tense est « passe » ou « futur »"),
    "no length": ('length = 100', 'length = 0 # ici', "length va de 1 à 20000"),
    "huge length": ('length = 100', 'length = 20001 # ici', "length va de 1 à 20000"),
    "decimals": ('minimum = 0', 'decimals = 7 # ici', "decimals va de 0 à 6"),
    "bounds turned round": ('maximum = 10', 'maximum = -1 # ici', "le maximum est inférieur au minimum"),
    "no number": ('maximum = 10', 'maximum = nan # ici', "maximum va de"),
    "without end": ('maximum = 10', 'maximum = inf # ici', "maximum va de"),
    "huge bound": ('maximum = 10', 'maximum = 1_000_000_000 # ici', "maximum va de"),
    "bound finer than answers": ('minimum = 0', 'minimum = 0.5 # ici', "minimum a plus de décimales"),
    "one option": ('options = [\n    ["oui", "Oui"],\n', 'options = [ # ici\n', "au moins deux options"),
    "no options": ('kind = "texte"\nlabel = "Texte"\nhelp = "Aide"\nlength = 100',
                   'kind = "choix"\nlabel = "Texte"', "au moins deux options"),  # its table's line
    "option without words": ('options = [\n    ["oui", "Oui"],\n', 'options = [ # ici\n    ["oui"],\n',
                             "une option s’écrit"),
    "option with empty words": ('["non", "Non"],', '["non", ""], # ici', "une option a un code"),
    "option's code": ('["non", "Non"],', '["Non", "Non"], # ici', "une option a un code"),
    "option twice": ('["non", "Non"],', '["oui", "Si"], # ici', "option en double : oui"),
    "option's words": ('["non", "Non"],', '["non", "Non !"], # ici', "label : espace insécable"),
    "condition on a question unknown": ('shown_when = { fume = ["oui"] }', 'shown_when = { boit = ["oui"] } # ici',
                                        "shown_when nomme une question inconnue : boit"),
    "condition on a text": ('length = 100', 'length = 100\n[[sections.fields]]\nid = "fin"\nkind = "ligne"\n'
                            'label = "Fin"\nshown_when = { texte = ["oui"] } # ici',
                            "que d’une question à choix : texte"),
    "condition on an option unknown": ('required_when = { fume = ["oui"] }', 'required_when = { fume = ["nsp"] } # ici',
                                       "fume n’a pas l’option nsp"),
    "condition without codes": ('shown_when = { fume = ["oui"] }', 'shown_when = { fume = [] } # ici',
                                "shown_when s’écrit"),
    "condition with one code": ('shown_when = { fume = ["oui"] }', 'shown_when = { fume = "oui" } # ici',
                                "shown_when s’écrit"),
    "no condition": ('shown_when = { fume = ["oui"] }', 'shown_when = {} # ici', "shown_when est vide"),
    "required twice": ('required_when = { fume = ["oui"] }',
                       'required = true\nrequired_when = { fume = ["oui"] } # ici',
                       "required suffit"),
    "question that waits for itself": (
        '[[sections.fields]]\nid = "fume"\nkind = "choix"',
        '[[sections.fields]] # ici\nid = "fume"\nkind = "choix"\nshown_when = { fume = ["oui"] }', "fume → fume"),
    "label on two lines": ('label = "Texte"', r'label = "Te\nxte" # ici', "label : caractère de contrôle"),
    "label turned round": ('label = "Texte"', 'label = "Te\u202excte" # ici', "label : caractère de contrôle"),
    "accent apart": ('label = "Texte"', 'label = "Te\u0301xte" # ici', "label : .*accent décomposé"),
    "straight apostrophe": ('label = "Texte"', 'label = "L\'âge" # ici', "label : l’apostrophe"),
    "space before a colon": ('help = "Aide"', 'help = "Ainsi : non" # ici', "help : espace insécable"),
    "no space before a question mark": ('label = "Texte"', 'label = "Quand?" # ici', "label : espace insécable"),
    "quotes without their spaces": ('help = "Aide"', 'help = "Dire «oui»" # ici', "help : espace insécable"),
    "two spaces": ('help = "Aide"', 'help = "Une  aide" # ici', "help : espace de trop"),
    "long label": ('label = "Texte"', f'label = "{"x" * 201}" # ici',
                   "label a 200 caractères au plus, il en compte 201"),
    "long help": ('help = "Aide"', f'help = "{"x" * 301}" # ici', "help a 300 caractères au plus"),
}


def refused(folder: Path, text: str | bytes, name: str = "ga-essai.1.toml") -> DefinitionError:
    """The fault of a folder with this file."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DefinitionError) as caught:
        load(folder)
    return caught.value


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_told_with_its_line(case: str, tmp_path: Path) -> None:
    """The line marked « # ici »; for faults about a missing line, any of their table."""
    old, new, reason = FAULTS[case]
    assert FORM.count(old) >= 1
    text = FORM.replace(old, new, 1) if FORM.count(old) == 1 else new.join(FORM.rsplit(old, 1))
    fault = refused(tmp_path, text)
    assert re.search(reason, fault.reason)
    assert str(fault) == f"ga-essai.1.toml, ligne {fault.line} : {fault.reason}"
    lines = text.split("\n")
    marked = [number for number, line in enumerate(lines, 1) if line.endswith("# ici")]
    assert [fault.line] == marked if marked else 1 <= fault.line <= len(lines)


def test_the_form_of_these_tests_is_sound(tmp_path: Path) -> None:
    """And says all that its file says."""
    (tmp_path / "ga-essai.1.toml").write_text(FORM)
    form = load(tmp_path)["ga-essai", 1]
    assert (form.module, form.volet, form.rank, form.title) == ("ga", "essai", 1, "Essai")
    assert [(section.id, [field.id for field in section.fields]) for section in form.sections] == [
        ("un", ["fume", "paquets"]), ("deux", ["texte"])]
    assert [field.line for field in form.fields.values()] == [9, 18, 31]
    paquets = form.fields["paquets"]
    assert (paquets.kind, paquets.minimum, paquets.maximum) == (Kind.NOMBRE, 0, 10)
    assert paquets.shown_when == paquets.required_when == (Condition("fume", frozenset({"oui"})),)
    assert form.fields["fume"].labels == {"oui": "Oui", "non": "Non"}
    assert form.section_of["texte"].title == "Deux"


CHOICE = '[[sections.fields]]\nid = "{0}"\nkind = "choix"\nlabel = "{0}"\noptions = [["a", "A"], ["b", "B"]]\n'
HEAD = 'title = "T"\nsource = "S"\nrank = 1\n[[sections]]\nid = "s"\ntitle = "S"\n'


@pytest.mark.parametrize(("waits", "reason"), [
    ({"x": ("shown_when", "y"), "y": ("shown_when", "x")}, "x → y → x"),
    ({"x": ("required_when", "y"), "y": ("required_when", "x")}, "x → y → x"),
    ({"x": ("required_when", "z"), "y": ("shown_when", "x"), "z": ("required_when", "y")}, "x → z → y → x"),
    ({"w": ("shown_when", "x"), "x": ("shown_when", "y"), "y": ("required_when", "x")}, "x → y → x"),
    ({"x": ("shown_when", "y")}, "shown_when nomme une question posée plus loin : y"),
    ({"y": ("required_when", "z")}, "required_when nomme une question posée plus loin : z"),
])
def test_conditions_lead_back_to_earlier_questions(
        waits: dict[str, tuple[str, str]], reason: str, tmp_path: Path) -> None:
    """No way round, and none that looks forward."""
    text = HEAD
    for name in "wxyz":
        text += CHOICE.format(name)
        if name in waits:
            text += f'{waits[name][0]} = {{ {waits[name][1]} = ["a"] }}\n'
    assert refused(tmp_path, text).reason.endswith(reason)


def test_a_chain_of_conditions_as_long_as_a_form_is_read(tmp_path: Path) -> None:
    """One question more is one too many."""
    def chain(length: int) -> str:
        return HEAD + "".join(CHOICE.format(f"q{rank}") + (f'shown_when = {{ q{rank - 1} = ["a"] }}\n' if rank else "")
                              for rank in range(length))
    (tmp_path / "ga-essai.1.toml").write_text(chain(controle.MOST_FIELDS))
    form = load(tmp_path)["ga-essai", 1]
    assert len(reponses.shown(form, dict.fromkeys(form.fields, "a"))) == controle.MOST_FIELDS
    assert reponses.shown(form, dict.fromkeys(form.fields, "a") | {"q99": "b"}) == {f"q{rank}" for rank in range(100)}
    assert "formulaire trop grand" in refused(tmp_path, chain(controle.MOST_FIELDS + 1)).reason
    many = "[" + ", ".join(f'["c{code}", "C"]' for code in range(controle.MOST_INPUTS + 1)) + "]"
    wide = HEAD + CHOICE.format("q").replace('"choix"', '"choix_multiple"').replace('[["a", "A"], ["b", "B"]]', many)
    assert "formulaire trop grand" in refused(tmp_path, wide).reason
    assert controle.MOST_INPUTS + 50 < web_forms.MAX_FIELDS, "the page's own inputs have room beside the questions"


@pytest.mark.parametrize("words", ["Quel âge\u202f?", "Dire «\u00a0oui\u00a0»", "Par exemple\u00a0: 12", "À 14:32",
                                   "Quoi\u202f?!", "Pompe (morphine, insuline…)"])
def test_words_that_french_writes_so(words: str) -> None:
    assert controle.words(words) == ""


@pytest.mark.parametrize("name", ["essai.toml", "ga.1.toml", "ga-essai.toml", "ga-essai.0.toml", "ga-essai.01.toml",
                                  "GA-essai.1.toml", "ga-essai.1.1.toml", "ga-essai.١.toml"])
def test_a_file_name_says_module_volet_and_version(name: str, tmp_path: Path) -> None:
    assert "le nom du fichier" in refused(tmp_path, FORM, name).reason


@pytest.mark.parametrize(("content", "line", "reason"), [
    (b"", 1, "il manque title"),
    (b"title = 1\nsource = \"caf\xe9\"\n", 2, "pas en UTF-8"),
    (b"title = " + b"[" * 5000, 1, "trop de niveaux"),
    (b"title = \"T\"\nrank = " + b"9" * 5000, 2, "TOML illisible"),
    (b"title = \"a\x00b\"", 1, "TOML illisible"),
])
def test_what_is_no_form_is_refused(content: bytes, line: int, reason: str, tmp_path: Path) -> None:
    fault = refused(tmp_path, content)
    assert (fault.line, reason in fault.reason) == (line, True)


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ga-essai.1.toml").mkdir()
    with pytest.raises(DefinitionError, match=r"ga-essai\.1\.toml, ligne 1 : fichier illisible"):
        load(tmp_path)


def test_versions_follow_one_another(tmp_path: Path) -> None:
    (tmp_path / "ga-essai.1.toml").write_text(FORM)
    assert refused(tmp_path, FORM, "ga-essai.3.toml").reason == "la version 2 manque"
    (tmp_path / "ga-essai.2.toml").write_text(FORM)
    assert sorted(load(tmp_path)) == [("ga-essai", 1), ("ga-essai", 2), ("ga-essai", 3)]


def test_two_volets_of_a_module_have_two_ranks(tmp_path: Path) -> None:
    """Of their newest versions: volets may change places."""
    (tmp_path / "ga-autre.1.toml").write_text(FORM)
    fault = refused(tmp_path, FORM)
    assert (fault.line, fault.reason) == (3, "rang déjà pris par ga-autre : 1")
    (tmp_path / "ga-autre.2.toml").write_text(FORM.replace("rank = 1", "rank = 2"))
    assert len(load(tmp_path)) == 3
    (tmp_path / "s-essai.1.toml").write_text(FORM)
    assert len(load(tmp_path)) == 4


def test_lines_are_those_of_the_file_whatever_stands_in_its_texts() -> None:
    """Comments, texts of several lines, line ends of another system."""
    text = '# [[sections]]\ntitle = """\n[[sections]]\n\\""""\n[[ sections ]]  # [[sections]]\nid = "a#b"\r\n' \
           "help = '''\nid = 1\n[[sections.fields]]'''\n  [[sections . fields]]\n'id' = \"\u2028\"\n\"label\" = 2\n"
    tomllib.loads(text)
    found = reperes.find(text)
    assert (found.sections, found.fields) == ([5], [[10]])
    assert (found.key(5, "id"), found.key(10, "id"), found.key(10, "label"), found.key(10, "kind")) == (6, 11, 12, 10)


_VALUES = ['""', '"x"', "0", "-1", "nan", "true", "[]", "{}", '[["a"]]', '[["a", "A"], ["a", "B"]]', "1979-05-27",
           '{ fume = ["oui"] }', "{ fume = 3 }", "9" * 5000, "'''\nx\n'''", "[[[[]]]]", '"é\\u0000"', "0x" + "f" * 5000]
_LINES = [*FORM.split("\n"), "[sections]", "[[sections.fields.options]]", "[fields]", "[[", '"', "sections.id = 3"]


@st.composite
def toml_like(draw: st.DrawFn) -> str:
    """The form of these tests, with lines moved, lost, doubled or given other values."""
    lines = FORM.split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        key = re.match(r"\w+ = ", lines[at])
        if key and draw(st.booleans()):
            lines[at] = key[0] + draw(st.sampled_from(_VALUES) | st.text(max_size=8))
        else:
            lines[at:at + draw(st.integers(0, 2))] = draw(st.lists(st.sampled_from(_LINES), max_size=2))
        lines = lines or [""]
    return "\n".join(lines)


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=60) | (st.text(max_size=80) | toml_like()).map(
    lambda text: text.encode("utf-8", "surrogatepass")))
@example(content=b'title = "\xed\xa0\x80"')
@example(content=b"a.b = 1\na = {}")
def test_nothing_but_a_definition_error_comes_out(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever a file holds, it is a form, or its fault is told at one of its lines."""
    folder = tmp_path_factory.getbasetemp() / "formulaire"
    folder.mkdir(exist_ok=True)
    (folder / "ga-essai.1.toml").write_bytes(content)
    try:
        form = load(folder)["ga-essai", 1]
    except DefinitionError as fault:
        assert 1 <= fault.line <= 1 + content.count(b"\n")
    else:
        assert form.fields
        assert reponses.completeness(form, {}).done == 0


# --- the packaged forms

@pytest.mark.parametrize(("module", "volets"), [
    ("ga", ["administratif", "medical", "autonomie"]), ("tnd", ["administratif", "reperage", "medical"]), ("x", [])])
def test_the_packaged_forms_of_a_module_are_its_volets_in_their_order(module: str, volets: list[str]) -> None:
    assert [form.volet for form in definitions.volets(module)] == volets


def test_a_form_is_found_by_its_volet_or_by_its_version() -> None:
    assert definitions.latest("ga", "medical") is definitions.of("ga-medical", 1)
    for unknown in (lambda: definitions.latest("ga", "social"), lambda: definitions.of("ga-medical", 99)):
        with pytest.raises(KeyError):
            unknown()


def test_the_newest_version_is_the_one_to_fill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the tenth too, which comes before the second in a folder's order."""
    for version in range(1, 12):
        (tmp_path / f"ga-essai.{version}.toml").write_text(FORM)
    monkeypatch.setattr(definitions, "registry", lambda: load(tmp_path))
    assert [form.version for form in definitions.volets("ga")] == [11]


def test_the_volet_autonomie_asks_the_grid_and_the_seven_illustrative_lines() -> None:
    """The seventeen lines of the law are needed, in its order; the others are not."""
    form = definitions.latest("ga", "autonomie")
    lines = [field for field in form.fields.values() if field.kind is Kind.ABC]
    assert [field.id for field in lines if field.required] == list(aggir.LINES)
    assert [field.id for field in lines if not field.required] == [
        "gestion", "cuisine", "menage", "transport", "achats", "traitement", "loisirs"]


def test_creating_a_dossier_finds_its_sections_in_the_volet_administratif() -> None:
    form = definitions.latest("ga", "administratif")
    assert {"contacts", "protection", "confiance"} <= {section.id for section in form.sections}
    assert {"permanent", "temporaire", "jour", "nuit"} == set(form.fields["sejours"].labels)


def test_the_page_keeps_its_own_names() -> None:
    """The inputs that a volet's form sends beside its questions, and the ids of its page's elements."""
    own = forms.RESERVED | {saisie.CHOICE, saisie.CONFIRM}
    for page in (Path("templates/base.html"), *Path("templates/volets").glob("*.html"),
                 *Path("templates/composants").glob("*.html")):
        own |= set(re.findall(r' id="([a-z][a-z0-9_]*)"', page.read_text()))
    assert own - {"_csrf", "true"} <= controle.RESERVED


def test_the_format_is_documented(tmp_path: Path) -> None:
    """Its example is a form, and every key and kind has its row."""
    text = Path("docs/dev/formulaires.md").read_text()
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example
    (tmp_path / "ga-essai.1.toml").write_text(example[1])
    assert load(tmp_path)["ga-essai", 1].fields["allergies_precisions"].length == 300
    rows = set(re.findall(r"`(\w+)`", " ".join(line.split("|")[1] for line in text.splitlines() if line[:1] == "|")))
    keys = {*definitions.FORM_KEYS, *definitions.SECTION_KEYS, *definitions.FIELD_KEYS} - {"sections", "fields"}
    assert keys | set(Kind) <= rows
