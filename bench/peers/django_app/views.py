"""The table page: who may see it, one query for the rows, one for the counts."""

from django.contrib.auth.decorators import login_required, user_passes_test
from django.http import Http404
from django.shortcuts import render

from bench.peers import page
from bench.peers.django_app.models import Compteur, Lien
from portal.compte.rules import CHARTE
from portal.dossiers import rules


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
        .order_by("-maj", "-numero")[:page.PAGE_SIZE + 1])
    counts = dict(
        Compteur.objects.filter(medecin=request.user, module=module.code).values_list("onglet", "n"))
    return render(request, "dossiers/liste.html", page.context(module, onglet, counts, liens))
