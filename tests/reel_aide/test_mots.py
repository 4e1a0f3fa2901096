"""Every word of the help is French or the trade's; every page is valid HTML."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from bs4 import BeautifulSoup

WORD = re.compile(r"(?<!\d)[^\W\d_]+(?:['-][^\W\d_]+)*")
JUDGE_SECONDS = 120
# Elided articles are no part of the word that the dictionary knows.
ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)'", re.IGNORECASE)


def words(folder: Path) -> dict[str, str]:
    """Each word of the articles and of what pictures say, with a page where it stands; code is nobody's French."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.html")):
        article = BeautifulSoup(path.read_text("utf-8"), "html.parser").find("article")
        if article is None:
            continue
        for code in article.find_all(["code", "kbd"]):
            code.decompose()
        said = [article.get_text(" "), *(str(image.get("alt", "")) for image in article.find_all("img"))]
        # Addresses are no words either.
        text = re.sub(r"\S+@\S+|\b[\w-]+(?:\.[\w-]+)+\b", " ", " ".join(said).replace("’", "'"))
        for word in WORD.findall(text):
            found.setdefault(ELISION.sub("", word), path.parent.relative_to(folder).as_posix())
    return found


def test_every_word_is_spelt_right(help_folder: Path, hunspell: list[str]) -> None:
    known = words(help_folder)
    done = subprocess.run(hunspell, input="\n".join(known), capture_output=True, text=True, check=True,
                          timeout=JUDGE_SECONDS)
    wrong = sorted({f"{word} ({known.get(word, '?')})" for word in done.stdout.split()})
    assert not wrong, f"misspelt, or missing from metier.dic: {', '.join(wrong)}"


def test_the_spelling_judge_sees_a_fault(hunspell: list[str]) -> None:
    done = subprocess.run(hunspell, input="dossier\ndosier\nEHPAD\n", capture_output=True, text=True, check=True,
                          timeout=JUDGE_SECONDS)
    assert done.stdout.split() == ["dosier"]


def test_the_trade_words_are_sorted_and_used(help_folder: Path) -> None:
    listed = Path(__file__).with_name("metier.dic").read_text("utf-8").split("\n")[:-1]
    assert listed == sorted(set(listed))
    used = {part for word in words(help_folder) for part in (word, *word.split("-"))}
    assert [word for word in listed if word not in used] == []


def test_every_page_is_valid_html(help_folder: Path, vnu: Path) -> None:
    done = subprocess.run(["java", "-jar", str(vnu), "--format", "gnu", "--skip-non-html", str(help_folder)],
                          capture_output=True, text=True, check=False, timeout=JUDGE_SECONDS)
    said = [line.replace(f"file:{help_folder}/", "") for line in done.stderr.splitlines() if line.strip()]
    assert not said, "\n".join(said[:20])
    assert done.returncode == 0


def test_the_html_judge_sees_a_fault(tmp_path: Path, vnu: Path) -> None:
    (tmp_path / "page.html").write_text("<!doctype html><html lang='fr'><title>x</title><p><li>a", "utf-8")
    done = subprocess.run(["java", "-jar", str(vnu), "--format", "gnu", "--skip-non-html", str(tmp_path)],
                          capture_output=True, text=True, check=False, timeout=JUDGE_SECONDS)
    assert done.returncode == 1
