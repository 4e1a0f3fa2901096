"""Which words of a dossier reach whom, in every form the portal gives them: page, fragment, paper, PDF, FHIR."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime

import pypdf
import pytest
from starlette.applications import Starlette

from portal.db.audit import Trace
from portal.db.outbox import Courriel
from portal.dossiers.rules import MODULES
from portal.volets import definitions
from tests.acces import scene
from tests.acces.attendus import table
from tests.acces.navigateur import Navigateur, Reponse
from tests.acces.scene import Place
from tests.acces.visiteurs import PARTS, Visiteur, everybody
from tests.support.client import HTMX


def addresses(place: Place) -> Iterator[str]:
    """Everything that shows a part of one dossier, the PDF apart."""
    dossier = place.dossier
    here = f"/dossiers/{MODULES[dossier.module].slug}/{dossier.numero}"
    codes = [form.volet for form in definitions.volets(dossier.module)]
    yield from (here, f"{here}/imprimer", f"{here}/imprimer/lettre", f"{here}/fhir", f"{here}/identite",
                f"{here}/pieces", f"{here}/demandes", f"{here}/messages", f"{here}/famille", f"{here}/autre-demande",
                f"/espaces/coordination{here.replace('/dossiers', '/dossiers', 1)}", "/espaces/usager/dossier",
                "/espaces/usager/lettre", "/espaces/usager/ouvertures", "/compte/acces", "/taches", "/avis", "/accueil")
    yield f"{here}/imprimer/had"
    yield f"{here}/imprimer/dossier?" + "&".join(f"volet={code}" for code in codes)
    for code in codes:
        yield from (f"{here}/volets/{code}", f"{here}/volets/{code}/valider", f"{here}/volets/{code}/rouvrir",
                    f"{here}/volets/{code}/reprendre", f"{here}/volets/{code}/fhir")
    for demande in place.demandes.values():
        yield from (f"{here}/demandes/{demande}", f"{here}/demandes/{demande}/annuler",
                    f"{here}/demandes/{demande}/messages", f"/espaces/etablissement/demandes/{demande}",
                    f"/espaces/etablissement/demandes/{demande}/messages",
                    f"/espaces/etablissement/demandes/{demande}/avis")
    for piece in place.pieces.values():
        yield from (f"{here}/pieces/{piece}", f"{here}/pieces/{piece}/retirer")


@pytest.mark.proves("A3", "V8.2.3")
@pytest.mark.parametrize("part", PARTS)
def test_words_reach_their_readers_and_nobody_else(part: str, opened_app: Starlette, midday: datetime) -> None:
    """Nobody reads a word that the table does not give him; whoever it gives one to finds it."""
    made = scene.furnish()
    people = everybody(opened_app, made)
    roles = {who.role for who in people.values() if PARTS[part](who)}
    readers: dict[str, set[str]] = {}
    wrong = []
    with Navigateur(opened_app) as nav:
        for who in filter(PARTS[part], people.values()):
            may = table().words.get(who.role, frozenset())
            for place in _places(made, who):
                for path in addresses(place):
                    for answer in (nav.get(who, path), nav.get(who, path, **HTMX)):
                        kinds = _kinds(answer)
                        readers.setdefault(who.role, set()).update(kinds)
                        wrong += [f"{who.role} reads {kind} at {path}" for kind in sorted(kinds - may)]
    assert not wrong, "\n".join(wrong[:40])
    never = {who: sorted(kinds - readers.get(who, set()) - ELSEWHERE) for who, kinds in table().words.items()
             if who in roles}
    assert not {who: kinds for who, kinds in never.items() if kinds}


# Words that only one module's own page shows.
ELSEWHERE = frozenset({"notification", "etablissement"})


def _places(made: scene.Scene, who: Visiteur) -> list[Place]:
    modules = who.homes or {"ga": "ga m"}
    return [places[etat] for module in modules for places in [made.places[who.home(module)]]
            for etat in ("actif", "annule") if etat in places and who.before(etat)]


def _kinds(answer: Reponse) -> set[str]:
    """The kinds of the words in a whole answer: its headers, and its text whatever it is written in."""
    text = answer.text
    if answer.headers.get("content-type") == "application/pdf":
        reader = pypdf.PdfReader(io.BytesIO(answer.body))
        text = " ".join(page.extract_text() for page in reader.pages) + str(reader.metadata)
    return {kind for _, kind in scene.words(text + str(answer.headers))}


@pytest.mark.proves("A3")
@pytest.mark.parametrize("reader", ["referent", "delegue-accepter", "secretaire", "etablissement-admissions",
                                    "coordination", "hopital-soins"])
def test_a_printed_file_holds_what_its_reader_may_read(
        reader: str, opened_app: Starlette, midday: datetime) -> None:
    made = scene.furnish()
    who = everybody(opened_app, made)[reader]
    module = next(iter(who.homes or {}))
    place = made.places[who.home(module)]["actif"]
    here = f"/dossiers/{MODULES[module].slug}/{place.dossier.numero}/imprimer"
    every = "&".join(f"volet={form.volet}" for form in definitions.volets(module))
    with Navigateur(opened_app) as nav:
        page, paper = nav.get(who, f"{here}/dossier?{every}"), nav.get(who, f"{here}/dossier.pdf?{every}")
    assert page.status == paper.status
    assert _kinds(paper) <= table().words[reader]
    if paper.status == 200:
        assert "nom" in _kinds(paper)


@pytest.mark.proves("A3", "V16.2.5")
def test_no_mail_and_no_audit_row_holds_a_word(opened_app: Starlette, midday: datetime) -> None:
    """The whole scene was made by the portal's own commands: what they told and noted names nobody."""
    scene.furnish()
    mails = " ".join(f"{mail.to} {mail.subject} {mail.body}" for mail in Courriel.select())
    acts = " ".join(f"{act.name} {act.event} {act.dossier} {act.detail}" for act in Trace.select())
    assert acts and not scene.words(mails) and not scene.words(acts)
