"""Build the help site: fill the tokens, run MkDocs, cut the pages, compress.

MkDocs is only needed here; the portal serves what this leaves in the folder.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import brotli

from portal import __version__
from portal.aide import decoupe, generes, images, tables
from portal.compte.rules import POLICIES
from portal.settings import Settings, resource

log = logging.getLogger("portal.aide")

TOKEN = re.compile(r"\[\[(\w+)\]\]")
HEADING = re.compile(r'(<h[23] id="([^"]+)">)(.+?)(</h[23]>)')
NAVIGATION = re.compile(r"^ +- ([\w/-]+)\.md$", re.MULTILINE)
# How long something is kept: a page may name any of these settings.
DURATION = re.compile("_(kept|unused)_|^audit_months$")
IMAGE = re.compile(r"!\[[^\]]*\]\((?P<path>[^)\s]+)\)")
STAMP = "empreinte.txt"
FRAGMENTS = "fragments.json"
SEARCH = "recherche.json"
COMPRESSED = (".html", ".css")
BUILD_SECONDS = 60
NBSP = "\u00a0"


class ConstructionError(Exception):
    """The help can't be built; the message is French and says why."""


def is_stale(settings: Settings, target: Path) -> bool:
    """True when the site in ``target`` was not made from today's sources and settings."""
    stamp = target / STAMP
    return not stamp.is_file() or stamp.read_text("utf-8") != fingerprint(settings)


def possible() -> bool:
    """True where MkDocs is installed; elsewhere the help of the wheel serves."""
    return importlib.util.find_spec("mkdocs") is not None


def build(settings: Settings, target: Path) -> None:
    """Build the site aside, then put it in the place of ``target`` in one move.

    Raises ConstructionError when MkDocs refuses the sources or a token is unknown.
    """
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".aide-", dir=target.parent) as folder:
        work = Path(folder)
        site = work / "site"
        _fill(resource("docs"), work / "docs", tokens(settings))
        _mkdocs(settings, work, site)
        _frame(site)
        _cut(site)
        _link(site)
        _compress(site)
        (site / STAMP).write_text(fingerprint(settings), "utf-8")
        if target.exists():
            target.rename(work / "old")
        site.rename(target)


def tokens(settings: Settings) -> dict[str, str]:
    """What ``[[name]]`` stands for in the pages: the installation's own words and delays."""
    return {
        "site_name": settings.site_name,
        "region": settings.region,
        "region_url": settings.region_url,
        "support_email": settings.support_email,
        "support_phone": settings.support_phone.replace(" ", NBSP),
        "agent_url": settings.agent_url,
        "session_idle": duration(settings.session_idle),
        "session_warning": duration(settings.session_warning),
        "session_absolute": duration(settings.session_absolute),
        "challenge_life": duration(settings.challenge_life),
        "email_link_life": duration(settings.email_link_life),
        "mail_code_life": duration(settings.mail_code_life),
        "reset_link_life": duration(settings.reset_link_life),
        "delegation_months": str(settings.delegation_months),
        "delegation_notice_days": str(settings.delegation_notice_days),
        "reminder_days": ", ".join(map(str, settings.reminder_delays)) or "aucun",
        "archive_alert_months": str(settings.archive_alert_months), "archive_months": str(settings.archive_months),
        "password_rule": POLICIES[settings.password_policy].hint,
        **{name: str(value) for name, value in vars(settings).items() if DURATION.search(name)},
        "version": __version__,
        "nouveautes": generes.nouveautes(generes.changelog().read_text("utf-8")), "chartes": generes.chartes(),
        "questions": generes.questions(),
        "etats": tables.markdown(), "corrections": tables.corrections(),
        "rubriques": tables.rubriques(),
    }


def words(settings: Settings) -> dict[str, object]:
    """What the theme may show: the tokens, and what only a page's frame needs."""
    return {**tokens(settings), "logo": settings.logo, "demonstration": settings.demonstration}


def duration(value: timedelta) -> str:
    """In French words, in the largest unit that fits: « 30 minutes », « 12 heures », « 4 jours »."""
    seconds = int(value.total_seconds())
    for size, unit in ((86400, "jour"), (3600, "heure"), (60, "minute"), (1, "seconde")):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count}{NBSP}{unit}{'s' if count > 1 else ''}"
    return f"0{NBSP}seconde"


