"""One's own table as a file: for a spreadsheet (CSV), or to print (PDF). What the page shows is what goes out."""

from __future__ import annotations

import csv
import io

from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.clock import PARIS
from portal.dossiers import porte, queries, rules
from portal.dossiers.choix import selection
from portal.dossiers.presenters import as_read_by
from portal.dossiers.queries import Ligne, Selection
from portal.impression import presenters
from portal.web import handlers, pdf
from portal.web.errors import PageError
from portal.web.session import visit

MAX_ROWS = {"csv": 20_000, "pdf": 1_000}
COLUMNS = ("N° de dossier", "Patient", "Code postal", "Ville", "Référent actuel du dossier", "Dossier accepté",
           "Statut", "Dossier lié")
LINKS = {"accepte": "oui", "attente": "à accepter ou refuser", "refuse": "refusé"}
# A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class TropDeLignes(PageError):
    """More rows than a file of this kind takes."""

    code = "E29"
    status = 422
    title = "Ce tableau est trop long pour ce fichier"
    explanation = "Ce fichier aurait plus de lignes qu’il n’en peut contenir."
    advice = "Revenez au tableau, choisissez un onglet, un statut ou quelques mots, puis exportez de nouveau."
    aide = "dossiers#exporter"


def as_csv(request: Request) -> Response:
    """The chosen rows for a spreadsheet: semicolons, UTF-8 with its mark, every cell quoted, no formula."""
    module, chosen = _chosen(request)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(request, module, chosen, "csv"):
        writer.writerow([harmless(cell) for cell in row])
    return _file(request, module, chosen, "csv", text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8")


def as_pdf(request: Request) -> Response:
    """The chosen rows on paper, stamped."""
    module, chosen = _chosen(request)
    if not pdf.installed():
        raise pdf.SansPdf()
    html = request.app.state.jinja.get_template("impression/pdf.html").render(
        titre=module.heading, piste=rules.TABS[chosen.onglet], colonnes=COLUMNS,
        contenu_papier="impression/_tableau.html", edite=presenters.stamp(visit(request).actor.signature, clock.now()),
        lignes=_rows(request, module, chosen, "pdf"), onglet=rules.TABS[chosen.onglet],
        filtres=_filters(chosen))
    return _file(request, module, chosen, "pdf", pdf.render(html), "application/pdf")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: what looks like a formula begins with an apostrophe."""
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(FORMULA) else cell


def _chosen(request: Request) -> tuple[rules.Module, Selection]:
    module = porte.module_of(request)
    return module, selection(module, request.query_params)


def _rows(request: Request, module: rules.Module, chosen: Selection, kind: str) -> list[tuple[str, ...]]:
    most = MAX_ROWS[kind]
    found = queries.everything(porte.physician(request), chosen, most + 1)
    if len(found) > most:
        raise TropDeLignes(f"Ce fichier contient {most} lignes au plus, et votre choix en a davantage.")
    mandate = visit(request).actor.mandate
    return [_cells(module, row) for row in as_read_by(found, mandate.name if mandate else None)]


def _cells(module: rules.Module, row: Ligne) -> tuple[str, ...]:
    linked = rules.format_numero(row.lie_module, row.lie_numero) if row.lie_module and row.lie_numero else ""
    return (rules.format_numero(module.code, row.numero), row.patient, row.code_postal, row.ville, row.referent,
            LINKS[row.etat], rules.STATUTS[row.statut].label, linked)


def _filters(chosen: Selection) -> str:
    """What narrows the rows, in words; "" for a whole tab."""
    said = [rules.STATUTS[chosen.statut].label] if chosen.statut else []
    said += ["à accepter ou refuser"] if chosen.attente else []
    said += [f"«\u00a0{chosen.q}\u00a0»"] if chosen.q else []
    return ", ".join(said)


def _file(request: Request, module: rules.Module, chosen: Selection, kind: str, content: bytes,
          media: str) -> Response:
    handlers.note(request, "dossiers.exportes", detail=f"{module.code} {chosen.onglet} {kind}")
    day = clock.now().astimezone(PARIS)
    return Response(content, media_type=media, headers={
        "content-disposition": f'attachment; filename="dossiers-{module.slug}-{day:%Y-%m-%d}.{kind}"',
        "cache-control": "no-store"})
