"""What keeps the portal from starting."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.app import create_app
from portal.settings import Settings, SettingsError
from portal.volets import definitions


def test_a_form_with_a_fault_stops_the_start(
        settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File, line and reason are said; nothing is served."""
    (tmp_path / "ga-medical.1.toml").write_text('title = "Volet"\nsource = "Essai"\nrank = 1\ncouleur = "bleu"\n')
    definitions.registry.cache_clear()
    monkeypatch.setattr(definitions, "FOLDER", tmp_path)
    try:
        with pytest.raises(SettingsError, match=r"ga-medical\.1\.toml, ligne 4 : clé inconnue : couleur"):
            create_app(settings)
    finally:
        definitions.registry.cache_clear()
