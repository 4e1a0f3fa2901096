"""The workstation's card agent: a program of its own, on loopback, between the browser and the card.

It asks the code in its own window, has the card sign an origin and a nonce, and hands the proof to the
portal's window. It imports nothing else of the portal and needs the standard library only.
"""

from portal.agent.serveur import Server, start

__all__ = ["Server", "start"]
