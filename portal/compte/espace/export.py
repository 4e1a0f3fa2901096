"""The copy of an account's own data (GDPR, articles 15 and 20): JSON and a short explanation in one archive."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime
from io import BytesIO
from typing import Any

from portal import clock
from portal.compte import queries
from portal.compte.espace import presenters, rules
from portal.compte.espace import queries as chosen
from portal.compte.models import Compte
from portal.db.audit import Trace
from portal.delegations import queries as delegations
from portal.delegations.queries import Lent
from portal.facteurs import queries as facteurs
from portal.facteurs.cles import queries as cles
from portal.settings import Settings
from portal.web.opened import Opened

README = """Vos données dans {site}

Compte : {name}
Copie faite le : {when}

donnees.json contient, dans cet ordre :

- compte : votre identité, vos coordonnées, votre lieu d’exercice ;
- chartes : les versions que vous avez acceptées, leur date et l’empreinte de leur texte ;
- preferences : vos courriels, votre lieu et votre rayon de recherche, votre signature ;
- moyens : vos applications d’authentification, vos clés d’accès, vos codes de secours restants ;
- navigateurs : quand chaque navigateur connu de votre compte a servi ;
- delegations : celles que vous avez données et reçues ;
- sessions : les sessions ouvertes au moment de la copie ;
- connexions : vos connexions, et les codes refusés à votre compte ;
- actes : ce que vous avez fait dans le portail, avec le numéro du dossier concerné.

Vous n’y trouverez ni mot de passe, ni code, ni donnée d’un patient : un numéro de dossier ne dit rien
à qui n’a pas accès au portail. Les heures sont données en temps universel (UTC).

Le fichier est du texte au format JSON, encodé en UTF-8 : un éditeur de texte l’ouvre, un logiciel le relit.

Une question ? {support}
"""


def content(compte: Compte, sessions: list[Opened]) -> dict[str, Any]:
    """All that the portal keeps about the account's holder, ready for JSON."""
    acts = chosen.acts(compte)
    return {
        "compte": _account(compte),
        "chartes": [{"version": one.version, "acceptee_le": one.at.isoformat(), "empreinte_sha256": one.sha256}
                    for one in queries.acceptances(compte)],
        "preferences": _preferences(compte),
        "moyens": _means(compte),
        "navigateurs": [{"connu_depuis": one.created.isoformat(), "vu_le": one.used.isoformat()}
                        for one in chosen.devices(compte.id)],
        "delegations": _delegations(compte),
        "sessions": [{"ouverte_le": one.created.isoformat(), "vue_le": one.last_seen.isoformat(),
                      "navigateur": one.device, "moyen": presenters.level(one.level)} for one in sessions],
        "connexions": [_login(trace) for trace in acts if chosen.is_login(trace)],
        "actes": [_act(trace) for trace in acts if not chosen.is_login(trace)],
    }


def archive(compte: Compte, sessions: list[Opened], settings: Settings) -> bytes:
    """The ZIP file: donnees.json and LISEZMOI.txt."""
    now = clock.now()
    data = {"portail": settings.origin, "copie_du": now.isoformat()} | content(compte, sessions)
    readme = README.format(
        site=settings.site_name, name=compte.name, when=f"{now:%d/%m/%Y}",
        support=f"{settings.support_phone}, {settings.support_email}")
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr(_entry("LISEZMOI.txt", now), readme)
        folder.writestr(_entry("donnees.json", now), json.dumps(data, ensure_ascii=False, indent=2))
    return buffer.getvalue()


def file_name() -> str:
    """What the browser saves it as."""
    return f"mon-compte-{clock.today():%Y-%m-%d}.zip"


def _account(compte: Compte) -> dict[str, Any]:
    names = ("nom", "prenom", "profession", "specialite", "email", "adresse", "code_postal", "ville")
    confirmed = compte.email_confirmed_at
    return {
        "identifiant": compte.subject, "rpps": compte.rpps, "type": compte.kind,
        **{name: getattr(compte, name) for name in names},
        "telephone": queries.telephone(compte), "cree_le": compte.created.isoformat(),
        "email_confirme_le": confirmed.isoformat() if confirmed else None,
    }


def _preferences(compte: Compte) -> dict[str, Any]:
    found = chosen.preferences(compte.id)
    return {
        "courriels": {notice.code: notice.code not in found.sans_avis.split() for notice in rules.NOTICES},
        "silence_jours": found.silence_jours, "un_courriel_par_jour": found.quotidien,
        "heures_calmes": None if found.calme_debut is None else [found.calme_debut, found.calme_fin],
        "recherche_code_postal": found.code_postal,
        "recherche_ville": found.ville, "recherche_rayon_km": found.rayon, "mssante": found.mssante,
        "signature": found.signature,
    }


def _means(compte: Compte) -> dict[str, Any]:
    """What opens the account besides the card: names and dates, never a secret."""
    def dated(name: str, created: datetime, used: datetime | None) -> dict[str, Any]:
        return {"nom": name, "depuis_le": created.isoformat(), "utilise_le": used.isoformat() if used else None}

    return {
        "applications": [dated(one.nom, one.created, one.used) for one in facteurs.applications(compte.id)],
        "cles": [dated(one.nom, one.created, one.used) for one in cles.keys_of(compte.id)],
        "codes_de_secours_restants": facteurs.recovery_codes_left(compte.id),
    }


def _delegations(compte: Compte) -> dict[str, Any]:
    """To whom he lent his place and who lent him theirs: names of professionals, dates, rights."""
    def told(one: Lent, other: Compte) -> dict[str, Any]:
        row = one.delegation
        return {
            "avec": other.name, "du": row.starts.isoformat(), "au": row.ends.isoformat() if row.ends else None,
            "modules": sorted(one.modules), "droits": sorted(one.rights),
            "revoquee_le": row.revoked_at.isoformat() if row.revoked_at else None,
        }

    return {
        "donnees": [told(one, one.delegate) for one in delegations.given(compte.id)],
        "recues": [told(one, one.principal) for one in delegations.received(compte.id)],
    }


def _login(trace: Trace) -> dict[str, Any]:
    line = presenters.connection(trace)
    return {"le": trace.at.isoformat(), "moyen": line.level, "resultat": line.outcome}


def _act(trace: Trace) -> dict[str, Any]:
    """The act and the dossier's number; a detail only where it speaks of the account itself."""
    about_oneself = trace.dossier is None
    return {
        "le": trace.at.isoformat(), "moyen": presenters.level(trace.level), "evenement": trace.event,
        "dossier": trace.dossier, "au_nom_du_rpps": trace.on_behalf_of,
        "detail": trace.detail if about_oneself else "",
    }


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry
