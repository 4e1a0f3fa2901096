"""A browser for page tests that holds each page against the house's rules."""

from __future__ import annotations

import re
from functools import cached_property
from hashlib import sha256
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from httpx2 import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from portal.db.crypto import keys
from portal.web.session import Access, Visit, cookie_name
from tests.support.journaux import WALL
from tests.support.sessions import kept_by, open_session

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
NBSP, NARROW = "\u00a0", "\u202f"
QUIET = ("script", "style", "code", "pre", "option", "textarea", "svg")
BAD_SPACE = re.compile(r"[^\s]?(?: [;!?»]| :(?!\w)|« (?=\S))|(?:[a-zà-ÿ](?:[;!?]|:(?= ))(?=\s|$))")
STRAIGHT_APOSTROPHE = re.compile(r"[A-Za-zÀ-ÿ]'[a-zà-ÿ]")
# The values that differ each time the same page is drawn, and that no check of its HTML looks at.
DRAWN = re.compile(r'(?<= name=)"(_csrf|envoi)" value="[^"]*"')

_good: set[tuple[bool, bytes]] = set()  # the pages and fragments that held, each to be checked once a run


class Client:
    """GET and POST as a browser would: cookie kept, form token and Sec-Fetch-Site sent, redirects not followed."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self.acting: int | None = None  # the delegation the session acts under
        self.http = TestClient(app, base_url=app.state.settings.origin, follow_redirects=False)

    def __enter__(self) -> Self:
        self.http.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.http.__exit__(kind, error, trace)

    def get(self, path: str, status: int = 200, *, htmx: bool | str = False, **headers: str) -> Answer:
        """Ask for a page; ``htmx`` asks for its fragment (a text names the swapped element's id)."""
        sent = dict(HTMX) if htmx else {}
        if isinstance(htmx, str):
            sent["HX-Target"] = f"div#{htmx}"
        response = self.http.get(path, headers=sent | headers)
        return self._checked(response, status, fragment=bool(htmx))

    def post(self, path: str, data: dict[str, Any] | None = None, status: int = 303, *, htmx: bool | str = False,
             token: str | None = None, headers: dict[str, str] | None = None,
             files: dict[str, tuple[str, bytes, str]] | None = None) -> Answer:
        """Send a form with this session's token (or the given one); ``files``: name, bytes and type by field."""
        sent = {"Sec-Fetch-Site": "same-origin", "Origin": self.app.state.settings.origin}
        if htmx:
            sent |= HTMX | ({"HX-Target": f"div#{htmx}"} if isinstance(htmx, str) else {})
        body = {"_csrf": self.token() if token is None else token} | (data or {})
        for typed in body.values():
            WALL.keep(*(typed if isinstance(typed, list | tuple) else [typed]))
        response = self.http.post(path, data=body, headers=sent | (headers or {}), files=files)
        return self._checked(response, status, fragment=bool(htmx))

    def follow(self, answer: Answer) -> Answer:
        """Go where a redirect leads."""
        return self.get(answer.location)

    @property
    def cookie(self) -> str | None:
        found: str | None = self.http.cookies.get(cookie_name(self.app.state.settings))
        return found

    def token(self) -> str:
        """The form token of this browser's session, made as the portal makes it."""
        if self.cookie is None:
            self.http.get("/connexion")
        assert self.cookie is not None, "no page with a form was seen yet"
        here = Visit(keys().signer("session").unsign(self.cookie).decode(), delegation_id=self.acting)
        here.data = kept_by(here)
        return here.csrf

    def login(self, rpps: int, name: str = "Dr Alice MARTIN", compte_id: int | None = None, **more: Any) -> Self:
        """Open the session of a physician who has done everything, without a card."""
        return self.enter(Access.MEDECIN, rpps, name, compte_id, **more)

    def enter(self, state: Access, rpps: int | None, name: str = "Dr Alice MARTIN", compte_id: int | None = None,
              **data: Any) -> Self:
        """Open a session in a given state; see ``open_session`` for what else may be told."""
        settings = self.app.state.settings
        self.acting = data.get("delegation_id")
        cookie = open_session(settings, rpps, name, state=state, compte_id=compte_id, **data)
        # The same domain as the portal's own answers: its cookie takes this one's place.
        self.http.cookies.set(cookie_name(settings), cookie, domain=urlsplit(settings.origin).hostname or "")
        return self

    def _checked(self, response: Response, status: int, *, fragment: bool) -> Answer:
        answer = Answer(response)
        WALL.keep(*response.cookies.values())
        assert response.status_code == status, f"{response.status_code} {answer.text[:600]}"
        check_headers(response)
        if "html" in response.headers.get("content-type", "") and response.content:
            check_html(answer, fragment=fragment)
        return answer


class Answer:
    """A response, its HTML parsed once something looks at it."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.html = response.text

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The HTML as a browser understands it."""
        return BeautifulSoup(self.html, "html5lib" if "<html" in self.html else "html.parser")

    @property
    def text(self) -> str:
        """What a person reads, with ordinary spaces."""
        return " ".join(self.soup.get_text(" ").split())

    @property
    def location(self) -> str:
        return str(self.headers.get("location") or self.headers.get("hx-redirect"))

    @property
    def errors(self) -> list[str]:
        """The messages of the error summary."""
        return [" ".join((item.a or item).get_text(" ").split()) for item in self.soup.select(".resume-erreurs li")]


def check_html(answer: Answer, *, fragment: bool) -> None:
    """All the rules below; a page that held them is not looked at again when it comes a second time."""
    known = fragment, sha256(DRAWN.sub(r'"\1"', answer.html).encode()).digest()
    if known in _good:
        return
    check_forms(answer.soup)
    check_words(answer.soup)
    check_corrections(answer.soup)
    if not fragment:
        check_page(answer.soup)
    _good.add(known)


def check_corrections(soup: BeautifulSoup) -> None:
    """Each message of a form has its code, which leads to its help."""
    for message in soup.select(".resume-erreurs li > a[href^='#']"):
        code = message.find_next_sibling("a")
        assert code is not None, f"no kind of portal/web/corrections.toml takes: {message.get_text()}"
        assert code["href"] == f"/aide/corrections/#{code.get_text()[:3].lower()}"


def check_headers(response: Response) -> None:
    """CSP without holes and no copy kept by the browser, on each answer."""
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy, policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    path = response.request.url.path
    if path == "/avis/etat" and response.status_code in (200, 304):
        # A number that its reader's browser keeps, and asks about each time.
        assert response.headers["cache-control"] == "private, no-cache"
    elif not path.startswith(("/static/", "/aide/")):
        assert response.headers["cache-control"] == "no-store", path


def check_page(soup: BeautifulSoup) -> None:
    """One title that begins with the heading's words, one h1, French, unique ids, nothing inline."""
    html = soup.html
    assert html is not None and html.get("lang") == "fr"
    headings = soup.find_all("h1")
    assert len(headings) == 1, [heading.get_text() for heading in headings]
    assert soup.title is not None and " — " in soup.title.get_text()
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids)), sorted(name for name in ids if ids.count(name) > 1)
    for tag in soup.find_all(True):
        inline = [name for name in tag.attrs if name == "style" or name.startswith("on")]
        assert not inline, (tag.name, inline)
    for script in soup.find_all("script"):
        assert script.get("src", "").startswith("/static/"), script
    assert not soup.find_all("style")


def check_forms(soup: BeautifulSoup) -> None:
    """Each form that changes something carries the token; each field has a label."""
    for form in soup.find_all("form"):
        if form.get("method", "get").lower() == "post" and str(form.get("action", "")).startswith("/"):
            assert form.find("input", attrs={"name": "_csrf"}), f"no form token in {form.get('action')}"
    labelled = {label.get("for") for label in soup.find_all("label")} - {None}
    for field in soup.find_all(["input", "select", "textarea"]):
        if field.get("type") in ("hidden", "submit", "button"):
            continue
        named = field.get("aria-label") or field.get("aria-labelledby") or field.find_parent("label")
        assert named or field.get("id") in labelled, f"no label: {field}"


def check_words(soup: BeautifulSoup) -> None:
    """French typography in what a person reads: protected spaces, curly apostrophes."""
    for text in soup.find_all(string=True):
        if any(parent.name in QUIET or parent.has_attr("data-brut") for parent in text.parents):
            continue
        words = str(text)
        assert not BAD_SPACE.search(words), f"space before double punctuation: {words.strip()!r}"
        assert not STRAIGHT_APOSTROPHE.search(words), f"straight apostrophe: {words.strip()!r}"
