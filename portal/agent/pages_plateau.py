"""The page of the demonstration's reader tray."""

from __future__ import annotations

from html import escape

from portal.agent.carte_demonstration import DemonstrationCard
from portal.agent.pages import shell
from portal.agent.plateau import EMPTY, UNPLUGGED, Tray


def plateau(tray: Tray, origins: list[str]) -> str:
    """Every card as a radio button, and the two ways to have none."""
    inserted = tray.inserted
    cards = "".join(_choice(card.image.id, card.image.label, card.image.detail, _tries(card), inserted)
                    for card in tray.cards.values())
    none = (_choice(EMPTY, "Aucune carte", "Le lecteur est vide", "", inserted)
            + _choice(UNPLUGGED, "Lecteur débranché", "Le poste ne voit aucun lecteur", "", inserted))
    codes = " ou ".join(sorted({card.image.code for card in tray.cards.values()}))
    links = "".join(f'<li><a href="{escape(site)}/">Aller sur {escape(site)}</a></li>' for site in origins)
    body = (
        '<p class="note"><strong>Démonstration.</strong> Ces cartes et ces personnes sont fictives. '
        f"Leur code porteur est <strong>{escape(codes)}</strong>.</p>"
        '<p role="status" id="inseree">Dans le lecteur\u00a0: '
        f"<strong>{escape(_name(tray, inserted))}</strong></p>"
        '<form method="post" action="/plateau">'
        f'<fieldset><legend>Quelle carte insérer\u202f?</legend><div class="cartes">{cards}</div>'
        f'<div class="cartes sans">{none}</div></fieldset>'
        '<p class="actions"><button type="submit" class="principal">Insérer cette carte</button></p></form>'
        '<p class="aide">Une carte bloquée par trois codes faux le reste jusqu’au redémarrage de ce '
        "programme.</p>"
        f"<ul>{links}</ul>"
    )
    return shell("Plateau du lecteur", body, wide=True)


def _choice(value: str, label: str, detail: str, tries: str, inserted: str) -> str:
    name = escape(value)
    checked = " checked" if value == inserted else ""
    more = f'<span class="compte">{tries}</span>' if tries else ""
    here = '<span class="ici">dans le lecteur</span>' if checked and value not in (EMPTY, UNPLUGGED) else ""
    return (f'<div class="choix"><input type="radio" name="carte" id="carte-{name}" value="{name}"{checked} '
            f'aria-describedby="detail-{name}"><label for="carte-{name}">{escape(label)}</label>'
            f'<p id="detail-{name}">{escape(detail)} {more}{here}</p></div>')


def _tries(card: DemonstrationCard) -> str:
    if card.image.mute or card.tries == card.image.tries:
        return ""
    return f"Essais restants\u00a0: {card.tries}" if card.tries else "Bloquée"


def _name(tray: Tray, inserted: str) -> str:
    if inserted == UNPLUGGED:
        return "lecteur débranché"
    return tray.cards[inserted].image.label if inserted in tray.cards else "aucune carte"
