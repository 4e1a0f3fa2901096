"""Which files are taken, which are refused and in what words; no bytes make the checkers fall."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFile

from portal.pieces import controle
from portal.pieces.controle import Refus, check
from tests.support import pieces

LIMIT = 10 * 1024 * 1024
GOOD = {
    "bilan.pdf": (pieces.pdf(), "application/pdf"), "BILAN.PDF": (pieces.pdf(pages=3), "application/pdf"),
    "sans-fin": (pieces.pdf(), "application/pdf"), "carte.png": (pieces.picture("PNG"), "image/png"),
    "carte.jpg": (pieces.picture("JPEG"), "image/jpeg"), "carte.JPEG": (pieces.picture("JPEG"), "image/jpeg"),
    "progressive.jpg": (pieces.picture("JPEG", 640, 480, progressive=True), "image/jpeg"),
    "lien.pdf": (pieces.on_a_page(S="/URI", URI="https://exemple.fr"), "application/pdf"),
    "a4-600-points.png": (pieces.bomb(4960, 7016), "image/png"),
}
PNG, JPEG = pieces.picture("PNG"), pieces.picture("JPEG", 800, 600)


@pytest.mark.proves("U1", "V5.2.2")
@pytest.mark.parametrize("name", GOOD)
def test_what_may_be_joined(name: str) -> None:
    content, media = GOOD[name]
    assert check(name, content, LIMIT).media == media


@pytest.mark.proves("U1", "U2", "V1.3.4", "V5.2.2", "V5.2.6")
@pytest.mark.parametrize(("name", "content", "words"), [
    ("vide.pdf", b"", "est vide"),
    ("texte.pdf", b"Bonjour", "ni un PDF, ni une image"),
    ("page.png", b"<html><script>alert(1)</script>", "ni un PDF, ni une image"),
    ("dessin.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "ni un PDF, ni une image"),
    ("archive.pdf", b"PK\x03\x04" + bytes(100), "ni un PDF, ni une image"),
    ("apres.pdf", b"\n" + pieces.pdf(), "ni un PDF, ni une image"),
    ("facture.pdf.exe", pieces.pdf(), "finit par «\u00a0.exe\u00a0», mais c’est un fichier PDF"),
    ("photo.pdf", JPEG, "Renommez-le en «\u00a0.jpg\u00a0»"),
    ("photo.png", JPEG, "mais c’est un fichier JPEG"),
    ("long." + "x" * 300, pieces.pdf(), "«\u00a0.xxxxxxxxxx…\u00a0»"),
    ("cle.pdf", pieces.pdf(lambda writer: writer.encrypt("secret")), "protégé par un mot de passe"),
    ("droits.pdf", pieces.pdf(lambda writer: writer.encrypt("", owner_password="x")), "protégé par un mot de passe"),
    ("ouvre.pdf", pieces.at_opening(S="/JavaScript", JS="app.alert(1)"), "contient un programme"),
    ("lance.pdf", pieces.on_a_page(S="/Launch", F="cmd.exe"), "contient un programme"),
    ("envoie.pdf", pieces.on_a_page(S="/SubmitForm", F="https://mal.exemple"), "contient un programme"),
    ("va.pdf", pieces.on_a_page(S="/GoToE", F="x"), "contient un autre fichier"),
    ("joint.pdf", pieces.pdf(lambda writer: writer.add_attachment("x.txt", b"x")), "contient un autre fichier"),
    ("cache.pdf", pieces.pdf() + b"\n9 0 obj <</S/Java#53cript/JS(x)>> endobj", "contient un programme"),
    ("aucune.pdf", pieces.pdf(pages=0), "n’a aucune page"),
    ("coupe.pdf", pieces.pdf()[:-300], "abîmé ou incomplet"),
    ("tete.pdf", b"%PDF-1.7\n", "abîmé ou incomplet"),
    ("coupe.png", PNG[:-20], "abîmée ou incomplète"),
    ("faux.png", PNG[:60] + bytes([PNG[60] ^ 255]) + PNG[61:], "abîmée ou incomplète"),
    ("coupe.jpg", JPEG[:-600], "abîmée ou incomplète"),
    ("lente.jpg", JPEG + b"\xff\xda" * 60, "abîmée ou incomplète"),
    ("bombe.png", pieces.bomb(), "trop de points"),
    ("grande.png", pieces.bomb(10_000, 5_001), "trop de points"),
], ids=lambda value: value if isinstance(value, str) and "." in value[:20] and len(value) < 30 else "")
def test_what_is_refused_and_why(name: str, content: bytes, words: str) -> None:
    with pytest.raises(Refus, match=words.replace("(", r"\(")):
        check(name, content, LIMIT)


@pytest.mark.proves("U2", "V5.2.1")
def test_the_last_byte_allowed_and_the_first_too_many() -> None:
    assert check("plein.pdf", pieces.heavy(LIMIT), LIMIT).label == "PDF"
    with pytest.raises(Refus, match="10,1\u00a0Mo, pour 10\u00a0Mo au plus"):
        check("trop.pdf", pieces.heavy(LIMIT) + b"\n", LIMIT)


@pytest.mark.proves("U2", "V5.2.3")
def test_too_many_objects_or_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controle, "MAX_PAGES", 2)
    with pytest.raises(Refus, match="plus de 2"):
        check("long.pdf", pieces.pdf(pages=3), LIMIT)
    monkeypatch.setattr(controle, "MAX_OBJECTS", 2)
    with pytest.raises(Refus, match="abîmé"):
        check("lourd.pdf", pieces.pdf(), LIMIT)


@pytest.mark.proves("V15.2.2")
def test_a_file_that_waits_too_long_for_its_turn_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controle, "WAIT_SECONDS", 0.01)
    with controle.PLACES, controle.PLACES, pytest.raises(controle.Occupe):
        check("bilan.pdf", pieces.pdf(), LIMIT)
    assert check("bilan.pdf", pieces.pdf(), LIMIT).label == "PDF"


@given(st.sampled_from([b"", b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]), st.binary(max_size=400))
def test_no_bytes_make_it_fall(head: bytes, rest: bytes) -> None:
    """Either a format or a French refusal, never another exception."""
    _either(head + rest)


@given(st.sampled_from([pieces.pdf(), PNG, pieces.picture("JPEG")]), st.data())
def test_no_damage_makes_it_fall(good: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(good) - 1))
    damage = data.draw(st.binary(max_size=12))
    _either(good[:start] + damage + good[start + len(damage):])


def _either(content: bytes) -> None:
    try:
        assert check("x", content, LIMIT).media
    except Refus as refusal:
        assert str(refusal).endswith(".")


def test_a_lenient_pillow_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """WeasyPrint, once imported, has Pillow fill cut pictures up with grey in the whole process."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(Refus, match="abîmée ou incomplète"):
        check("coupe.jpg", JPEG[:-600], LIMIT)
