from datetime import timedelta
from pathlib import Path

import pytest

from portal.settings import SettingsError, load


def test_defaults_are_those_of_the_practical_guide() -> None:
    settings = load({})
    assert settings.support_email == "support@normand-esante.fr"
    assert settings.support_phone == "02 50 53 70 01"
    assert settings.session_idle == timedelta(minutes=30)
    assert settings.session_absolute == timedelta(hours=12)
    assert not settings.demonstration


def test_environment_moves_a_run() -> None:
    settings = load({"PORT": "9100", "PORTAL_DATA": "/tmp/elsewhere"})
    assert settings.origin == "http://127.0.0.1:9100"
    assert settings.agent_url == "http://127.0.0.1:9101"
    assert settings.database == "sqlite:////tmp/elsewhere/portail.sqlite"


def test_file_then_environment_then_argument(tmp_path: Path) -> None:
    file = tmp_path / "portal.toml"
    file.write_text('site_name = "Portail du Bocage"\nregion = "Bretagne"\nport = 7000\n', "utf-8")
    environ = {"PORTAL_CONFIG": str(file), "PORTAL_REGION": "Corse"}
    settings = load(environ, port=7001)
    assert (settings.site_name, settings.region, settings.port) == ("Portail du Bocage", "Corse", 7001)


@pytest.mark.parametrize(("environ", "word"), [
    ({"PORTAL_PORT": "beaucoup"}, "port"),
    ({"PORTAL_PASSWORD_POLICY": "facile"}, "password_policy"), ({"PORTAL_TND_AGE": "12"}, "tnd_age"),
    ({"PORTAL_ORIGIN": "portail"}, "origin"),
    ({"PORTAL_CONFIG": "/nowhere/portal.toml"}, "n’existe pas"),
    ({"PORTAL_SESSION_IDLE": "longtemps"}, "session_idle"),
    ({"PORTAL_REMINDER_DAYS": "7 et 14"}, "reminder_days"), ({"PORTAL_REMINDER_DAYS": "0 7"}, "reminder_days"),
    ({"PORTAL_REMINDER_DAYS": "9" * 40}, "reminder_days"), ({"PORTAL_ARCHIVE_MONTHS": "0"}, "archive_months"),
    ({"PORTAL_ARCHIVE_ALERT_MONTHS": "99999"}, "archive_alert_months"),
    ({"PORTAL_NOTICES_KEPT_DAYS": "-1"}, "notices_kept_days"), ({"PORTAL_CLOCKS_PAUSE": "-5"}, "clocks_pause"),
    ({"PORTAL_WAVES": "3"}, "waves"), ({"PORTAL_WAVES": "3 0"}, "waves"),
    ({"PORTAL_WAVES": "trois six"}, "waves"), ({"PORTAL_WAVE_HOURS": "0"}, "wave_hours"),
    ({"PORTAL_WAVE_WIDENING": "11"}, "wave_widening"),
    ({"PORTAL_CLOCKS_PAUSE": "86400"}, "clocks_pause"), ({"PORTAL_CLOCKS_PAUSE": "inf"}, "clocks_pause"),
])
def test_bad_setting_says_which(environ: dict[str, str], word: str) -> None:
    with pytest.raises(SettingsError, match=word):
        load(environ)


def test_unknown_setting_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "portal.toml"
    file.write_text("couleur = 'bleu'\n", "utf-8")
    with pytest.raises(SettingsError, match="couleur"):
        load({"PORTAL_CONFIG": str(file)})


@pytest.mark.parametrize(("origin", "secure"), [
    ("https://portail.exemple.fr", True), ("http://127.0.0.1:8000", True),
    ("http://localhost:8000", True), ("http://192.168.1.4:8000", False),
])
def test_cookies_are_secure_where_browsers_allow_it(origin: str, secure: bool) -> None:
    assert load({}, origin=origin).secure is secure


def test_the_delays_of_reminders_come_in_order_whatever_was_written() -> None:
    assert load({"PORTAL_REMINDER_DAYS": "30, 7 14,7"}).reminder_delays == (7, 14, 30)
    assert load({"PORTAL_REMINDER_DAYS": " "}).reminder_delays == ()
