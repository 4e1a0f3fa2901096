"""A dossier whose three volets are filled: what the bench opens, and where it saves."""

from __future__ import annotations

import html
import http.client
import json
import re
import time
from contextlib import closing
from statistics import median
from urllib.parse import urlencode

from bench import client, stats
from bench.data import MEASURED, Base
from bench.sections import Goal, Rounds, Run, Section, figure, table
from bench.servers import Server
from portal.db import database
from portal.db.base import rows
from portal.dossiers import queries as dossiers
from portal.volets import commands, definitions, reponses
from portal.volets.commands import Sent
from portal.volets.formulaire import Definition, Field, Kind

MODULE = "ga"
# A page of a report, as a physician would dictate it: what is sealed and opened has its true weight.
WORDS = "Patiente suivie depuis plusieurs années, état stable, traitement bien toléré, entourage présent. " * 4
FIELD = "antecedents"
MARKER = "Historique"
OPENING_GOAL = 3.0
SAVING_GOAL = 20.0


def fill(base: Base) -> str:
    """Fill the three volets of one of the measured physician's own dossiers; returns its address.

    Not one of the measured tab: writing in it must not change the order of the page that Django prints too.
    """
    with base.opened():
        numero = rows("SELECT numero FROM lien WHERE rpps = ? AND module = ? AND onglet = 'admis' "
                      "AND etat = 'accepte' AND referent = 'Vous' ORDER BY numero LIMIT 1",
                      MEASURED.rpps, MODULE)[0][0]
        assert MEASURED.rpps is not None
        seen = dossiers.visible_dossier(MEASURED.rpps, MODULE, numero)
        for definition in definitions.volets(MODULE):
            raw = _raw(definition)
            sent = Sent(raw, dict.fromkeys(definition.fields, reponses.digest(None)), f"banc-{definition.volet}")
            with database.writing():
                commands.save(MEASURED, seen, definition.volet, sent)
    return f"/dossiers/{seen.module.slug}/{numero}"


def _raw(definition: Definition) -> dict[str, str]:
    """An answer to every question, as a form sends it."""
    found: dict[str, str] = {}
    for field in definition.fields.values():
        found |= reponses.raw_of(field, _answer(field))
    return found


def _answer(field: Field) -> str | list[str]:
    if field.kind is Kind.CHOIX:
        return field.options[0].code
    if field.kind is Kind.CHOIX_MULTIPLE:
        return [option.code for option in field.options[:2]]
    plain = {Kind.DATE: "2026-11-02", Kind.NOMBRE: str(field.minimum or 50), Kind.TELEPHONE: "02 31 11 22 33",
             Kind.COURRIEL: "proche@exemple.fr", Kind.COMMUNE: "14000 CAEN", Kind.ABC: "B:onon"}
    return plain.get(field.kind) or WORDS[:field.length or None]


def saves(server: Server, path: str, *, warmup: int, count: int) -> dict[str, float]:
    """Times of single autosaves of a text of the volet médical, each durable before its answer.

    Measured by the client: the server's own time is a little less. Raises LookupError for any other answer.
    """
    address = f"{path}/volets/medical"
    _, page, _ = server.fetch(address)
    token = re.search(r'name="_csrf" value="([^"]+)"', page.decode())
    assert token, "the volet's page holds no form"
    texts = [f"{WORDS}{number}" for number in range(warmup + count)]
    base, times = _known(page.decode()), []
    with closing(http.client.HTTPConnection("127.0.0.1", server.target.port, timeout=10)) as connection:
        for number, text in enumerate(texts):
            body = urlencode({
                "_csrf": token.group(1), "base": json.dumps({FIELD: base}), "version": "1",
                "cle": f"banc-{time.time_ns()}", FIELD: text,
            })
            start = time.perf_counter()
            connection.request("POST", address, body, headers={
                "Cookie": server.target.cookie, "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://127.0.0.1:{server.target.port}", "Sec-Fetch-Site": "same-origin",
                "HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#suivi",
            })
            answer = connection.getresponse()
            content = answer.read().decode()
            taken = time.perf_counter() - start
            if answer.status != 200 or "Enregistré" not in content:
                raise LookupError(f"the autosave answers {answer.status}")
            base = reponses.digest(text)
            if number >= warmup:
                times.append(taken)
    return stats.times(times)


def _known(page: str) -> str:
    """The digest of the field's answer that the page shows."""
    found = re.search(r'name="base"[^>]* value="([^"]+)"', page)
    assert found, "the volet's form says no base"
    return str(json.loads(html.unescape(found.group(1)))[FIELD])


def measure(run: Run) -> dict[str, Rounds]:
    """The table page and a filled dossier by turns, then autosaves in that dossier."""
    path = fill(run.base)
    dossier = run.portal.variant(f"{run.portal.name}, filled dossier", path=path, marker=MARKER)
    return client.latency([run.portal, dossier], run.pace) | {"autosave of one text": [
        saves(run.portal, path, warmup=run.pace.requests // 10, count=run.pace.requests)
        for _ in range(run.pace.latency_rounds)]}


def section(found: dict[str, Rounds]) -> Section:
    """How long a dossier with everything in it takes to open, and to save."""
    table_page, dossier, saving = found.values()
    opened = stats.ratios([one["p50"] for one in dossier], [one["p50"] for one in table_page])
    saved = [one["p50"] for one in saving]
    lines = [(name, figure([one["p50"] for one in rounds], "{:.2f}"), figure([one["p99"] for one in rounds], "{:.2f}"))
             for name, rounds in found.items()]
    text = table(("one request at a time", "p50 ms: median (range)", "p99 ms: median (range)"), lines) + (
        "\n\nThe dossier's three volets hold an answer to every question; its page decrypts them. An autosave is "
        "answered once it is on the disk (WAL, synchronous=FULL); its time is the client's.")
    return Section("A filled dossier", text, [
        Goal(f"a filled dossier opens in {OPENING_GOAL:.0f} × the time of the table page at most",
             figure(opened, "{:.2f}"), median(opened) <= OPENING_GOAL),
        Goal(f"an autosave, durable, takes {SAVING_GOAL:.0f} ms at most at the median",
             figure(saved, "{:.1f}") + " ms", median(saved) <= SAVING_GOAL),
    ])
