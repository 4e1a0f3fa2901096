"""What ``portal serve`` refuses: each rule seen to refuse and seen to pass, all reasons said at once."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portal import cli, clock, demarrage
from portal import settings as configuration
from portal.annuaire.models import Etablissement
from portal.compte.models import Compte
from portal.db import audit, crypto, database, trousseau
from portal.demarrage import RULES, Situation, Verdict, examine
from portal.settings import Settings, load
from tests.support import bases, cartes, sessions

# The tests' PostgreSQL forces nothing to the disk: a portal in production refuses it before any rule is asked.
pytestmark = [pytest.mark.proves("V12.2.1", "V13.2.3", "V13.3.1", "V13.4.2"), pytest.mark.sqlite]
PUBLIC = {"origin": "https://portail.exemple.fr", "trusted_proxies": "127.0.0.1", "smtp_url": "smtp://localhost:2525"}
MOUNTS = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 0:50 / {point} rw shared:1 - {kind} serveur:/partage rw\n"
ALICE = 10100000011


@pytest.fixture
def here(tmp_path: Path, migrated: Path) -> Iterator[Situation]:
    """A portal that is fit to start: its keys made, its database migrated and used."""
    tmp_path.chmod(0o700)
    bases.fresh(migrated, tmp_path)
    settings = load({}, data=tmp_path, **PUBLIC, **bases.where(tmp_path))
    crypto.load_keys(settings)
    database.open_database(settings)
    database.connect()
    sessions.open_session(settings, ALICE, "Dr Alice MARTIN")
    with database.writing():
        audit.record(audit.SYSTEM, "essai")
    yield Situation(settings)
    database.connect()
    database.close()


def having(here: Situation, **changed: Any) -> Situation:
    return replace(here, settings=replace(here.settings, **changed))


def written(here: Situation, **changed: Any) -> Situation:
    """With another text in its ring."""
    path = here.settings.keys_file
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changed), "utf-8")
    return here


def trusting(here: Situation, name: str = "racine.pem") -> Situation:
    """Trusting the demonstration's authority."""
    here.settings.trust.mkdir()
    shutil.copy(next((cartes.deck() / "confiance").glob("*.pem")), here.settings.trust / name)
    return here


def furnished(here: Situation) -> Situation:
    with database.writing():
        Etablissement.create(finess="140000001", nom="EHPAD", code_postal="14000", ville="CAEN", insee="14118",
                             telephone="", source="demonstration", maj=clock.now())
    return here


def a_card_s_account(here: Situation, nom: str = "MARTIN") -> Situation:
    with database.writing():
        Compte.create(subject="S1", rpps=ALICE, nom=nom, prenom="Alice", profession="", specialite_code="",
                      specialite="", email="a@exemple.fr", password="", adresse="", insee="14118",
                      code_postal="14000", ville="CAEN", created=clock.now())
    return here


def readable(here: Situation) -> Situation:
    here.settings.keys_file.chmod(0o640)
    return here


def without_keys(here: Situation) -> Situation:
    here.settings.keys_file.unlink()
    return here


def spoilt(here: Situation) -> Situation:
    here.settings.keys_file.write_text("{", "utf-8")
    return here


def of_another(here: Situation) -> Situation:
    return written(here, **trousseau.fresh(demonstration=False, at=0))


def opened_to_all(here: Situation) -> Situation:
    here.settings.data.chmod(0o755)
    return here


def far_away(here: Situation, kind: str = "nfs4") -> Situation:
    return replace(here, mounts=MOUNTS.format(point=here.settings.data, kind=kind))


def ecps(secret: str) -> Callable[[Situation], Situation]:
    return lambda here: having(here, ecps_issuer="https://fournisseur.exemple", ecps_client_secret=secret)


def base(password: str) -> Callable[[Situation], Situation]:
    """The address alone: nothing listens there."""
    return lambda here: having(here, database=f"postgresql://portail:{password}@127.0.0.1:9/portail")


# A rule, what makes it refuse, and a word of what is said.
REFUSED: tuple[tuple[str, Callable[[Situation], Situation], str], ...] = (
    ("demonstration", lambda here: having(here, demonstration=True), "Retirez-le"),
    ("cles-demonstration", lambda here: written(here, demonstration=True), "vient d’une démonstration"),
    ("autorite-essai", trusting, "Retirez ce fichier"),
    ("donnees-demonstration", furnished, "base neuve"),
    ("donnees-demonstration", a_card_s_account, "base neuve"),
    ("cles-lisibles", readable, "chmod 600"),
    ("cles-inutilisables", without_keys, "restaurez-le"),
    ("cles-inutilisables", spoilt, "ne contient pas un trousseau"),
    ("cles-autre-base", of_another, "remettez le trousseau"),
    ("sans-tls", lambda here: having(here, origin="http://portail.exemple.fr"), "PORTAL_ORIGIN"),
    ("sans-mandataire", lambda here: having(here, trusted_proxies=" "), "PORTAL_TRUSTED_PROXIES"),
    ("mise-au-point", lambda here: having(here, log_level="debug"), "PORTAL_LOG_LEVEL"),
    ("mise-au-point", lambda here: replace(here, debug=True), "PYTHONDEVMODE"),
    ("donnees-lisibles", opened_to_all, "chmod o-rwx"),
    ("sqlite-reseau", far_away, "PostgreSQL"),
    ("secret-ecps", ecps("demonstration"), "ecps_client_secret"),
    ("secret-ecps", ecps("court"), "ecps_client_secret"),
    ("secret-base", base("postgres"[:4]), "mot de passe de la base"),
    ("secret-base", base("changeme"), "mot de passe de la base"),
    ("codes-sans-courriel", lambda here: having(here, otp_mode="transition", smtp_url=""), "PORTAL_SMTP_URL"),
    ("codes-sans-courriel", lambda here: having(here, otp_mode="on", smtp_url=""), "PORTAL_SMTP_URL"),
)
# What looks like a reason and is none.
FIT: tuple[tuple[str, Callable[[Situation], Situation]], ...] = (
    ("as it is", lambda here: here),
    ("a physician who bears a card's number and another name", lambda here: a_card_s_account(here, "MORVAN")),
    ("a folder shared with a group", lambda here: (here.settings.data.chmod(0o750), here)[1]),
    ("SQLite on a local disk", lambda here: far_away(here, "ext4")),
    ("a network disk elsewhere", lambda here: replace(here, mounts=MOUNTS.format(point="/mnt/ailleurs", kind="nfs"))),
    ("a long e-CPS secret", ecps("9f86d081884c7d659a2feaa0")),
    ("a certificate instead of a secret", ecps("")),
    ("a good password", base("9f86d081884c7d65")),
    ("no password at all", lambda here: having(here, database="postgresql:///portail?host=/run/postgresql")),
    ("codes and a mail server", lambda here: having(here, otp_mode="on")),
    ("no mail server and no code", lambda here: having(here, smtp_url="")),
    ("no database and no keys yet",
     lambda here: having(here, data=here.settings.data / "neuf", keys_file=here.settings.data / "neuf" / "cles.json",
                         database=f"sqlite:///{here.settings.data / 'neuf' / 'portail.sqlite'}")),
)


