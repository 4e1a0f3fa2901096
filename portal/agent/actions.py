"""What the agent does for each address: who may ask, what is shown, when the card signs."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from pathlib import Path

from portal.agent import pages, pages_plateau
from portal.agent.demandes import Demande, Demandes, Gone
from portal.agent.echanges import CSS, JAVASCRIPT, JSON, Request, Response
from portal.agent.errors import BusyCard, CardError, CardRemoved, LastTry, LockedCard, SwappedCard, WrongPin
from portal.agent.etats import Etat, Situation, look, of
from portal.agent.plateau import Tray
from portal.agent.preuve import CODE, Proof, Source

log = logging.getLogger("portal.agent")

VERSION = "portail-agent/1"
FORMAT, ALGORITHM = "cps-auth:1", "RS256"
NONCE_BYTES = 32
HERE = Path(__file__).parent
SWAPPED = (
    "La carte a été retirée ou changée depuis l’ouverture de cette fenêtre. Rien n’a été envoyé à la carte. Vérifiez "
    "que c’est la vôtre, puis tapez votre code."
)


class Refused(Exception):
    """A request that gets no service: its status, and the page's title and advice."""

    def __init__(self, status: int, title: str, advice: str) -> None:
        super().__init__(title)
        self.status, self.title, self.advice = status, title, advice


class Agent:
    """Answers requests; ``tray`` is set in a demonstration only."""

    def __init__(self, source: Source, origins: list[str], clock: Callable[[], float],
                 tray: Tray | None = None) -> None:
        self.source = source
        self.origins = origins
        self.tray = tray
        self._seen: Situation | None = None
        self.demandes = Demandes(clock)
        self.own_host = ""
        self._routes: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("GET", "/"): self._welcome,
            ("GET", "/agent.css"): lambda request: self._file(request, "agent.css", CSS),
            ("GET", "/agent.js"): lambda request: self._file(request, "agent.js", JAVASCRIPT),
            ("GET", "/v1/etat"): self._state,
            ("POST", "/v1/dialogue"): self._dialogue,
            ("POST", "/v1/reessayer"): self._again,
            ("POST", "/v1/signer"): self._sign,
            ("POST", "/v1/annuler"): self._cancel,
            ("POST", "/v1/diagnostic"): self._diagnostic,
        }
        if self.tray:
            self._routes["GET", "/plateau"] = self._tray_page
            self._routes["POST", "/plateau"] = self._insert

    @property
    def own_origin(self) -> str:
        return f"http://{self.own_host}"

    def answer(self, request: Request) -> Response:
        """Serve one request; a refusal is a page too. Nothing is done before the Host is checked."""
        try:
            # An exact Host: a name that an attacker's DNS makes point here (rebinding) is not ours.
            if request.headers.get("host") != self.own_host:
                raise Refused(421, "Adresse refusée", "Ce programme ne répond qu’à sa propre adresse.")
            route = self._routes.get((request.method, request.path))
            if route is None:
                raise Refused(404, "Page introuvable", "Cette adresse n’existe pas dans ce programme.")
            return route(request)
        except Refused as refused:
            log.warning("refus %s : %s %s", refused.status, request.method, request.path)
            return Response(pages.refusal(refused.title, refused.advice), refused.status)
        except Gone as gone:
            return Response(pages.gone(gone.end), 409)

    def _welcome(self, request: Request) -> Response:
        return Response(pages.welcome(self.origins, self.tray is not None, self.source.notice))

    def _file(self, request: Request, name: str, kind: str) -> Response:
        self._same_site_only(request, missing_allowed=True)
        return Response((HERE / name).read_text("utf-8"), type=kind)

    def _state(self, request: Request) -> Response:
        self._same_site_only(request)
        return Response(json.dumps(pages.etat_words(self._glance())), type=JSON)

    def _dialogue(self, request: Request) -> Response:
        origin = self._site(request)
        nonce = _nonce(request.form.get("nonce", ""))
        return self._show(self.demandes.open(origin, nonce))

    def _again(self, request: Request) -> Response:
        return self._show(self._taken(request))

    def _cancel(self, request: Request) -> Response:
        demande = self._taken(request)
        self.demandes.finish(demande)
        return Response(pages.cancelled(demande.origin))

    def _sign(self, request: Request) -> Response:
        demande = self._taken(request)
        code = request.form.get("code", "").strip()
        if not CODE.fullmatch(code):
            return self._show(demande, "Le code porteur a quatre chiffres. Rien n’a été envoyé à la carte.")
        try:
            proof = self._prove(demande, code, request.form.get("dernier") == "oui")
        except LastTry:
            return self._show(demande, f"Cochez «\u00a0{pages.LAST_TRY}\u00a0», puis retapez votre code. "
                                       "Rien n’a été envoyé à la carte.")
        except SwappedCard:
            log.info("carte retirée ou changée avant le code")
            return self._show(demande)
        except WrongPin as wrong:
            log.info("code refusé par la carte")
            return self._show(demande, _wrong(wrong.tries))
        except CardError as error:
            log.info("échec de la carte : %s %s", type(error).__name__, error)
            return self._obstacle(demande, of(error), _failure(error))
        self.demandes.finish(demande)
        log.info("preuve signée pour %s", demande.origin)
        return Response(pages.success(demande.origin, _token(proof)))

    def _prove(self, demande: Demande, code: str, last_try: bool) -> Proof:
        self._seen = None
        with self.source.open() as card:
            # The card is held from here on: what is true now stays true until the code is sent.
            if self.source.presence() != demande.presence:
                raise SwappedCard
            return card.prove(code, demande.origin, demande.nonce, last_try=last_try)

    def _glance(self) -> Situation:
        """The state for a page that asks every second: the card itself is asked only when something moved."""
        seen, presence = self._seen, self.source.presence()
        # Only a ready card stays as it is by itself: another program may unlock one, or let one go.
        if seen is None or seen.etat is not Etat.CARTE_PRETE or presence != seen.presence:
            seen = self._seen = look(self.source)
        return seen

    def _diagnostic(self, request: Request) -> Response:
        # « Vérifier à nouveau » comes from this program's own page, which gives the site's origin back.
        if request.headers.get("origin") == self.own_origin:
            origin = request.form.get("origine", "")
            if origin not in self.origins:
                raise _foreign()
        else:
            origin = self._site(request)
        self._seen = look(self.source)
        return Response(pages.diagnostic(origin, self._seen, self.source.notice))

    def _tray_page(self, request: Request) -> Response:
        assert self.tray
        return Response(pages_plateau.plateau(self.tray, self.origins))

    def _insert(self, request: Request) -> Response:
        assert self.tray
        self._own(request)
        try:
            self.tray.insert(request.form.get("carte", ""))
        except ValueError as error:
            raise Refused(400, "Carte inconnue", "Revenez au plateau et choisissez une carte.") from error
        return Response("", 303, location="/plateau")

    def _show(self, demande: Demande, message: str = "") -> Response:
        """The page for the code, or what prevents asking for it; says so when the card is not the same."""
        situation = self._seen = look(self.source)
        if situation.etat is not Etat.CARTE_PRETE:
            return self._obstacle(demande, situation)
        demande = self.demandes.still(demande)
        if demande.presence not in ("", situation.presence):
            message = SWAPPED
        demande.presence = situation.presence
        return Response(pages.dialogue(demande, situation.tries, message), 422 if message else 200)

    def _obstacle(self, demande: Demande, situation: Situation, message: str = "") -> Response:
        demande = self.demandes.still(demande)
        demande.presence = ""
        page = pages.obstacle(demande, situation, self.source.notice, message)
        return Response(page, 422 if message else 200)

    def _taken(self, request: Request) -> Demande:
        self._own(request)
        return self.demandes.take(request.form.get("jeton", ""))

    def _site(self, request: Request) -> str:
        """The allowed site that opened this window; the browser says who it is, no script can lie."""
        origin = request.headers.get("origin", "")
        if origin not in self.origins:
            raise _foreign()
        # A window, never a background request: the holder must see what he is asked.
        if request.headers.get("sec-fetch-dest", "document") != "document":
            raise _foreign()
        return origin

    def _own(self, request: Request) -> None:
        if request.headers.get("origin") != self.own_origin:
            raise _foreign()

    def _same_site_only(self, request: Request, *, missing_allowed: bool = False) -> None:
        """For what only this program's own pages load; other sites must not even learn that it runs."""
        source = request.headers.get("sec-fetch-site")
        if source != "same-origin" and not (missing_allowed and source in (None, "none")):
            raise _foreign()


