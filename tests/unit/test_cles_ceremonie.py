"""What the portal makes of an authenticator's answer, against an authenticator in software."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal import clock
from portal.facteurs.cles import ceremonie, queries
from portal.facteurs.cles.models import Cle
from portal.facteurs.cles.rules import Reason, Refused
from portal.settings import Settings
from tests.support.authentificateur import PRESENT, VERIFIED, Authentificateur

CHALLENGE, OTHER = b"c" * 32, b"d" * 32
Change = Callable[[dict[str, Any]], object]


def creation(settings: Settings, challenge: bytes = CHALLENGE) -> dict[str, Any]:
    return ceremonie.creation(settings, 1, "bob@exemple.fr", "Dr Bob DURAND", challenge, [])


def stored(settings: Settings, device: Authentificateur) -> Cle:
    made = ceremonie.made(settings, device.create(creation(settings)), CHALLENGE)
    return Cle(key=queries.hash_of(made.credential), compte_id=1, credential=made.credential,
               public_key=made.public_key, compteur=made.compteur, transports=made.transports, nom="PC",
               created=clock.now())


def reason(work: Callable[[], object]) -> Reason:
    with pytest.raises(Refused) as refused:
        work()
    return refused.value.reason


def test_what_the_browser_is_asked_for(tables: Settings) -> None:
    asked = creation(tables)
    assert asked["rp"] == {"id": "portail.test", "name": "ViaTrajectoire"} and asked["attestation"] == "none"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    key = stored(tables, Authentificateur())
    again = ceremonie.creation(tables, 1, "bob@exemple.fr", "Dr Bob DURAND", OTHER, [key])
    assert [one["transports"] for one in again["excludeCredentials"]] == [["internal", "hybrid"]]
    assert again["user"]["id"] == asked["user"]["id"] != ceremonie.creation(
        tables, 2, "x@exemple.fr", "X", OTHER, [])["user"]["id"]
    wanted = ceremonie.request(tables, CHALLENGE, [key])
    assert wanted["rpId"] == "portail.test" and wanted["userVerification"] == "required"
    assert len(wanted["allowCredentials"]) == 1


def test_a_true_answer_gives_its_counter(tables: Settings) -> None:
    device = Authentificateur(compteur=6)
    key = stored(tables, device)
    assert key.compteur == 6 and key.transports == "internal hybrid"
    answer = device.get(ceremonie.request(tables, CHALLENGE, [key]))
    assert ceremonie.credential_of(answer) == device.credential
    assert ceremonie.count(tables, answer, CHALLENGE, key) == 7


WRONG: list[tuple[dict[str, Any], dict[str, Any], Reason]] = [
    # the device, what it tells, the refusal
    ({"origin": "https://portail.test.exemple.fr"}, {}, Reason.ORIGINE),
    ({"origin": "http://portail.test"}, {}, Reason.ORIGINE),
    ({"origin": "https://portail.test:8443"}, {}, Reason.ORIGINE),
    ({}, {"crossOrigin": True}, Reason.ORIGINE),
    ({"rp_id": "test"}, {}, Reason.DOMAINE),
    ({}, {"flags": PRESENT}, Reason.SANS_VERIFICATION),
    ({}, {"flags": VERIFIED}, Reason.SANS_VERIFICATION),
    ({}, {"flags": 0}, Reason.SANS_VERIFICATION),
    ({}, {"challenge": "ZGRkZA"}, Reason.REJOUE),
    ({}, {"challenge": ""}, Reason.REJOUE),
    ({}, {"type": "payment.get"}, Reason.ILLISIBLE),
]


@pytest.mark.parametrize(("device", "told", "expected"), WRONG)
def test_each_wrong_answer_is_refused_for_its_own_reason(
        tables: Settings, device: dict[str, Any], told: dict[str, Any], expected: Reason) -> None:
    honest = Authentificateur()
    key = stored(tables, honest)
    other = Authentificateur(credential=honest.credential, secret=honest.secret, **device)
    options = ceremonie.request(tables, CHALLENGE, [key])
    assert reason(lambda: ceremonie.count(tables, other.get(options, **told), CHALLENGE, key)) is expected
    assert reason(lambda: ceremonie.made(tables, other.create(creation(tables), **told), CHALLENGE)) is expected


def test_one_ceremony_does_not_answer_the_other(tables: Settings) -> None:
    device = Authentificateur()
    key = stored(tables, device)
    told = device.get(ceremonie.request(tables, CHALLENGE, [key]), type="webauthn.create")
    assert reason(lambda: ceremonie.count(tables, told, CHALLENGE, key)) is Reason.ILLISIBLE
    assert reason(lambda: ceremonie.count(tables, device.create(creation(tables)), CHALLENGE, key)) is Reason.ILLISIBLE


def test_another_device_s_signature_is_false(tables: Settings) -> None:
    device = Authentificateur()
    key = stored(tables, device)
    thief = Authentificateur(credential=device.credential)
    forged = thief.get(ceremonie.request(tables, CHALLENGE, [key]))
    assert reason(lambda: ceremonie.count(tables, forged, CHALLENGE, key)) is Reason.SIGNATURE
    assert reason(lambda: ceremonie.count(tables, forged, CHALLENGE, None)) is Reason.INCONNUE


def test_a_raised_counter_breaks_the_signature(tables: Settings) -> None:
    device = Authentificateur()
    key = stored(tables, device)
    answer = json.loads(device.get(ceremonie.request(tables, CHALLENGE, [key])))
    data = bytearray(ceremonie.webauthn.base64url_to_bytes(answer["response"]["authenticatorData"]))
    data[36] += 1
    answer["response"]["authenticatorData"] = ceremonie.webauthn.helpers.bytes_to_base64url(bytes(data))
    assert reason(lambda: ceremonie.count(tables, json.dumps(answer), CHALLENGE, key)) is Reason.SIGNATURE


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=20),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
                        ["id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature",
                         "attestationObject", "transports"]), inner, max_size=6), max_leaves=12)


@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.text(max_size=60) | JSON.map(json.dumps))
def test_whatever_is_sent_is_a_refusal_and_never_a_crash(tables: Settings, answer: str) -> None:
    assert reason(lambda: ceremonie.credential_of(answer)) is Reason.ILLISIBLE
    assert reason(lambda: ceremonie.count(tables, answer, CHALLENGE, None)) is Reason.ILLISIBLE
    assert reason(lambda: ceremonie.made(tables, answer, CHALLENGE)) is Reason.ILLISIBLE


@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]), place=st.integers(0, 400),
       sign=st.sampled_from("AZaz09-_.{"))
def test_no_altered_answer_holds(tables: Settings, part: str, place: int, sign: str) -> None:
    device = Authentificateur()
    key = stored(tables, device)
    answer = json.loads(device.get(ceremonie.request(tables, CHALLENGE, [key])))
    before = answer["response"][part]
    place %= len(before) - 1  # the last sign holds bits that mean nothing
    altered = before[:place] + sign + before[place + 1:]
    answer["response"][part] = altered
    if altered != before:
        with pytest.raises(Refused):
            ceremonie.count(tables, json.dumps(answer), CHALLENGE, key)
