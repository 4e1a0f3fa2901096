"""What every mail of the portal ends with."""

from __future__ import annotations

from portal.settings import Settings


def signature(settings: Settings) -> str:
    """Whom to call."""
    return f"""
L’assistance {settings.site_name} {settings.region}
{settings.support_phone} — {settings.support_email}
"""
