"""Addresses of the messages: the same thread by two doors, and no third one."""

from __future__ import annotations

from portal.messages import pages
from portal.web.handlers import Page
from portal.web.session import Access

_THREADS = "/dossiers/{module}/{numero:int}"
_ASKING = f"{_THREADS}/demandes/{{demande:int}}/messages"
_RECEIVING = "/espaces/etablissement/demandes/{demande:int}/messages"
# Never Access.USAGER: these are words between professionals.
_TEAMS = (Access.STRUCTURE,)
PAGES = [
    Page(f"{_THREADS}/messages", "messages", get=pages.threads, right="consulter", spaces=_TEAMS,
         aide="messages#fils"),
    Page(_ASKING, "message", get=pages.show, post=pages.send, right="consulter", spaces=_TEAMS,
         aide="messages#ecrire"),
    Page(f"{_ASKING}/lire", "message-lire", post=pages.read, right="consulter", spaces=_TEAMS),
    Page(_RECEIVING, "etablissement-message", get=pages.show_received, post=pages.send_received,
         access=Access.STRUCTURE, aide="messages#repondre"),
    Page(f"{_RECEIVING}/lire", "etablissement-message-lire", post=pages.read_received, access=Access.STRUCTURE),
]
