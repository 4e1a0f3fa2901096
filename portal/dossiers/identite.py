"""What identifies a person: the number of the sécurité sociale (NIR) and the trust put in an identity (INS).

Sources: decree 82-103 of 22 January 1982 on the national register (sex, year and month of birth, birth place,
order in the register) and service-public.fr, sheet F33078; the key is 97 minus the remainder of the thirteen
characters by 97, the Corsican departments counting as 19 (2A) and 18 (2B). The four trust statuses are those of
the référentiel national d'identitovigilance (rule EXI SI 07).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

# --- the number

_SEPARATORS = re.compile(r"[\s.\-/]")
_BODY = re.compile(r"[1-478]\d{2}(\d{2})(?:2[AB]|\d{2})\d{6}", re.ASCII)
BODY, WHOLE = 13, 15
CORSICA = {"2A": "19", "2B": "18"}
# The month of someone whose month of birth is unknown, or whose register was full.
_FICTIVE_MONTHS = frozenset((*range(20, 43), *range(50, 100)))
_MONTHS = frozenset(range(1, 13)) | _FICTIVE_MONTHS

# The department was that of the day of birth: what today's departments were cut from, and until when.
_SEINE = (1968, {"75": {"75", "92", "93", "94"}, "78": {"78", "91", "92", "93", "94", "95"}})
_CORSE = (1976, {"20": {"2A", "2B"}})
# Births in North Africa before independence (service-public.fr F33078), against today's country code.
_NORTH_AFRICA = (1964, {"91": {"99352"}, "92": {"99352"}, "93": {"99352"}, "94": {"99352"},
                        "95": {"99350"}, "96": {"99351"}})


class Invalid(ValueError):
    """What was typed can't be such a number; its text is for the user."""


@dataclass(frozen=True)
class Nir:
    """A number whose key is right: thirteen characters, then two digits."""

    corps: str
    cle: str

    def __str__(self) -> str:
        """As it is kept: « 279035121518989 »."""
        return self.corps + self.cle

    @property
    def ecrit(self) -> str:
        """As the carte Vitale shows it: « 2 79 03 51 215 189 89 »."""
        body = self.corps
        return " ".join((body[0], body[1:3], body[3:5], body[5:7], body[7:10], body[10:13], self.cle))

    @property
    def attente(self) -> bool:
        """True for a number given while someone waits for his own (first digit neither 1 nor 2)."""
        return self.corps[0] not in "12"

    @property
    def sexe(self) -> str:
        """« M » or « F »: odd and even first digits, of waiting numbers too."""
        return "M" if int(self.corps[0]) % 2 else "F"

    @property
    def lieu(self) -> str:
        """The five characters of the birth place, as INSEE codes a commune or a country."""
        return self.corps[5:10]


def key_of(corps: str) -> str:
    """The two digits that control thirteen characters: « 89 » for « 2790351215189 »."""
    department = corps[5:7]
    number = int(corps[:5] + CORSICA.get(department, department) + corps[7:])
    return f"{97 - number % 97:02d}"


def read_nir(text: str) -> Nir:
    """A number as people type it, with spaces, points or hyphens; raises Invalid with what to do."""
    compact = _SEPARATORS.sub("", text).upper()
    if len(compact) == BODY:
        raise Invalid("Ajoutez la clé : les deux derniers chiffres du numéro de sécurité sociale, "
                      "sur la carte Vitale ou l’attestation.")
    if len(compact) != WHOLE:
        raise Invalid("Le numéro de sécurité sociale a 13 caractères et une clé de 2 chiffres : "
                      f"vous en avez saisi {len(compact)}.")
    corps, cle = compact[:BODY], compact[BODY:]
    found = _BODY.fullmatch(corps)
    if not found or not re.fullmatch(r"\d\d", cle, re.ASCII):
        raise Invalid("Ce numéro de sécurité sociale est impossible : il se compose de chiffres "
                      "(avec 2A ou 2B pour la Corse) et commence par 1 ou 2, ou par 3, 4, 7 ou 8 s’il est provisoire.")
    if int(found[1]) not in _MONTHS:
        raise Invalid("Ce numéro de sécurité sociale est impossible : ses 4e et 5e chiffres ne sont pas un mois.")
    if corps[5:7] == "00" or corps[10:] == "000":
        raise Invalid("Ce numéro de sécurité sociale est impossible : vérifiez le département (6e et 7e caractères) "
                      "et le numéro d’ordre (11e au 13e).")
    if cle != key_of(corps):
        raise Invalid("La clé ne correspond pas au numéro de sécurité sociale : un caractère est faux. "
                      "Relisez-le sur la carte Vitale ou l’attestation.")
    return Nir(corps, cle)


