"""The agent's pages, in French. Every value from outside goes through ``escape``."""

from __future__ import annotations

from html import escape

from portal.agent.demandes import Demande, End
from portal.agent.etats import Etat, Situation

PROGRAMME, LOGIN = "Lecteur de carte", "Connexion par carte CPS"
READY_AGAIN = "La carte est lue. Réessayez\u00a0: votre code vous sera demandé."
LAST_TRY = "Je comprends qu’un code faux bloquera ma carte"
ENDS = {
    End.REPLACED: ("Cette demande a été remplacée",
                   "Une autre fenêtre du portail a demandé une connexion depuis. Continuez dans celle-là."),
    End.EXPIRED: ("La demande a expiré",
                  "Il s’est passé plus de deux minutes. Fermez cette fenêtre, puis cliquez de nouveau sur "
                  "«\u00a0Se connecter par CPS\u00a0»."),
    End.USED: ("Cette demande a déjà servi",
               "Fermez cette fenêtre, puis cliquez de nouveau sur «\u00a0Se connecter par CPS\u00a0»."),
    End.UNKNOWN: ("Cette demande n’est plus valable",
                  "Fermez cette fenêtre, puis cliquez de nouveau sur «\u00a0Se connecter par CPS\u00a0»."),
}
# A reader with a card: the style sheet moves the card and colours it after the state.
DRAWING = (
    '<svg class="dessin" viewBox="0 0 96 96" aria-hidden="true" focusable="false">'
    '<g class="carte"><rect x="26" y="8" width="44" height="60" rx="5"/>'
    '<path class="puce" d="M40 48h16v12H40zM48 48v12M40 54h16"/></g>'
    '<path class="boitier" d="M12 56h72a6 6 0 0 1 6 6v20a6 6 0 0 1-6 6H12a6 6 0 0 1-6-6V62a6 6 0 0 1 6-6z"/>'
    '<path class="fente" d="M22 62h52"/><circle class="voyant" cx="76" cy="76" r="4"/></svg>'
)


def shell(title: str, body: str, *, error: bool = False, wide: bool = False, **data: str) -> str:
    """A whole page; ``data`` becomes data attributes of the body, which agent.js reads."""
    attributes = "".join(f' data-{name}="{escape(value)}"' for name, value in data.items())
    prefix = "Erreur\u00a0: " if error else ""
    return (
        '<!doctype html>\n<html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{prefix}{escape(title)} – {PROGRAMME}</title>"
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/agent.css">'
        '<script type="module" src="/agent.js"></script></head>'
        f'<body{attributes}><header class="bandeau"><p><strong>{PROGRAMME}</strong> '
        "<span>sur ce poste</span></p></header>"
        f'<main{" class=large" if wide else ""}><h1>{escape(title)}</h1>{body}</main></body></html>\n'
    )


def dialogue(demande: Demande, tries: int | None, message: str = "") -> str:
    """The page that asks the code; ``message`` says why it is asked again.

    agent.js follows the card: it says when it leaves, and asks anew when another one has come.
    """
    alert = f'<p class="alerte" role="alert" id="erreur">{escape(message)}</p>' if message else ""
    described = "erreur aide-code" if message else "aide-code"
    body = (
        f"{_asker(demande.origin)}{alert}"
        f'{_tries(tries)}<p class="alerte" id="partie" role="status" hidden></p>'
        f'<form method="post" action="/v1/signer" autocomplete="off">{_jeton(demande)}'
        '<p class="champ"><label for="code">Code porteur</label>'
        f'<input id="code" name="code" type="password" inputmode="numeric" autocomplete="off" maxlength="12" '
        f'autofocus aria-describedby="{described}"{" aria-invalid=true" if message else ""}>'
        '<span class="aide" id="aide-code">Quatre chiffres. Il reste sur ce poste\u00a0: le site ne le '
        f"reçoit jamais.</span></p>{_last_try(tries)}"
        '<p class="actions"><button type="submit" class="principal">Valider</button>'
        '<button type="submit" formaction="/v1/annuler">Annuler</button></p></form>'
        f"{_without_portal()}"
        f'<form method="post" action="/v1/reessayer" id="reessayer" hidden>{_jeton(demande)}</form>'
        f'<p class="pied">{_help(demande.origin, "code-porteur", "Aide sur le code")}</p>'
    )
    return shell(LOGIN, body, error=bool(message), origine=demande.origin, message="present", surveille="code",
                 presence=demande.presence)


def obstacle(demande: Demande, situation: Situation, notice: str, message: str = "") -> str:
    """The login's page when the card can't be asked: why, what to do, « Réessayer »."""
    alert = f'<p class="alerte" role="alert" id="erreur">{escape(message)}</p>' if message else ""
    body = (
        f"{_asker(demande.origin)}{alert}{_situation(situation, demande.origin, notice, waiting=True)}"
        f'<form method="post" action="/v1/reessayer" id="reessayer">{_jeton(demande)}'
        '<p class="actions"><button type="submit" class="principal">Réessayer</button>'
        '<button type="submit" formaction="/v1/annuler">Annuler</button></p></form>'
    )
    return shell(LOGIN, body, error=bool(message), origine=demande.origin, message="present",
                 surveille="attente")


