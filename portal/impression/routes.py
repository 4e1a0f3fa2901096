"""Addresses of the printing and of the FHIR files. Each handler asks which volets may be read (acces)."""

from portal.impression import export, had, journal, pages, tableau
from portal.web.handlers import Page
from portal.web.session import Access

SPACES = (Access.STRUCTURE, Access.USAGER)
DOSSIER = "/dossiers/{module}/{numero:int}"
PAGES = [
    Page("/dossiers/{module}/tableau.csv", "tableau-csv", get=tableau.as_csv, right="lire", aide="dossiers#exporter"),
    Page("/dossiers/{module}/tableau.pdf", "tableau-pdf", get=tableau.as_pdf, right="lire", aide="dossiers#exporter"),
    Page(f"{DOSSIER}/imprimer", "imprimer", get=pages.choose, right="consulter", spaces=SPACES,
         aide="impression#choisir"),
    Page(f"{DOSSIER}/imprimer/dossier", "imprimer-dossier", get=pages.dossier, right="consulter",
         spaces=SPACES, aide="impression#imprimer"),
    Page(f"{DOSSIER}/imprimer/dossier.pdf", "imprimer-dossier-pdf", get=pages.dossier_pdf, right="consulter",
         spaces=SPACES, aide="impression#pdf"),
    Page(f"{DOSSIER}/imprimer/lettre", "imprimer-lettre", get=pages.lettre, right="consulter",
         aide="impression#lettre"),
    Page(f"{DOSSIER}/imprimer/lettre.pdf", "imprimer-lettre-pdf", get=pages.lettre_pdf, right="consulter",
         aide="impression#pdf"),
    Page(f"{DOSSIER}/imprimer/acces", "imprimer-acces", get=journal.show, right="consulter", aide="impression#acces"),
    Page(f"{DOSSIER}/imprimer/acces.pdf", "imprimer-acces-pdf", get=journal.as_pdf, right="consulter",
         aide="impression#acces"),
    Page(f"{DOSSIER}/imprimer/had", "imprimer-had", get=had.synthese, right="consulter", spaces=(Access.STRUCTURE,),
         aide="had#imprimer"),
    Page(f"{DOSSIER}/imprimer/had.pdf", "imprimer-had-pdf", get=had.synthese_pdf, right="consulter",
         spaces=(Access.STRUCTURE,), aide="had#imprimer"),
    Page(f"{DOSSIER}/fhir", "fhir-dossier", get=export.dossier, right="consulter", aide="impression#fhir"),
    Page(f"{DOSSIER}/volets/{{volet}}/fhir", "fhir-volet", get=export.volet, right="consulter",
         aide="impression#fhir"),
    Page("/formulaires/{identifiant}/{version:int}/fhir", "fhir-formulaire", get=export.formulaire,
         access=Access.SECRETARIAT, aide="impression#fhir"),
]
