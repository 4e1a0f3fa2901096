"""What the volets' templates print: questions, sections, the follow-up bar, two versions side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from portal import clock
from portal.clock import PARIS
from portal.dossiers import rules as dossiers
from portal.dossiers.queries import Visible
from portal.volets import aggir_vue, definitions, reponses, rules
from portal.volets.commands import Conflict
from portal.volets.formulaire import Answers, Condition, Definition, Field, Kind, Section
from portal.volets.queries import Ouvert, Signe
from portal.web import dates

# Above this, a list takes less room than buttons.
MAX_RADIOS = 5
LONG_LABEL = 60
KEPT, PROPOSED = "Repris de votre saisie interrompue", "Proposé d’après l’âge de l’enfant"
GONE, ELSEWHERE = "Question retirée du formulaire", "vous, dans une autre fenêtre"
Raw = Mapping[str, str]


@dataclass(frozen=True)
class Desaccord:
    """Two versions of one answer. ``digest`` is the base of who chooses; ``raw`` gives the inputs of the other one
    (JSON, for the script); ``both``: words that can stand one under the other."""

    field: str
    label: str
    mine: str
    theirs: str
    by: str
    at: str
    digest: str
    raw: str
    both: bool


@dataclass(frozen=True)
class Question:
    """One field as it is asked: ``raw`` are its inputs; ``erreur``, ``desaccord`` and ``copie`` what stands by it.

    ``repris``: where inputs come from that are not stored yet, "" for none; ``propose``: the portal's own idea."""

    field: Field
    raw: Raw
    shown: bool
    required: bool
    si: str
    conditions: str
    needs: str
    erreur: str = ""
    copie: str = ""
    desaccord: Desaccord | None = None
    repris: str = ""
    propose: bool = False

    @property
    def id(self) -> str:
        return self.field.id

    @property
    def value(self) -> str:
        """The text of its one input."""
        return self.raw.get(self.field.id, "")

    @property
    def widget(self) -> str:
        """The macro that prints it: the kind, or « liste » for many or long options."""
        options = self.field.options
        if self.field.kind is Kind.CHOIX and (
                len(options) > MAX_RADIOS or any(len(option.label) > LONG_LABEL for option in options)):
            return "liste"
        return self.field.kind.value

    @property
    def aide(self) -> str:
        """Its help; a date always shows how to write one."""
        if self.field.kind is Kind.DATE and not self.field.help:
            return "Jour, mois, année\u00a0: par exemple 05/03/2026."
        return self.field.help

    @property
    def decrit(self) -> str:
        """The ids of what describes it."""
        parts = {"aide": self.aide, "si": self.si, "unite": self.field.unit, "compte": self.limite}
        return " ".join(f"{self.id}-{part}" for part in [*(part for part, there in parts.items() if there), "erreur"])

    @property
    def compte(self) -> str:
        """« 120 / 2 000 »: characters typed and allowed."""
        typed = len(self.value.replace("\r\n", "\n"))
        return f"{number(typed)} / {number(self.limite)}"

    @property
    def limite(self) -> int:
        """How many characters it may have; 0 where nobody comes near."""
        return reponses.limit_of(self.field) if self.field.length or self.field.kind is Kind.TEXTE else 0


@dataclass(frozen=True)
class Rubrique:
    """One section of the page: closed when it is foldable, empty and complete."""

    section: Section
    questions: list[Question]
    manque: int

    @property
    def ouverte(self) -> bool:
        if not self.section.folded or self.manque:
            return True
        return any(question.erreur or question.desaccord or any(question.raw.values()) for question in self.questions)


@dataclass(frozen=True)
class Suivi:
    """The bar that follows the typing. ``base``: JSON, the new base of each field just written;
    ``autre``: somebody else has written since this page was opened; ``pour_script``: the answer to a saving, with
    what the script puts by each field."""

    code: str
    etat: str
    version: int
    done: int
    total: int
    manques: list[tuple[Section, list[Field]]]
    base: str
    erreurs: dict[str, tuple[str, str]]
    desaccords: list[Desaccord]
    ferme: str = ""
    autre: bool = False
    pour_script: bool = False

    @property
    def manque(self) -> int:
        return self.total - self.done

    @property
    def a_regler(self) -> list[tuple[str, str]]:
        """What stands in the way of the last saving: field and words, in the order of the page."""
        return [(name, f"{label}\u00a0: {message}") for name, (label, message) in self.erreurs.items()] + [
            (one.field, f"{one.label}\u00a0: deux versions, à vous de choisir.") for one in self.desaccords]


