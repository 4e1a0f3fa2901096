"""The table's kept rows: each change that shows is shown at once, and nobody is given another's."""

from __future__ import annotations

from typing import Any

import pytest

from portal.db import database
from portal.db.base import rows
from portal.demonstration import dossiers as demonstration
from portal.dossiers.models import Compteur, Lien
from portal.dossiers.queries import Ligne
from portal.settings import Settings
from portal.web.morceaux import Morceaux
from tests.support.client import Answer, Client

ALICE, BOB = demonstration.ALICE, 10100000022
TABLE = "/dossiers/grand-age"
SHOWN = 43693205
CHANGED: dict[str, Any] = {
    "numero": 43693206, "patient": "<b>ÉLODIE", "code_postal": "14001", "ville": "CABOURG", "referent": "CLIC",
    "statut": "transmise", "etat": "attente", "lie_module": "s", "lie_numero": 2034705,
}


@pytest.fixture
def settings(furnished_settings: Settings) -> Settings:
    return furnished_settings


def anew(client: Client, address: str) -> Answer:
    """The page as a portal that has kept nothing prints it."""
    env = client.app.state.jinja
    kept, env.globals["morceau"] = env.globals["morceau"], Morceaux(env)
    try:
        return client.get(address)
    finally:
        env.globals["morceau"] = kept


def tables(answer: Answer) -> str:
    return str(answer.soup.select_one("#resultats"))


@pytest.mark.parametrize("column", Ligne._fields)
def test_each_field_of_a_row_that_changes_shows(client: Client, column: str) -> None:
    client.login(ALICE)
    with database.writing():
        # A linked dossier needs both of its columns to show.
        Lien.update(lie_module="ga", lie_numero=43009190).where(Lien.rpps == ALICE, Lien.numero == SHOWN).execute()
    before = tables(client.get(TABLE))
    assert tables(client.get(TABLE)) == before
    with database.writing():
        done = Lien.update({column: CHANGED[column]}).where(Lien.rpps == ALICE, Lien.numero == SHOWN).execute()
    assert done == 1
    after = client.get(TABLE)
    assert tables(after) != before
    assert tables(after) == tables(anew(client, TABLE))


def test_a_count_that_changes_shows(client: Client) -> None:
    client.login(ALICE)
    before = tables(client.get(TABLE))
    with database.writing():
        done = Compteur.update(n=Compteur.n + 7).where(
            Compteur.rpps == ALICE, Compteur.module == "ga", Compteur.onglet == "en_cours").execute()
    assert done == 1
    after = client.get(TABLE)
    assert tables(after) != before
    assert tables(after) == tables(anew(client, TABLE))


@pytest.mark.parametrize("address", [
    TABLE, f"{TABLE}?onglet=admis", f"{TABLE}?tri=patient", f"{TABLE}?tri=-patient", f"{TABLE}?q=jean",
    f"{TABLE}?statut=transmise", f"{TABLE}?attente=1", "/dossiers/sanitaire", f"{TABLE}?q=%3Cscript%3E"])
def test_each_table_is_its_own_whatever_was_shown_before(client: Client, address: str) -> None:
    client.login(ALICE)
    for other in (TABLE, f"{TABLE}?q=je", f"{TABLE}?statut=admis", "/dossiers/tnd", address):
        client.get(other)
    assert tables(client.get(address)) == tables(anew(client, address))
    assert str(client.get(address).soup.select_one("#filtre")) == str(anew(client, address).soup.select_one("#filtre"))


@pytest.mark.parametrize("change", [
    Lien.update(patient="AUTRE").where(Lien.numero == SHOWN),
    Compteur.update(n=Compteur.n + 1).where(Compteur.onglet == "admis"),
], ids=["a row", "a count"])
def test_an_unchanged_table_is_not_sent_again_and_a_changed_one_is(client: Client, change: Any) -> None:
    client.login(ALICE)
    first = client.get(TABLE, htmx="resultats")
    known = {"If-None-Match": first.headers["etag"]}
    again = client.get(TABLE, 304, htmx="resultats", **known)
    assert again.html == "" and again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "no-store"
    assert again.headers["x-session-fin"]
    assert client.get(f"{TABLE}?tri=patient", htmx="resultats", **known).html != first.html
    assert "<html" in client.get(TABLE, **known).html, "a whole page counts a session down: it is never the same"
    with database.writing():
        assert change.execute()
    changed = client.get(TABLE, htmx="resultats", **known)
    assert changed.html != first.html
    assert changed.headers["etag"] != first.headers["etag"]


@pytest.mark.proves("A4")
def test_two_physicians_share_no_kept_part_not_even_of_equal_rows(client: Client) -> None:
    with database.writing():
        Lien.delete().where(Lien.rpps == BOB).execute()
        names = ", ".join(field.column_name for field in Lien._meta.sorted_fields if field.name != "rpps")
        rows(f"INSERT INTO lien (rpps, {names}) SELECT {BOB}, {names} FROM lien WHERE rpps = {ALICE} RETURNING rpps")
        rows("DELETE FROM compteur WHERE rpps = ? RETURNING n", BOB)
        rows(f"INSERT INTO compteur (rpps, module, onglet, n) SELECT {BOB}, module, onglet, n FROM compteur "
             f"WHERE rpps = {ALICE} RETURNING n")
    kept: Morceaux = client.app.state.jinja.globals["morceau"]
    alice = tables(client.login(ALICE).get(TABLE))
    held = set(kept._kept)
    bob = tables(client.login(BOB, "Dr Bob DURAND").get(TABLE))
    assert bob == alice
    new = {key for key in kept._kept if key not in held}
    assert {key[0].name for key in new} == {"dossiers/_resultats.html", "dossiers/_filtre.html"}


def test_no_kept_part_holds_a_form_that_changes_something_or_a_name(client: Client) -> None:
    """Its token, or a key of sending, would be somebody's."""
    client.login(ALICE)
    for address in (TABLE, "/accueil"):
        client.get(address)
    kept: Morceaux = client.app.state.jinja.globals["morceau"]
    for key, part in kept._kept.items():
        assert 'method="post"' not in part.html and "_csrf" not in part.html, key[0].name
        if not (key[0].name or "").startswith("dossiers/"):
            assert "MARTIN" not in part.html, key[0].name
