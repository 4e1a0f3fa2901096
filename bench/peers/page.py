"""What every peer prints around its rows: the same words, addresses and headers as the portal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.dossiers import rules
from portal.web.security import HEADERS

PAGE_SIZE = 25
SPRITE = "/static/img/icones.svg?v=0123456789"
COLUMNS = (
    ("N° de dossier", "numero"), ("Patient", "patient"), ("Référent actuel du dossier", "referent"), ("Action", ""),
    ("Dossier accepté", ""), ("Statut", "statut"), ("Dossier lié", ""),
)
CHOICES = {code: rules.statuses(code) for code in rules.MODULES}
SITE = {
    "site_name": "ViaTrajectoire", "region": "Normandie", "support_email": "support@normand-esante.fr",
    "support_phone": "02 50 53 70 01", "region_url": "http://www.viatrajectoire-normandie.fr",
}
# The portal's own security headers: no peer is spared what a health portal must send.
SECURITY = dict(HEADERS)


def context(module: rules.Module, onglet: str, counts: dict[str, int], liens: Sequence[Any]) -> dict[str, Any]:
    """The template's context; ``liens`` holds one row more than a page when another page follows."""
    shown = liens[:PAGE_SIZE]
    return {
        "site": SITE, "sprite": SPRITE, "nav": "dossiers", "aide": ("dossiers", "mes-dossiers"),
        "module": module, "modules": rules.MODULES, "path": f"/dossiers/{module.slug}",
        "choix": CHOICES[module.code], "onglet": onglet, "onglet_label": rules.TABS[onglet],
        "onglets": [(code, label, counts.get(code, 0)) for code, label in rules.TABS.items()],
        "a_accepter": counts.get("a_accepter", 0), "colonnes": COLUMNS, "liens": shown,
        "suivant": shown[-1].numero if len(liens) > PAGE_SIZE else None,
        "annonce": f"{len(shown)} dossiers sur {counts.get(onglet, 0)}",
    }
