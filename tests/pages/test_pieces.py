"""The pieces of a dossier: joining, refusing, giving back, removing; who sees which; what is kept and where."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette

from portal.db import audit, database
from portal.db.crypto import SealBroken
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.pieces import antivirus, queries
from portal.pieces.models import Piece, PieceContenu
from portal.settings import Settings
from portal.web import televersement
from portal.web.session import Access
from tests.support import formulaires, pieces
from tests.support.client import Answer, Client
from tests.support.delegues import BOB, EVERYTHING, lent, physician, secretary
from tests.support.people import LEROUX
from tests.support.pieces import EICAR, clamd, knows_eicar

RPPS, CHLOE = 10100000011, 10100000033
BILAN = pieces.pdf(title="Insuffisance cardiaque")


@pytest.fixture
def seen(opened_app: Starlette) -> Visible:
    """Mme LEROUX's dossier, which Dr Alice MARTIN leads."""
    physician(RPPS)
    return formulaires.dossier()


@pytest.fixture
def alice(opened_app: Starlette, seen: Visible) -> Iterator[Client]:
    with Client(opened_app) as client:
        client.login(RPPS)
        yield client


@pytest.fixture
def sophie(opened_app: Starlette, settings: Settings, seen: Visible) -> Iterator[Client]:
    """The secretary, acting for Dr Alice MARTIN."""
    found, made = secretary(settings)
    with Client(opened_app) as client:
        client.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject,
                     delegation_id=made.id)
        yield client


@pytest.fixture
def chloe(opened_app: Starlette, settings: Settings, seen: Visible) -> Iterator[Client]:
    """A colleague who was lent the right to read, and no more."""
    made = lent(settings, replace(EVERYTHING, rights=("lire",)))
    found = physician(CHLOE)
    with Client(opened_app) as client:
        client.login(CHLOE, found.name, found.id, delegation_id=made.id)
        yield client


def here(seen: Visible, more: str = "") -> str:
    return f"/dossiers/grand-age/{seen.dossier.numero}/pieces{more}"


def send(client: Client, seen: Visible, content: bytes = BILAN, name: str = "bilan.pdf", nature: str = "identite",
         status: int = 303, **more: Any) -> Answer:
    files = {"fichier": (name, content, "application/octet-stream")}
    return client.post(here(seen), {"nature": nature}, status, files=files, **more)


def joined(client: Client, seen: Visible, **sent: Any) -> str:
    """Join a piece and return its address."""
    before = {row.id for row in Piece.select()}
    send(client, seen, **sent)
    new, = {row.id for row in Piece.select()} - before
    return here(seen, f"/{new}")


def last_act(seen: Visible) -> tuple[str, str]:
    found = audit.timeline(seen.label)[0]
    return found.event, found.detail


# --- joining and reading

def test_an_empty_list_says_so_and_offers_the_form(alice: Client, seen: Visible) -> None:
    page = alice.get(here(seen))
    assert "Aucune pièce n’est jointe à ce dossier." in page.text and "10 Mo au plus" in page.text
    form = page.soup.select_one("main form[method=post]")
    assert form is not None and form["enctype"] == "multipart/form-data"
    assert "Ordonnance (médecins seulement)" in page.text


def test_a_piece_joined_is_listed_and_given_back_byte_for_byte(alice: Client, seen: Visible) -> None:
    address = joined(alice, seen, name="Carte d’identité.pdf")
    assert last_act(seen) == ("piece.ajoutee", address.rpartition("/")[2])
    page = alice.get(here(seen))
    assert "Carte d’identité.pdf" in page.text and "Pièce d’identité" in page.text
    assert "ajoutée par Dr Alice MARTIN" in page.text
    response = alice.http.get(address)
    assert response.status_code == 200 and response.content == BILAN
    assert last_act(seen)[0] == "piece.ouverte"


@pytest.mark.proves("U3", "V3.2.1", "V5.4.1")
def test_it_leaves_as_a_file_that_can_do_nothing(alice: Client, seen: Visible) -> None:
    address = joined(alice, seen, content=pieces.picture("PNG"), name="Été\u202e\r\n\"x\".png")
    headers = alice.http.get(address, headers={"Accept-Encoding": "gzip, br"}).headers
    assert headers["content-type"] == "image/png"
    assert headers["content-disposition"] == (
        "attachment; filename=\"_t_ _x.png\"; filename*=UTF-8''%C3%89t%C3%A9%20_x.png")
    policy = headers.get_list("content-security-policy")
    assert len(policy) == 1 and "sandbox" in policy[0] and policy[0].startswith("default-src 'none'")
    assert "'self'" not in policy[0]
    assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin" and headers["content-encoding"] == "identity"


def test_the_largest_file_is_taken_and_never_touches_the_disk(
        alice: Client, seen: Visible, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: object, **kwargs: object) -> None:
        raise AssertionError("a file was made on the disk")

    for name in ("TemporaryFile", "NamedTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, never)
    content = pieces.heavy(10 * 1024 * 1024)
    assert alice.http.get(joined(alice, seen, content=content)).content == content


def test_starlettes_own_parser_would_touch_it(
        alice: Client, seen: Visible, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test above looks for does happen without our parser."""
    made = []
    monkeypatch.setattr(televersement.MemoryParser, "spool_max_size", 1024)
    real = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *args, **kwargs: made.append(1) or real(*args, **kwargs))
    send(alice, seen, pieces.heavy(100_000))
    assert made


def test_the_audit_and_the_log_hold_no_name(
        alice: Client, seen: Visible, caplog: pytest.LogCaptureFixture) -> None:
    address = joined(alice, seen, name="VIH positif LEROUX.pdf")
    alice.http.get(address)
    send(alice, seen, b"x", "VIH positif LEROUX.pdf", status=422)
    alice.post(f"{address}/retirer")
    written = " ".join(f"{row.event} {row.detail}" for row in audit.timeline(seen.label)) + caplog.text
    assert "piece.retiree" in written and "VIH" not in written


# --- refusing

@pytest.mark.parametrize(("sent", "words"), [
    ({"content": b""}, "est vide"), ({"content": b"Bonjour"}, "ni un PDF"),
    ({"name": "bilan.exe"}, "finit par"), ({"nature": ""}, "Choisissez la nature"),
    ({"nature": "x" * 100_000}, "Choisissez la nature"), ({"nature": "IDENTITE"}, "Choisissez la nature"),
    ({"content": pieces.heavy(10 * 1024 * 1024 + 1)}, "trop gros"),
    ({"content": pieces.at_opening(S="/JavaScript", JS="x")}, "contient un programme"),
])
def test_each_refusal_says_why_keeps_the_kind_and_stores_nothing(
        alice: Client, seen: Visible, sent: dict[str, Any], words: str) -> None:
    page = send(alice, seen, status=422, **sent)
    assert any(words in error for error in page.errors), page.errors
    chosen = [option["value"] for option in page.soup.select("#nature option[selected]")]
    assert chosen == (["identite"] if "nature" not in sent else [""] if not sent["nature"] else [])
    assert not Piece.select().exists() and not PieceContenu.select().exists()


def test_a_form_without_a_file_or_of_another_kind_asks_for_one(alice: Client, seen: Visible) -> None:
    for page in (alice.post(here(seen), {"nature": "identite"}, 422),
                 alice.post(here(seen), {"nature": "identite", "fichier": "bilan.pdf"}, 422),
                 send(alice, seen, b"", "", status=422)):
        assert page.errors == ["Choisissez le fichier à joindre."]


@pytest.mark.proves("U2", "V5.2.1")
def test_far_too_large_a_body_is_refused_before_it_is_read(alice: Client, seen: Visible) -> None:
    page = send(alice, seen, bytes(12 * 1024 * 1024), status=413)
    assert "dépasse la taille acceptée" in page.text


def test_two_files_or_a_broken_body_are_no_form(alice: Client, seen: Visible) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": alice.app.state.settings.origin}
    two = [("fichier", ("a.pdf", BILAN, "")), ("fichier", ("b.pdf", BILAN, ""))]
    assert alice.http.post(here(seen), data={"_csrf": alice.token()}, files=two, headers=headers).status_code == 400
    for kind, body in (("multipart/form-data", b"x"), ("multipart/form-data; boundary=a", b"--b\r\n\r\nx"),
                       ("multipart/form-data; boundary=a", b"--a\r\nContent-Disposition: form-data\r\n\r\nx")):
        answer = alice.http.post(here(seen), content=body, headers=headers | {"Content-Type": kind})
        assert answer.status_code in (400, 403), body
    assert not Piece.select().exists()


def test_the_same_file_twice_is_said_and_kept_once(alice: Client, seen: Visible) -> None:
    address = joined(alice, seen, name="premier.pdf")
    page = send(alice, seen, name="second.pdf", nature="mutuelle", status=422)
    assert "déjà joint : « premier.pdf »" in page.errors[0].replace("\u00a0", " ")
    assert Piece.select().count() == 1
    alice.post(f"{address}/retirer")
    send(alice, seen, name="second.pdf")


@pytest.mark.proves("U2", "V2.3.2", "V5.2.4")
@pytest.mark.parametrize(("limits", "words"), [
    ({"pieces_max": 1}, "1 pièces au plus"), ({"pieces_total": len(BILAN) + 10}, "au plus")])
def test_a_full_dossier_takes_no_more(
        alice: Client, seen: Visible, settings: Settings, limits: dict[str, int], words: str) -> None:
    alice.app.state.settings = replace(settings, **limits)
    address = joined(alice, seen)
    page = send(alice, seen, pieces.pdf(pages=2), status=422)
    assert "Le dossier est plein" in page.errors[0] and words in page.errors[0]
    alice.post(f"{address}/retirer")
    send(alice, seen, pieces.pdf())


def test_without_the_token_nothing_is_stored(alice: Client, another_client: Client, seen: Visible) -> None:
    for token in ("", "x", another_client.login(RPPS).token()):
        send(alice, seen, token=token, status=403)
    assert not Piece.select().exists()


# --- ClamAV

@pytest.mark.proves("U4", "V5.4.3")
def test_a_recognised_threat_is_refused(
        alice: Client, seen: Visible, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with clamd(knows_eicar) as (address, scanned):
        alice.app.state.settings = replace(settings, clamav=address)
        page = send(alice, seen, BILAN + EICAR, status=422)
        assert "a reconnu un programme malveillant" in page.errors[0] and "Eicar" in caplog.text
        send(alice, seen)
    assert len(scanned) == 2 and Piece.select().count() == 1


@pytest.mark.proves("U4", "V5.4.3", "V16.5.3")
def test_a_scanner_that_does_not_answer_stops_everything(alice: Client, seen: Visible, settings: Settings) -> None:
    alice.app.state.settings = replace(settings, clamav="unix:/nulle/part")
    page = send(alice, seen, status=503)
    assert "Le contrôle antivirus ne répond pas" in page.errors[0]
    assert not Piece.select().exists()


# --- who

def test_a_secretary_joins_administrative_pieces_and_sees_no_medical_one(
        alice: Client, sophie: Client, seen: Visible) -> None:
    medical = joined(alice, seen, nature="ordonnance", name="Tamoxifène.pdf")
    page = sophie.get(here(seen))
    assert "Aucune pièce administrative" in page.text and "réservées aux médecins" in page.text
    assert "Ordonnance" not in page.html and "Tamoxif" not in page.html
    sophie.get(medical, 404)
    sophie.get(f"{medical}/retirer", 404)
    sophie.post(f"{medical}/retirer", status=404)
    assert "Choisissez la nature" in send(sophie, seen, nature="ordonnance", status=422).errors[0]
    # Not told that these bytes are there as a medical piece.
    own = joined(sophie, seen)
    assert sophie.http.get(own).content == BILAN
    assert "par délégation du Dr Alice MARTIN" in alice.get(here(seen)).text
    alice.post(f"{medical}/retirer")
    assert "Ordonnance" not in sophie.get(here(seen)).html


def test_who_may_only_read_opens_everything_and_changes_nothing(
        alice: Client, chloe: Client, seen: Visible) -> None:
    address = joined(alice, seen, nature="ordonnance")
    page = chloe.get(here(seen))
    assert "droit de rédiger" in page.text and not page.soup.select("main form")
    assert "Retirer" not in page.text
    assert chloe.http.get(address).content == BILAN
    assert audit.timeline(seen.label)[0].name == "Dr Chloé PETIT, par délégation du Dr Alice MARTIN"
    send(chloe, seen, status=403)
    chloe.get(f"{address}/retirer", 403)
    chloe.post(f"{address}/retirer", status=403)


def test_where_another_leads_the_physician_joins_and_the_secretary_only_reads(
        alice: Client, sophie: Client, seen: Visible) -> None:
    with database.writing():
        Dossier.update(referent_kind="structure").where(Dossier.id == seen.dossier.id).execute()
    address = joined(alice, seen)
    page = sophie.get(here(seen))
    assert "sont jointes par le référent" in page.text and not page.soup.select("main form")
    assert sophie.http.get(address).content == BILAN
    send(sophie, seen, pieces.pdf(pages=2), status=403)
    sophie.post(f"{address}/retirer", status=403)
    alice.post(f"{address}/retirer")


@pytest.mark.parametrize(("module", "slug"), [("s", "sanitaire"), ("tnd", "tnd")])
def test_a_dossier_without_volets_has_pieces_too(alice: Client, module: str, slug: str) -> None:
    with database.writing():
        numero = dossiers.create(formulaires.ALICE, module, LEROUX).numero
    path = f"/dossiers/{slug}/{numero}/pieces"
    assert "Aucune pièce" in alice.get(path).text
    alice.post(path, {"nature": "ordonnance"}, files={"fichier": ("bilan.pdf", BILAN, "")})
    assert alice.http.get(f"{path}/{Piece.get().id}").content == BILAN


def test_another_physician_finds_nothing(
        opened_app: Starlette, alice: Client, seen: Visible) -> None:
    address = joined(alice, seen)
    with Client(opened_app) as bob:
        physician(BOB)
        bob.login(BOB, "Dr Bob DURAND")
        for path in (here(seen), address, f"{address}/retirer"):
            bob.get(path, 404)
        send(bob, seen, status=404)
        bob.post(f"{address}/retirer", status=404)


def test_a_piece_is_found_only_in_its_own_dossier(alice: Client, seen: Visible) -> None:
    address = joined(alice, seen)
    other = formulaires.dossier()
    piece = address.rpartition("/")[2]
    alice.get(here(other, f"/{piece}"), 404)
    for wrong in (piece.upper(), piece[:-1], "0" * 32, "x", "%00", "..%2f" + piece):
        alice.get(here(seen, f"/{wrong}"), 404)


def test_a_closed_dossier_keeps_its_pieces_as_they_are(alice: Client, seen: Visible) -> None:
    address = joined(alice, seen)
    with database.writing():
        Dossier.update(etat="historise").where(Dossier.id == seen.dossier.id).execute()
    assert "Ce dossier est clos" in alice.get(here(seen)).text
    assert alice.http.get(address).content == BILAN
    send(alice, seen, pieces.pdf(pages=2), status=403)
    alice.post(f"{address}/retirer", status=403)


def test_a_file_that_may_not_come_is_not_read(
        chloe: Client, seen: Visible, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(request: object) -> None:
        raise AssertionError("the file was read")

    monkeypatch.setattr(televersement, "read", never)
    send(chloe, seen, status=403)
    chloe.http.cookies.clear()
    assert send(chloe, seen, token="x").location.startswith("/connexion")


# --- removing

def test_removing_asks_wipes_and_keeps_the_trace(alice: Client, seen: Visible) -> None:
    address = joined(alice, seen, name="mauvais patient.pdf")
    asked = alice.get(f"{address}/retirer")
    assert "mauvais patient.pdf" in asked.text and "ne pourront pas être rétablis" in asked.text
    assert alice.post(f"{address}/retirer").location == here(seen)
    row = Piece.get()
    assert row.nom is None and row.empreinte is None and not PieceContenu.select().exists()
    page = alice.get(here(seen))
    assert "mauvais patient" not in page.html and "Pièces retirées (1)" in page.text
    assert "retirée par Dr Alice MARTIN" in page.text
    alice.get(address, 404)
    alice.post(f"{address}/retirer", status=404)
    assert last_act(seen)[0] == "piece.retiree"


# --- at rest

@pytest.mark.proves("U3", "V11.3.3")
def test_sealed_bytes_open_in_their_own_place_only(alice: Client, seen: Visible) -> None:
    one, two = (joined(alice, seen, content=pieces.pdf(pages=n)).rpartition("/")[2] for n in (1, 2))
    stored = PieceContenu.get_by_id(two).contenu
    with database.writing():
        PieceContenu.update(contenu=stored).where(PieceContenu.piece_id == one).execute()
    moved = queries.of(seen, one, True)
    assert moved is not None
    with pytest.raises(SealBroken):
        queries.content(seen, moved)
    page = alice.get(here(seen, f"/{one}"), 500)
    assert "est abîmée" in page.text


def test_the_clamav_default_asks_nobody(settings: Settings) -> None:
    assert settings.clamav == "" and antivirus.scan(settings.clamav, EICAR) is None