def fingerprint(settings: Settings) -> str:
    """Changes with any source of the help, its theme, its configuration or a value shown in it."""
    digest = hashlib.sha256(json.dumps(words(settings), sort_keys=True).encode())
    for root in (resource("docs"), _theme()):
        for path in _sources(root):
            digest.update(f"\0{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    for path in (_config(), *sorted(Path(__file__).parent.glob("*.*"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources(root: Path) -> list[Path]:
    files = (path for path in root.rglob("*") if path.is_file())
    return sorted(path for path in files if path.relative_to(root).parts[0] != "dev")


def _theme() -> Path:
    return resource("templates") / "aide" / "theme"


def _config() -> Path:
    return resource("docs").parent / "mkdocs.yml"


def _fill(docs: Path, copy: Path, values: dict[str, str]) -> None:
    """Copy the sources; in the pages, replace the tokens and leave out pictures not taken yet."""
    for source in _sources(docs):
        path = copy / source.relative_to(docs)
        path.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix != ".md":
            shutil.copyfile(source, path)
            continue
        path.write_text(_shown(_worded(source, values), source), "utf-8")


def _worded(source: Path, values: dict[str, str]) -> str:
    """The page with its tokens replaced."""
    page = source.read_text("utf-8")
    unknown = sorted(set(TOKEN.findall(page)) - set(values))
    if unknown:
        raise ConstructionError(f"La page {source.name} emploie un mot inconnu : [[{unknown[0]}]].")
    return TOKEN.sub(lambda found: values[found[1]], page)


def _shown(page: str, source: Path) -> str:
    """The page without the pictures that do not exist yet: what takes them needs the help to run first."""
    missing = [found for found in IMAGE.finditer(page) if not (source.parent / found["path"]).is_file()]
    if missing:
        log.warning("%s : %d captures absentes (« make guide » les prend)", source.name, len(missing))
    for found in missing:
        page = page.replace(found[0], "")
    return page


def _mkdocs(settings: Settings, work: Path, site: Path) -> None:
    """Run MkDocs on the filled copy; SOURCE_DATE_EPOCH makes two builds the same bytes."""
    config = work / "mkdocs.yml"
    # JSON is YAML: nothing in these values needs quoting by hand.
    values = {"INHERIT": str(_config()), "site_name": settings.site_name, "docs_dir": str(work / "docs"),
              "theme": {"custom_dir": str(_theme())}, "extra": words(settings)}
    config.write_text(json.dumps(values), "utf-8")
    # Not --quiet: MkDocs then neither counts nor refuses its warnings.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict",
               "--config-file", str(config), "--site-dir", str(site)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False,
                          env=os.environ | {"SOURCE_DATE_EPOCH": "0"})
    if done.returncode != 0:
        raise ConstructionError(f"MkDocs n’a pas pu construire l’aide :\n{done.stdout}{done.stderr}")
    for extra in site.glob("sitemap.xml*"):
        extra.unlink()


def _frame(site: Path) -> None:
    """Size the pictures of every page, and give them their dark side."""
    for path in sorted(site.rglob("*.html")):
        url = f"/aide/{path.relative_to(site).as_posix().removesuffix('index.html')}"
        path.write_text(images.framed(path.read_text("utf-8"), url, site), "utf-8")


def _cut(site: Path) -> None:
    """Write the sections of every page, in the navigation's order: for the drawer, and for the search."""
    pages, words = {}, []
    for name in NAVIGATION.findall(_config().read_text("utf-8")):
        folder = name.removesuffix("index")
        url = f"/aide/{folder}/" if folder else "/aide/"
        path = site / folder / "index.html"
        found = decoupe.sections(path.read_text("utf-8"), url)
        pages[name] = [
            {"anchor": section.anchor, "title": section.title, "html": decoupe.fragment(found, index)}
            for index, section in enumerate(found)
        ]
        words += [
            {"page": name, "url": url, "page_title": found[0].title, "anchor": section.anchor,
             "title": section.title, "text": decoupe.text(section)}
            for section in found
        ]
    _write_json(site / FRAGMENTS, pages)
    _write_json(site / SEARCH, words)


def _link(site: Path) -> None:
    """Give each heading of a page a link to itself, to be copied: done last, so that no fragment holds them."""
    for path in site.rglob("*.html"):
        path.write_text(HEADING.sub(_linked, path.read_text("utf-8")), "utf-8")


def _linked(found: re.Match[str]) -> str:
    start, anchor, title, end = found.groups()
    name = f"Lien vers «\u00a0{_plain(title)}\u00a0»"
    return f'{start}{title} <a class="ancre" href="#{anchor}" aria-label="{name}">#</a>{end}'


def _plain(html: str) -> str:
    """The words of a piece of HTML, for an attribute."""
    return re.sub(r"<[^>]+>", "", html).replace('"', "&quot;")


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")


def _compress(site: Path) -> None:
    for path in sorted(site.rglob("*")):
        if path.suffix in COMPRESSED:
            content = path.read_bytes()
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
            path.with_name(path.name + ".br").write_bytes(brotli.compress(content, quality=11))
