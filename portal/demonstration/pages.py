"""The mails that a real installation would send."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from portal.db import outbox
from portal.web import dates, forms, render

_ADDRESS = re.compile(r"(https?://[^\s<>\"]+)")


@dataclass(frozen=True)
class Part:
    """A piece of a mail's body; ``url`` is set where it is a link into this portal."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Message:
    """A mail as the page shows it."""

    to: str
    subject: str
    sent: str
    body: tuple[Part, ...]


def messages(request: Request) -> Response:
    """The mails « sent », newest first."""
    origin: str = request.app.state.settings.origin
    shown = [
        Message(one.to, one.subject, dates.moment(one.created), parts(one.body, origin))
        for one in outbox.latest()
    ]
    return render.page(request, "demonstration/messages.html", courriels=shown)


def parts(body: str, origin: str) -> tuple[Part, ...]:
    """The body cut at its addresses; those of this portal become links, nothing else does."""
    return tuple(Part(piece, _path(piece, origin)) for piece in _ADDRESS.split(body) if piece)


def _path(piece: str, origin: str) -> str:
    path = piece.removeprefix(origin)
    return (forms.local_path(path) or "") if path != piece else ""
