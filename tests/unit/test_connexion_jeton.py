"""The agent's answer: who is let in by it, and everything that is not."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import clock
from portal.connexion import commands
from portal.connexion.rules import Identity, Refusal, Refused
from tests.support import cartes
from tests.support.cartes import MIDDAY, ORIGIN, token
from tests.unit.test_connexion_certificats import trusted

NONCE = base64.b64encode(bytes(range(32))).decode()
OTHER_NONCE = base64.b64encode(bytes(32)).decode()


def verified(text: str) -> Identity:
    with clock.freeze(MIDDAY):
        return commands.verify(text, base64.b64decode(NONCE), ORIGIN, trusted())


def reason_of(answer: object) -> Refusal:
    with pytest.raises(Refused) as refused:
        verified(answer if isinstance(answer, str) else json.dumps(answer))
    return refused.value.reason


@pytest.mark.parametrize(("card", "name", "specialty"), [
    ("alice-martin", "Dr Alice MARTIN", "Qualifié en médecine générale (SM)"),
    ("bob-durand", "Dr Bob DURAND", "Spécialiste en Médecine générale (SM)"),
    ("chloe-petit", "Dr Chloé PETIT", "Médecine générale (SM)"),
])
def test_a_physician_is_known_by_his_card(card: str, name: str, specialty: str) -> None:
    found = verified(json.dumps(token(card, NONCE)))
    assert (found.display_name, found.specialite) == (name, specialty)


@pytest.mark.proves("N10")
@pytest.mark.parametrize(("card", "reason"), [
    ("carte-expiree", Refusal.CERTIFICAT_EXPIRE), ("carte-revoquee", Refusal.CERTIFICAT_REVOQUE),
    ("carte-employe", Refusal.CARTE_EMPLOYE), ("carte-infirmiere", Refusal.AUTRE_PROFESSION),
    ("carte-inconnue", Refusal.AUTORITE_INCONNUE), ("carte-signature", Refusal.CERTIFICAT_SIGNATURE),
])
def test_each_wrong_card_has_its_reason(card: str, reason: Refusal) -> None:
    assert reason_of(token(card, NONCE)) is reason


@pytest.mark.parametrize("answer", [
    token("alice-martin", OTHER_NONCE),
    token("alice-martin", NONCE, origin="https://portail.test.evil.example"),
    token("alice-martin", NONCE, origin="http://portail.test"),
    token("alice-martin", NONCE, origin="https://portail.test/"),
    token("alice-martin", NONCE, key=cartes.key_of("bob-durand")),
    token("alice-martin", NONCE, certificate=cartes.certificate_of("bob-durand")),
    token("alice-martin", NONCE, signature=base64.b64encode(bytes(256)).decode()),
    token("alice-martin", NONCE, signature="AA=="),
], ids=["nonce", "phishing site", "http", "slash", "wrong key", "other's certificate", "zeros", "short"])
def test_a_signature_over_anything_else_is_worthless(answer: dict[str, Any]) -> None:
    assert reason_of(answer) is Refusal.SIGNATURE_FAUSSE


@pytest.mark.proves("V11.6.1")
def test_another_padding_is_refused() -> None:
    content = commands.signed_bytes(ORIGIN, base64.b64decode(NONCE))
    pss = cartes.key_of("alice-martin").sign(
        content, padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH), hashes.SHA256())
    answer = token("alice-martin", NONCE, signature=base64.b64encode(pss).decode())
    assert reason_of(answer) is Refusal.SIGNATURE_FAUSSE
    assert reason_of(answer | {"algorithm": "PS256"}) is Refusal.ALGORITHME


@pytest.mark.proves("V9.1.2", "V11.6.1")
@pytest.mark.parametrize(
    "algorithm", ["none", "None", "", None, "HS256", "rs256", "RS1", ["RS256"], 5], ids=str)
def test_other_algorithms_are_refused(algorithm: object) -> None:
    assert reason_of(token("alice-martin", NONCE, algorithm=algorithm)) is Refusal.ALGORITHME


@pytest.mark.parametrize("answer", [
    "", "null", "[]", "0", "{", "{}", "[" * 60_000, '{"format": "cps-auth:2"}', "1" * 5_000, '"\ud800"',
    json.dumps(token("alice-martin", NONCE, format="cps-auth:2")),
    json.dumps(token("alice-martin", NONCE, signature=None)),
    json.dumps(token("alice-martin", NONCE, signature="é")),
    json.dumps(token("alice-martin", NONCE, signature="A")),
    json.dumps(token("alice-martin", NONCE, unverifiedCertificate="\ud800")),
    json.dumps(token("alice-martin", NONCE, unverifiedCertificate="MIIB")),
    json.dumps(token("alice-martin", NONCE, unverifiedCertificate={"a": 1})),
], ids=lambda text: text[:30])
def test_what_cannot_be_read_is_refused(answer: str) -> None:
    assert reason_of(answer) is Refusal.JETON_ILLISIBLE


@pytest.mark.parametrize("info", [None, [], {}, {"specialite": 5}, {"specialite": "<script>"}], ids=str)
def test_the_unsigned_part_can_only_be_ignored(info: object) -> None:
    assert verified(json.dumps(token("alice-martin", NONCE, unverifiedInfo=info))).specialite == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4))


@settings(max_examples=200)
@given(st.text(max_size=200) | JSON.map(json.dumps))
def test_any_text_is_refused_in_order(text: str) -> None:
    reason_of(text)


@settings(max_examples=150)
@given(st.sampled_from(["format", "algorithm", "unverifiedCertificate", "signature"]), JSON)
def test_any_field_replaced_is_refused_in_order(name: str, value: object) -> None:
    reason_of(token("alice-martin", NONCE, **{name: value}))
