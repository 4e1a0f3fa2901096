"""What every answer says to the browser beside its words: headers, cookies, types, methods."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from httpx2 import Response
from starlette.applications import Starlette

from portal.app import create_app
from portal.db import database
from portal.routes import pages
from portal.settings import Settings, load
from portal.web.session import Access
from tests.support.client import Client
from tests.support.people import account

ALICE = 10100000011
OURS = {"Sec-Fetch-Site": "same-origin", "Origin": "https://portail.test"}
PAGES = pages(load({}, demonstration=True))
PRIVATE = [page for page in PAGES if page.get and page.access is Access.MEDECIN and "{" not in page.path
           and not page.asks and not page.quiet]


def broken(*_: object) -> int:
    raise ValueError("secret")


@pytest.fixture
def answers(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Response]]:
    """One answer of each kind that the portal gives, by name."""
    http = client.http
    http.get("/connexion")
    found = {
        "page": http.get("/connexion"), "absent": http.get("/nulle-part"), "redirection": http.get("/accueil"),
        "static": http.get("/static/css/base.css"), "static absent": http.get("/static/rien.css"),
        "static folder": http.get("/static/css/"), "help absent": http.get("/aide/rien/"),
        "host": http.get("/", headers={"Host": "evil.example"}), "forbidden": http.post("/connexion/otp"),
        "method": http.post("/accueil/contact", headers=OURS), "json": http.get("/annuaire/communes?q=caen"),
        "too large": http.post("/connexion/otp", content=b"x" * 400_000, headers=OURS | {
            "Content-Type": "application/x-www-form-urlencoded"}),
        "head": http.head("/connexion"), "options": http.options("/connexion", headers=OURS),
    }
    client.login(ALICE, compte_id=account(ALICE))
    found["private page"] = http.get("/compte")
    monkeypatch.setattr("portal.dossiers.queries.counts", broken)
    found["failure"] = http.get("/accueil")
    yield found


@pytest.mark.proves("W3", "V3.4.1", "V3.4.2", "V3.4.3", "V3.4.4", "V3.4.6", "V3.5.8", "V3.7.1")
def test_every_kind_of_answer_carries_the_guards(answers: dict[str, Response]) -> None:
    statuses = {name: answer.status_code for name, answer in answers.items()}
    assert statuses["absent"] == statuses["static absent"] == 404 and statuses["failure"] == 500, statuses
    assert statuses["host"] == 421 and statuses["forbidden"] == 403 and statuses["too large"] == 413, statuses
    for name, answer in answers.items():
        policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
        for directive in ("default-src", "base-uri", "object-src", "frame-ancestors"):
            assert policy[directive] == "'none'", (name, directive)
        assert policy.get("script-src", "'self'") == policy.get("style-src", "'self'") == "'self'", name
        assert answer.headers["x-content-type-options"] == "nosniff", name
        assert answer.headers["cross-origin-resource-policy"] == "same-origin", name
        years, *rest = answer.headers["strict-transport-security"].split("; ")
        assert int(years.removeprefix("max-age=")) >= 31_536_000 and "includeSubDomains" in rest, name
        assert not [header for header in answer.headers if header.startswith("access-control-")], name
        assert "server" not in answer.headers, name


@pytest.mark.proves("W3", "V3.4.5", "V3.4.8", "V14.2.2", "V14.3.2")
def test_every_page_tells_no_other_site_and_stays_in_no_cache(answers: dict[str, Response]) -> None:
    for name, answer in answers.items():
        if name.startswith("static"):
            continue
        # The login page opens the card agent's window, which is told which site asks, and never more than the site.
        login = name in ("page", "head")
        assert answer.headers["referrer-policy"] == ("origin" if login else "same-origin"), name
        assert answer.headers["cross-origin-opener-policy"] == "same-origin" + "-allow-popups" * login, name
        assert answer.headers["permissions-policy"] == "camera=(), microphone=(), geolocation=()", name
        if not name.startswith(("help", "json")):
            assert answer.headers["cache-control"] == "no-store", name


@pytest.mark.proves("V4.1.1")
def test_a_body_says_its_type_and_its_charset(answers: dict[str, Response]) -> None:
    for name, answer in answers.items():
        kind = answer.headers.get("content-type", "")
        assert bool(kind) or not answer.content, name
        assert not kind.startswith("text/") or kind.endswith("; charset=utf-8"), (name, kind)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "PROPFIND", "OPTIONS"])
@pytest.mark.proves("V13.4.4")
def test_no_method_but_those_of_the_pages(client: Client, method: str) -> None:
    for path in ("/connexion", "/static/css/base.css", "/compte"):
        answer = client.http.request(method, path, headers=OURS | {"X-Echo": "repete-moi"})
        assert answer.status_code == 405 and "repete-moi" not in answer.text, path


@pytest.mark.parametrize("path", ["/static/", "/static", "/static/css/", "/static/css", "/static/js/", "/aide/images/",
                                  "/.git/config", "/static/.git/config", "/static/../pyproject.toml",
                                  "/static/%2e%2e/portal/settings.py", "/portal.toml", "/var/cles.json"])
@pytest.mark.proves("V13.4.1", "V13.4.3")
def test_no_folder_is_listed_and_none_but_its_own_is_served(client: Client, path: str) -> None:
    answer = client.http.get(path)
    assert answer.status_code in (307, 308, 404) and not re.search(r"base\.css|repositoryformat|SECRET", answer.text)


@pytest.mark.proves("V3.3.1", "V3.3.2", "V3.3.3", "V3.3.4")
def test_every_cookie_is_bound_to_this_host_and_out_of_scripts_reach(client: Client) -> None:
    set_here = client.http.get("/connexion").headers.get_list("set-cookie")
    client.login(ALICE, compte_id=account(ALICE))
    for answer in (client.post("/connexion/prolonger"), client.post("/compte", {"email": f"{ALICE}@exemple.fr"}),
                   client.get("/compte"), client.post("/connexion/quitter")):
        set_here += answer.headers.get_list("set-cookie")
    assert len({line.partition("=")[0] for line in set_here}) == 2, set_here  # the session and a page's message
    for line in set_here:
        name, attributes = line.partition("=")[0], {part.strip().lower() for part in line.split(";")[1:]}
        assert name.startswith("__Host-") and {"secure", "path=/", "samesite=lax"} <= attributes, line
        assert not [one for one in attributes if one.startswith("domain")], line
        assert "httponly" in attributes or "max-age=0" in attributes, line


@pytest.mark.parametrize("page", PRIVATE, ids=lambda page: page.path)
@pytest.mark.proves("V7.4.4")
def test_every_page_behind_the_login_shows_the_way_out(page: object, furnished_client: Client) -> None:
    response = furnished_client.http.get(page.path)  # type: ignore[attr-defined]
    if response.status_code == 200 and "text/html" in response.headers["content-type"]:
        assert 'action="/connexion/quitter"' in response.text


@pytest.fixture
def furnished_client(client: Client) -> Client:
    return client.login(ALICE, compte_id=account(ALICE))


@pytest.mark.proves("V6.2.6", "V6.2.7")
def test_passwords_are_masked_and_left_to_password_managers(client: Client) -> None:
    """Type and autocomplete of each field; no script of ours may stop a paste (V3.4.3: none of anybody else's runs)."""
    client.get("/connexion/otp")
    found = [("/connexion/otp", "mot_de_passe", "current-password")]
    client.login(ALICE, compte_id=account(ALICE), level="otp")
    found += [("/compte/mot-de-passe", "mot_de_passe_actuel", "current-password"),
              ("/compte/mot-de-passe", "mot_de_passe", "new-password"),
              ("/compte/mot-de-passe", "mot_de_passe_2", "new-password")]
    for path, field, autocomplete in found:
        answer = client.get("/connexion/otp?renforcer=1" if path.endswith("otp") else path)
        one = answer.soup.find(id=field)
        assert (one["type"], one["autocomplete"]) == ("password", autocomplete), (path, field)


@pytest.mark.proves("V15.3.7")
def test_a_name_in_the_query_is_no_field_of_the_form(client: Client) -> None:
    """The address, the form and the cookies are read each by its own name."""
    client.login(ALICE, compte_id=account(ALICE))
    answer = client.post("/compte?telephone=02+31+00+00+99&_csrf=x", {"email": f"{ALICE}@exemple.fr", "telephone": ""})
    assert "00 00 99" not in client.follow(answer).html
    client.post(f"/compte?_csrf={client.token()}", {"email": "autre@exemple.fr"}, 403, token="")


@pytest.mark.proves("V16.3.3")
def test_each_guard_that_turns_somebody_away_leaves_a_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """A forged form, another host's name, a method that is none, a body too large, a guess too many."""
    caplog.set_level("INFO", "portal.acces")
    client.get("/connexion/otp")
    client.http.post("/connexion/otp", headers=OURS)
    client.http.get("/", headers={"Host": "evil.example"})
    client.http.request("TRACE", "/connexion", headers=OURS)
    client.http.post("/connexion/otp", content=b"x" * 400_000, headers=OURS)
    for _ in range(6):
        client.http.post("/connexion/otp", headers=OURS, data={
            "email": "a@exemple.fr", "mot_de_passe": "Faux-2031", "_csrf": client.token()})
    told = [(record.route, record.status) for record in caplog.records if record.name == "portal.acces"]
    assert told[1:5] == [("/connexion/otp", 403), ("(aucune)", 421), ("/connexion", 405), ("/connexion/otp", 413)]
    assert told[-1] == ("/connexion/otp", 429)


@pytest.mark.proves("V6.3.2", "V13.2.3")
def test_a_new_portal_has_no_account_and_takes_no_secret_of_a_demonstration(settings: Settings) -> None:
    from portal.compte.models import Compte
    from portal.settings import SettingsError

    app: Starlette = create_app(settings)
    assert app.state.settings.demonstration
    database.connect()
    assert Compte.select().count() == 0
    database.close()
    real = load({}, data=settings.data, origin=settings.origin)
    with pytest.raises(SettingsError, match="démonstration"):
        create_app(real)
