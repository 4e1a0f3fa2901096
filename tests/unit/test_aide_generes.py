"""Pages made from the changelog and from the charters."""

from __future__ import annotations

from portal.aide import generes
from portal.compte.rules import CHARTES

LOG = """# Changelog

## Unreleased

### Pour les utilisateurs

- Une nouveauté.
- Une autre,
  sur deux lignes.

### Added

- Something for developers.

## 1.2.0 (2026-11-23)

### Fixed

- Nothing that a user sees.

## 1.1.0 (2026-10-05)

### Pour les utilisateurs

- Une ancienne nouveauté.
"""


def test_users_read_their_own_lines_latest_first() -> None:
    page = generes.nouveautes(LOG)
    assert page.index("Une nouveauté.") < page.index("sur deux lignes") < page.index("Une ancienne nouveauté.")
    assert "## Cette version { #version-presente }" in page
    assert "## Version 1.1.0, du 05/10/2026 { #version-1-1-0 }" in page


def test_what_is_for_developers_stays_out() -> None:
    page = generes.nouveautes(LOG)
    assert "developers" not in page and "1.2.0" not in page


def test_this_project_s_changelog_has_lines_for_users() -> None:
    assert generes.nouveautes(generes.changelog().read_text("utf-8")).count("\n- ") >= 5


def test_every_charter_is_printed_word_for_word() -> None:
    page = generes.chartes()
    for charte in CHARTES.values():
        for section in charte.sections:
            assert section.title in page
            assert all(words in page for words in (*section.paragraphs, *section.points))
    assert page.count("(en vigueur)") == 1
    assert page.index("(en vigueur)") < page.index("###")
