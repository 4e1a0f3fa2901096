"""The number of the sécurité sociale and the trust put in an identity."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.dossiers import identite
from portal.dossiers.identite import Invalid, discordances, key_of, read_nir, refusal

SAMPLE = "279035121518989"  # published by the ANS as an example
MONTHS = [f"{month:02d}" for month in (*range(1, 13), *range(20, 43), *range(50, 100))]


@st.composite
def bodies(draw: st.DrawFn, departments: tuple[str, ...] = ("2A", "2B", "14", "75", "97", "99")) -> str:
    """Thirteen characters that a number may begin with."""
    digits = st.text("0123456789", min_size=2, max_size=2)
    order = draw(st.integers(1, 999))
    return (draw(st.sampled_from("123478")) + draw(digits) + draw(st.sampled_from(MONTHS))
            + draw(st.sampled_from(departments)) + f"{draw(st.integers(0, 999)):03d}{order:03d}")


@given(bodies())
def test_a_number_with_its_key_is_read_and_written_back(body: str) -> None:
    number = read_nir(body + key_of(body))
    assert str(number) == body + key_of(body) and number.ecrit.replace(" ", "") == str(number)
    assert read_nir(number.ecrit) == number


@given(bodies())
def test_the_key_has_two_digits_from_01_to_97(body: str) -> None:
    assert len(key_of(body)) == 2 and 1 <= int(key_of(body)) <= 97


@given(bodies(), st.data())
def test_one_wrong_digit_is_always_found(body: str, data: st.DataObject) -> None:
    whole = body + key_of(body)
    place = data.draw(st.sampled_from([place for place, char in enumerate(whole) if char.isdigit()]))
    digit = data.draw(st.sampled_from([char for char in "0123456789" if char != whole[place]]))
    with pytest.raises(Invalid):
        read_nir(whole[:place] + digit + whole[place + 1:])


@given(bodies(("2A", "2B")))
def test_one_corsican_department_is_not_the_other(body: str) -> None:
    other = body[:5] + ("2B" if body[5:7] == "2A" else "2A") + body[7:]
    assert key_of(other) != key_of(body)
    with pytest.raises(Invalid):
        read_nir(other + key_of(body))


@pytest.mark.parametrize(("body", "key"), [
    ("2790351215189", "89"),
    # 2A counts as 19 and 2B as 18: worked by hand.
    ("141032A004001", f"{97 - 1410319004001 % 97:02d}"), ("141032B033001", f"{97 - 1410318033001 % 97:02d}"),
])
def test_known_keys(body: str, key: str) -> None:
    assert key_of(body) == key and read_nir(body + key).corps == body


@pytest.mark.parametrize("text", [
    SAMPLE, "2 79 03 51 215 189 89", "2\u202f79\u00a003 51 215 189 89", "2.79.03.51.215.189-89", " 279035121518989\n"])
def test_spaces_points_and_hyphens_are_no_matter(text: str) -> None:
    assert str(read_nir(text)) == SAMPLE


def test_small_letters_are_read() -> None:
    body = "141032A004001"
    assert read_nir((body + key_of(body)).lower()).corps == body


@pytest.mark.parametrize(("text", "message"), [
    ("2790351215189", "Ajoutez la clé"), ("27903512151898", "vous en avez saisi 14"), ("2" * 60, "saisi 60"),
    ("279035121518988", "La clé ne correspond pas"), ("279035121518900", "La clé ne correspond pas"),
    ("579035121518989", "commence par"), ("079035121518989", "commence par"), ("27903512151898x", "impossible"),
    ("279135121518989", "pas un mois"), ("279005121518989", "pas un mois"), ("279435121518989", "pas un mois"),
    ("279030021518989", "le département"), ("279035121500089", "numéro d’ordre"), ("279032C21518989", "impossible"),
    ("٢٧٩٠٣٥١٢١٥١٨٩٨٩", "impossible"), ("２７９０３５１２１５１８９８９", "impossible"), ("😀" * 15, "impossible"),
    ("2\u202e79035121518989", "saisi 16"),
])
def test_an_impossible_number_is_told_why(text: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        read_nir(text)


@pytest.mark.parametrize(("first", "waits", "sex"), [
    ("1", False, "M"), ("2", False, "F"), ("7", True, "M"), ("8", True, "F"), ("3", True, "M"), ("4", True, "F")])
def test_a_number_may_be_one_that_waits_for_another(first: str, waits: bool, sex: str) -> None:
    body = f"{first}790351215189"
    number = read_nir(body + key_of(body))
    assert (number.attente, number.sexe) == (waits, sex)


def nir(body: str) -> identite.Nir:
    return read_nir(body + key_of(body))


@pytest.mark.proves("V2.2.3")
@pytest.mark.parametrize(("body", "born", "sex", "place", "words"), [
    ("2410314118001", date(1941, 3, 5), "F", "14118", []),
    ("1410314118001", date(1941, 3, 5), "F", "14118", ["le sexe"]),
    ("2400314118001", date(1941, 3, 5), "F", "14118", ["l’année de naissance"]),
    ("2410414118001", date(1941, 3, 5), "F", "14118", ["le mois de naissance"]),
    ("2410350118001", date(1941, 3, 5), "F", "14118", ["le département ou le pays de naissance"]),
    ("2410314118001", date(1941, 3, 5), "F", None, []),
    ("2410314118001", date(1941, 3, 5), "", "14047", []),
    # A month that nobody knows is no disagreement.
    ("2412014118001", date(1941, 1, 1), "F", "14118", []),
    # Departments as they were: the Seine, the Seine-et-Oise, Corsica in one piece, North Africa.
    ("2410375012001", date(1941, 3, 5), "F", "92012", []), ("2410378646001", date(1941, 3, 5), "F", "95127", []),
    ("2700375012001", date(1970, 3, 5), "F", "92012", ["le département ou le pays de naissance"]),
    ("2410320004001", date(1941, 3, 5), "F", "2A004", []), ("2410392001001", date(1941, 3, 5), "F", "99352", []),
    ("2410395001001", date(1941, 3, 5), "F", "99350", []), ("2410396001001", date(1941, 3, 5), "F", "99351", []),
    ("2410396001001", date(1941, 3, 5), "F", "99352", ["le département ou le pays de naissance"]),
    ("2410397105001", date(1941, 3, 5), "F", "97105", []),
    ("2410397405001", date(1941, 3, 5), "F", "97105", ["le département ou le pays de naissance"]),
    ("2410399352001", date(1941, 3, 5), "F", "99352", []),
])
def test_what_a_number_says_otherwise(body: str, born: date, sex: str, place: str | None, words: list[str]) -> None:
    assert discordances(nir(body), born, sex, place) == words


def test_a_number_is_told_of_in_whole_sentences() -> None:
    wrong = identite.remarques(nir("8400414118001"), date(1941, 3, 5), "F", "14118")
    assert wrong[0].startswith("À vérifier") and "avec l’année de naissance et le mois de naissance." in wrong[0]
    assert wrong[1] == identite.WAITING
    assert identite.remarques(nir("2410314118001"), date(1941, 3, 5), "F", "14118") == ()
    assert identite.remarques(None, date(1941, 3, 5), "F", None) == ()


@pytest.mark.parametrize(("status", "checked", "refused"), [
    ("PROV", False, ""), ("PROV", True, ""), ("VALI", True, ""), ("VALI", False, identite.CHECK_A_DOCUMENT),
    ("QUAL", True, identite.BY_THE_SERVICE), ("RECUP", True, identite.BY_THE_SERVICE), ("", True, identite.CHOOSE),
    ("prov", False, identite.CHOOSE), ("😀", True, identite.CHOOSE),
])
def test_no_hand_qualifies_an_identity(status: str, checked: bool, refused: str) -> None:
    assert refusal(status, checked) == refused
