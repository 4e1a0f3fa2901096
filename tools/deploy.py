"""Fill in the samples of ``deploy/`` for one machine: ``deploy.py nginx --name portail.example.fr > portail.conf``.

The tests render the same samples with their own ports and folders, and start what they describe: what is
printed here is what was tested. Standard library only.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
TEMPLATES = {"nginx": "nginx.conf.modele", "caddy": "Caddyfile.modele"}
VARIABLE = re.compile(r"@([A-Z][A-Z_]+)@")
# What the portal takes: a form, and a form with one attachment (portal/web/handlers.py, portal/settings.py; held
# together by tests/deploy/test_render.py).
BODY_KIB, UPLOAD_KIB = 256, 256 + 10 * 1024

DEFAULTS = {
    "SERVER_NAME": "portail.example.fr",
    "AUTHORITY": "portail.example.fr",
    "HTTP_LISTEN": "80",
    "HTTPS_LISTEN": "443",
    "HTTP_PORT": "80",
    "HTTPS_PORT": "443",
    "BIND": "0.0.0.0 [::]",
    "CERTIFICATE": "/etc/ssl/portail/certificat.pem",
    "KEY": "/etc/ssl/portail/cle.pem",
    "PAGES": "/opt/portail/deploy/pages",
    "LOGS": "/var/log/nginx",
    "RATE_PAGES": "20r/s",
    "RATE_LOGIN": "3r/s",
    "BODY_KIB": str(BODY_KIB),
    "UPLOAD_KIB": str(UPLOAD_KIB),
}


class UnknownVariable(KeyError):
    """A sample asks for a value that nobody gave."""


def render(kind: str, portals: list[str], values: Mapping[str, str]) -> str:
    """One sample, filled in. ``portals``: addresses (``127.0.0.1:8000``) of the portals behind it.

    Raises UnknownVariable when a value is missing.
    """
    known = DEFAULTS | {"UPSTREAMS": upstreams(kind, portals)} | values

    def value(found: re.Match[str]) -> str:
        if found[1] not in known:
            raise UnknownVariable(found[1])
        return known[found[1]]

    return VARIABLE.sub(value, (DEPLOY / TEMPLATES[kind]).read_text("utf-8"))


def upstreams(kind: str, portals: list[str]) -> str:
    """The portals as each server writes them."""
    if kind == "caddy":
        return " ".join(portals)
    return "\n".join(f"    server {portal} max_fails=1 fail_timeout=5s;" for portal in portals)


def main() -> int:
    """Print one sample; returns the exit code."""
    parser = argparse.ArgumentParser(prog="deploy.py", description=__doc__)
    parser.add_argument("kind", choices=TEMPLATES)
    parser.add_argument("--portal", action="append", help="address of a portal; repeat it (default: 127.0.0.1:8000)")
    parser.add_argument("--name", help="the name that browsers ask for")
    parser.add_argument("--set", action="append", default=[], metavar="VARIABLE=value", help=", ".join(DEFAULTS))
    args = parser.parse_args()
    given = dict(one.split("=", 1) for one in args.set)
    if args.name:
        given = {"SERVER_NAME": args.name, "AUTHORITY": args.name} | given
    sys.stdout.write(render(args.kind, args.portal or ["127.0.0.1:8000"], given))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
