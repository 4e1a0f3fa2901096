"""Who gets what while acting for a physician: every route and every kind of delegate.

A route that asks for a right has a row here; on the others a delegate gets what he would get in his own name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
from starlette.applications import Starlette

from portal.db import database
from portal.db.audit import Actor
from portal.delegations import commands, queries
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.settings import Settings
from portal.web.handlers import Page
from portal.web.session import Access
from tests.pages.test_acces import MATRIX, ROUTES, SECRETS, VISITORS, path_of
from tests.support.client import Client
from tests.support.delegues import ALICE, CHLOE, EVERYTHING, lent, physician, secretary
from tests.support.people import LEROUX

OWN_NAME = VISITORS.index("autre")
CHOOSE = "303 /delegations"
OPEN, NOT_LENT = "200 LEROUX", "403"

# What each right-bearing route answers to: all rights, « lire » alone, all rights on TND alone, the secretary.
HOLDERS = ("tout", "lire", "autre-module", "secretaire")
LENT = {
    # Who may do nothing about the dossier is not told that it waits.
    **dict.fromkeys((("GET", "mes-patients"), ("GET", "taches")), (OPEN, "200", "200", OPEN)),
    **dict.fromkeys((("GET", "dossier-garder"), ("POST", "dossier-garder")), ("303", NOT_LENT, NOT_LENT, "303")),
    ("GET", "dossiers-recherche"): ("200",) * 4,
    ("GET", "dossiers"): (OPEN, OPEN, NOT_LENT, OPEN), ("GET", "dossier"): (OPEN, OPEN, NOT_LENT, OPEN),
    ("GET", "tableau-csv"): (OPEN, OPEN, NOT_LENT, NOT_LENT),
    ("GET", "tableau-pdf"): ("200", "200", NOT_LENT, NOT_LENT),
    ("GET", "dossiers-choisir"): ("200", NOT_LENT, "200", "200"),
    ("GET", "dossiers-creer"): ("200", NOT_LENT, NOT_LENT, "200"),
    ("POST", "dossiers-creer"): ("422", NOT_LENT, NOT_LENT, "422"),
    ("GET", "dossier-identite"): (OPEN, NOT_LENT, NOT_LENT, OPEN),
    ("POST", "dossier-identite"): ("422 LEROUX", NOT_LENT, NOT_LENT, "422 LEROUX"),
    ("GET", "dossier-lier"): (OPEN, NOT_LENT, NOT_LENT, OPEN),
    ("POST", "dossier-lier"): ("422 LEROUX", NOT_LENT, NOT_LENT, "422 LEROUX"),
    ("GET", "dossier-autre-demande"): (OPEN, NOT_LENT, NOT_LENT, OPEN),
    ("POST", "dossier-autre-demande"): ("422 LEROUX", NOT_LENT, NOT_LENT, "422 LEROUX"),
    ("POST", "dossier-delier"): ("303", NOT_LENT, NOT_LENT, "303"),
    ("GET", "dossiers-doublons"): ("303", NOT_LENT, NOT_LENT, "303"),
    ("POST", "dossiers-doublons"): ("200", NOT_LENT, NOT_LENT, "200"),
    ("GET", "dossier-retirer"): (OPEN, NOT_LENT, NOT_LENT, NOT_LENT),
    ("POST", "dossier-retirer"): ("303", NOT_LENT, NOT_LENT, NOT_LENT),
    **{("POST", f"dossier-{name}"): ("409", NOT_LENT, NOT_LENT, NOT_LENT)
       for name in ("accepter", "refuser", "retablir")},
    # The medical volet: a secretary never, who reads alone reads.
    ("GET", "volet"): (OPEN, OPEN, NOT_LENT, NOT_LENT), ("GET", "volet-valider"): (OPEN, OPEN, NOT_LENT, NOT_LENT),
    ("GET", "volet-reprendre"): (OPEN, NOT_LENT, NOT_LENT, NOT_LENT),
    **{("GET", f"volet-{name}"): ("303", NOT_LENT, NOT_LENT, NOT_LENT) for name in ("rouvrir", "version")},
    # On paper and in a file: whatever one may read.
    **{("GET", f"imprimer{name}"): (owner, owner, NOT_LENT, owner) for name, owner in {
        "": OPEN, "-dossier": "422 LEROUX", "-dossier-pdf": "422 LEROUX", "-lettre": OPEN,
        "-lettre-pdf": "200", "-acces": "200", "-acces-pdf": "200"}.items()},
    # Only a child's dossier has these.
    **{(method, name): ("404", "404", NOT_LENT, "404") for method in ("GET", "POST")
       for name in ("plateforme", "parcours")},
    # Only a handicap dossier has these.
    **dict.fromkeys((("GET", "notification"), ("POST", "notification"), ("POST", "notification-reponse")),
                    ("404", "404", NOT_LENT, "404")),
    # Only a sanitaire dossier has these.
    **dict.fromkeys((("GET", "orientation"), ("POST", "orientation")), ("404", "404", NOT_LENT, "404")),
    **dict.fromkeys((("GET", "vagues"), ("POST", "vagues"), ("POST", "vagues-acte")), ("404", "404", NOT_LENT, "404")),
    **dict.fromkeys((("GET", "had"), ("POST", "had"), ("GET", "had-evaluation"), ("GET", "imprimer-had"),
                     ("GET", "imprimer-had-pdf")), ("404", "404", NOT_LENT, "404")),
    ("GET", "fhir-dossier"): ("409", "409", NOT_LENT, "409"), ("GET", "fhir-volet"): ("409", "409", NOT_LENT, NOT_LENT),
    ("POST", "volet"): ("400", NOT_LENT, NOT_LENT, NOT_LENT),
    **{("POST", f"volet-{name}"): (all_rights, NOT_LENT, NOT_LENT, NOT_LENT) for name, all_rights in {
        "valider": "400", "rouvrir": "409 LEROUX", "reprendre": "404", "version": "303"}.items()},
    **{(method, "dossier-prise-en-charge"): ("409 LEROUX", NOT_LENT, NOT_LENT, NOT_LENT) for method in ("GET", "POST")},
    ("GET", "dossier-famille"): (OPEN, OPEN, NOT_LENT, OPEN),
    ("POST", "dossier-famille"): ("422 LEROUX", NOT_LENT, NOT_LENT, NOT_LENT),
    ("GET", "demandes"): (OPEN, OPEN, NOT_LENT, OPEN),
    **{(method, f"demandes-{name}"): (f"{status} LEROUX", NOT_LENT, NOT_LENT, NOT_LENT) for method, name, status in (
        ("GET", "choisir", 200), ("POST", "choisir", 422), ("GET", "envoyer", 200), ("POST", "envoyer", 422))},
    **dict.fromkeys((("GET", "demande"), ("GET", "demande-acte"), ("POST", "demande-acte")),
                    ("404", "404", NOT_LENT, "404")),
    # Between professionals: no secretary. No request of this number.
    ("GET", "messages"): (OPEN, OPEN, NOT_LENT, NOT_LENT),
    **dict.fromkeys((("GET", "message"), ("POST", "message"), ("POST", "message-lire")),
                    ("404", "404", NOT_LENT, NOT_LENT)),
    ("GET", "pieces"): (OPEN, OPEN, NOT_LENT, OPEN),
    ("POST", "pieces"): ("422 LEROUX", NOT_LENT, NOT_LENT, "422 LEROUX"),
    **dict.fromkeys((
        ("GET", "piece"), ("GET", "piece-retirer"), ("POST", "piece-retirer")), ("404", "404", NOT_LENT, "404")),
}
# A secretary has no card and no space of her own: where a physician of another name gets something else.
HER_OWN = {
    **{("GET", name): CHOOSE for name in ("connexion", "connexion-cps", "connexion-otp", "connexion-ecps-retour",
                                          "compte-creer", "cles-renforcer")},
    **{("POST", name): CHOOSE for name in ("connexion-prolonger", "compte-creer", "compte-charte",
                                           "delegations-agir")},
}


@pytest.fixture
def patient(app: Starlette, midday: datetime) -> Iterator[Dossier]:
    """Mme LEROUX's dossier, accepted by Dr Alice MARTIN."""
    database.connect()
    physician(ALICE)
    with database.writing():
        made = dossiers.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga", LEROUX)
    yield made


