"""A browser and its system in words, as « Sessions ouvertes » shows them."""

from __future__ import annotations

# The first match counts: Edge and Opera also say Chrome, Chrome also says Safari.
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
            ("Safari/", "Safari"))
SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
           ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))
UNKNOWN = "Navigateur inconnu"


def name(user_agent: str) -> str:
    """« Firefox, Windows » from a User-Agent header; words of our own, so that nothing forged is shown."""
    browser = next((label for mark, label in BROWSERS if mark in user_agent), "")
    system = next((label for mark, label in SYSTEMS if mark in user_agent), "")
    return ", ".join(filter(None, (browser, system))) or UNKNOWN
