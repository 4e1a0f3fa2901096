"""An authenticator application in a test's hands."""

from __future__ import annotations

from datetime import timedelta

import pyotp

from portal import clock
from portal.compte import queries as comptes
from portal.compte.queries import Compte
from portal.db import database
from portal.db.audit import Actor
from portal.facteurs import commands
from portal.settings import Settings

# Twenty bytes in base32, the same in every test.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def shown(offset: int = 0, secret: str = SECRET) -> str:
    """The code that the application shows now, or ``offset`` half minutes from now."""
    return pyotp.TOTP(secret).at(clock.now(), counter_offset=offset)


def wrong() -> str:
    """Six figures that the application shows neither now nor around now."""
    near = {shown(offset) for offset in (-1, 0, 1)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in near)


def given_an_application(compte_id: int, settings: Settings, secret: str = SECRET, nom: str = "Téléphone") -> Compte:
    """Enrol an application a minute ago, so that its present code has not served."""
    compte = comptes.get(compte_id)
    assert compte is not None
    actor = Actor(compte.rpps, compte.name, "cps", subject=compte.subject)
    with clock.shift(timedelta(minutes=-1)), database.writing():
        commands.add_application(actor, compte, settings, secret=secret, nom=nom, code=shown(secret=secret))
    return compte


def given_recovery_codes(compte: Compte, settings: Settings) -> list[str]:
    """Make the account's ten recovery codes and return them as they are shown."""
    with database.writing():
        return commands.make_recovery_codes(
            Actor(compte.rpps, compte.name, "cps", subject=compte.subject), compte, settings)