def come(client: Client, kind: str, settings: Settings) -> None:
    """Stand where this kind of delegate stands: acting, or having just ceased to be allowed to."""
    if kind.startswith("secretaire"):
        found, made = secretary(settings)
        acting = None if kind == "secretaire-seule" else made.id
        client.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject,
                     delegation_id=acting)
        return
    changes = {"lire": {"rights": ("lire",)}, "autre-module": {"modules": ("tnd",)},
               "expire": {"starts": date(2026, 11, 1), "ends": date(2026, 11, 21)},
               "a-venir": {"starts": date(2026, 11, 23)}}
    made = lent(settings, replace(EVERYTHING, **changes.get(kind, {})))
    if kind == "revoque":
        found_lent = queries.of(made.id)
        assert found_lent is not None
        with database.writing():
            commands.revoke(Actor(ALICE, "Dr Alice MARTIN", "cps"), found_lent, settings)
    chloe = physician(CHLOE)
    client.login(CHLOE, chloe.name, chloe.id, delegation_id=made.id)


def expected_of(method: str, page: Page, kind: str) -> str:
    if kind in ("expire", "revoque", "a-venir"):
        return CHOOSE
    if kind == "secretaire-seule" and page.right:
        return CHOOSE
    if page.right:
        return LENT[method, page.name][HOLDERS.index(kind)]
    if kind.startswith("secretaire"):
        if page.access in (Access.MEDECIN, Access.STRUCTURE, Access.USAGER):
            return CHOOSE
        return HER_OWN.get((method, page.name), MATRIX[method, page.name][OWN_NAME])
    return MATRIX[method, page.name][OWN_NAME]


# On a page about oneself the rights make no difference: one delegate stands for all who act.
EVERY_KIND = (*HOLDERS, "secretaire-seule", "expire", "revoque", "a-venir")
CASES = [(method, page, kind) for method, page in ROUTES if page.database
         for kind in (EVERY_KIND if page.right else ("tout", "secretaire", "secretaire-seule", "expire"))]


@pytest.mark.parametrize(("method", "page", "kind"), CASES, ids=lambda value: getattr(value, "name", value))
def test_each_delegate_gets_what_the_table_says(
        method: str, page: Page, kind: str, patient: Dossier, app: Starlette, settings: Settings) -> None:
    with Client(app) as client:
        come(client, kind, settings)
        path = path_of(page, patient.numero)
        if method == "GET":
            response = client.http.get(path)
        else:
            response = client.http.post(path, data={"_csrf": client.token(), "version": "1"}, headers={
                "Sec-Fetch-Site": "same-origin", "Origin": settings.origin})
    status, _, place = expected_of(method, page, kind).partition(" ")
    assert str(response.status_code) == status, response.text[:400]
    if status == "303" and place:
        assert response.headers["location"].split("?")[0] == place
    shown = [word for word in SECRETS if word in response.text]
    assert ("LEROUX" in shown) if place == "LEROUX" else not shown


def test_every_right_is_in_the_table() -> None:
    assert {(method, page.name) for method, page in ROUTES if page.right} == LENT.keys()
