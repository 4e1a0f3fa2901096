"""Addresses of the delegations."""

from portal.delegations import pages, secretariat
from portal.web.handlers import Page
from portal.web.session import Access

PAGES = [
    Page("/delegations", "delegations", get=pages.show, access=Access.SECRETARIAT, aide="delegations#mes-delegations"),
    Page("/delegations/agir", "delegations-agir", post=pages.act, access=Access.SECRETARIAT),
    Page("/delegations/nouvelle", "delegations-nouvelle", get=pages.blank, post=pages.lend, strong=True,
         aide="delegations#nouvelle"),
    Page("/delegations/secretariat", "delegations-secretariat", get=secretariat.blank, post=secretariat.invite,
         strong=True, aide="delegations#secretariat"),
    Page("/delegations/invitation/{jeton}", "delegations-invitation", get=secretariat.show_link,
         post=secretariat.accept_link, prepare=secretariat.prepare_link, access=Access.PUBLIC,
         aide="delegations#invitation"),
    Page("/delegations/{numero:int}/revoquer", "delegations-revoquer", get=pages.confirm_revoke, post=pages.revoke,
         access=Access.SECRETARIAT, aide="delegations#revoquer"),
    Page("/delegations/{numero:int}/fin", "delegations-fin", get=pages.show_end, post=pages.change_end,
         strong=True, aide="delegations#duree"),
]
