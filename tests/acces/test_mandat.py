"""Acting for somebody: within the dates and what was lent, never further, signed with both names; and for nobody's sake
without a link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import pytest
from starlette.applications import Starlette

from portal.db import audit, database
from portal.db.audit import Actor, Trace
from portal.delegations import commands, queries
from portal.delegations.models import Delegation
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier, Lien
from portal.settings import Settings
from portal.web import handlers
from tests.acces.adresses import ROUTES, has_dossier
from tests.acces.attendus import table
from tests.support.client import Client
from tests.support.delegues import ALICE, CHLOE, EVERYTHING, lent, physician
from tests.support.people import LEROUX

ALICE_ACTS = Actor(ALICE, "Dr Alice MARTIN", "cps", None, f"8{ALICE}")


@pytest.fixture
def hers(opened_app: Starlette, midday: datetime) -> Dossier:
    physician(ALICE)
    with database.writing():
        return dossiers.create(ALICE_ACTS, "ga", LEROUX)


@pytest.fixture
def acting(opened_app: Starlette, hers: Dossier, settings: Settings) -> Iterator[Client]:
    """Dr Chloé PETIT, who acts for Dr Alice MARTIN."""
    made, chloe = lent(settings), physician(CHLOE)
    with Client(opened_app) as client:
        yield client.login(CHLOE, chloe.name, chloe.id, delegation_id=made.id)


def leave(client: Client, hers: Dossier) -> str:
    """« Le patient n’est plus de ma patientèle », in Dr Alice MARTIN's place; where it leads."""
    return client.post(f"/dossiers/grand-age/{hers.numero}/retirer", {"version": "1"}).location


@pytest.mark.proves("A6", "V16.2.1")
def test_what_a_delegate_does_is_signed_with_both_names(acting: Client, hers: Dossier) -> None:
    leave(acting, hers)
    act = Trace.get(Trace.event == "dossier.sorti")
    assert (act.name, act.rpps, act.on_behalf_of) == ("Dr Chloé PETIT, par délégation du Dr Alice MARTIN", CHLOE, ALICE)
    assert audit.broken_link() is None


@pytest.mark.proves("C5", "V8.3.2")
def test_revoked_while_the_form_is_on_its_way_nothing_is_done(
        acting: Client, hers: Dossier, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The revocation is written between the reading half of the request and its lock: the very last moment."""
    kept = handlers._transaction

    @contextmanager
    def just_before() -> Iterator[None]:
        monkeypatch.setattr(handlers, "_transaction", kept)
        found = queries.of(Delegation.get().id)
        assert found is not None
        with database.writing():
            commands.revoke(ALICE_ACTS, found, settings)
        with kept():
            yield

    monkeypatch.setattr(handlers, "_transaction", just_before)
    assert leave(acting, hers) == "/delegations"
    assert Lien.get(Lien.dossier == hers.id).etat == "accepte"
    assert not Trace.select().where(Trace.event == "dossier.sorti").exists()


@pytest.mark.proves("A6")
def test_rights_that_need_reading_give_nothing_without_it(
        opened_app: Starlette, hers: Dossier, settings: Settings) -> None:
    """The form refuses such a delegation; should one stand in the database, it opens no volet and sends nothing."""
    made = lent(settings, replace(EVERYTHING, rights=("rediger", "valider", "envoyer", "repondre")))
    chloe = physician(CHLOE)
    with Client(opened_app) as client:
        client.login(CHLOE, chloe.name, chloe.id, delegation_id=made.id)
        here = f"/dossiers/grand-age/{hers.numero}"
        client.post(f"{here}/volets/medical", {"base": "{}", "version": "0"}, 403)
        client.get(f"{here}/demandes/envoyer", 403)


@pytest.mark.proves("A7")
def test_no_address_opens_a_dossier_without_a_link() -> None:
    """No « bris de glace »: a physician without a link gets 404, or his own door, from each address of a dossier."""
    asked = [(method, page.name) for method, page in ROUTES if has_dossier(page)]
    for method, page in asked:
        expected = table().expected(method, page, "medecin")
        assert expected.door or (expected.usual, expected.at) == ("404", ()), (method, page)
    assert len(asked) > 100


@pytest.mark.proves("A5")
def test_before_the_charter_nothing_but_the_charter_and_the_public_pages() -> None:
    """In the table that every route is held to: 200 for the charter, for leaving, and for what everybody may read."""
    for method, page in ROUTES:
        expected = table().expected(method, page.name, "charte")
        public = table().expected(method, page.name, "anonyme")
        assert expected.door or page.name == "compte-charte" or expected == public, (method, page.name)
