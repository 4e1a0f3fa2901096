"""The order of the worklist and its words."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.delegations.rules import RIGHTS, SECRETAIRE, SECRETARY_RIGHTS, granted
from portal.dossiers.rules import MODULES
from portal.taches import rules
from portal.taches.rules import Tache

TODAY = date(2026, 11, 23)


def task(genre: str, *, days: int = 3, left: int | None = None, numero: int = 43009190, **more: object) -> Tache:
    until = None if left is None else TODAY + timedelta(days=left)
    return Tache(genre, "ga", numero, "LEROUX JOSETTE", TODAY - timedelta(days=days), until, **more)  # type: ignore[arg-type]


# In each row the first comes before the second.
@pytest.mark.parametrize(("first", "second"), [
    # a near date goes before any kind and any age
    (task("archivage", left=3), task("complement", days=90)),
    (task("proposition", left=14), task("complement", days=90)),
    # the nearer date first, whatever the kind; one gone by before all
    (task("archivage", left=2), task("proposition", left=3)),
    (task("proposition", left=-1), task("proposition", left=0)),
    # a date that is far away presses nobody: the kind counts
    (task("complement"), task("archivage", left=40)),
    # without a date the kind, in its weight's order
    *zip([task(code, days=1) for code in rules.GENRES], [task(code, days=300) for code in list(rules.GENRES)[1:]],
         strict=False),
    # of one kind the oldest
    (task("volet", days=9), task("volet", days=2)),
    # of one kind and one day the lower number
    (task("volet", numero=41000000), task("volet", numero=41000001)),
    (task("silence", demande=4), task("silence", demande=5)),
])
def test_what_comes_first(first: Tache, second: Tache) -> None:
    assert rules.ordered([second, first], TODAY) == [first, second]


TASKS = st.builds(
    Tache, st.sampled_from(list(rules.GENRES)), st.sampled_from(list(MODULES)), st.integers(1, 3), st.just("X"),
    st.dates(TODAY - timedelta(days=4), TODAY), st.none() | st.dates(TODAY - timedelta(days=2), TODAY +
                                                                     timedelta(days=20)),
    st.integers(0, 2), st.sampled_from(["", "medical", "EHPAD"]))


@given(TASKS, TASKS, TASKS)
def test_the_order_is_total(a: Tache, b: Tache, c: Tache) -> None:
    """Antisymmetric, transitive, and equal only for what nobody can tell apart but by a date too far to count."""
    one, two, three = (rules.urgency(task, TODAY) for task in (a, b, c))
    assert (one < two) + (two < one) + (one == two) == 1
    assert not (one < two < three) or one < three
    if one == two:
        assert (a.genre, a.module, a.numero, a.demande, a.detail, a.depuis) == (
            b.genre, b.module, b.numero, b.demande, b.detail, b.depuis)


@given(st.lists(TASKS, max_size=12), st.randoms())
def test_the_list_does_not_depend_on_the_order_in_which_tasks_were_found(tasks: list[Tache], chance: Random) -> None:
    other = list(tasks)
    chance.shuffle(other)
    places = [rules.urgency(one, TODAY) for one in rules.ordered(tasks, TODAY)]
    assert places == [rules.urgency(one, TODAY) for one in rules.ordered(other, TODAY)] == sorted(places)


@pytest.mark.parametrize(("since", "words"), [
    (date(2026, 11, 23), "depuis aujourd’hui"), (date(2026, 11, 24), "depuis aujourd’hui"),
    (date(2026, 11, 22), "depuis hier"), (date(2026, 11, 21), "depuis 2 jours"),
    (date(2026, 10, 24), "depuis 30 jours"),
    (date(2026, 10, 23), "depuis 1 mois"), (date(2026, 9, 24), "depuis 1 mois"), (date(2026, 5, 23), "depuis 6 mois"),
    (date(2024, 11, 24), "depuis 23 mois"), (date(2024, 11, 23), "depuis 2 ans"), (date(2016, 1, 1), "depuis 10 ans"),
])
def test_age_in_words(since: date, words: str) -> None:
    assert rules.age(since, TODAY) == words


@pytest.mark.parametrize(("until", "words"), [
    (date(2026, 11, 22), "délai dépassé"), (date(2026, 11, 23), "aujourd’hui au plus tard"),
    (date(2026, 11, 24), "demain au plus tard"), (date(2026, 11, 28), "5 jours restants"),
])
def test_time_left_in_words(until: date, words: str) -> None:
    assert rules.left(until, TODAY) == words


@pytest.mark.parametrize(("one", "title", "action", "url"), [
    (task("proposition", left=5, demande=7, detail="EHPAD Les Tilleuls"), "Proposition à décider", "Décider",
     "/dossiers/grand-age/43009190/demandes/7"),
    (task("complement", demande=7), "Complément demandé", "Répondre",
     "/dossiers/grand-age/43009190/demandes/7/completer"),
    (task("silence", demande=7), "Demande sans réponse", "Relancer",
     "/dossiers/grand-age/43009190/demandes/7/relancer"),
    (task("transfert", detail="CLIC du Bessin"), "Transfert proposé", "Prendre le dossier",
     "/dossiers/grand-age/43009190/prise-en-charge"),
    (task("acceptation"), "Dossier à accepter ou refuser", "Accepter ou refuser", "/dossiers/grand-age/43009190"),
    (task("archivage", left=40), "Dossier bientôt archivé", "Garder ce dossier",
     "/dossiers/grand-age/43009190/garder"),
    (task("volet", detail="medical autonomie"), "Volets médical et autonomie à remplir", "Remplir le volet médical",
     "/dossiers/grand-age/43009190/volets/medical"),
    (task("volet", detail="autonomie", begun=True), "Volet autonomie à terminer", "Terminer le volet autonomie",
     "/dossiers/grand-age/43009190/volets/autonomie"),
    (task("volet", detail="administratif"), "Volet administratif à remplir", "Remplir le volet administratif",
     "/dossiers/grand-age/43009190/volets/administratif"),
])
def test_the_words_and_the_one_action_of_each_kind(one: Tache, title: str, action: str, url: str) -> None:
    card = rules.carte(one, TODAY)
    assert (card.title, card.action, card.url, card.numero) == (title, action, url, "ga 43009190")
    assert card.about == ("" if one.genre == "volet" else one.detail)


def test_only_a_near_date_is_shown_as_pressing() -> None:
    assert [rules.carte(task("archivage", left=left), TODAY).pressing for left in (-3, 0, 14, 15)] == [
        True, True, True, False]


def codes(kind: str | None, *rights: str) -> set[str]:
    return {genre.code for genre in rules.allowed(kind, rights)}


@pytest.mark.parametrize(("kind", "rights", "expected"), [
    (None, (), set(rules.GENRES)),
    ("medecin", tuple(granted("medecin", frozenset(RIGHTS))), set(rules.GENRES)),
    ("medecin", ("consulter", "lire"), set()),
    ("medecin", ("consulter", "lire", "repondre"), {"accord", "proposition"}),
    ("medecin", ("consulter", "lire", "envoyer"), {"complement", "silence"}),
    ("medecin", ("consulter", "accepter"), {"acceptation", "transfert"}),
    ("medecin", ("consulter", "lire", "rediger", "preparer"), {"volet", "archivage"}),
    (SECRETAIRE, tuple(SECRETARY_RIGHTS), {"volet", "archivage", "silence"}),
    (SECRETAIRE, ("consulter",), set()),
])
def test_each_sees_the_tasks_that_he_may_do(kind: str | None, rights: tuple[str, ...], expected: set[str]) -> None:
    assert codes(kind, *rights) == expected
