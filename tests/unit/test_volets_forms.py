"""What a volet's form may send, and what is turned away before anything is read of it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from starlette.datastructures import FormData

from portal.volets import forms
from portal.volets.formulaire import Definition
from portal.volets.reponses import digest
from portal.web.errors import BadRequest
from tests.support import formulaires as support
from tests.support.formulaires import ADMINISTRATIF, AUTONOMIE, MEDICAL, MEDICAL_2

NONE = digest(None)


@pytest.fixture(autouse=True)
def definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    support.use(monkeypatch, ADMINISTRATIF, MEDICAL, MEDICAL_2, AUTONOMIE)


def form(base: object, *inputs: tuple[str, str]) -> FormData:
    fixed = [("_csrf", "jeton"), ("version", "3"), ("cle", "cle-alice-1")]
    return FormData([*fixed, ("base", base if isinstance(base, str) else json.dumps(base)), *inputs])


def test_a_sending_is_about_the_fields_of_its_base() -> None:
    sent = forms.sent(form({"antecedents": NONE}, ("antecedents", "HTA"), ("tabac", "Non")), MEDICAL)
    assert sent == forms.Sent({"antecedents": "HTA"}, {"antecedents": NONE}, "cle-alice-1")


@pytest.mark.parametrize(("field", "kept"), [("antecedents", False), ("motif", True), ("soins", True)])
def test_only_what_is_sent_can_be_emptied(field: str, kept: bool) -> None:
    """A box left unticked is not sent; a text whose input is missing was cut off."""
    assert (field in forms.sent(form({field: NONE}), MEDICAL).base) is kept


def test_a_page_open_since_an_earlier_version_may_still_send_its_fields() -> None:
    assert forms.sent(form({"tabac": NONE}, ("tabac", "Non")), MEDICAL_2).raw == {"tabac": "Non"}


def test_copies_are_confirmed_one_by_one_with_what_was_shown() -> None:
    found = forms.sent(form({"motif": NONE}, ("confirmer", "motif"), ("confirmer", "tabac")), MEDICAL)
    assert found.confirmed == {"motif"}


@pytest.mark.parametrize("base", [
    "", "{", "[]", "null", "1", '"antecedents"', {"inconnu": NONE}, {"antecedents": 1}, {"antecedents": None},
    {"antecedents": ""}, {"antecedents": NONE + "0"}, {"antecedents": "é" * 16}, {"__proto__": NONE}, "[" * 50_000,
    '{"antecedents": NaN}',
])
def test_a_forged_base_is_turned_away(base: object) -> None:
    with pytest.raises(BadRequest) as refused:
        forms.sent(form(base, ("antecedents", "HTA")), MEDICAL)
    assert "rien n’a été enregistré" in str(refused.value.explanation)


@pytest.mark.parametrize("inputs", [
    [("inconnu", "x")], [("motif.chute", "oui")], [("soins.inconnu", "oui")], [("referent_rpps", "1")],
    [("antecedents\x00", "x")],
])
def test_an_input_that_the_form_has_not_is_turned_away(inputs: Sequence[tuple[str, str]]) -> None:
    with pytest.raises(BadRequest):
        forms.sent(form({}, *inputs), MEDICAL)


@pytest.mark.parametrize("key", ["court", "x" * 65, "clé-alice-1", "cle alice 1", "cle\n12345"])
def test_a_key_is_short_plain_text(key: str) -> None:
    sent = FormData([("base", "{}"), ("cle", key)])
    with pytest.raises(BadRequest):
        forms.sent(sent, MEDICAL)


def test_what_the_page_adds_may_be_named() -> None:
    assert forms.sent(form({}, ("garder", "mienne")), MEDICAL, also={"garder"}).base == {}


@pytest.mark.parametrize(("text", "version"), [("0", 0), ("12", 12)])
def test_a_version_is_read(text: str, version: int) -> None:
    assert forms.version(FormData([("version", text)])) == version


@pytest.mark.parametrize("text", ["", "-1", "1.0", "٣", "9" * 10, "1e3", " 1", "x"])
def test_a_version_is_a_small_number(text: str) -> None:
    with pytest.raises(BadRequest):
        forms.version(FormData([("version", text)]))


def test_a_form_of_every_kind_comes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    definition: Definition = AUTONOMIE
    sent = support.sent(definition, dict(support.ALL_C))
    found = forms.sent(form(sent.base, *sent.raw.items()), definition)
    assert found.base == sent.base and found.raw == sent.raw
