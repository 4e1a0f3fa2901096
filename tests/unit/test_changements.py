"""What two signed versions of a volet say differently."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal.demandes import changements
from portal.volets import definitions
from portal.volets.formulaire import Value
from portal.volets.queries import Signe

FORM = definitions.latest("s", "orientation")
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def signed(**answers: Value) -> Signe:
    return Signe(1, FORM, dict(answers), {}, (), "Dr Alice MARTIN", AT)


@pytest.mark.parametrize(("before", "after", "changed"), [
    ({"isolement": "contact"}, {"isolement": "contact"}, []),
    ({"isolement": "contact"}, {"isolement": "aucun"}, [("Isolement", "Contact", "Aucun")]),
    ({}, {"isolement": "air"}, [("Isolement", "", "Air")]),
    ({"isolement": "air"}, {}, [("Isolement", "Air", "")]),
    ({"date_souhaitee": "2026-12-01", "isolement": "air"}, {"date_souhaitee": "2026-12-03", "isolement": "air"},
     [(FORM.fields["date_souhaitee"].label, "01/12/2026", "03/12/2026")]),
])
def test_only_what_differs_is_told_in_words(
        before: dict[str, Value], after: dict[str, Value], changed: list[tuple[str, str, str]]) -> None:
    found = changements.compare(signed(**before), signed(**after))
    assert [(one.question, one.avant, one.apres) for one in found] == changed


def test_signed_for_the_first_time_since_everything_is_new() -> None:
    assert [one.avant for one in changements.compare(None, signed(isolement="air", urgence="semaine"))] == ["", ""]


def test_a_question_that_the_form_no_longer_asks_is_told_with_its_own_words() -> None:
    sections = tuple(replace(one, fields=tuple(field for field in one.fields if field.id != "isolement"))
                     for one in FORM.sections)
    now = replace(signed(), definition=replace(FORM, version=2, sections=sections))
    [told] = changements.compare(signed(isolement="contact"), now)
    assert (told.question, told.avant, told.apres) == ("Isolement", "Contact", "")


def test_no_answer_is_in_what_is_logged_of_a_change() -> None:
    found = changements.compare(signed(isolement="contact"), signed(isolement="aucun"))
    assert "Contact" not in repr(found) and "Aucun" not in repr(found)
