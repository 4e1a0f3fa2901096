"""Names that can be shown, sent and written anywhere; the words of a size; kinds; a download's headers."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pieces import presenters, rules
from portal.pieces.queries import Jointe
from portal.pieces.rules import FORMATS, KINDS, safe_name, size_words

PDF = FORMATS["application/pdf"]


@pytest.mark.parametrize(("sent", "shown"), [
    ("bilan.pdf", "bilan.pdf"), ("Bilan sanguin.PDF", "Bilan sanguin.pdf"), ("sans fin", "sans fin.pdf"),
    ("été à l’hôpital.pdf", "été à l’hôpital.pdf"), ("bilan du 12.03.2026.pdf", "bilan du 12.03.2026.pdf"),
    ("../../etc/passwd.pdf", "passwd.pdf"), (r"C:\Users\Alice\bilan.pdf", "bilan.pdf"), ("..", "piece.pdf"),
    ("", "piece.pdf"), (".pdf", "piece.pdf"), (".htaccess.pdf", "htaccess.pdf"), ("/", "piece.pdf"),
    ("bilan\r\nSet-Cookie: x=1.pdf", "bilan Set-Cookie_ x=1.pdf"), ("bilan\0.exe.pdf", "bilan-exe.pdf"),
    ("bilan.exe.pdf", "bilan-exe.pdf"), ("bilan.tar.gz.pdf", "bilan-tar-gz.pdf"),
    ("fdp.\u202eexe.pdf", "fdp-exe.pdf"), ("bil\u200ban.pdf", "bilan.pdf"), ('a"b<c>d|e?f*g.pdf', "a_b_c_d_e_f_g.pdf"),
    ("CON.pdf", "piece-CON.pdf"), ("lpt1.txt.pdf", "lpt1-txt.pdf"), ("bilan. .pdf", "bilan.pdf"),
    ("100%.pdf", "100.pdf"), ("carte.jpeg", "carte.pdf"),
])
def test_names_are_made_safe(sent: str, shown: str) -> None:
    assert safe_name(sent, PDF) == shown


@pytest.mark.proves("U5")
@given(st.text(max_size=400), st.sampled_from(list(FORMATS.values())))
def test_any_name_is_safe(sent: str, found: rules.Format) -> None:
    name = safe_name(sent, found)
    assert name.endswith(f".{found.endings[0]}") and len(name) <= rules.MAX_NAME and len(name.encode()) <= 200
    assert not [char for char in name if char in '/\\<>:"|?*%' or unicodedata.category(char)[0] == "C"]
    assert not name.startswith(".") and name == name.strip()


@pytest.mark.proves("U5", "V1.2.1", "V5.4.2")
@given(st.text(max_size=400))
def test_any_name_fits_a_header(sent: str) -> None:
    """The header is ASCII, its two names are the same, and nothing ends it early."""
    piece = Jointe("0" * 32, KINDS["autre"], PDF, 1, safe_name(sent, PDF), "Dr X", datetime(2026, 1, 1, tzinfo=UTC),
                   None, None)
    header = presenters.headers(piece)["content-disposition"]
    plain, _, extended = header.removeprefix('attachment; filename="').partition("\"; filename*=UTF-8''")
    assert header.isascii() and header.isprintable() and '"' not in plain and unquote(extended) == piece.nom


def test_long_names_are_cut() -> None:
    assert len(safe_name("é" * 255 + ".pdf", PDF).encode()) <= 200
    assert len(safe_name("a" * 255 + ".pdf", PDF)) <= rules.MAX_NAME


@pytest.mark.parametrize(("size", "words"), [
    (0, "0 octet"), (1, "1 octet"), (1023, "1023 octets"), (1024, "1 ko"), (12_000, "12 ko"),
    (1_048_576, "1 Mo"), (1_048_577, "1,1 Mo"), (10 * 1_048_576, "10 Mo"), (10 * 1_048_576 + 1, "10,1 Mo"),
])
def test_sizes_in_words(size: int, words: str) -> None:
    assert size_words(size).replace("\u00a0", " ") == words


def test_only_three_kinds_are_medical() -> None:
    assert {code for code, kind in KINDS.items() if kind.medical} == {"ordonnance", "compte_rendu", "autre_medicale"}
