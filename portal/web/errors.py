"""Errors a page may raise; each becomes a French page that says what to do (handlers in ``web/pages``)."""

from __future__ import annotations

from datetime import timedelta

from starlette.exceptions import HTTPException


class PageError(HTTPException):
    """An error shown to the user: a title, an explanation, what to do.

    ``code``: short, its own, and never given to another: who is on the phone reads it out (docs/erreurs.md).
    """

    code = "E01"
    status = 500
    title = "Le service ne répond pas"
    explanation = "Une erreur s’est produite de notre côté."
    advice = "Réessayez dans quelques minutes. Si l’erreur revient, appelez l’assistance avec la référence ci-dessous."
    aide = "erreurs#panne"
    # True when what the handler wrote before raising is kept: a refusal to record, a try to count.
    commits = False
    retry_after: timedelta | None = None

    def __init__(self, explanation: str | None = None, advice: str | None = None) -> None:
        super().__init__(self.status, explanation or self.explanation)
        self.explanation = explanation or self.explanation
        self.advice = advice or self.advice


class BadRequest(PageError):
    """What was sent can't be read."""

    code = "E02"
    status = 400
    title = "Demande incomplète"
    explanation = "La demande envoyée au portail n’a pas pu être comprise."
    advice = "Revenez à la page précédente et recommencez."
    aide = "erreurs#demande-incomplete"


class Forbidden(PageError):
    """A form that this portal's page did not send."""

    code = "E03"
    status = 403
    title = "Action refusée"
    explanation = "Ce formulaire n’a pas été envoyé depuis une page de ce portail, ou il a expiré."
    advice = "Revenez à la page précédente, rechargez-la, puis recommencez."
    aide = "erreurs#formulaire-expire"


class ActingChanged(PageError):
    """The form was opened while acting for someone else, or in one's own name: nothing was done."""

    code = "E04"
    status = 409
    title = "Vous n’agissez plus au nom de la même personne"
    explanation = (
        "Cette page a été ouverte avant que vous ne changiez de rôle : rien n’a été enregistré.")
    advice = "Vérifiez en haut de la page au nom de qui vous agissez, rouvrez la page, puis recommencez."
    aide = "erreurs#role-change"


class NotLent(PageError):
    """A delegate asks for what his mandate does not hold."""

    code = "E05"
    status = 403
    title = "Votre délégation ne le permet pas"
    explanation = "Le médecin pour qui vous agissez ne vous a pas délégué ce droit."
    advice = "Revenez à vos dossiers, ou demandez-lui d’étendre la délégation."
    aide = "erreurs#delegation"


class Blocked(PageError):
    """The account was closed to every login by the support."""

    code = "E06"
    status = 403
    title = "Ce compte est bloqué"
    explanation = (
        "L’assistance a bloqué ce compte, à votre demande ou par sécurité : aucun moyen de connexion ne l’ouvre.")
    advice = "Appelez l’assistance : elle vérifie qui vous êtes, puis le débloque."
    aide = "erreurs#compte-bloque"
    commits = True


class NotFound(PageError):
    """Absent, or not this visitor's: the same words for both."""

    code = "E07"
    status = 404
    title = "Page introuvable"
    explanation = "Cette page ou ce dossier n’existe pas, ou ne vous est pas accessible."
    advice = "Vérifiez l’adresse ou le numéro, ou revenez à l’accueil."
    aide = "erreurs#page-introuvable"


class MethodRefused(PageError):
    """The address exists, this method does not."""

    code = "E08"
    status = 405
    title = "Action impossible ici"
    explanation = "Cette adresse n’accepte pas ce type de demande."
    advice = "Revenez à l’accueil et recommencez depuis le menu."
    aide = "erreurs#page-introuvable"


class Conflict(PageError):
    """Somebody acted first; nothing was changed."""

    code = "E09"
    status = 409
    title = "Quelqu’un a agi avant vous"
    explanation = "Ce dossier a changé depuis que vous l’avez affiché."
    advice = "Rechargez la page pour voir son état actuel, puis décidez."
    aide = "erreurs#conflit"


class TooLarge(PageError):
    """More than this address takes."""

    code = "E10"
    status = 413
    title = "Envoi trop volumineux"
    explanation = "Ce que vous avez envoyé dépasse la taille acceptée."
    advice = "Réduisez le texte ou le fichier, puis recommencez."
    aide = "erreurs#trop-grand"


class WrongHost(PageError):
    """The portal was called by a name that is not its own."""

    code = "E11"
    status = 421
    title = "Adresse inattendue"
    explanation = "Le portail a été appelé par une adresse qui n’est pas la sienne."
    advice = "Ouvrez le portail par son adresse habituelle."
    aide = "erreurs#page-introuvable"


class TooMany(PageError):
    """Too many tries: ``retry_after`` is how long to wait, told in words and by the header of that name."""

    code = "E12"
    status = 429
    title = "Trop d’essais"
    explanation = "Plusieurs essais de suite ont échoué. Par sécurité, le portail fait une pause."
    aide = "connexion#trop-essais"
    commits = True

    def __init__(self, retry_after: timedelta = timedelta(minutes=1), explanation: str | None = None) -> None:
        super().__init__(explanation, f"Réessayez dans {wait_in_words(retry_after)}.")
        self.retry_after = retry_after


def wait_in_words(wait: timedelta) -> str:
    """« 20 secondes », « 1 minute », « 15 minutes »: rounded up, so that who waits that long may try."""
    seconds = max(1, -(-wait // timedelta(seconds=1)))
    number, unit = (seconds, "seconde") if seconds < 60 else (-(-seconds // 60), "minute")
    return f"{number} {unit}{'s' if number > 1 else ''}"


class TooManySearches(PageError):
    """Too many vain searches: numbers can be guessed."""

    code = "E14"
    status = 429
    title = "Trop de recherches sans résultat"
    explanation = (
        "Plusieurs recherches de suite n’ont rien trouvé. Pour protéger les patients, le portail fait une pause.")
    advice = "Attendez dix minutes, vérifiez le numéro auprès du patient ou du service, puis recommencez."
    aide = "dossiers#recherche"


class Unavailable(PageError):
    """The write could not be made; nothing was changed."""

    code = "E15"
    status = 503
    title = "Enregistrement impossible pour l’instant"
    explanation = "Le portail n’a pas pu enregistrer votre demande ; rien n’a été modifié."
    advice = "Réessayez dans quelques instants."
    aide = "erreurs#panne"


class ServerError(PageError):
    """Anything unforeseen; shown with a reference."""


BY_STATUS: dict[int, type[PageError]] = {
    error.status: error for error in (BadRequest, Forbidden, NotFound, MethodRefused, Conflict, TooLarge,
                                      TooMany, WrongHost, ServerError, Unavailable)
}
