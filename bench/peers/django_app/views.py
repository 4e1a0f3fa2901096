"""The table page: who may see it, one query for the rows, one for the counts."""

from django.conf import settings
from django.contrib.auth.decorators import login_required, user_passes_test
from django.http import Http404
from django.shortcuts import render

from bench.peers import page
from bench.peers.django_app.models import Compteur, Lien, Medecin
from portal.compte.rules import CHARTE
from portal.dossiers import rules


def charter_accepted(medecin):
    """The portal's own door: the present charter."""
    return medecin.charte == CHARTE.version


def nue(request, slug):
    """The same page without session nor check: the ORM and the templates alone."""
    request.user = Medecin.objects.get(username=settings.NU)
    found = table(request, slug)
    # Else gunicorn sends chunks; the middleware would do it.
    found.headers["Content-Length"] = str(len(found.content))
    return found


@login_required
@user_passes_test(charter_accepted, login_url="/compte/charte")
def liste(request, slug):
    """The page behind its doors."""
    return table(request, slug)


def table(request, slug):
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
