"""What the worklist knows whatever the database: kinds of tasks, their order, their words, who may do them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from portal.dossiers.rules import MODULES, format_numero
from portal.volets.rules import CERTIFICAT, VOLETS

PROPOSITION, COMPLEMENT, TRANSFERT, ACCEPTATION = "proposition", "complement", "transfert", "acceptation"
ACCORD, VOLET, ARCHIVAGE, SILENCE = "accord", "volet", "archivage", "silence"
SECRETAIRE = "secretaire"
# A date farther away than this presses nobody yet: the task takes its place by kind and age.
NEAR = timedelta(days=14)


@dataclass(frozen=True)
class Genre:
    """A kind of task: its code, its name above a list and in one sentence, what a colleague must have been lent to
    do it, and whether a secretary may (she prepares and chases answers).

    The order of ``GENRES`` is that of their weight.
    """

    code: str
    label: str
    right: str
    secretary: bool = False


GENRES = {genre.code: genre for genre in (
    Genre(PROPOSITION, "Propositions à décider", "repondre"),
    Genre(ACCORD, "Accords à donner", "repondre"),
    Genre(COMPLEMENT, "Compléments demandés", "envoyer"),
    Genre(TRANSFERT, "Transferts proposés", "accepter"),
    Genre(ACCEPTATION, "Dossiers à accepter", "accepter"),
    Genre(VOLET, "Volets à remplir", "rediger", secretary=True),
    Genre(ARCHIVAGE, "Bientôt archivés", "preparer", secretary=True),
    Genre(SILENCE, "Demandes sans réponse", "envoyer", secretary=True),
)}
_WEIGHTS = {code: weight for weight, code in enumerate(GENRES)}


@dataclass(frozen=True)
class Tache:
    """One thing to do: about which dossier, since which day, until which day (None: no date).

    ``demande``: row of the request it is about, 0 for none; ``detail``: an establishment's or a structure's name, or
    the codes of the volets, the first to fill first; ``begun``: something of it was done already.
    """

    genre: str
    module: str
    numero: int
    patient: str
    depuis: date
    echeance: date | None = None
    demande: int = 0
    detail: str = ""
    begun: bool = False


Key = tuple[int, date, int, date, str, int, int, str]


def urgency(one: Tache, today: date) -> Key:
    """The place of a task, the smallest first: near dates, then the kind's weight, then the oldest.

    Two tasks have the same place only if they are the same: the order is total.
    """
    near = one.echeance is not None and one.echeance <= today + NEAR
    return (0 if near else 1, one.echeance if near and one.echeance else date.max, _WEIGHTS[one.genre], one.depuis,
            one.module, one.numero, one.demande, one.detail)


def ordered(tasks: Iterable[Tache], today: date) -> list[Tache]:
    """The most urgent first."""
    return sorted(tasks, key=lambda one: urgency(one, today))


def allowed(kind: str | None, rights: Collection[str]) -> tuple[Genre, ...]:
    """The kinds of tasks that somebody may do; ``kind``: of his mandate (None: he acts in his own name)."""
    if kind is None:
        return tuple(GENRES.values())
    if kind == SECRETAIRE:
        return tuple(genre for genre in GENRES.values() if genre.secretary and "preparer" in rights)
    return tuple(genre for genre in GENRES.values() if genre.right in rights)


# --- words

def age(since: date, today: date) -> str:
    """« depuis aujourd’hui », « depuis hier », « depuis 12 jours », « depuis 3 mois », « depuis 2 ans »."""
    days = (today - since).days
    if days <= 0:
        return "depuis aujourd’hui"
    if days == 1:
        return "depuis hier"
    if days < 31:
        return f"depuis {days} jours"
    months = (today.year - since.year) * 12 + today.month - since.month - (today.day < since.day)
    if months < 24:
        return f"depuis {max(1, months)} mois"
    return f"depuis {months // 12} ans"


def left(until: date, today: date) -> str:
    """« avant ce soir », « avant demain soir », « dans 12 jours »; a date gone by is « dépassé »."""
    days = (until - today).days
    if days < 0:
        return "délai dépassé"
    if days == 0:
        return "aujourd’hui au plus tard"
    if days == 1:
        return "demain au plus tard"
    return f"{days} jours restants"


@dataclass(frozen=True)
class Carte:
    """A task in words: what, about whom, since when, until when (""), and its one action.

    ``pressing``: its date is near or gone by. ``about`` is as typed by people: an establishment's or a team's name.
    """

    genre: str
    icon: str
    title: str
    about: str
    patient: str
    numero: str
    age: str
    left: str
    pressing: bool
    action: str
    url: str


_TITLES = {
    PROPOSITION: "Proposition à décider", COMPLEMENT: "Complément demandé", TRANSFERT: "Transfert proposé",
    ACCEPTATION: "Dossier à accepter ou refuser", ARCHIVAGE: "Dossier bientôt archivé",
    SILENCE: "Demande sans réponse", ACCORD: "Prise en charge à domicile\u00a0: votre accord est attendu",
}
# What another module calls it.
_TITLES_OF = {"s": {PROPOSITION: "Accord à confirmer"}}
_ACTIONS = {
    PROPOSITION: "Décider", COMPLEMENT: "Répondre", TRANSFERT: "Prendre le dossier",
    ACCEPTATION: "Accepter ou refuser", ARCHIVAGE: "Garder ce dossier", SILENCE: "Relancer", ACCORD: "Se prononcer",
}
ICONS = {
    PROPOSITION: "valide", COMPLEMENT: "question", TRANSFERT: "lien", ACCEPTATION: "dossier", VOLET: "crayon",
    ARCHIVAGE: "archive", SILENCE: "horloge", ACCORD: "valide",
}
# Under the dossier's address; « {} » is the request's row.
_PLACES = {
    PROPOSITION: "/demandes/{}", ACCORD: "/demandes/{}", COMPLEMENT: "/demandes/{}/completer",
    SILENCE: "/demandes/{}/relancer", TRANSFERT: "/prise-en-charge",
    ACCEPTATION: "", ARCHIVAGE: "/garder",
}


def carte(one: Tache, today: date) -> Carte:
    """The words of a task."""
    home = f"/dossiers/{MODULES[one.module].slug}/{one.numero}"
    titles = _TITLES | _TITLES_OF.get(one.module, {})
    title, action, place, about = titles.get(one.genre, ""), _ACTIONS.get(one.genre, ""), "", one.detail
    if one.genre == VOLET:
        title, action, place, about = *_volet(one), ""
    else:
        place = _PLACES[one.genre].format(one.demande)
    near = one.echeance is not None and one.echeance <= today + NEAR
    return Carte(
        one.genre, ICONS[one.genre], title, about, one.patient, format_numero(one.module, one.numero),
        age(one.depuis, today), left(one.echeance, today) if one.echeance else "", near, action, home + place)


def _volet(one: Tache) -> tuple[str, str, str]:
    """Title, action and place of volets to fill: the first of them is the one to open."""
    codes = one.detail.split()
    verb, what = ("Terminer", "à terminer") if one.begun else ("Remplir", "à remplir")
    names = [VOLETS[code].removeprefix("volet ").partition(" et ")[0] for code in codes]
    several = f"Volets {', '.join(names[:-1])} et {names[-1]}"
    alone = VOLETS[codes[0]] if codes[0] == CERTIFICAT else f"volet {names[0]}"
    title = several if len(codes) > 1 else alone[0].upper() + alone[1:]
    return f"{title} {what}", f"{verb} le {alone}", f"/volets/{codes[0]}"