def number(value: int) -> str:
    """« 2 000 », with a space that does not break."""
    return f"{value:,}".replace(",", "\u202f")


def moment(at: datetime) -> str:
    """« à 14:32 » today, « le 21/11/2026 à 14:32 » before."""
    local = at.astimezone(PARIS)
    hour = f"à {local:%H:%M}"
    return hour if local.date() == clock.today() else f"le {dates.day(at)} {hour}"


def etat(ouvert: Ouvert, signature: str) -> str:
    """The first line of the bar: when, and by whom if it was somebody else."""
    if ouvert.modifie_le is None:
        return "Rien n’est encore enregistré"
    who = "" if ouvert.modifie_par in ("", signature) else f" par {ouvert.modifie_par}"
    return f"Enregistré {moment(ouvert.modifie_le)}{who}"


# --- the form

def rubriques(ouvert: Ouvert, *, typed: Mapping[str, Raw] | None = None, erreurs: Mapping[str, str] | None = None,
              desaccords: Iterable[Desaccord] = (), repris: Mapping[str, str] | None = None) -> list[Rubrique]:
    """The sections of a volet's form. ``typed``: inputs that stand in place of the stored answers; ``repris``: by
    field, where inputs come from that are not stored yet (KEPT by the session, PROPOSED by the portal)."""
    definition, answers, again = ouvert.definition, ouvert.answers, repris or {}
    shown, needed = reponses.shown(definition, answers), set(reponses.required(definition, answers))
    missing = {field.id for _, field in reponses.completeness(definition, answers).missing}
    two, typed, erreurs = {one.field: one for one in desaccords}, typed or {}, erreurs or {}
    return [
        Rubrique(section, [
            Question(
                field, typed.get(field.id) or reponses.raw_of(field, answers.get(field.id)), field.id in shown,
                field.id in needed, _if_words(definition, field.shown_when), _conditions(field.shown_when),
                "" if field.required else _conditions(field.required_when), erreurs.get(field.id, ""),
                ouvert.copies.get(field.id, ""), two.get(field.id), again.get(field.id, ""),
                again.get(field.id) == PROPOSED)
            for field in section.fields
        ], sum(field.id in missing for field in section.fields))
        for section in definition.sections
    ]


def _conditions(conditions: tuple[Condition, ...]) -> str:
    """For the script: [[field, [code, …]], …]; empty without condition."""
    return json.dumps([[one.field, sorted(one.values)] for one in conditions]) if conditions else ""


def _if_words(definition: Definition, conditions: tuple[Condition, ...]) -> str:
    parts = []
    for one in conditions:
        other = definition.fields[one.field]
        answers = " ou ".join(f"«\u00a0{option.label}\u00a0»" for option in other.options if option.code in one.values)
        parts.append(f"«\u00a0{other.label}\u00a0» est {answers}")
    return f"À remplir si {' et si '.join(parts)}." if parts else ""


def bases(definition: Definition, answers: Answers) -> dict[str, str]:
    """The base of every field: the digest of what the page shows."""
    return {name: reponses.digest(answers.get(name)) for name in definition.fields}


def suivi(ouvert: Ouvert, signature: str, *, base: Mapping[str, str] | None = None,
          erreurs: Mapping[str, str] | None = None, desaccords: Iterable[Desaccord] = (), ferme: str = "",
          version: int | None = None) -> Suivi:
    """The bar of a volet as it stands, at the opening or after a saving. ``version``: the one this person has seen,
    when somebody else has written since."""
    fields, errors = ouvert.definition.fields, erreurs or {}
    complete = reponses.completeness(ouvert.definition, ouvert.answers)
    missing = [(section, [field for _, field in found])
               for section, found in groupby(complete.missing, key=lambda pair: pair[0])]
    return Suivi(
        ouvert.code, etat(ouvert, signature), ouvert.version if version is None else version, complete.done,
        complete.total, missing, json.dumps(base or {}),
        {name: (fields[name].label if name in fields else GONE, errors[name])
         for name in [*(name for name in fields if name in errors), *(errors.keys() - fields.keys())]},
        list(desaccords), ferme, version is not None and version != ouvert.version and not ferme, base is not None)


