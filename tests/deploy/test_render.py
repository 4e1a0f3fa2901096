"""The samples say what the portal says, and nothing is left to fill in."""

from __future__ import annotations

import re

import pytest

from portal.dossiers.rules import MODULES
from portal.settings import PIECE_CEILING
from portal.web.handlers import MAX_BODY
from tools import deploy


@pytest.mark.parametrize("kind", deploy.TEMPLATES)
def test_sample_is_whole_with_its_defaults(kind: str) -> None:
    text = deploy.render(kind, ["127.0.0.1:8000", "127.0.0.1:8010"], {})
    assert not re.search(r"@[A-Z_]+@", text)
    assert "127.0.0.1:8000" in text and "127.0.0.1:8010" in text and "portail.example.fr" in text


def test_missing_value_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(deploy.DEFAULTS, "KEY")
    with pytest.raises(deploy.UnknownVariable, match="KEY"):
        deploy.render("nginx", [], {})


@pytest.mark.proves("W12")
def test_bounds_are_the_portals() -> None:
    assert deploy.BODY_KIB * 1024 == MAX_BODY
    assert deploy.UPLOAD_KIB * 1024 == MAX_BODY + PIECE_CEILING


@pytest.mark.parametrize("kind", deploy.TEMPLATES)
def test_attachments_of_every_module_have_the_larger_bound(kind: str) -> None:
    [pattern] = set(re.findall(r"\^/dossiers/\S+?/pieces\$", deploy.render(kind, ["127.0.0.1:8000"], {})))
    for module in MODULES.values():
        assert re.fullmatch(pattern, f"/dossiers/{module.slug}/43693205/pieces")