def _foreign() -> Refused:
    return Refused(
        403, "Site non autorisé", "Le site qui a ouvert cette fenêtre ne figure pas parmi ceux que ce programme "
        "sert. Fermez-la et revenez au portail par son adresse habituelle.")


def _nonce(text: str) -> bytes:
    try:
        nonce = base64.b64decode(text, validate=True)
    except ValueError:
        nonce = b""
    if len(nonce) != NONCE_BYTES:
        raise Refused(
            400, "Demande incomplète", "Le portail a envoyé une demande que ce programme ne comprend pas. Fermez "
            "cette fenêtre, rechargez la page du portail, puis recommencez.")
    return nonce


def _wrong(tries: int | None) -> str:
    if tries is None:
        return "Code porteur incorrect. Trois codes faux de suite bloquent la carte."
    if tries == 1:
        return "Code porteur incorrect. Il vous reste 1 essai\u00a0: un autre code faux bloquera la carte."
    return f"Code porteur incorrect. Il vous reste {tries} essais."


def _failure(error: CardError) -> str:
    if isinstance(error, CardRemoved):
        return "La carte a été retirée avant la fin. Remettez-la, puis réessayez."
    if isinstance(error, BusyCard):
        return "Un autre logiciel se sert de la carte. Votre code n’a pas été envoyé."
    if isinstance(error, LockedCard):
        return "La carte est bloquée\u00a0: elle refuse tout code porteur."
    return "La carte n’a pas pu être lue."


def _token(proof: Proof) -> str:
    """The answer to the portal: no name, origin or nonce; the server rebuilds what was signed."""
    return json.dumps({
        "format": FORMAT, "algorithm": ALGORITHM,
        "unverifiedCertificate": base64.b64encode(proof.certificate).decode(),
        "signature": base64.b64encode(proof.signature).decode(),
        "unverifiedInfo": {"specialite": proof.specialty}, "appVersion": VERSION,
    })
