"""Limits of a login by password and code, and which codes a portal takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

ATTEMPT_LIFE = timedelta(minutes=10)
MAX_TRIES = 5
MAX_MAILS = 3

OFF, TRANSITION = "off", "transition"


@dataclass(frozen=True)
class Means:
    """The second steps that one account may take, here and now."""

    application: bool
    secours: bool
    courriel: bool
    # A mail code would do, were the address confirmed.
    courriel_a_confirmer: bool = False
    # A mail code would do, had the password not come by mail too.
    courriel_deja_servi: bool = False
    cle: bool = False

    @property
    def une(self) -> bool:
        """True when there is at least one."""
        return self.application or self.secours or self.courriel or self.cle


def means(*, mode: str, has_rpps: bool, confirmed: bool, mails_leave: bool, application: bool,
          recovery_codes: int, by_mail_alone: bool = False, cle: bool = False) -> Means:
    """What an account is offered once its password is known.

    A code by mail is only for the transition, and never for a secretary, who has no card behind her.
    ``mails_leave``: a mail server is set, or the demonstration shows the mails. ``by_mail_alone``: the password
    came by a mailed link, so that a mailed code would make one mailbox open the account.
    """
    by_mail = mode == TRANSITION and has_rpps and mails_leave
    return Means(application=application, secours=application and recovery_codes > 0, cle=cle,
                 courriel=by_mail and confirmed and not by_mail_alone,
                 courriel_a_confirmer=by_mail and not confirmed,
                 courriel_deja_servi=by_mail and confirmed and by_mail_alone)
