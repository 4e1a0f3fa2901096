"""The whole help as files that open from a disk: relative links, its style sheets, and a search that needs no server.

Made from the built site (``portal aide --hors-ligne FOLDER``): for a surgery without a line, or for the support's key.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from portal.aide import rules
from portal.aide.queries import load_site
from portal.settings import Settings, resource

LINK = re.compile(r'(?P<name>href|src|srcset|action)="(?P<url>[^"#][^"]*)"')
# The sections of the home page that its own contents list points at; not the ways past a block.
OWN_SECTIONS = re.compile(r'href="#(?!contenu|aide-cote)')
SEARCH = "recherche.html"
COPIED = (".html", ".css", ".webp", ".png", ".pdf")
ARTICLE = re.compile(r"<article.*?</article>", re.DOTALL)
FORM_AND_RESULTS = """<article class="aide-article">
<h1>Chercher dans l’aide</h1>
<form class="aide-recherche" role="search" id="recherche-locale">
<label for="q-locale">Votre question, en quelques mots</label>
<input id="q-locale" name="q" type="search" maxlength="120" autocomplete="off">
<button class="bouton" type="submit">Chercher</button>
</form>
<p id="compte-local" role="status"></p>
<ol id="reponses-locales"></ol>
<noscript><p>La recherche a besoin de JavaScript ; le sommaire mène à toutes les pages.</p></noscript>
<script src="index-recherche.js"></script>
<script src="recherche.js"></script>
</article>""".replace(" ;", "\u202f;")


def export(settings: Settings, target: Path) -> int:
    """Write the offline edition of the built site into ``target``; how many pages it has.

    Raises FileNotFoundError when the help was not built, FileExistsError for a folder that is not empty.
    """
    source = settings.help_site
    if not (source / "fragments.json").is_file():
        raise FileNotFoundError(source)
    if target.exists() and any(target.iterdir()):
        raise FileExistsError(target)
    pages = 0
    for path in sorted(source.rglob("*")):
        if path.suffix not in COPIED:
            continue
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".html":
            copy.write_text(_relative(path.read_text("utf-8"), copy.parent, target, settings.origin), "utf-8")
            pages += 1
        else:
            shutil.copyfile(path, copy)
    shutil.copytree(resource("static") / "css", target / "static" / "css", dirs_exist_ok=True)
    shutil.copytree(resource("static") / "img", target / "static" / "img", dirs_exist_ok=True)
    shutil.copyfile(resource("static") / "js" / "recherche-locale.js", target / "recherche.js")
    known = json.dumps(index(settings), ensure_ascii=False)
    (target / "index-recherche.js").write_text(f"const AIDE = {known};\n", "utf-8")
    home = OWN_SECTIONS.sub('href="/aide/#', (source / "index.html").read_text("utf-8"))
    (target / SEARCH).write_text(
        _relative(ARTICLE.sub(lambda _: FORM_AND_RESULTS, home, count=1), target, target, settings.origin), "utf-8")
    return pages


def index(settings: Settings) -> dict[str, object]:
    """What the script searches: the server's own index and the words that govern it (see ``rules``)."""
    made = load_site(settings.help_site).index
    return {
        "entrees": [{"titre": entry.title, "page": entry.page_title, "lien": file_of(entry.url) + f"#{entry.anchor}",
                     "texte": entry.text[:rules.EXCERPT]} for entry in made.entries],
        "plat": [list(pair) for pair in made.folded],
        "poids": {key: sorted(numbers.items()) for key, numbers in made.weights.items()},
        "mots": made.words, "vides": sorted(rules.STOP_WORDS), "synonymes": rules.SYNONYMS,
        "parts": {"debut": rules.PREFIX_SHARE, "synonyme": rules.SYNONYM_SHARE, "faute": rules.MISSPELT_SHARE,
                  "titre": rules.PHRASE_IN_TITLE, "texte": rules.PHRASE_IN_TEXT},
    }


def file_of(url: str) -> str:
    """The file of a help page's address: « /aide/dossiers/ » -> « dossiers/index.html »."""
    path = url.removeprefix("/aide/")
    return f"{path}index.html" if not path or path.endswith("/") else path


def _relative(html: str, folder: Path, root: Path, origin: str) -> str:
    """The page with links that work from a disk; what only the portal has keeps the portal's address."""
    here = f"/aide/{folder.relative_to(root).as_posix()}/".replace("/./", "/")

    def moved(found: re.Match[str]) -> str:
        if urlsplit(found["url"]).scheme:
            return found[0]
        url, anchor = urldefrag(urljoin(here, found["url"]))
        path = url.partition("?")[0]
        if path == "/aide/recherche":
            place = root / SEARCH
        elif path.startswith("/aide/"):
            place = root / file_of(path)
        elif path.startswith("/static/"):
            place = root / path.removeprefix("/")
        else:
            return f'{found["name"]}="{origin}{url}{"#" + anchor if anchor else ""}"'
        local = Path(os.path.relpath(place, folder)).as_posix()
        return f'{found["name"]}="{local}{"#" + anchor if anchor else ""}"'

    return LINK.sub(moved, html)
