"""Settings of the Django peer: those of ``startproject`` in production, tuned as its documentation advises."""

import os

SECRET_KEY = "only for measuring"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "bench.peers.django_app",
]
# The physician whom the peer « without middleware » takes everybody for: no session, no check.
NU = os.environ.get("BENCH_DJANGO_NU", "")
MIDDLEWARE = [] if NU else [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "bench.peers.django_app.urls"
WSGI_APPLICATION = "bench.peers.django_app.wsgi.application"
# Without DEBUG the application folders' templates are compiled once (cached loader).
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": os.environ.get("BENCH_DJANGO", ":memory:"),
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA cache_size = -64000; "
                        "PRAGMA mmap_size = 1073741824; PRAGMA temp_store = memory",
    },
}}
AUTH_USER_MODEL = "django_app.Medecin"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "/connexion"
STATIC_URL = "/static/"
LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = False
USE_TZ = True
