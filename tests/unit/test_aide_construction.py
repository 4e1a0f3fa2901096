"""The help's construction: tokens, sections cut, staleness, same bytes twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from portal.aide import construction, decoupe
from portal.aide.queries import load_site
from portal.settings import Settings, load

PAGE = """<html><body><p>dehors</p><article>
<h1 id="titre">Le titre</h1><p>Début <a href="autre/#x">là</a> &amp; <em>ici</em>.</p>
<h2 id="un">Un &lt;1&gt;</h2><p id="p">Premier<br />saut<br></p>
<p><img src="images/a.png" alt="une image" /></p>
<h3 id="sous">Sous</h3><p>Sous-section</p>
<h2 id="deux">Deux</h2><ul><li>a</li></ul>
</article><p>dehors</p></body></html>"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Words of another region, so that nothing in the pages can be there by habit."""
    folder = tmp_path_factory.mktemp("aide")
    settings = load({}, data=folder, support_phone="01 23 45 67 89", region="Bretagne", session_idle=2700)
    construction.build(settings, settings.help_site)
    return settings


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_settings_are_in_the_pages(settings: Settings) -> None:
    text = "".join(page.read_text("utf-8") for page in settings.help_site.rglob("*.html"))
    assert "01\u00a023\u00a045\u00a067\u00a089" in text and "Bretagne" in text and "45\u00a0minutes" in text
    assert "02 50" not in text and "[[" not in text


def test_each_heading_has_a_link_to_itself_and_no_fragment_holds_one(settings: Settings) -> None:
    page = BeautifulSoup((settings.help_site / "premiere-connexion" / "index.html").read_text("utf-8"), "html.parser")
    steps = page.select("article h2")
    assert [step.select_one("a.ancre")["href"] for step in steps] == [f"#{step['id']}" for step in steps]
    assert len({link["aria-label"] for link in page.select("a.ancre")}) == len(page.select("a.ancre"))
    assert 'class=\\"ancre' not in (settings.help_site / "fragments.json").read_text("utf-8")


def test_two_builds_are_the_same_bytes(settings: Settings, tmp_path: Path) -> None:
    construction.build(settings, tmp_path / "aide")
    assert files(tmp_path / "aide") == files(settings.help_site)


def test_building_again_leaves_nothing_beside(settings: Settings, tmp_path: Path) -> None:
    for _ in range(2):
        construction.build(settings, tmp_path / "aide")
    assert [path.name for path in tmp_path.iterdir()] == ["aide"]


def test_it_is_built_again_only_when_something_changed(settings: Settings) -> None:
    elsewhere = load({}, data=settings.data, support_phone="09 87 65 43 21")
    assert not construction.is_stale(settings, settings.help_site)
    assert construction.is_stale(elsewhere, settings.help_site)


def test_a_folder_that_is_no_site_is_stale(settings: Settings, tmp_path: Path) -> None:
    assert construction.is_stale(settings, tmp_path)


def test_notes_for_developers_stay_out(settings: Settings) -> None:
    assert not [name for name in files(settings.help_site) if "dev/" in name or "adr" in name]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts one page in the place of the help's sources."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (tmp_path / "mkdocs.yml").write_bytes(Path("mkdocs.yml").read_bytes())
    resource = construction.resource
    monkeypatch.setattr(construction, "resource", lambda name: docs if name == "docs" else resource(name))

    def write(text: str) -> None:
        (docs / "index.md").write_text(text, "utf-8")

    return write


@pytest.mark.parametrize(("page", "said"), [
    ("# Aide\n\n[[inconnu]]\n", r"\[\[inconnu\]\]"),
    ("# Aide\n\n[lien](absente.md)\n", r"absente\.md"),
    ("# Aide\n\n[lien](#nulle-part)\n", "nulle-part"),
])
def test_a_page_that_promises_what_is_not_there_is_refused(
        page: str, said: str, written: Callable[[str], None], tmp_path: Path, settings: Settings) -> None:
    written(page)
    with pytest.raises(construction.ConstructionError, match=said):
        construction.build(settings, tmp_path / "aide")
    assert not (tmp_path / "aide").exists()


@pytest.mark.parametrize(("value", "words"), [
    (timedelta(minutes=30), "30 minutes"), (timedelta(hours=12), "12 heures"), (timedelta(days=4), "4 jours"),
    (timedelta(hours=1), "1 heure"), (timedelta(minutes=90), "90 minutes"),
    (timedelta(seconds=45), "45 secondes"), (timedelta(0), "0 seconde"),
])
def test_duration_in_words(value: timedelta, words: str) -> None:
    assert construction.duration(value).replace("\u00a0", " ") == words


def test_a_page_is_cut_at_its_headings() -> None:
    found = decoupe.sections(PAGE, "/aide/page/")
    assert [(one.anchor, one.level, one.title) for one in found] == [
        ("titre", 1, "Le titre"), ("un", 2, "Un <1>"), ("sous", 3, "Sous"), ("deux", 2, "Deux")]
    assert decoupe.text(found[0]) == "Début là & ici."
    assert "dehors" not in "".join(decoupe.text(one) for one in found)


def test_a_fragment_stands_alone_in_another_page() -> None:
    found = decoupe.sections(PAGE, "/aide/page/")
    first, second = (BeautifulSoup(decoupe.fragment(found, index), "html.parser") for index in (0, 1))
    assert first.a is not None and first.a["href"] == "/aide/page/autre/#x"
    assert second.img is not None and second.img["src"] == "/aide/page/images/a.png"
    assert not second.find_all(id=True)
    assert second.h3 is not None and second.h3.get_text() == "Sous"
    assert "Deux" not in second.get_text() and "Premier" not in first.get_text()
    assert "&amp;" in decoupe.fragment(found, 0)


def test_a_site_not_built_is_empty_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    site = load_site(tmp_path)
    assert site.files == {} and site.section("index", "aide") is None
    assert "portal aide" in caplog.text


def test_a_site_in_memory_knows_its_targets(settings: Settings) -> None:
    site = load_site(settings.help_site)
    assert site.has("connexion#carte")
    assert not site.has("connexion#nulle-part") and not site.has("nulle-part#carte")
    fallback = site.section("connexion", "nulle-part")
    assert fallback is not None and fallback.title == "Se connecter"
    pages = json.loads((settings.help_site / "fragments.json").read_text("utf-8"))
    assert pages.keys() == site.sections.keys()
