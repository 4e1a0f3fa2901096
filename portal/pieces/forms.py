"""The form that adds a piece: its kind, its file."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from portal.web.forms import Form, typed


@dataclass
class Envoi(Form):
    """What was sent: the kind's code, the file's name as the browser sent it, its bytes."""

    kind: str = ""
    nom: str = ""
    content: bytes = field(default=b"", repr=False)


def read(request: Request, allowed: list[str]) -> Envoi:
    """The form as sent; ``allowed``: codes of the kinds he may add. Errors say what is missing."""
    form: FormData = request.state.form
    values = typed(request, "nature")
    sent = Envoi(values, kind=values["nature"])
    if sent.kind not in allowed:
        sent.errors["nature"] = "Choisissez la nature de la pièce dans la liste."
    file = form.get("fichier")
    if isinstance(file, UploadFile) and (file.filename or file.size):
        sent.nom, sent.content = _decoded(file.filename or ""), file.file.read()
    else:
        sent.errors["fichier"] = "Choisissez le fichier à joindre."
    return sent


def _decoded(name: str) -> str:
    """A file's name without the three escapes that browsers make in it (HTML, 4.10.21.8 « multipart form data »)."""
    return name.replace("%0D", "\r").replace("%0A", "\n").replace("%22", '"')
