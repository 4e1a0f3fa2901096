"""Forms: what was typed, what is wrong with it, and keeping it when the session ends."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from starlette.datastructures import FormData
from starlette.requests import Request

from portal.web import errors, session

# A volet's form has some hundred questions, several inputs each.
MAX_FIELDS = 600
# As much as a whole body: a text that is too long is refused by its field's own limit, in words.
MAX_PART = 256 * 1024
SECRET_FIELDS = ("_csrf", "mot_de_passe", "mot_de_passe_2", "mot_de_passe_actuel", "code")


@dataclass
class Form:
    """Values by field and French messages by field; ``errors`` keeps the order of the page."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.errors


def typed(request: Request, *names: str) -> dict[str, str]:
    """The texts of the named fields: trimmed, in NFC, without control characters; missing ones are empty."""
    form: FormData = request.state.form
    return {name: clean(form.get(name)) for name in names}


def clean(value: object) -> str:
    """One field's text as it may be stored: NFC, no control character but line ends, no outer space."""
    if not isinstance(value, str):
        return ""
    text = unicodedata.normalize("NFC", value)
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc").strip()


def saved_form(request: Request) -> dict[str, str]:
    """What was typed in this page's form when the session expired, or nothing."""
    kept = session.visit(request).data.get("reprise") or {}
    if kept.get("path") != request.url.path:
        return {}
    fields: dict[str, str] = kept["fields"]
    return fields


def keep(request: Request, subject: str) -> None:
    """Keep what an expired session sent, for the same person's next login (never a password or a code).

    Raises TooLarge when it can't be kept: the browser's « back » still has it.
    """
    form: FormData = request.state.form
    fields = {name: value for name, value in form.items() if isinstance(value, str) and name not in SECRET_FIELDS}
    try:
        session.put(request, reprise={"path": request.url.path, "fields": fields, "subject": subject})
    except ValueError as error:
        raise errors.TooLarge() from error


def is_kept_for(request: Request, here: session.Visit) -> bool:
    """True when the session keeps a form of this very page."""
    return bool((here.data.get("reprise") or {}).get("path") == request.url.path)


def local_path(text: str) -> str | None:
    """A path of this portal to go on to after a login, or None for anything that leads elsewhere."""
    if not text.startswith("/") or text.startswith(("//", "/\\")) or any(char < " " or char == "\\" for char in text):
        return None
    return text
