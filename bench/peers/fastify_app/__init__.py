"""Fastify, EJS and better-sqlite3: run by Node; what it prints and its session are written by Python."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

from bench.peers import page
from bench.peers.datasette_app.requete import SQL
from portal.compte.rules import CHARTE
from portal.dossiers import rules

HERE = Path(__file__).parent
# Where `tools/prepare.py bench` puts the packages of the lock file.
FOLDER = Path(sys.prefix) / "fastify"
SECRET = b"only for measuring"


def missing() -> str:
    """Why this peer can't run here; empty when it can."""
    if not shutil.which("node"):
        return "Fastify, since Node is not installed"
    if not (FOLDER / ".pret").is_file():
        return "Fastify, since its packages could not be installed (see what `tools/prepare.py bench` said)"
    return ""


def ready() -> Path:
    """The server's program, copied beside its packages: Node looks for them there."""
    shutil.copytree(HERE / "views", FOLDER / "views", dirs_exist_ok=True)
    return Path(shutil.copy(HERE / "serveur.mjs", FOLDER))


def facts(path: Path) -> Path:
    """What the JavaScript prints around its rows: the words and headers of the other peers."""
    sql = re.sub(r"\(SELECT id FROM django_app_medecin WHERE username = :rpps\)|:module|:onglet", "?", SQL)
    modules = {code: {"code": code, "slug": module.slug, "heading": module.heading}
               for code, module in rules.MODULES.items()}
    around = {"site": page.SITE, "sprite": page.SPRITE, "colonnes": page.COLUMNS, "modules": modules}
    path.write_text(json.dumps({
        "liens_sql": sql, "headers": page.SECURITY, "charte": CHARTE.version, "page_size": page.PAGE_SIZE,
        "modules": modules, "tabs": rules.TABS, "around": around,
        "statuts": {code: asdict(statut) for code, statut in rules.STATUTS.items()},
        "choix": {code: [asdict(statut) for statut in found] for code, found in page.CHOICES.items()},
    }, ensure_ascii=False), "utf-8")
    return path


def cookie(rpps: str) -> str:
    """A logged-in session's cookie, signed as @fastify/cookie does (HMAC-SHA256, base64 without padding)."""
    mac = base64.b64encode(hmac.new(SECRET, rpps.encode(), hashlib.sha256).digest()).decode().rstrip("=")
    return f"session={quote(f'{rpps}.{mac}', safe='')}"
