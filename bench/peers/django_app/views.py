"""The table page: who may see it, one query for the rows, one for the counts."""

from django.contrib.auth.decorators import login_required, user_passes_test
from django.http import Http404
from django.shortcuts import render

from bench.peers.django_app.models import Compteur, Lien
from portal.compte.rules import CHARTE
from portal.dossiers import rules

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


def charter_accepted(medecin):
    """The portal's own door: the present charter."""
    return medecin.charte == CHARTE.version


@login_required
@user_passes_test(charter_accepted, login_url="/compte/charte")
def liste(request, slug):
    """One tab of a module's table, newest first."""
    module = rules.BY_SLUG.get(slug)
    onglet = request.GET.get("onglet", "en_cours")
    if module is None or onglet not in rules.TABS:
        raise Http404
    liens = list(
        Lien.objects.filter(medecin=request.user, module=module.code, onglet=onglet)
        .select_related("dossier__patient__commune", "dossier__referent_medecin", "dossier__referent_structure",
                        "dossier__lie")
        .order_by("-maj", "-numero")[:PAGE_SIZE + 1])
    counts = dict(
        Compteur.objects.filter(medecin=request.user, module=module.code).values_list("onglet", "n"))
    shown = liens[:PAGE_SIZE]
    return render(request, "dossiers/liste.html", {
        "site": SITE, "sprite": SPRITE, "nav": "dossiers", "aide": ("dossiers", "mes-dossiers"),
        "module": module, "modules": rules.MODULES, "path": f"/dossiers/{slug}", "choix": CHOICES[module.code],
        "onglet": onglet, "onglet_label": rules.TABS[onglet],
        "onglets": [(code, label, counts.get(code, 0)) for code, label in rules.TABS.items()],
        "a_accepter": counts.get("a_accepter", 0), "colonnes": COLUMNS, "liens": shown,
        "suivant": shown[-1].numero if len(liens) > PAGE_SIZE else None,
        "annonce": f"{len(shown)} dossiers sur {counts.get(onglet, 0)}",
    })
