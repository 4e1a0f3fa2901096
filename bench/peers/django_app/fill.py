"""Django's file from the portal's, row for row: ``python -m bench.peers.django_app.fill fill|session RPPS``."""

import os
import sys

import django
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.db import connection

STEPS = """
INSERT INTO django_app_medecin (username, password, first_name, last_name, email, is_staff, is_active, is_superuser,
    date_joined, charte)
    SELECT DISTINCT l.rpps, '!', COALESCE(c.prenom, 'Camille'), COALESCE(c.nom, 'N' || l.rpps), '', 0, 1, 0,
    '2026-01-01 00:00:00', COALESCE(c.charte, '2026-11')
    FROM portal.lien l LEFT JOIN portal.compte c ON c.rpps = l.rpps ORDER BY l.rpps;
INSERT INTO django_app_commune (code_postal, nom) SELECT DISTINCT code_postal, ville FROM portal.dossier;
INSERT INTO django_app_structure (nom)
    SELECT DISTINCT referent_texte FROM portal.dossier WHERE referent_kind = 'structure';
INSERT INTO django_app_patient (id, civilite, nom_naissance, nom_usage, prenom, naissance, adresse, commune_id)
    SELECT d.id, d.civilite, d.nom_naissance, d.nom_usage, d.prenom, d.naissance, d.adresse, c.id
    FROM portal.dossier d JOIN django_app_commune c ON c.code_postal = d.code_postal AND c.nom = d.ville;
INSERT INTO django_app_dossier (id, module, numero, patient_id, etat, statut, referent_kind, referent_medecin_id,
    referent_structure_id, lie_id, created, updated)
    SELECT d.id, d.module, d.numero, d.id, d.etat, d.statut, d.referent_kind, m.id, s.id, d.lie_id, d.created, d.updated
    FROM portal.dossier d LEFT JOIN django_app_structure s ON s.nom = d.referent_texte
    LEFT JOIN django_app_medecin m ON m.username = CAST(d.referent_rpps AS TEXT);
INSERT INTO django_app_lien (medecin_id, dossier_id, etat, module, onglet, maj, numero)
    SELECT m.id, l.dossier_id, l.etat, l.module, l.onglet, l.maj, l.numero
    FROM portal.lien l JOIN django_app_medecin m ON m.username = CAST(l.rpps AS TEXT);
INSERT INTO django_app_compteur (medecin_id, module, onglet, n)
    SELECT m.id, c.module, c.onglet, c.n
    FROM portal.compteur c JOIN django_app_medecin m ON m.username = CAST(c.rpps AS TEXT);
"""


def fill() -> None:
    """Make the tables and copy every row."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = 0")
        cursor.execute("ATTACH %s AS portal", [os.environ["BENCH_PORTAL"]])
        cursor.execute("BEGIN")
        for statement in filter(str.strip, STEPS.split(";")):
            cursor.execute(statement)
        cursor.execute("COMMIT")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def open_session(rpps: str) -> str:
    """A session of this physician in the database; returns its key, the cookie's value."""
    from django.contrib.auth import get_user_model
    from django.contrib.sessions.backends.db import SessionStore

    medecin = get_user_model().objects.get(username=rpps)
    store = SessionStore()
    store[SESSION_KEY] = str(medecin.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = medecin.get_session_auth_hash()
    store.save()
    assert store.session_key is not None
    return store.session_key


def main() -> int:
    """Fill the file of ``BENCH_DJANGO``, or open a session in it and print its key."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.django_app.settings")
    django.setup()
    if sys.argv[1] == "fill":
        fill()
    else:
        print(open_session(sys.argv[2]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
