"""Who may do what with which volet, and the arrows of a volet's life."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from portal.db.audit import Actor, Mandate
from portal.delegations import rules as delegations
from portal.dossiers import rules as dossiers_rules
from portal.dossiers.models import Dossier, Lien
from portal.dossiers.queries import Visible
from portal.espaces import rules as espaces
from portal.volets import acces, rules
from portal.web import errors
from tests.support import formulaires as support
from tests.support.formulaires import ALICE, BOB, CHLOE

ALL, READ, NONE = frozenset(rules.ACTS), frozenset({"lire"}), frozenset[str]()
A, M, G = "administratif", "medical", "autonomie"


@pytest.fixture(autouse=True)
def forms(monkeypatch: pytest.MonkeyPatch) -> None:
    support.use(monkeypatch)


def viewed(by: Actor = ALICE, referent: int | None = ALICE.rpps, link: str = "accepte", etat: str = "redaction",
           module: str = "ga") -> Visible:
    """A dossier in memory, as one physician sees it."""
    kind = "medecin" if referent else "structure"
    dossier = Dossier(id=1, module=module, numero=43009190, referent_kind=kind, referent_rpps=referent,
                      referent_texte="CLIC du Bessin", etat=etat)
    lien = Lien(rpps=by.holder, dossier=dossier, etat=link, module=module, numero=43009190,
                referent="Vous" if referent == by.holder else "CLIC du Bessin")
    return Visible(dossier, lien, dossiers_rules.MODULES[module])


def acting(*rights: str, kind: str = "medecin") -> Actor:
    """Dr Petit, or a secretary, in the place of Dr Martin."""
    mandate = Mandate(1, 10100000011, "Dr Alice MARTIN", kind, frozenset({"ga"}),
                      delegations.granted(kind, frozenset(rights)), date(2026, 12, 31))
    return replace(CHLOE, mandate=mandate) if kind == "medecin" else Actor(None, "Sophie LEGRAND", "otp", mandate, "S1")


SECRETARY = acting(kind="secretaire")
LENT_READ, LENT_WRITE = acting("lire"), acting("lire", "rediger")
LENT_SIGN, LENT_ALL = acting("lire", "valider"), acting("lire", "rediger", "valider")
NOT_LEADING = viewed(referent=None)

TABLE = [
    # who, of which dossier: the administrative, the medical, the autonomy volet
    (ALICE, viewed(), ALL, ALL, ALL),
    (ALICE, NOT_LEADING, READ, ALL, ALL),
    (BOB, viewed(BOB), READ, ALL, ALL),
    (SECRETARY, viewed(), ALL, NONE, NONE),
    (SECRETARY, NOT_LEADING, READ, NONE, NONE),
    (acting("accepter"), viewed(), NONE, NONE, NONE),
    (LENT_READ, viewed(), READ, READ, READ),
    (LENT_WRITE, viewed(), READ | {"ecrire"}, READ | {"ecrire"}, READ | {"ecrire"}),
    (LENT_SIGN, viewed(), READ | {"valider", "rouvrir"}, READ | {"valider", "rouvrir"}, READ | {"valider", "rouvrir"}),
    (LENT_ALL, viewed(), ALL, ALL, ALL),
    (LENT_ALL, NOT_LEADING, READ, ALL, ALL),
    (ALICE, viewed(link="attente"), NONE, NONE, NONE),
    (ALICE, viewed(link="refuse"), NONE, NONE, NONE),
    (ALICE, viewed(etat="admis"), ALL, ALL, ALL),
    (ALICE, viewed(etat="annule"), READ, READ, READ),
    (ALICE, viewed(etat="historise"), READ, READ, READ),
    (SECRETARY, viewed(etat="historise"), READ, NONE, NONE),
    (ALICE, viewed(module="s"), NONE, NONE, NONE),
]


@pytest.mark.parametrize(("who", "where", "administrative", "medical", "autonomy"), TABLE)
def test_who_may_do_what(who: Actor, where: Visible, administrative: frozenset[str], medical: frozenset[str],
                         autonomy: frozenset[str]) -> None:
    assert [acces.acts_of(who, where, code) for code in (A, M, G)] == [administrative, medical, autonomy]


@pytest.mark.parametrize(("who", "where"), [row[:2] for row in TABLE])
@pytest.mark.parametrize("volet", [A, M, G, "inconnu"])
@pytest.mark.parametrize("act", rules.ACTS)
def test_what_may_not_be_done_is_refused_with_a_sentence(who: Actor, where: Visible, volet: str, act: str) -> None:
    if act in acces.acts_of(who, where, volet):
        acces.demand(who, where, volet, act)
        assert acces.reason_of(who, where, volet, act) == ""
        return
    with pytest.raises((errors.NotFound, errors.NotLent, acces.Refuse)) as refused:
        acces.demand(who, where, volet, act)
    known = where.accepted and where.module.code == "ga" and volet != "inconnu"
    assert isinstance(refused.value, errors.NotFound) is not known
    if known:
        sentence = acces.reason_of(who, where, volet, act)
        assert sentence == refused.value.explanation and sentence.endswith(".")
        assert refused.value.status_code == 403


@pytest.mark.parametrize(("who", "where", "volet", "act", "sentence"), [
    (ALICE, NOT_LEADING, A, "ecrire", "Le volet administratif est rempli par le référent\u00a0: CLIC du Bessin."),
    (SECRETARY, viewed(), M, "lire", "Le volet médical n’est ni lu ni rempli au secrétariat\u00a0: il est réservé aux "
                                     "médecins."),
    (LENT_READ, viewed(), M, "ecrire", "Votre délégation ne comprend pas le droit de rédiger les volets."),
    (LENT_WRITE, viewed(), M, "valider", "Votre délégation ne comprend pas le droit de valider un volet."),
    (LENT_READ, NOT_LEADING, A, "ecrire", "Le volet administratif est rempli par le référent\u00a0: CLIC du Bessin."),
    (ALICE, viewed(etat="annule"), M, "ecrire", "Ce dossier est annulé\u00a0: ses volets se lisent, mais ne changent "
                                                "plus."),
])
def test_the_reason_is_the_one_that_holds(who: Actor, where: Visible, volet: str, act: str, sentence: str) -> None:
    assert acces.reason_of(who, where, volet, act) == sentence


@pytest.mark.parametrize(("role", "administrative", "orientation", "care", "medical"), [
    ("patient", ALL, NONE, NONE, NONE), ("aidant", ALL, NONE, NONE, NONE), ("famille", NONE, NONE, NONE, NONE),
    ("secretaire_referent", ALL, NONE, NONE, NONE), ("secretaire", READ, NONE, NONE, NONE),
    ("service", ALL, ALL, NONE, NONE), ("service_soins", ALL, ALL, ALL, NONE), ("service_medical", ALL, ALL, ALL, ALL),
    ("receveur", READ, NONE, NONE, NONE), ("receveur_medical", READ, READ, READ, READ),
    ("referent", ALL, ALL, ALL, ALL), ("traitant", READ, READ, ALL, ALL), ("personne", NONE, NONE, NONE, NONE),
])
def test_a_volet_opens_by_what_it_holds(role: str, administrative: frozenset[str], orientation: frozenset[str],
                                        care: frozenset[str], medical: frozenset[str]) -> None:
    assert rules.allowed(role, A) == rules.allowed(role, "demandeur") == administrative
    assert rules.allowed(role, "orientation") == orientation
    assert rules.allowed(role, "soins") == care
    for code in (M, G, "reperage", "certificat"):
        assert rules.allowed(role, code) == medical
    assert rules.allowed(role, "inconnu") == NONE


def test_every_volet_has_a_nature_that_each_role_knows() -> None:
    assert {rules.nature(code) for code in rules.VOLETS} == {"administratif", "orientation", "soins", "medical"}
    assert rules.nature("un volet de demain") == "medical"


@pytest.mark.parametrize(("kind", "roles", "role"), [
    ("hospitalier", {"dossiers"}, "service_soins"), ("hospitalier", {"dossiers", "medical"}, "service_medical"),
    ("hospitalier", {"medical"}, "service_medical"), ("hospitalier", {"referent"}, ""),
    ("coordination", {"dossiers", "referent"}, "service"), ("coordination", {"medical"}, ""),
])
def test_what_a_structure_opens_follows_its_members_roles(kind: str, roles: set[str], role: str) -> None:
    assert espaces.asking_role(kind, roles) == role
    assert role in {"", *rules.SERVICES}


@pytest.mark.parametrize(("state", "event", "target"), [
    ("vide", "ecrire", "en_cours"), ("en_cours", "ecrire", "en_cours"), ("rouvert", "ecrire", "rouvert"),
    ("valide", "ecrire", None), ("vide", "valider", None), ("en_cours", "valider", "valide"),
    ("rouvert", "valider", "valide"), ("valide", "valider", None), ("valide", "rouvrir", "rouvert"),
    ("en_cours", "rouvrir", None), ("vide", "rouvrir", None), ("valide", "reprendre", None),
    ("vide", "reprendre", "en_cours"), ("valide", "changer_version", None), ("vide", "changer_version", None),
])
def test_a_volet_moves_by_its_arrows_only(state: str, event: str, target: str | None) -> None:
    arrow = rules.transition(state, event)
    assert (arrow.target if arrow else None) == target


def test_every_arrow_joins_known_states_by_a_known_act() -> None:
    for arrow in rules.TRANSITIONS:
        assert {arrow.source, arrow.target} <= set(rules.STATES) and arrow.act in rules.ACTS
