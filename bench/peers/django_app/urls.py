"""One page is enough to compare one page."""

from django.urls import path

from bench.peers.django_app import views

urlpatterns = [path("dossiers/<slug:slug>", views.liste, name="liste")]
