"""The words of the help: readable by who is concerned, within reach, and light to fetch."""

from __future__ import annotations

import gzip
import re
from collections import deque
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest
from bs4 import BeautifulSoup

from portal.aide import construction
from portal.settings import load

MOST_CLICKS = 3
MOST_BYTES = 40_000
STYLES = ("css/jetons.css", "css/portail.css")
# What a family reads: short sentences, short words. Kandel and Moles (1958) fitted Flesch's scale to French;
# 60 to 70 is « standard », 90 and more « very easy ».
FAMILY = ("espaces/usager",)
EASY, LONGEST_SENTENCE, MEAN_SENTENCE = 90, 24, 11
VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = load({}, data=tmp_path_factory.mktemp("aide"), demonstration=True)
    construction.build(settings, settings.help_site)
    return settings.help_site


def pages(folder: Path) -> dict[str, BeautifulSoup]:
    return {f"/aide/{path.relative_to(folder).as_posix().removesuffix('index.html')}":
            BeautifulSoup(path.read_text("utf-8"), "html.parser") for path in folder.rglob("index.html")}


def test_each_page_is_within_three_clicks(folder: Path) -> None:
    known = pages(folder)
    clicks, waiting = {"/aide/": 0}, deque(["/aide/"])
    while waiting:
        here = waiting.popleft()
        for link in known[here].find_all("a", href=True):
            address = urldefrag(urljoin(here, str(link["href"])))[0]
            if address in known and address not in clicks:
                clicks[address] = clicks[here] + 1
                waiting.append(address)
    assert {address: clicks.get(address) for address in known if clicks.get(address, 99) > MOST_CLICKS} == {}


def test_each_page_is_light_to_fetch(folder: Path) -> None:
    """The page, its style sheets and its scripts, as they travel (gzip), without pictures."""
    for address, soup in pages(folder).items():
        path = folder / address.removeprefix("/aide/") / "index.html"
        parts = [path, folder / "aide.css", *(Path("static", name) for name in STYLES)]
        for script in soup.find_all("script", src=True):
            source = str(script["src"]).partition("?")[0]
            parts.append(folder / source.removeprefix("/aide/") if source.startswith("/aide/")
                         else Path(source.removeprefix("/")))
        assert sum(len(gzip.compress(part.read_bytes())) for part in parts) <= MOST_BYTES, address


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence; a sentence ends with a mark and a space, or with its paragraph."""
    cut = re.split(r"(?<=[.!?])[»\s]+|\n+|(?<=:)\s+", text.replace("\u00a0", " ").replace("\u202f", " "))
    found = [re.findall(r"[^\W\d_]+", part) for part in cut]
    return [words for words in found if len(words) > 1]


def syllables(word: str) -> int:
    """Groups of vowels, a final mute e (or es, ent) apart."""
    count = len(VOWELS.findall(word.lower()))
    return max(1, count - bool(re.search(r"[^aeiouyéèê](e|es)$", word.lower())))


def ease(text: str) -> float:
    """Kandel and Moles: 209 − 1.15 × words a sentence − 0.68 × syllables a hundred words."""
    found = sentences(text)
    words = [word for sentence in found for word in sentence]
    return 209 - 1.15 * len(words) / len(found) - 68 * sum(map(syllables, words)) / len(words)


@pytest.mark.parametrize(("easier", "harder"), [
    ("Le lien est valable une heure. Il sert une fois.",
     "La validité temporelle de l’authentification électronique est limitée à une utilisation."),
    ("Vous lisez la page.", "Vous procédez consciencieusement à l’interprétation documentaire."),
])
def test_the_measure_tells_easy_from_hard(easier: str, harder: str) -> None:
    assert ease(easier) > EASY > ease(harder)


@pytest.mark.parametrize("page", FAMILY)
def test_a_family_can_read_its_guide(folder: Path, page: str) -> None:
    article = BeautifulSoup((folder / page / "index.html").read_text("utf-8"), "html.parser").find("article")
    assert article is not None
    text = "\n".join(block.get_text() for block in article.find_all(["p", "li"]))
    lengths = [len(sentence) for sentence in sentences(text)]
    assert ease(text) >= EASY
    assert sum(lengths) / len(lengths) <= MEAN_SENTENCE
    assert max(lengths) <= LONGEST_SENTENCE, [" ".join(one) for one in sentences(text) if len(one) > LONGEST_SENTENCE]


# Everybody's words, or names of a file's format, of a card's part, of a place.
KNOWN_TO_ALL = {"PDF", "ZIP", "QR", "CSV", "JSON", "HTML", "CSS", "SVG", "JPEG", "PNG", "CC", "BY", "UA", "FR", "TSA",
                "CEDEX", "FAQ", "R4B", "W3C", "ATR", "SC", "PKCS", "PC", "NIA", "ADOP-HAD", "PMSI-SMR", "PMSI-HAD",
                "PALLIA", "IGC"}


def test_each_acronym_of_the_help_is_in_the_glossary() -> None:
    glossary = Path("docs/glossaire.md").read_text("utf-8")
    missing = set()
    for page in Path("docs").rglob("*.md"):
        if "dev" not in page.parts and page.name != "glossaire.md":
            text = re.sub(r"`[^`]*`|\[\[\w+\]\]|\{ ?#[^}]*\}", "", page.read_text("utf-8"))
            missing |= {word for word in re.findall(r"\b[A-Z][A-Z0-9]*(?:-[A-Z]+)*[A-Z]\b", text)
                        if word not in KNOWN_TO_ALL and word not in glossary}
    assert sorted(missing) == []
