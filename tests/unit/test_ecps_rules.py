"""What an id_token and a userinfo answer must say; for anything else, a refusal and no other exception."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.connexion.ecps import rules
from portal.connexion.ecps.refus import Refusal, Refused
from portal.connexion.ecps.rules import Expected
from portal.demonstration import fournisseur_personnes as personnes

NOW = 1_795_000_000
EXPECTED = Expected("https://psc.test", "portail", "le-nonce", "eidas1 eidas2")
CLAIMS = {"iss": "https://psc.test", "aud": "portail", "sub": "f:1:810100000022", "nonce": "le-nonce",
          "acr": "eidas1", "iat": NOW - 5, "exp": NOW + 60}
SUB = "f:1:810100000022"
# RFC 7636, appendix B.
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
# OpenID Connect Core, appendix A.3: the access token and the at_hash of its example.
ACCESS_TOKEN, AT_HASH = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "77QmUPtjPfzWtF2AnpK9RQ"


def reason_of(claims: dict[str, Any], expected: Expected = EXPECTED, now: float = NOW) -> Refusal | None:
    try:
        rules.check_claims(claims, expected, now, ACCESS_TOKEN)
    except Refused as refused:
        return refused.reason
    return None


def test_the_challenge_is_the_standards() -> None:
    assert rules.challenge(VERIFIER) == CHALLENGE


@pytest.mark.proves("N11", "V6.8.4", "V10.5.4")
@pytest.mark.parametrize(("changes", "reason"), [
    ({}, None),
    ({"aud": ["portail"]}, None), ({"aud": ["portail", "autre"], "azp": "portail"}, None), ({"azp": "portail"}, None),
    ({"aud": ["portail", "autre"]}, Refusal.DESTINATAIRE), ({"azp": "autre"}, Refusal.DESTINATAIRE),
    ({"aud": ["autre"]}, Refusal.DESTINATAIRE), ({"aud": "portail2"}, Refusal.DESTINATAIRE),
    ({"aud": None}, Refusal.DESTINATAIRE), ({"aud": {"portail": 1}}, Refusal.DESTINATAIRE),
    ({"iss": "https://psc.test/"}, Refusal.EMETTEUR), ({"iss": None}, Refusal.EMETTEUR),
    ({"acr": "eidas2"}, None), ({"acr": "eidas3"}, Refusal.NIVEAU), ({"acr": ""}, Refusal.NIVEAU),
    ({"acr": ["eidas1"]}, Refusal.NIVEAU), ({"acr": "eidas1 eidas2"}, Refusal.NIVEAU),
    ({"nonce": "le-nonc"}, Refusal.NONCE), ({"nonce": 3}, Refusal.NONCE), ({"nonce": "é\ud800"}, Refusal.NONCE),
    ({"exp": NOW - 30}, None), ({"exp": NOW - 31}, Refusal.PERIMEE), ({"exp": "demain"}, Refusal.PERIMEE),
    ({"exp": float("inf")}, Refusal.PERIMEE), ({"exp": float("nan")}, Refusal.PERIMEE),
    ({"exp": True}, Refusal.PERIMEE),
    ({"iat": NOW + 30}, None), ({"iat": NOW + 31}, Refusal.PERIMEE), ({"iat": None}, Refusal.PERIMEE),
    ({"nbf": NOW}, None), ({"nbf": NOW + 31}, Refusal.PERIMEE), ({"nbf": "x"}, Refusal.PERIMEE),
    ({"at_hash": AT_HASH}, None), ({"at_hash": "77QmUPtjPfzWtF2AnpK9RA"}, Refusal.JETON_ACCES),
    ({"at_hash": None}, Refusal.JETON_ACCES),
    ({"sub": ""}, Refusal.JETON_ILLISIBLE), ({"sub": "x" * 256}, Refusal.JETON_ILLISIBLE),
    ({"sub": 12}, Refusal.JETON_ILLISIBLE),
], ids=str)
def test_each_claim_is_held_against_the_request(changes: dict[str, Any], reason: Refusal | None) -> None:
    assert reason_of(CLAIMS | changes) is reason


@pytest.mark.parametrize("name", CLAIMS)
def test_no_claim_may_be_missing(name: str) -> None:
    assert reason_of({key: value for key, value in CLAIMS.items() if key != name}) is not None


def test_no_level_asked_lets_nobody_in() -> None:
    assert reason_of(CLAIMS | {"acr": ""}, Expected("https://psc.test", "portail", "le-nonce", "")) is Refusal.NIVEAU


@pytest.mark.proves("N11", "V10.2.2")
@pytest.mark.parametrize(("iss", "promised", "passes"), [
    ("https://psc.test", True, True), ("https://psc.test", False, True), ("", False, True), ("", True, False),
    ("https://evil.example", False, False), ("https://evil.example", True, False)])
def test_the_answers_issuer(iss: str, promised: bool, passes: bool) -> None:
    if passes:
        rules.check_issuer(iss, "https://psc.test", promised)
    else:
        with pytest.raises(Refused) as refused:
            rules.check_issuer(iss, "https://psc.test", promised)
        assert refused.value.reason is Refusal.EMETTEUR


def practice(profession: object = "10", specialty: object = "SM26") -> dict[str, Any]:
    return {"codeProfession": profession, "codeSavoirFaire": specialty, "activities": [{"codeModeExercice": "L"}]}


def userinfo(*practices: Any, **changes: Any) -> dict[str, Any]:
    return {"sub": SUB, "SubjectNameID": "810100000022", "family_name": "DURAND", "given_name": "BOB",
            "SubjectRefPro": {"codeCivilite": "M", "exercices": list(practices) or [practice()]}} | changes


def test_reads_a_physician_as_the_card_names_him() -> None:
    found = rules.identity(userinfo(), SUB)
    assert (found.subject, found.rpps, found.nom, found.prenom, found.profession, found.specialite_code) == (
        "810100000022", 10100000022, "DURAND", "Bob", "Médecin", "SM26")


@pytest.mark.parametrize(("practices", "specialty"), [
    ([practice(specialty="")], ""), ([practice(specialty=None)], ""), ([{"codeProfession": "10"}], ""),
    ([practice("60", "SM11"), practice("10", "SM53")], "SM53"), ([practice("10", ""), practice("10", "SM53")], "SM53"),
    ([practice("10", "DROP TABLE")], ""), ([practice() | {"activities": None}], "SM26"),
], ids=range(7))
def test_a_specialty_may_be_absent_and_practices_several(practices: list[Any], specialty: str) -> None:
    assert rules.identity(userinfo(*practices), SUB).specialite_code == specialty


@pytest.mark.parametrize(("info", "reason"), [
    (userinfo(practice("60")), Refusal.AUTRE_PROFESSION), (userinfo(practice(10)), Refusal.AUTRE_PROFESSION),
    (userinfo(SubjectRefPro={"exercices": []}), Refusal.AUTRE_PROFESSION),
    (userinfo(SubjectRefPro={}), Refusal.IDENTITE_ILLISIBLE),
    (userinfo(SubjectRefPro=None), Refusal.IDENTITE_ILLISIBLE),
    (userinfo("médecin"), Refusal.IDENTITE_ILLISIBLE),
    (userinfo(SubjectNameID="899700218896x"), Refusal.IDENTITE_ILLISIBLE),
    (userinfo(SubjectNameID="010100000022"), Refusal.IDENTITE_ILLISIBLE),
    (userinfo(SubjectNameID=810100000022), Refusal.IDENTITE_ILLISIBLE),
    (userinfo(SubjectNameID="8１0100000022"), Refusal.IDENTITE_ILLISIBLE),
    (userinfo(SubjectNameID="3187512751/CPET0001"), Refusal.IDENTITE_ILLISIBLE),
    (userinfo(family_name=""), Refusal.IDENTITE_ILLISIBLE), (userinfo(given_name=["BOB"]), Refusal.IDENTITE_ILLISIBLE),
    (userinfo(sub="f:1:810100000011"), Refusal.AUTRE_PERSONNE), (userinfo(sub=None), Refusal.AUTRE_PERSONNE),
], ids=range(15))
def test_each_other_answer_is_refused_with_its_reason(info: dict[str, Any], reason: Refusal) -> None:
    with pytest.raises(Refused) as refused:
        rules.identity(info, SUB)
    assert refused.value.reason is reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=5), inner, max_size=4), max_leaves=12)
PRACTICES = st.lists(st.fixed_dictionaries(
    {}, optional={"codeProfession": st.sampled_from(["10", "60"]) | JSON, "codeSavoirFaire": JSON}) | JSON, max_size=3)
USERINFO = st.fixed_dictionaries({"sub": st.just(SUB) | JSON}, optional={
    "SubjectNameID": st.from_regex(r"8\d{11}", fullmatch=True) | JSON, "family_name": JSON, "given_name": JSON,
    "SubjectRefPro": st.fixed_dictionaries({"exercices": PRACTICES | JSON}) | JSON})


@given(USERINFO)
def test_whatever_the_provider_says_is_a_physician_or_a_refusal(info: dict[str, Any]) -> None:
    try:
        found = rules.identity(info, SUB)
    except Refused:
        return
    assert info["sub"] == SUB and found.subject == f"8{found.rpps}" and found.nom and found.prenom


@given(st.dictionaries(st.sampled_from([*CLAIMS, "azp", "nbf", "at_hash"]), JSON))
def test_whatever_the_claims_are_they_pass_or_are_refused(changes: dict[str, Any]) -> None:
    if reason_of(CLAIMS | changes) is None:
        assert all(changes.get(name, CLAIMS[name]) == CLAIMS[name] for name in ("iss", "nonce"))


@pytest.mark.parametrize("person", personnes.PEOPLE, ids=lambda person: person.label)
def test_the_demonstrations_people_are_what_their_labels_say(person: personnes.Person) -> None:
    info = personnes.userinfo(person)
    if person.profession == personnes.PHYSICIAN:
        found = rules.identity(info, personnes.sub(person))
        assert found.display_name.casefold() == person.label.casefold()
    else:
        with pytest.raises(Refused) as refused:
            rules.identity(info, personnes.sub(person))
        assert refused.value.reason is Refusal.AUTRE_PROFESSION


@pytest.mark.parametrize("reason", Refusal, ids=lambda reason: reason.name)
def test_each_refusal_has_words_of_its_own(reason: Refusal) -> None:
    others = [other for other in Refusal if other is not reason]
    assert reason.explanation.endswith(".") and reason.advice.endswith(".")
    assert all((other.title, other.explanation) != (reason.title, reason.explanation) for other in others)
    assert reason.title not in {other.title for other in others}
