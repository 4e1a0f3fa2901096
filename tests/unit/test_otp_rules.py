"""Which second steps a login is offered: every setting, every kind of account."""

from __future__ import annotations

from itertools import product

import pytest

from portal.connexion.otp import presenters, rules
from portal.connexion.otp.rules import Means
from portal.facteurs.commands import Outcome

PHYSICIAN = {"has_rpps": True, "confirmed": True, "mails_leave": True, "application": True, "recovery_codes": 10}


@pytest.mark.parametrize(("changes", "expected"), [
    ({}, Means(application=True, secours=True, courriel=True)),
    ({"recovery_codes": 0}, Means(application=True, secours=False, courriel=True)),
    ({"application": False}, Means(application=False, secours=False, courriel=True)),
    ({"confirmed": False}, Means(application=True, secours=True, courriel=False, courriel_a_confirmer=True)),
    ({"mails_leave": False}, Means(application=True, secours=True, courriel=False)),
    ({"mails_leave": False, "confirmed": False}, Means(application=True, secours=True, courriel=False)),
    ({"by_mail_alone": True}, Means(application=True, secours=True, courriel=False, courriel_deja_servi=True)),
    ({"by_mail_alone": True, "confirmed": False},
     Means(application=True, secours=True, courriel=False, courriel_a_confirmer=True)),
    ({"cle": True, "application": False}, Means(application=False, secours=False, courriel=True, cle=True)),
    ({"has_rpps": False}, Means(application=True, secours=True, courriel=False)),
    ({"has_rpps": False, "application": False}, Means(application=False, secours=False, courriel=False)),
])
def test_what_is_offered_during_the_transition(changes: dict[str, bool], expected: Means) -> None:
    assert rules.means(mode="transition", **PHYSICIAN | changes) == expected


@pytest.mark.parametrize("flags", list(product((True, False), repeat=4)), ids=str)
def test_a_code_by_mail_is_only_for_the_transition(flags: tuple[bool, ...]) -> None:
    names = ("has_rpps", "confirmed", "mails_leave", "application")
    offered = rules.means(mode="on", **PHYSICIAN | dict(zip(names, flags, strict=True)))
    assert not offered.courriel and not offered.courriel_a_confirmer
    assert offered.une == offered.application


@pytest.mark.parametrize(("means", "one"), [
    (Means(False, False, False), False), (Means(False, False, False, courriel_a_confirmer=True), False),
    (Means(True, False, False), True), (Means(False, False, True), True),
    (Means(False, False, False, cle=True), True)])
def test_an_account_without_means_is_told_so(means: Means, one: bool) -> None:
    assert means.une is one


@pytest.mark.parametrize(("tries", "words"), [
    (1, "il reste 4 essais."), (4, "il reste 1 essai.")])
@pytest.mark.parametrize("kind", ["application", "secours", "courriel"])
def test_a_refusal_says_how_many_tries_are_left(kind: str, tries: int, words: str) -> None:
    for outcome in (Outcome.REFUSED, Outcome.REPLAYED):
        assert presenters.refusal(kind, outcome, tries).endswith(words)
