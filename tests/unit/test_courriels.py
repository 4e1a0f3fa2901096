"""No mail holds a word of health or the name of a patient: nothing that makes one is given any.

What the whole suite sends is listened to besides (tests/support/journaux.py, ``Post``).
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from portal.avis.rules import CODES
from portal.db import outbox
from portal.settings import load
from tests.support.journaux import POST, Post

pytestmark = pytest.mark.proves("D6", "V16.2.5")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SETTINGS = load({}, demonstration=True)
MODULES = sorted([*Path("portal").rglob("courriels.py"), Path("portal/avis/courriel.py")])

# What a mail may be told: the reader's own name or a professional's, a link, days and numbers. No person, no row.
GIVEN: dict[str, Any] = {
    "settings": SETTINGS, "name": "Dr Bob DURAND", "principal": "Dr Alice MARTIN", "delegate": "Dr Bob DURAND",
    "other": "Dr Bob DURAND", "by": "Dr Bob DURAND", "secretary": "Eva NOEL", "par": "Eva NOEL",
    "structure": "EHPAD Les Tilleuls", "jeton": "JETON", "figures": "123456", "numero": "ga 43084209",
    "device": "Firefox, Linux", "level": "carte CPS", "day": "22/11/2026", "days": 4, "left": 3, "last": True,
    "by_link": True, "account": True, "at": NOON, "until": NOON,
    "starts": date(2026, 11, 22), "ends": date(2026, 12, 22), "today": date(2026, 11, 22),
    "found": [SimpleNamespace(dossier="ga 43084209", code=code) for code in CODES],
}
HEALTH = re.compile(
    r"\b(GIR|AGGIR|diagnosti\w+|patholog\w+|maladie\w*|traitement\w*|antécédent\w*|démence\w*|Alzheimer|handicap\w*|"
    r"autis\w+|TND|addict\w+|palliati\w+|gériatr\w+|psychiatr\w+|dépendan\w+|perte d’autonomie)\b", re.IGNORECASE)


def senders() -> list[Callable[..., tuple[str, str]]]:
    found = []
    for path in MODULES:
        module = importlib.import_module(".".join(path.with_suffix("").parts))
        found += [one for name, one in inspect.getmembers(module, inspect.isfunction)
                  if not name.startswith("_") and one.__module__ == module.__name__
                  and inspect.signature(one).return_annotation == "tuple[str, str]"]
    return found


SENDERS = senders()


def test_every_sender_is_looked_at() -> None:
    assert len(SENDERS) > 30 and {one.__module__.split(".")[1] for one in SENDERS} >= {"avis", "compte", "espaces"}


@pytest.mark.parametrize("sender", SENDERS, ids=lambda one: f"{one.__module__.removeprefix('portal.')}.{one.__name__}")
def test_a_mail_is_told_nothing_of_a_patient_and_says_nothing_of_health(sender: Callable[..., tuple[str, str]]) -> None:
    parameters = inspect.signature(sender).parameters
    assert set(parameters) <= set(GIVEN), "a mail is told something new: is it anybody's, or a word of health?"
    subject, body = sender(**{name: GIVEN[name] for name in parameters})
    assert not HEALTH.search(f"{subject}\n{body}")
    assert "\n" not in subject and "\r" not in subject
    assert "JETON" not in subject and "123456" not in subject, "a secret stays out of what a locked screen shows"


def test_the_sentence_of_a_notice_is_fixed() -> None:
    assert not [code for code, notice in CODES.items() if re.search(r"[{}%]", notice.sentence)]


def test_every_mail_is_made_by_one_of_these() -> None:
    """``outbox.send`` is given an address and what a sender returns, never a text made on the spot."""
    wrong = []
    for path in sorted(Path("portal").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "outbox.send":
                given = ast.unparse(node.args[1]) if len(node.args) > 1 else ""
                wrong += [] if re.match(r"\*?courriels?\.\w+\(", given) else [f"{path}:{node.lineno} {given}"]
    assert not wrong


@pytest.mark.parametrize("text", ["Mme LEROUX", "insuffisance cardiaque", "2 31 04 14 118 001 55"])
def test_the_ears_of_the_suite_would_hear(text: str) -> None:
    post = Post()
    post.hear("Votre dossier", f"Bonjour, {text} vous attend")
    assert post.found() and not post.found(), "told once"


@pytest.mark.usefixtures("tables")
def test_the_ears_are_on_the_outbox() -> None:
    from portal.db import database

    with database.writing():
        outbox.send("a@exemple.fr", "Objet sans nom", "Texte sans nom")
    assert ("Objet sans nom", "Texte sans nom") in POST.mails