def reasons(situation: Situation) -> dict[str, str]:
    return {rule.name: said for rule in RULES if (said := rule.check(situation))}


@pytest.mark.parametrize(("name", "change", "word"), [
    pytest.param(*row, id=f"{row[0]}-{rank}") for rank, row in enumerate(REFUSED)])
def test_a_rule_refuses_alone_and_says_what_to_do(
        here: Situation, name: str, change: Callable[[Situation], Situation], word: str) -> None:
    situation = change(here)
    found = reasons(situation)
    assert found.keys() == {name}
    assert word in found[name] and found[name].endswith(".") and not re.search(r" [:;?!»]|« |'", found[name])
    assert examine(situation).reasons == (found[name],), "nobody but loopback passes with a warning"


@pytest.mark.parametrize(("what", "change"), FIT, ids=[row[0] for row in FIT])
def test_what_is_fit_starts(here: Situation, what: str, change: Callable[[Situation], Situation]) -> None:
    assert examine(change(here)) == Verdict()


def test_every_rule_has_a_row() -> None:
    assert {rule.name for rule in RULES} == {row[0] for row in REFUSED}
    assert len({rule.name for rule in RULES}) == len(RULES)


LOOPBACK = {"origin": "http://127.0.0.1:8000", "host": "127.0.0.1"}


def test_on_this_machine_alone_the_network_s_rules_warn(here: Situation) -> None:
    trial = having(opened_to_all(here), **LOOPBACK, trusted_proxies="", log_level="DEBUG", otp_mode="on", smtp_url="")
    found = examine(trial)
    assert found.reasons == () and len(found.warnings) == 5


@pytest.mark.parametrize("change", [
    lambda here: written(here, demonstration=True), trusting, furnished, readable, without_keys, of_another, far_away,
])
def test_the_others_refuse_there_too(here: Situation, change: Callable[[Situation], Situation]) -> None:
    assert examine(having(change(here), **LOOPBACK)).reasons


@pytest.mark.parametrize("reached", [{"origin": "http://10.0.0.1"}, {"host": "0.0.0.0"}, {"host": "192.168.1.2"}])
def test_half_a_loopback_is_a_network(here: Situation, reached: dict[str, str]) -> None:
    assert examine(having(here, **(LOOPBACK | reached))).reasons


def test_all_reasons_are_said_at_once(
        here: Situation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    bad = having(opened_to_all(readable(furnished(here))), origin="http://portail.exemple.fr", trusted_proxies="",
                 port=0, log_level="DEBUG")
    monkeypatch.setattr(configuration, "load", lambda **_: bad.settings)
    assert cli.main(["serve"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("Le portail ne démarre pas") and len(said) == 7
    assert all(line.startswith("- ") for line in said[1:])


@pytest.mark.parametrize(("path", "kind"), [
    ("/srv/donnees/portail.sqlite", "nfs4"), ("/srv/portail.sqlite", "ext4"), ("/srv/avec espace/x", "cifs"),
    ("/srv/donnees2/x", "ext4"),
])
def test_the_file_system_is_the_deepest_mount(path: str, kind: str) -> None:
    mounts = ("1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 0:1 / /srv/donnees rw shared:2 master:1 - nfs4 a:/b rw\n"
              "3 1 0:2 / /srv/avec\\040espace rw - cifs //a/b rw\nune ligne coupée\n")
    assert demarrage.filesystem(Path(path), mounts) == kind


def test_where_the_system_tells_no_mounts_none_is_suspected(here: Situation) -> None:
    assert demarrage.filesystem(Path("/srv"), "") == ""
    assert demarrage.of(here.settings).mounts


def test_looking_changes_nothing(here: Situation) -> None:
    fresh = having(here, data=here.settings.data / "neuf", keys_file=here.settings.data / "neuf" / "cles.json",
                   database=f"sqlite:///{here.settings.data / 'neuf' / 'portail.sqlite'}")
    examine(fresh)
    assert not fresh.settings.data.exists()


def test_settings_are_a_demonstration_s_only_when_told(tables: Settings) -> None:
    """``make run`` is no production: its own command never asks these rules."""
    assert "_fit_to_start" not in cli.serveur.demo.__code__.co_names
    assert examine(Situation(replace(tables, origin="http://127.0.0.1:8000"))).reasons == ()
