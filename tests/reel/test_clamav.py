"""The virus scanner itself answers what the portal expects of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.applications import Starlette

from portal.pieces.antivirus import Infecte, Muet, scan
from portal.pieces.models import Piece
from tests.support import formulaires, pieces
from tests.support.clamav import SIGNATURE
from tests.support.client import Client
from tests.support.delegues import ALICE, physician
from tests.support.pieces import EICAR


@pytest.mark.parametrize("content", [pieces.pdf(), pieces.picture("JPEG"), pieces.heavy(10 * 1024 * 1024)],
                         ids=["pdf", "jpeg", "largest"])
def test_a_clean_file_passes(scanner: str, content: bytes) -> None:
    scan(scanner, content)


@pytest.mark.proves("U4")
@pytest.mark.parametrize("content", [EICAR, pieces.pdf() + EICAR], ids=["alone", "in-a-pdf"])
def test_eicar_is_recognised(scanner: str, content: bytes) -> None:
    with pytest.raises(Infecte, match=SIGNATURE):
        scan(scanner, content)


def test_what_it_will_not_read_is_refused(scanner: str) -> None:
    """Beyond its StreamMaxLength it hangs up or says so: neither is a permission."""
    with pytest.raises(Muet):
        scan(scanner, bytes(20 * 1024 * 1024))


@pytest.fixture
def alice(scanner: str, opened_app: Starlette) -> Iterator[Client]:
    opened_app.state.settings = replace(opened_app.state.settings, clamav=scanner)
    physician(ALICE)
    with Client(opened_app) as client:
        yield client.login(ALICE)


def test_the_page_refuses_what_it_recognises_and_takes_the_rest(alice: Client) -> None:
    here = f"/dossiers/grand-age/{formulaires.dossier().dossier.numero}/pieces"
    for content, status in ((pieces.pdf() + EICAR, 422), (pieces.pdf(), 303)):
        alice.post(here, {"nature": "identite"}, status, files={"fichier": ("bilan.pdf", content, "")})
    assert Piece.select().count() == 1
