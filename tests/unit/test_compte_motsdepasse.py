"""Password policies: tables for the three presets, an oracle, the list of common passwords, context."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.compte import passwords
from portal.compte.rules import POLICIES, check, common_passwords, context_words, folded

ALICE = context_words(
    names=("MARTIN", "Alice", "Le"), rpps=10100000011, email="alice.martin@exemple.fr", town="CAEN")
PHRASE = "sept canards jouent aux cartes dans leur grenier"


def broken(password: str, policy: str = "fiche", context: tuple[str, ...] = ()) -> list[str]:
    return [result.rule.key for result in check(password, policy, context) if not result.ok]


@pytest.mark.proves("N12", "V6.2.1")
@pytest.mark.parametrize(("policy", "password", "rules"), [
    ("fiche", "Kx7bqmTz", []),
    ("fiche", "Kx7bqmT", ["longueur"]),
    ("fiche", "KX7BQMTZ", ["minuscule"]),
    ("fiche", "kx7bqmtz", ["majuscule"]),
    ("fiche", "Kxvbqmtz", ["chiffre"]),
    ("fiche", "", ["longueur", "minuscule", "majuscule", "chiffre"]),
    ("fiche", "Éàüßñçî7", []),
    ("fiche", "Kx٣bqmTz", []),
    ("fiche", "  Kx7 Tz  ", []),
    ("cnil", "Kx7bqmTz", ["force"]),
    ("cnil", "Kx7bqmTzwvR!", []),
    ("cnil", "Kx7bqmTzwvRp", ["force"]),
    ("cnil", "Kx7bqmTzwvRpQs", []),
    ("cnil", "kx7bqmtzwvrpqs", ["force"]),
    ("cnil", PHRASE, []),
    ("cnil", "un deux un deux un deux un deux", ["force"]),
    ("nist", "kxvbqmtzwvrpqs", ["longueur"]),
    ("nist", "kxvbqmtzwvrpqsf", []),
    ("nist", PHRASE, []),
    ("nist", "🩺🚑🏥🧬💊🩹🦷🧠🫀🫁🦴👩🏽‍⚕️😷", []),
])
def test_each_preset_says_which_rule_is_broken(policy: str, password: str, rules: list[str]) -> None:
    assert broken(password, policy) == rules


@pytest.mark.proves("N12")
@given(st.text(alphabet=string.printable + "éÉ🩺", max_size=20))
def test_the_rule_of_the_guide_against_an_oracle(password: str) -> None:
    expected = {
        "longueur": len(password) >= 8,
        "minuscule": any(char in string.ascii_lowercase + "é" for char in password),
        "majuscule": any(char in string.ascii_uppercase + "É" for char in password),
        "chiffre": any(char in string.digits for char in password),
    }
    found = {result.rule.key: result.ok for result in check(password, "fiche")}
    assert {key: found[key] for key in expected} == expected


@pytest.mark.proves("N12")
@given(st.text(max_size=200), st.sampled_from(sorted(POLICIES)))
def test_both_unicode_spellings_are_one_password(password: str, policy: str) -> None:
    spellings = [unicodedata.normalize(form, password) for form in ("NFC", "NFD")]
    assert broken(spellings[0], policy, ALICE) == broken(spellings[1], policy, ALICE)


@pytest.mark.proves("N12", "V6.2.4", "V6.2.12")
@pytest.mark.parametrize("password", [
    "Azerty123", "Motdepasse1", "MotDePasse2026!", "P@ssw0rd", "Bonjour14", "Chocolat1", "Soleil2026!",
    "2026Soleil!", "Nathalie75", "Normandie14", "Médecin2026", "1Q2w3e4r5t6y",
    "Aa1Aa1Aa1Aa1", "Azerty1Azerty1", "Abcdefgh1",
])
def test_common_passwords_and_their_disguises_are_refused(password: str) -> None:
    assert broken(password) == ["courant"]


@pytest.mark.proves("V6.2.4")
def test_the_list_is_long_enough_and_folded() -> None:
    words = common_passwords()
    assert len(words) >= 3000
    assert all(word == folded(word) for word in words)


@pytest.mark.proves("V6.2.11")
@pytest.mark.parametrize("password", [
    "Kx7Martin!b", "nitraM7xAlice", "xM4rt1nKv", "Kv10100000011x", "Ville-de-CAEN-7b", "C.a.e.n.7Kxb",
    "ViaTrajectoire7k", "Alice.Martin@exemple.fr7", "Kvi@tr@jectoirE9",
])
def test_what_others_know_of_the_physician_is_refused(password: str) -> None:
    assert broken(password, context=ALICE) == ["contexte"]


def test_short_names_do_not_refuse_half_of_all_passwords() -> None:
    assert "le" not in ALICE
    assert broken("Lentille-Kx7b", context=ALICE) == []


@pytest.mark.proves("N12", "V6.2.9")
@pytest.mark.parametrize(("password", "rules"), [
    ("Kx7bqmTz" + "é🩺" * 60, []),
    ("Kx7bqmTz" + "é" * 120, []),
    ("Kx7bqmTz" + "é" * 121, ["maximum"]),
    ("Kx7bqmTz" + "x1" * 30_000, ["maximum"]),
    ("Kx7bqm\x00Tz", ["lisible"]),
    ("Kx7bqm\nTz", ["lisible"]),
    ("Kx7bqm\ud800Tz", ["lisible"]),
])
def test_long_and_unreadable_passwords(password: str, rules: list[str]) -> None:
    assert broken(password) == rules


@pytest.mark.proves("N12", "V6.2.8", "V11.4.2")
def test_nothing_is_cut_off_before_hashing() -> None:
    long = "Kx7bqmTz" + "é" * 120
    stored = passwords.hashed(long)
    assert passwords.matches(stored, unicodedata.normalize("NFD", long))
    assert not passwords.matches(stored, long[:-1])
    assert not passwords.matches(stored, long + " ")


@pytest.mark.parametrize("stored", [None, "", "$argon2id$broken"])
def test_without_a_usable_hash_no_password_is_right(stored: str | None) -> None:
    assert not passwords.matches(stored, "personne n’a ce mot de passe")


@pytest.mark.proves("V11.4.2")
def test_a_guess_costs_what_the_owasp_asks_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", passwords.costly())
    assert passwords.hashed("Kx7bqmTz").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.proves("N12")
@given(st.one_of(
    st.text(alphabet="aA1é٣-_ 🩺\x00", max_size=24),
    st.lists(st.sampled_from(PHRASE.split()), max_size=9).map(" ".join)))
def test_the_other_presets_against_an_oracle(password: str) -> None:
    """The CNIL's three forms of 80 bits, and NIST's length, counted another way."""
    typed = unicodedata.normalize("NFC", password)
    kinds = {unicodedata.category(char) if unicodedata.category(char) in ("Ll", "Lu", "Nd") else "other"
             for char in typed}
    words = {"".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char)).casefold()
             for word in typed.replace("-", " ").split()}
    strong = (len(typed) >= 12 and len(kinds) == 4) or (len(typed) >= 14 and len(kinds) >= 3) or len(words) >= 7
    assert ("force" not in broken(password, "cnil")) is strong
    assert ("longueur" not in broken(password, "nist")) is (len(typed) >= 15)
    for policy in POLICIES:
        assert ("lisible" in broken(password, policy)) is ("\x00" in password)


@pytest.mark.proves("N12", "V6.2.8")
@given(st.text(min_size=1, max_size=140))
def test_what_is_accepted_is_hashed_whole_and_found_again(password: str) -> None:
    """Nothing that a policy takes makes the hash fail, and no shortened form opens what it closed."""
    if broken(password, "nist") == ["longueur"] or not broken(password, "nist"):
        stored = passwords.hashed(password)
        assert passwords.matches(stored, password)
        assert not passwords.matches(stored, password[:-1])