def discordances(nir: Nir, naissance: date, sexe: str, insee: str | None) -> list[str]:
    """What the number says otherwise than the other traits: to be checked, never a refusal.

    ``insee``: the code of the birth place (« 14118 », « 99352 »), or None when it is unknown.
    """
    found = []
    if sexe and nir.sexe != sexe:
        found.append("le sexe")
    if int(nir.corps[1:3]) != naissance.year % 100:
        found.append("l’année de naissance")
    month = int(nir.corps[3:5])
    if month not in _FICTIVE_MONTHS and month != naissance.month:
        found.append("le mois de naissance")
    if insee and not _same_department(nir.lieu, insee, naissance.year):
        found.append("le département ou le pays de naissance")
    return found


WAITING = "Ce numéro d’attente (NIA) est à remplacer dès que la personne a son numéro définitif."


def remarques(nir: Nir | None, naissance: date | None, sexe: str, insee: str | None) -> tuple[str, ...]:
    """The sentences to read about a number: where it disagrees with the other traits, and that it is provisional."""
    if nir is None:
        return ()
    words = discordances(nir, naissance, sexe, insee) if naissance else []
    found = [WAITING] if nir.attente else []
    if words:
        listed = f"{', '.join(words[:-1])} et {words[-1]}" if len(words) > 1 else words[0]
        found.insert(0, f"À vérifier\N{NO-BREAK SPACE}: le numéro de sécurité sociale ne concorde pas avec {listed}. "
                        "Relisez-les sur une pièce d’identité.")
    return tuple(found)


def department(insee: str) -> str:
    """« 14 » of « 14118 », « 971 » of « 97105 », « 99 » for a country."""
    return insee[:3] if insee[:2] in ("97", "98") else insee[:2]


def _same_department(written: str, insee: str, year: int) -> bool:
    old, now = department(written), department(insee)
    if old == now:
        return True
    for last, moved in (_SEINE, _CORSE):
        if year < last and now in moved.get(old, ()):
            return True
    return year < _NORTH_AFRICA[0] and insee in _NORTH_AFRICA[1].get(old, ())


# --- the trust put in an identity

@dataclass(frozen=True)
class Statut:
    """One trust status; ``main``: someone may choose it himself."""

    code: str
    label: str
    help: str
    main: bool


STATUTS = {statut.code: statut for statut in (
    Statut("PROV", "Identité provisoire", "Saisie sans contrôle d’une pièce d’identité.", True),
    Statut("VALI", "Identité validée", "Saisie ou relue d’après une pièce d’identité officielle.", True),
    Statut("RECUP", "Identité récupérée", "Reçue du téléservice INSi, sans contrôle d’une pièce d’identité.", False),
    Statut("QUAL", "Identité qualifiée", "Reçue du téléservice INSi et contrôlée sur une pièce d’identité.", False),
)}
NO_MATRICULE = (
    "Un numéro saisi à la main ne qualifie pas l’identité : le matricule INS n’est transmis que pour une identité "
    "qualifiée par le téléservice INSi."
)
BY_THE_SERVICE = (
    "Ce statut ne se choisit pas : seul le téléservice INSi récupère ou qualifie une identité. Choisissez "
    "« Identité provisoire » ou « Identité validée »."
)
CHOOSE = "Choisissez le statut de l’identité dans la liste."
CHECK_A_DOCUMENT = (
    "Cochez « J’ai contrôlé une pièce d’identité », ou laissez l’identité provisoire."
)


def refusal(statut: str, controle: bool) -> str:
    """Why this status can't be given by hand, "" when it can; ``controle``: an identity document was seen."""
    known = STATUTS.get(statut)
    if known is None:
        return CHOOSE
    if not known.main:
        return BY_THE_SERVICE
    return CHECK_A_DOCUMENT if statut == "VALI" and not controle else ""
