import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.forms import clean, local_path


@pytest.mark.proves("W5", "V3.7.2")
@pytest.mark.parametrize(("path", "kept"), [
    ("/dossiers/grand-age?onglet=admis", True), ("/", True),
    ("//evil.example", False), ("/\\evil.example", False), ("https://evil.example", False),
    ("https:evil.example", False), ("javascript:alert(1)", False), ("", False), ("/\tevil", False),
    ("/\n/evil", False), ("\\\\evil", False), ("accueil", False),
])
def test_only_paths_of_this_portal_are_followed(path: str, kept: bool) -> None:
    assert local_path(path) == (path if kept else None)


@pytest.mark.proves("V1.1.1")
@given(st.text())
def test_cleaned_text_has_no_control_character_and_is_stable(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in cleaned)


@pytest.mark.parametrize(("typed", "kept"), [
    ("  Leroux ", "Leroux"), ("e\u0301te\u0301", "été"), ("a\x00b", "ab"), ("👩‍⚕️", "👩‍⚕️"),
    ("شكرا", "شكرا"), (None, ""), (3, ""),
])
def test_what_is_typed_is_kept_as_text(typed: object, kept: str) -> None:
    assert clean(typed) == kept