def gir(code: str, answers: Answers) -> aggir_vue.Direct | None:
    """What is said of the GIR, for the volet that rates it."""
    return aggir_vue.live(answers) if code == rules.AUTONOMIE else None


def desaccords(definition: Definition, conflicts: Iterable[Conflict], signature: str) -> list[Desaccord]:
    """The conflicts of a saving by ``signature``, in the order of the page."""
    found = {one.field: one for one in conflicts}
    return [_desaccord(definition.fields[name], found[name], signature)
            for name in definition.fields if name in found]


def _desaccord(field: Field, one: Conflict, signature: str) -> Desaccord:
    mine, theirs = (reponses.words(field, value) if value else "Rien" for value in (one.mine, one.theirs))
    return Desaccord(
        field.id, field.label, mine, theirs, ELSEWHERE if one.by == signature else one.by, moment(one.at),
        reponses.digest(one.theirs), json.dumps(reponses.raw_of(field, one.theirs)),
        field.kind is Kind.TEXTE and bool(one.mine and one.theirs))


# --- around the form

class Bandeau(NamedTuple):
    """Who the patient is, as the banner says it."""

    patient: str
    ne: str
    age: str
    sexe: str


def bandeau(seen: Visible) -> Bandeau:
    """The identity that stays in sight of who writes (patient safety)."""
    who, woman = seen.dossier, seen.dossier.sexe == "F"
    return Bandeau(
        dossiers.full_name(who.nom_naissance, who.nom_usage, who.prenom, who.sexe),
        f"{'Née' if woman else 'Né'} le {dates.day(who.naissance)}",
        dossiers.age_text(who.naissance, clock.today()), "sexe féminin" if woman else "sexe masculin")


def title(code: str) -> str:
    """The name of a volet, as a heading."""
    words = rules.VOLETS[code]
    return words[0].upper() + words[1:]


def copies_words(opened: Ouvert) -> str:
    """« 12 réponses sont reprises de ga 43009190 … », "" when nothing waits to be read again."""
    if not opened.copies:
        return ""
    n, sources = len(opened.copies), ", ".join(sorted(set(opened.copies.values())))
    words = f"{n} réponses sont reprises" if n > 1 else "Une réponse est reprise"
    return f"{words} de {sources}\u00a0: relisez, corrigez, puis confirmez."


def last_act(opened: Ouvert) -> str:
    """« Validé par … le … », « Modifié par … le … », "" for a volet nobody has touched."""
    if opened.valide_le and opened.etat == rules.VALIDE:
        return f"Validé par {opened.valide_par} le {dates.moment(opened.valide_le)}"
    return f"Modifié par {opened.modifie_par} le {dates.moment(opened.modifie_le)}" if opened.modifie_le else ""


def signed(one: Signe) -> str:
    """« Validé par … le … »."""
    return f"Validé par {one.par} le {dates.moment(one.le)}"


def brought(definition: Definition, answers: Answers) -> list[tuple[str, str]]:
    """Labels and words of the answers that another dossier would bring."""
    return [(field.label, reponses.words(field, answers[name]))
            for name, field in definition.fields.items() if name in answers]


def former(shown: Ouvert | Signe) -> list[tuple[int, list[tuple[str, str]]]]:
    """What newer versions of the form left aside: for each version, the labels and words of its answers."""
    found = []
    for aside in shown.anciennes:
        fields = definitions.of(shown.definition.id, aside.version).fields
        found.append((aside.version, [(field.label, reponses.words(field, aside.answers[name]))
                                      for name, field in fields.items() if name in aside.answers]))
    return found


def changes(old: Definition, new: Definition) -> dict[str, list[str]]:
    """What a new version of a form changes, in words; only what changes."""
    kept = [name for name in new.fields if name in old.fields]
    found = {
        "Questions nouvelles": [new.fields[name].label for name in new.fields if name not in old.fields],
        "Questions retirées": [old.fields[name].label for name in old.fields if name not in new.fields],
        "Questions reformulées": [f"{old.fields[name].label} → {new.fields[name].label}" for name in kept
                                  if new.fields[name].label != old.fields[name].label],
        "Choix différents": [new.fields[name].label for name in kept
                             if new.fields[name].labels != old.fields[name].labels],
        "Désormais obligatoires": [new.fields[name].label for name in kept
                                   if new.fields[name].required and not old.fields[name].required],
    }
    return {title: labels for title, labels in found.items() if labels}
