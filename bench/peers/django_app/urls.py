"""One page is enough to compare one page."""

from django.conf import settings
from django.urls import path

from bench.peers.django_app import views

urlpatterns = [path("dossiers/<slug:slug>", views.nue if settings.NU else views.liste, name="liste")]
