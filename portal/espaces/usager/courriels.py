"""The mails of the patient's side: subject and body. No health data, nobody's name; the number is recalled."""

from __future__ import annotations

from portal.settings import Settings
from portal.web import mails

_KEEP = "Gardez ce numéro : il vous sera demandé pour revenir, avec la date de naissance de la personne."


def entry(settings: Settings, numero: str, jeton: str) -> tuple[str, str]:
    """The link asked for by number and birth date."""
    return f"Votre lien pour entrer — {settings.site_name}", f"""Bonjour,

Un lien a été demandé pour suivre le dossier {numero}. Ouvrez-le :

{_address(settings, jeton)}

Il est valable 30 minutes et ne sert qu’une fois. Il est pour vous seul : ne le transférez pas.
Vous n’avez rien demandé ? Une autre personne qui suit ce dossier l’a peut-être fait. Ne l’ouvrez pas.
{mails.signature(settings)}"""


def created(settings: Settings, numero: str, jeton: str, days: int) -> tuple[str, str]:
    """The dossier was opened: its address is to be confirmed."""
    return f"Confirmez votre adresse — dossier {numero}", f"""Bonjour,

Le dossier {numero} est créé. Pour continuer, confirmez votre adresse en ouvrant ce lien :

{_address(settings, jeton)}

Sans confirmation sous {days} jours, le dossier sera annulé.
{_KEEP}
Ce n’est pas vous ? N’ouvrez pas le lien : le dossier s’annulera seul.
{mails.signature(settings)}"""


def reminder(settings: Settings, numero: str, jeton: str, day: str) -> tuple[str, str]:
    """The address is still not confirmed."""
    return f"Rappel : confirmez votre adresse — dossier {numero}", f"""Bonjour,

L’adresse donnée pour le dossier {numero} n’est pas encore confirmée. Ouvrez ce lien :

{_address(settings, jeton)}

Sans confirmation avant le {day}, le dossier sera annulé.
{_KEEP}
{mails.signature(settings)}"""


def unconfirmed(settings: Settings, numero: str) -> tuple[str, str]:
    """The dossier was cancelled for want of a confirmed address."""
    return f"Dossier {numero} annulé", f"""Bonjour,

Le dossier {numero} est annulé : l’adresse électronique n’a pas été confirmée à temps.
Vous en avez encore besoin ? Créez un nouveau dossier :

{settings.origin}/espaces/usager/creer
{mails.signature(settings)}"""


def invitation(settings: Settings, numero: str, jeton: str, days: int) -> tuple[str, str]:
    """Somebody of the dossier's side invites this person to follow it."""
    return f"Invitation à suivre un dossier — {settings.site_name}", f"""Bonjour,

Vous êtes invité à suivre le dossier {numero} sur {settings.site_name}. Ouvrez ce lien :

{_address(settings, jeton)}

Il est valable {days} jours et ne sert qu’une fois.
{_KEEP}
Vous ne savez pas de quoi il s’agit ? Ne l’ouvrez pas, et prévenez l’assistance.
{mails.signature(settings)}"""


def removed(settings: Settings, numero: str) -> tuple[str, str]:
    """This person follows the dossier no more."""
    return f"Vous ne suivez plus le dossier {numero}", f"""Bonjour,

Votre accès au dossier {numero} est retiré. Vos liens ne servent plus.
C’est une erreur ? Voyez avec la personne qui s’occupe du dossier.
{mails.signature(settings)}"""


def change_former(settings: Settings, numero: str, jeton: str) -> tuple[str, str]:
    """To the present address: another shall take its place."""
    return f"Changement d’adresse à accepter — dossier {numero}", f"""Bonjour,

Une autre adresse a été demandée pour suivre le dossier {numero}. Pour l’accepter, ouvrez ce lien :

{_address(settings, jeton)}

Il est valable 24 heures. La nouvelle adresse doit être confirmée aussi.
Ce n’est pas vous ? N’ouvrez pas le lien : rien ne changera.
{mails.signature(settings)}"""


def change_new(settings: Settings, numero: str, jeton: str) -> tuple[str, str]:
    """To the new address: it is to be confirmed."""
    return f"Confirmez votre nouvelle adresse — dossier {numero}", f"""Bonjour,

Cette adresse a été donnée pour suivre le dossier {numero}. Pour la confirmer, ouvrez ce lien :

{_address(settings, jeton)}

Il est valable 24 heures. L’ancienne adresse doit accepter aussi.
Ce n’est pas vous ? N’ouvrez pas le lien : rien ne changera.
{mails.signature(settings)}"""


def changed(settings: Settings, numero: str) -> tuple[str, str]:
    """To both addresses: it is done."""
    return f"Adresse changée — dossier {numero}", f"""Bonjour,

L’adresse électronique qui suit le dossier {numero} vient de changer. Les liens partent désormais à la nouvelle.
Ce n’était pas vous ? Prévenez l’assistance sans attendre.
{mails.signature(settings)}"""


def _address(settings: Settings, jeton: str) -> str:
    return f"{settings.origin}/espaces/usager/lien/{jeton}"
