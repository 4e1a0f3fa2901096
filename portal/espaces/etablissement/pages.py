"""The worklist of an establishment, one request it received, and the opening of a dossier."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from portal.annuaire import genres
from portal.demandes import changements, commands
from portal.demandes import rules as of_demandes
from portal.demandes.models import Demande
from portal.dossiers import porte
from portal.dossiers.queries import Visible
from portal.espaces import acces
from portal.espaces.etablissement import forms, presenters, queries, rules
from portal.espaces.etablissement.porte import received
from portal.espaces.etablissement.queries import Recue
from portal.espaces.queries import Member
from portal.espaces.rules import ADMISSIONS, MEDICAL, REFERENT
from portal.messages import queries as messages
from portal.messages.rules import RECEVEUR
from portal.parcours import presenters as parcours
from portal.pieces import droits
from portal.pieces import presenters as pieces_words
from portal.pieces import queries as pieces
from portal.volets import acces as volets_acces
from portal.volets import presenters as volets_words
from portal.volets import queries as volets
from portal.volets import rules as volets_rules
from portal.volets.presenters import bandeau
from portal.web import dates, handlers, htmx, render
from portal.web.session import visit

HOME = presenters.HOME
READERS = (ADMISSIONS, MEDICAL)
CLOSED_MEANWHILE = "Cette demande a été close avant que vous ne l’ouvriez\u00a0: son dossier n’est plus lisible."


@dataclass(frozen=True)
class Volet:
    """A volet of the dossier as a receiver sees it: where it stands, its address if he may read it, else why not."""

    titre: str
    etat: volets_rules.Etat
    quand: str
    adresse: str
    pourquoi: str


def home(request: Request) -> Response:
    """The worklist: one page of one tab. Who only keeps the sheet lands on it."""
    member = acces.receiver(request)
    if not member.roles & set(READERS) and REFERENT in member.roles:
        return render.redirect(request, f"{HOME}/fiche")
    acces.receiver(request, *READERS)
    here = queries.own(member).id
    modules = queries.modules(here)
    stays = _stays(modules)
    chosen = forms.selection(request.query_params, stays)
    found = queries.tableau(here, chosen)
    threads = messages.counts([ligne.id for ligne in found.lignes], RECEVEUR)
    unread = {demande: thread.non_lus for demande, thread in threads.items()}
    view, headers = presenters.view(chosen, found, member.roles, unread, modules), {}
    if htmx.wants_fragment(request):
        # A filter is not a step to go back to; a link is.
        filtering = request.headers.get("hx-source", "").startswith("form")
        headers["hx-replace-url" if filtering else "hx-push-url"] = view.url
    return render.page(
        request, "espaces/etablissement/liste.html", fragment="espaces/etablissement/_resultats.html", headers=headers,
        nav="espaces", structure=member.structure, vue=view, roles=member.roles,
        sejours=[(code, genres.SEJOURS[code]) for code in stays], niveaux=of_demandes.LEVELS.items(),
        girs=[*((gir, f"GIR {gir}") for gir in rules.GIRS), (rules.NOT_RATED, "Non évalué")] if view.dependance else [],
    )


def _stays(modules: Collection[str]) -> list[str]:
    """The kinds of stay that an establishment's units take in, each once."""
    return list(dict.fromkeys(stay for module in modules for stay in genres.SEJOURS_OF[module]))


def open_dossier(request: Request) -> Response:
    """« Ouvrir le dossier »: reading is an act, which the asking side is told of."""
    _, one = received(request, *READERS)
    now = commands.read(visit(request).actor, one.demande.id)
    here = f"{HOME}/demandes/{now.id}"
    if rules.closed(now.etat):
        return render.redirect(request, here, message=CLOSED_MEANWHILE, kind="attention")
    return render.redirect(request, here)


def show(request: Request) -> Response:
    """One request: who it is about, what it gives to read, whom to call, what may be answered, its own history."""
    member, one = received(request, *READERS)
    demande = one.demande
    to_open = demande.etat == of_demandes.ENVOYEE
    shut = one.closed or to_open
    seen = queries.seen_by(member, one)
    if not shut:
        handlers.note(request, "dossier.ouvert", dossier=seen.label)
    joined = [] if shut else pieces.listed(seen, droits.may_read(request, seen, medical=True))
    return render.page(
        request, "espaces/etablissement/demande.html", nav="espaces", vu=seen, demande=demande, fermee=one.closed,
        a_ouvrir=to_open, personne=presenters.person(one.dossier), adresse=porte.address(seen),
        ici=f"{HOME}/demandes/{demande.id}", bandeau=None if one.closed else bandeau(seen),
        etat=presenters.states_html(demande.module)[demande.etat],
        cloture=presenters.closing(demande) if one.closed else "",
        close_le=dates.moment(demande.updated), faits=_facts(member, one), retard=_late(one),
        volets=[] if shut else _volets(request, seen),
        changes=[] if shut else _changes(request, seen, demande),
        contacts=[] if one.closed else queries.contacts(one.dossier),
        pieces=[pieces_words.line(piece) for piece in joined],
        actes=parcours.links(demande, member.roles) + [
            (f"{HOME}/demandes/{demande.id}/{acte.code}", rules.words(acte, demande.etat))
            for acte in rules.possible(demande.module, demande.etat, member.roles)],
        historique=presenters.history(one.pas, demande.module), attente=_waits(member, one),
        messages_non_lus=presenters.messages(messages.count(demande.id, RECEVEUR).non_lus),
    )


def _changes(request: Request, seen: Visible, demande: Demande) -> list[tuple[str, str, changements.Change]]:
    """What was signed otherwise since the request left: title, by whom and when, the answers that may be read."""
    return [(volets_words.title(one.volet), f"Validé par {one.signe.par} le {dates.moment(one.signe.le)}", one)
            for one in changements.since_sent(demande, seen, volets_acces.readable(request, seen))]


def _facts(member: Member, one: Recue) -> dict[str, str]:
    return {} if one.closed else presenters.facts(
        one, medical=MEDICAL in member.roles, unit=queries.unit(one.demande))


def _late(one: Recue) -> bool:
    demande = one.demande
    waiting = demande.etat in of_demandes.SILENT and demande.repondue_le is None
    return bool(waiting and demande.promesse_le and presenters.promise(demande.promesse_le)[1])


def _waits(member: Member, one: Recue) -> str:
    """What an empty list of acts means."""
    if one.demande.etat == of_demandes.PROPOSEE and ADMISSIONS in member.roles:
        return "Vous serez averti de la réponse."
    if one.closed:
        return "Cette demande est close\u00a0: il n’y a plus rien à y répondre."
    return "Vos rôles ne comprennent aucune réponse à cette étape."


def _volets(request: Request, seen: Visible) -> list[Volet]:
    """The dossier's volets by rank; nothing is decrypted here."""
    readable = volets_acces.readable(request, seen)
    found = []
    for one in volets.situations(seen):
        empty = one.etat == volets_rules.VIDE
        why = "" if one.code in readable else "Réservé aux membres qui ont le rôle «\u00a0Médical\u00a0»."
        when = f"Validé par {one.valide_par} le {dates.moment(one.valide_le)}" if one.valide_le else ""
        found.append(Volet(
            volets_words.title(one.code), volets_rules.STATES[one.etat], when,
            "" if why or empty else f"{porte.address(seen)}/volets/{one.code}",
            why or ("Rien n’y est encore écrit." if empty else "")))
    return found