def diagnostic(origin: str, situation: Situation, notice: str) -> str:
    """Whether the card is read, kept up to date by agent.js, or by a button without it."""
    body = (
        f"{_situation(situation, origin, notice)}"
        '<form method="post" action="/v1/diagnostic"><input type="hidden" name="origine" '
        f'value="{escape(origin)}"><p class="actions"><button type="submit" class="principal">Vérifier à '
        'nouveau</button><button type="button" id="fermer" hidden>Fermer</button></p></form>'
    )
    return shell("Vérifier ma carte", body, origine=origin, message="present", surveille="diagnostic")


def success(origin: str, token: str) -> str:
    """The end of a login: agent.js gives the token to the portal's window and closes this one."""
    body = ('<p role="status">La carte a signé la demande. Vous pouvez fermer cette fenêtre si elle ne se '
            f"ferme pas d’elle-même.</p>{_without_portal()}")
    return shell("Carte reconnue", body, origine=origin, message="token", token=token)


def cancelled(origin: str) -> str:
    """The holder gave up; agent.js tells the portal and closes the window."""
    body = "<p>Rien n’a été signé. Vous pouvez fermer cette fenêtre.</p>"
    return shell("Connexion annulée", body, origine=origin, message="annule")


def gone(end: End) -> str:
    """A jeton that opens nothing any more."""
    title, advice = ENDS[end]
    return shell(title, f'<p class="alerte" role="alert">{advice}</p>', error=True)


def refusal(title: str, advice: str) -> str:
    """A request that the agent does not serve."""
    return shell(title, f"<p>{escape(advice)}</p>", error=True)


def welcome(origins: list[str], demonstration: bool, notice: str) -> str:
    """What this program is, for who opens its address."""
    sites = "".join(f'<li><a href="{escape(site)}/">{escape(site)}</a></li>' for site in origins)
    tray = '<p><a href="/plateau">Plateau du lecteur de démonstration</a></p>' if demonstration else ""
    body = (
        "<p>Ce programme relie le lecteur de carte de ce poste et votre navigateur. Il demande le code porteur "
        "dans sa propre fenêtre, fait signer une preuve à la carte CPS, et ne garde ni le code ni la preuve.</p>"
        f"<h2>Sites autorisés</h2><ul>{sites}</ul>"
        f"{_notice(notice)}{tray}"
    )
    return shell("Lecteur de carte CPS", body)


def etat_words(situation: Situation, *, waiting: bool = False) -> dict[str, str]:
    """A state in words: the page shows them, ``/v1/etat`` sends them."""
    etat = situation.etat
    advice = READY_AGAIN if waiting and etat is Etat.CARTE_PRETE else situation.advice
    if etat.code:
        advice = f"{advice} Code du message\u00a0: {etat.code}."
    tries = f"Essais restants\u00a0: {situation.tries}" if situation.tries else ""
    return {"etat": etat.anchor, "titre": etat.title, "conseil": advice, "essais": tries,
            "presence": situation.presence}


def _situation(situation: Situation, origin: str, notice: str, *, waiting: bool = False) -> str:
    words = etat_words(situation, waiting=waiting)
    return (
        f'<section class="etat" id="etat" data-etat="{words["etat"]}" aria-labelledby="etat-titre">{DRAWING}'
        f'<div role="status"><h2 id="etat-titre">{words["titre"]}</h2>'
        f'<p id="etat-conseil">{words["conseil"]}</p>'
        f'<p id="etat-essais" class="essais">{words["essais"]}</p></div></section>{_notice(notice)}'
        f'<p>{_help(origin, words["etat"], "Aide détaillée")}</p>'
    )


def _asker(origin: str) -> str:
    return (f'<p class="demandeur">Site qui demande la connexion <strong>{escape(origin)}</strong></p>'
            '<p class="aide">Si ce n’est pas le portail que vous utilisez, annulez.</p>')


def _jeton(demande: Demande) -> str:
    return f'<input type="hidden" name="jeton" value="{escape(demande.jeton)}">'


def _tries(tries: int | None) -> str:
    if tries is None:
        return '<p class="essais">Trois codes faux de suite bloquent la carte.</p>'
    return f'<p class="essais" data-essais="{tries}">Essais restants\u00a0: <strong>{tries}</strong></p>'


def _last_try(tries: int | None) -> str:
    if tries != 1:
        return ""
    return ('<p class="dernier"><input type="checkbox" id="dernier" name="dernier" value="oui" '
            f'aria-describedby="aide-dernier"><label for="dernier">{LAST_TRY}</label></p>'
            '<p class="aide" id="aide-dernier">C’est le dernier essai. En cas de doute, annulez et retrouvez '
            "d’abord votre code.</p>")


def _help(origin: str, anchor: str, words: str) -> str:
    return (f'<a id="aide" href="{escape(origin)}/aide/connexion/carte/#{anchor}" target="_blank" '
            f'rel="noopener">{words}<span class="invisible"> (nouvel onglet)</span></a>')


def _notice(notice: str) -> str:
    return f'<p class="note">{escape(notice)}</p>' if notice else ""


def _without_portal() -> str:
    return ('<p class="alerte" id="sans-portail" hidden>La page du portail n’est plus reliée à cette fenêtre. '
            "Fermez-la, puis cliquez de nouveau sur «\u00a0Se connecter par CPS\u00a0».</p>")
