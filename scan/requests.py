"""Every parameterised request of the portal: its route table, filled in from what a visit of its pages shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx2
from bs4 import BeautifulSoup
from bs4.element import Tag

from portal.routes import pages
from portal.settings import load
from portal.web.handlers import Page
from scan.portal import Attacked

PAGES_SEEN = 160
# They end the session that the attack runs in.
LEFT_OUT = re.compile(r"/connexion/quitter|/sessions?(/|$)|/fermer|^/demonstration/")
PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")


@dataclass(frozen=True)
class Target:
    """One request to attack; ``path`` has a ``*`` after each parameter of the path, as sqlmap marks them."""

    route: str
    path: str
    query: str = ""
    body: str | None = None

    @property
    def parameters(self) -> int:
        """How many values may be tampered with, the form's token left out."""
        named = parse_qsl(self.query, keep_blank_values=True) + parse_qsl(self.body or "", keep_blank_values=True)
        return self.path.count("*") + len([name for name, _ in named if name != "_csrf"])


class Visit:
    """A walk over the portal's pages as one person: addresses and forms, by route."""

    def __init__(self, portal: Attacked, cookie: str) -> None:
        self.origin = portal.origin
        self.routes = [(page, _pattern(page)) for page in pages(load({}, demonstration=True))]
        self.gets: dict[tuple[str, frozenset[str]], tuple[str, str]] = {}
        self.posts: dict[str, tuple[str, str]] = {}
        self.token = ""
        with httpx2.Client(base_url=portal.origin, headers={"cookie": cookie}, timeout=30) as client:
            self._walk(client, ["/accueil", portal.dossier])

    def _walk(self, client: httpx2.Client, waiting: list[str]) -> None:
        seen: set[str] = set()
        while waiting and len(seen) < PAGES_SEEN:
            path = waiting.pop(0)
            seen.add(path)
            answer = client.get(path)
            if answer.status_code != 200 or "html" not in answer.headers.get("content-type", ""):
                continue
            soup = BeautifulSoup(answer.text, "html.parser")
            for form in soup.find_all("form"):
                self._form(path, form)
            for link in soup.find_all("a", href=True):
                found = self._ours(path, str(link["href"]))
                if found and self._is_new(found) and found not in seen and found not in waiting:
                    waiting.append(found)

    def _ours(self, page: str, href: str) -> str | None:
        parts = urlsplit(urljoin(f"{self.origin}{page}", href))
        if f"{parts.scheme}://{parts.netloc}" != self.origin or parts.path.startswith(("/static", "/aide/")):
            return None
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _is_new(self, address: str) -> bool:
        """True for the first address of its route with these names in its query."""
        path, _, query = address.partition("?")
        route = self._route(path)
        if route is None or LEFT_OUT.search(path):
            return False
        key = route, frozenset(name for name, _ in parse_qsl(query, keep_blank_values=True))
        return self.gets.setdefault(key, (path, query)) == (path, query)

    def _route(self, path: str, method: str = "GET") -> str | None:
        for page, pattern in self.routes:
            if (page.get if method == "GET" else page.post) and pattern.fullmatch(path):
                return page.path
        return None

    def _form(self, page: str, form: Tag) -> None:
        address = self._ours(page, str(form.get("action") or page))
        if address is None:
            return
        fields = urlencode([(str(one["name"]), _value(one)) for one in form.select("[name]") if one.name != "button"])
        if str(form.get("method", "get")).lower() == "get":
            self._is_new(f"{address.partition('?')[0]}?{fields}")
            return
        path = address.partition("?")[0]
        token = form.find("input", attrs={"name": "_csrf"})
        self.token = str(token["value"]) if isinstance(token, Tag) else self.token
        route = self._route(path, "POST")
        if route and not LEFT_OUT.search(path):
            self.posts.setdefault(route, (path, fields))

    def targets(self) -> list[Target]:
        """A request for each route with parameters; those of no page seen get plain values."""
        found = []
        for page, pattern in self.routes:
            if LEFT_OUT.search(page.path):
                continue
            if page.get:
                known = [address for (route, _), address in self.gets.items() if route == page.path]
                found += [Target(page.path, _marked(pattern, path, query, None), query)
                          for path, query in known or [(_plain(page), "")]]
            if page.post:
                path, body = self.posts.get(page.path, (_plain(page), urlencode({"_csrf": self.token, "texte": "a"})))
                found.append(Target(page.path, _marked(pattern, path, "", body), "", body))
        return [target for target in found if target.parameters]


def _pattern(page: Page) -> re.Pattern[str]:
    """The route as a regular expression, a group for each parameter."""
    parts = PARAMETER.split(page.path)
    text = re.escape(parts[0])
    for at in range(1, len(parts), 3):
        kind = {"int": r"(\d+)", "path": "(.*)"}.get(parts[at + 1] or "", "([^/]+)")
        text += kind + re.escape(parts[at + 2])
    return re.compile(text)


def _plain(page: Page) -> str:
    """The route with values of the right kind."""
    return PARAMETER.sub(
        lambda found: "1" if found[2] == "int" else "grand-age" if found[1] == "module" else "a", page.path)


def _marked(pattern: re.Pattern[str], path: str, query: str, body: str | None) -> str:
    """The path with its parameters marked, where it alone has any: sqlmap attacks marks or names, not both."""
    found = pattern.fullmatch(path)
    if found is None or query or (body and len(parse_qsl(body)) > 1):
        return path
    for group in range(len(found.groups()), 0, -1):
        path = f"{path[:found.end(group)]}*{path[found.end(group):]}"
    return path


def _value(field: Tag) -> str:
    if field.name == "textarea":
        return field.get_text()
    if field.name == "select":
        chosen = field.find("option", selected=True) or field.find("option")
        return str(chosen.get("value", "")) if isinstance(chosen, Tag) else ""
    return str(field.get("value", ""))
